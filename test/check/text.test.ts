import { check } from '../../lib/command/check';

const deployment = (name: string, container: string): string => `---
apiVersion: apps/v1
kind: Deployment
metadata: { name: ${name} }
spec:
  selector: { matchLabels: { app: ${name} } }
  template:
    metadata: { labels: { app: ${name} } }
    spec:
      containers:
        - { name: main, ${container} }
`;

function linesOf(text: string, options: Parameters<typeof check>[1] = {}): string[] {
  return check(['-'], options, () => Buffer.from(text))
    .text.trimEnd()
    .split('\n');
}

const SIZED = 'resources: { requests: { cpu: 1, memory: 1Gi }, limits: { memory: 1Gi } }';

describe('what is told of YAML that others wrote', () => {
  it('names matters of policy in one line, by their rules', () => {
    const text =
      deployment('shop', `image: registry.example.com/shop:1.0.0, ${SIZED}`) +
      deployment('worker', `image: registry.example.com/shop:1.0.0, ${SIZED}`);
    expect(linesOf(text)).toEqual([
      'policy, by the number of places: pod-security 8, high-user-ids 4, read-only-root 2, resources-set 2, image-digest 2, pull-policy 2, token-unused 2, own-service-account 2, service-links 2, network-fenced 2; --severity warning tells each',
      '0 errors, 15 warnings in 2 objects; took nothing for a BEAM release: --beam <name> says what is one',
    ]);
    expect(linesOf(text, { severity: 'warning' })).toHaveLength(16);
  });

  it('tells before that what hurts, and an error before all', () => {
    const lines = linesOf(
      deployment('shop', `image: registry.example.com/shop, env: [{ name: API_TOKEN, value: horse-battery }]`),
    );
    expect(lines.map((line) => /\(((?:warning: )?[\w-]+)[,)]/.exec(line)?.[1] ?? line.split(/[ ,]/)[0])).toEqual([
      'secret-in-plain-text',
      'warning: resources-set',
      'warning: image-version',
      'policy',
      '1',
    ]);
  });

  it('says in one line how to name all that is in the cluster already', () => {
    const env = ['mail', 'store'].map((name) => `{ secretRef: { name: ${name} } }`).join(', ');
    const lines = linesOf(deployment('shop', `image: registry.example.com/shop:1.0.0, ${SIZED}, envFrom: [${env}]`));
    expect(lines).toContain('where these are in the cluster: --provide Secret/mail --provide Secret/store');
    expect(
      linesOf(deployment('shop', `image: registry.example.com/shop:1.0.0, ${SIZED}, envFrom: [{ secretRef: { name: mail } }]`)),
    ).toEqual(expect.not.arrayContaining([expect.stringMatching(/^where these/)]));
  });

  it.each([
    ['"shop-${STAGE}"', 'envsubst | npx cdk8s-phoenix check -'],
    ['$NAME', 'envsubst | npx cdk8s-phoenix check -'],
    ["'{{uid}}-shop'", 'helm template <chart> | npx cdk8s-phoenix check -'],
  ])('wants a name such as %s to be filled in first', (name, fix) => {
    const { text, code } = check(['-'], {}, () =>
      Buffer.from(deployment('x', 'image: x:1').replace('name: x }', `name: ${name} }`)),
    );
    expect([text, code]).toEqual([
      expect.stringMatching(/^-:4:\d+ 'metadata\.name' must be filled in, got .*; [\s\S]*1 fault; nothing was checked\n$/),
      2,
    ]);
    expect(text).toContain(fix);
  });
});
