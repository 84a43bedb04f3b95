import type { Manifest } from '../../lib/index';
import { isSecretAt } from '../../lib/plan/hidden';
import { livePlanOf } from '../../lib/plan/live/live';
import { liveText } from '../../lib/plan/live/live-text';
import { planOf } from '../../lib/plan/plan';
import { FORMATS, planText } from '../../lib/plan/text';
import { worldOf } from '../../lib/plan/world';

/** The parts of a value that would give it away; each form has them in it, and so has the one that it becomes. */
const [OLD, NEW] = ['Mellon7', 'Friend8'] as const;
const RANDOM: Readonly<Record<string, string>> = { [OLD]: 'q7Rk2Vd9Xw4Zt1Bn', [NEW]: 'h3Lp8Cf6Jm5Gs0Yu' };
const HEX: Readonly<Record<string, string>> = {
  [OLD]: '3b9f1c07e2a84d56b0c9d1e8f7a62435',
  [NEW]: '0c4e7a91d3b25f68e1a7c0d94b8f6321',
};

type Form = (secret: string) => string;

/** Words of commands, and texts that hold a secret wherever they stand. */
const lines: readonly (readonly [what: string, form: Form])[] = [
  ['a user with a password', (secret) => `curl -s -u shop:${secret} https://api.example.com`],
  ['one in an option', (secret) => `curl --user=shop:${secret} https://api.example.com`],
  ['an option', (secret) => `shop --password=${secret} --verbose`],
  ['an option that stands apart', (secret) => `shop --db-pass ${secret}`],
  ['a short one', (secret) => `mysql -h db -p${secret} shop`],
  ['a short one that stands apart', (secret) => `redis-cli -a ${secret} ping`],
  ['a header', (secret) => `curl -H "X-Api-Key: ${secret}" https://api.example.com`],
  ['a header without a space', (secret) => `curl -H PRIVATE-TOKEN:${secret} https://api.example.com`],
  ['a variable of a shell', (secret) => `PGPASS=${secret} psql shop`],
  ['one with quotes', (secret) => `AUTH="Basic ${secret}xyz=" ./run`],
  ['a value within an option', (secret) => `helm upgrade --set=auth.password=${secret} shop`],
  ['a login', (secret) => `echo ${secret} | docker login --password-stdin`],
  ['a statement', (secret) => `mysql -e "CREATE USER shop IDENTIFIED BY '${secret}'"`],
  ['a password file', (secret) => `htpasswd -nb shop ${secret}`],
  ['a URL with a password', (secret) => `https://shop:${secret}@api.example.com/1`],
  ['a URL with a key', (secret) => `https://${secret}@sentry.example.com/1`],
  ['a URL of another kind with a key', (secret) => `amqp://${HEX[secret]}@queue/shop`],
  ['a URL with a key in its path', (secret) => `https://chat.example.com/hooks/${RANDOM[secret]}`],
  ['a URL with a token behind it', (secret) => `https://api.example.com/shop?access_token=${secret}`],
  ['an authorization', (secret) => `Bearer ${secret}${secret}`],
  ['a random text', (secret) => `${RANDOM[secret]}`],
  ['a hexadecimal one', (secret) => `${HEX[secret]}`],
  [
    'a number that is a key',
    (secret) => (secret === OLD ? '3b9f1c07-e2a8-4d56-b0c9-d1e8f7a62435' : '0c4e7a91-d3b2-4f68-a1a7-c0d94b8f6321'),
  ],
  ['JSON', (secret) => `{"user":"shop","password":"${secret}"}`],
];

const pod = (container: Manifest): Manifest => ({
  metadata: { labels: { app: 'shop' } },
  spec: { containers: [{ name: 'web', image: 'shop:1', ...container }] },
});
const named = (apiVersion: string, kind: string, rest: Manifest, metadata: Manifest = {}): Manifest => ({
  apiVersion,
  kind,
  metadata: { name: 'shop', namespace: 'shop', ...metadata },
  ...rest,
});
const deployment = (container: Manifest): Manifest =>
  named('apps/v1', 'Deployment', { spec: { selector: { matchLabels: { app: 'shop' } }, template: pod(container) } });
const custom = (spec: Manifest): Manifest => named('example.com/v1', 'Shop', { spec });

type Place = (text: string) => Manifest;

const places: readonly (readonly [where: string, place: Place])[] = [
  ['a command', (text) => deployment({ command: ['sh', '-c', text] })],
  ['arguments, each a word', (text) => deployment({ args: text.split(' ') })],
  ['a probe', (text) => deployment({ livenessProbe: { exec: { command: ['sh', '-c', text] } } })],
  ['a variable', (text) => deployment({ env: [{ name: 'SETTING', value: text }] })],
  [
    'a CronJob',
    (text) =>
      named('batch/v1', 'CronJob', { spec: { schedule: '@daily', jobTemplate: { spec: { template: pod({ args: [text] }) } } } }),
  ],
  ['a Job that cannot change', (text) => named('batch/v1', 'Job', { spec: { template: pod({ command: ['sh', '-c', text] }) } })],
  ['a ConfigMap', (text) => named('v1', 'ConfigMap', { data: { setting: text } })],
  ['an annotation', (text) => named('v1', 'Service', { spec: {} }, { annotations: { 'example.com/setting': text } })],
  ['a field of a custom kind', (text) => custom({ setting: text })],
  ['a list within lists', (text) => custom({ all: [[{ each: [text] }]] })],
  [
    'something that comes or goes',
    (text) =>
      custom(
        text.includes(NEW) ||
          Object.values(RANDOM)
            .slice(1)
            .some((one) => text.includes(one)) ||
          text.includes('0c4e7a91')
          ? {}
          : { a: { b: text } },
      ),
  ],
];

/** Names behind which any value is a secret. */
const behind: readonly (readonly [where: string, place: Place])[] = [
  ['API_KEY', (text) => deployment({ env: [{ name: 'API_KEY', value: text }] })],
  ['PGPASS', (text) => deployment({ env: [{ name: 'PGPASS', value: text }] })],
  ['STRIPE_KEY', (text) => deployment({ env: [{ name: 'STRIPE_KEY', value: text }] })],
  ['AUTH', (text) => deployment({ env: [{ name: 'AUTH', value: text }] })],
  ['SENTRY_DSN', (text) => deployment({ env: [{ name: 'SENTRY_DSN', value: text }] })],
  ['a key of a ConfigMap', (text) => named('v1', 'ConfigMap', { data: { 'db.password': text } })],
  ['a Secret', (text) => named('v1', 'Secret', { stringData: { anything: text } })],
  ['an annotation', (text) => named('v1', 'Service', { spec: {} }, { annotations: { 'example.com/api-token': text } })],
  [
    'what kubectl has kept',
    (text) =>
      named(
        'v1',
        'Service',
        { spec: {} },
        { annotations: { 'kubectl.kubernetes.io/last-applied-configuration': `{"a":"${text}"}` } },
      ),
  ],
  ['a field in a list', (text) => custom({ auth: [{ user: 'shop', token: text }] })],
  [
    'one of two items',
    (text) =>
      custom({
        auth:
          text === OLD
            ? [{ user: 'shop', token: text }]
            : [
                { user: 'a', token: text },
                { user: 'b', token: text },
              ],
      }),
  ],
  ['something in credentials', (text) => custom({ credentials: { database: text } })],
  ['a list of secrets', (text) => custom({ apiTokens: [text, 'other'] })],
  ['a key of a list', (text) => custom({ auth: [{ key: text, role: 'admin' }] })],
  ['a name and a value', (text) => custom({ settings: [{ key: 'password', value: text }] })],
  [
    'a header of a probe',
    (text) => deployment({ readinessProbe: { httpGet: { port: 80, httpHeaders: [{ name: 'X-Auth-Token', value: text }] } } }),
  ],
];

const world = (objects: readonly Manifest[]) => worldOf(objects);

/** Every form in which a change is told, of outputs and of a cluster in which somebody has changed something. */
function told(was: Manifest, is: Manifest): string[] {
  const plans = [planOf('shop', { world: world([was]) }, { world: world([is]) })];
  const managedFields = [
    {
      manager: 'kubectl-edit',
      operation: 'Update',
      fieldsV1: { 'f:spec': {}, 'f:data': {}, 'f:stringData': {}, 'f:metadata': { 'f:annotations': {} } },
    },
  ];
  const live = { ...is, metadata: { ...is['metadata'], managedFields } } as Manifest;
  const compared = livePlanOf('shop', [was], { objects: [live], unread: () => undefined });
  return FORMATS.flatMap((format) => [planText(plans, format), liveText(compared, format)]);
}

const canary = /mellon|friend|q7Rk2V|h3Lp8C|3b9f1c07|0c4e7a91/i;

describe('a secret is never shown', () => {
  const all = places.flatMap(([where, place]) => lines.map(([what, form]) => [`${what} in ${where}`, place, form] as const));
  test.each(all)('%s', (_, place, form) => {
    const texts = told(place(form(OLD)), place(form(NEW)));
    expect(texts[0]).not.toContain('nothing changes');
    for (const text of texts) expect(text).not.toMatch(canary);
  });

  test.each(behind)('behind the name of %s', (_, place) => {
    const texts = told(place(OLD), place(NEW));
    expect(texts[0]).not.toContain('nothing changes');
    for (const text of texts) expect(text).not.toMatch(/mellon|friend/i);
  });

  test('where two values have one name', () => {
    const twice = (text: string): Manifest => custom({ settings: [text, 'other'].map((value) => ({ name: 'password', value })) });
    for (const text of told(twice(OLD), twice(NEW))) expect(text).not.toMatch(canary);
  });

  test('where a token is the name of a field', () => {
    const users = (token: string | undefined): Manifest => custom({ users: { [String(token)]: 'alice' } });
    for (const text of told(users(RANDOM[OLD]), users(RANDOM[NEW]))) expect(text).not.toMatch(canary);
  });

  test('and numbers neither', () => {
    expect(isSecretAt('spec.pin', 1234)).toBe(true);
    expect(isSecretAt('env[PIN].value', '1234')).toBe(true);
  });
});

test('a long text costs no more than its length', () => {
  const long = ['a', 'mysql ', 'a.', 'token:', '-p', 'https://a@', '{"a":', '= ', 'sha256:'].map((part) =>
    part.repeat(300_000 / part.length),
  );
  const start = performance.now();
  for (const text of long) isSecretAt('data.text', text);
  expect(performance.now() - start).toBeLessThan(3000);
});

/** What reviewers have to see. */
test.each([
  ['spec.template.spec.containers[web].image', 'registry.example.com/auth:1.2.3'],
  ['spec.template.spec.containers[auth].image', `shop@sha256:${HEX[OLD]}${HEX[NEW]}`],
  ['containers[web].args', ['--port=4000', '--image', `shop@sha256:${HEX[OLD]}${HEX[NEW]}`]],
  ['containers[web].args', ['--token-file=/run/secrets/token', '--auth=none', '-p', '8080', '--password=$(PASSWORD)']],
  ['containers[web].command', ['sh', '-c', 'mkdir -p data && psql -p 5432 -U shop -h shop-db.shop.svc']],
  ['containers[web].command', ['bin/shop', 'eval', 'Shop.Release.migrate']],
  ['spec.replicas', 3],
  ['spec.auth.enabled', false],
  ['spec.automountServiceAccountToken', true],
  ['spec.auth.replicas', 2],
  ['spec.auth.image', 'shop:1'],
  ['spec.auth.secretRef.name', 'shop-auth'],
  ['spec.passwordSecret.key', 'value'],
  ['volumes[db-password].secret.secretName', 'shop-database'],
  ['env[DATABASE_URL].value', 'ecto://shop@shop-db.shop.svc/shop'],
  ['env[DATABASE_HOST].value', 'shop-3.cluster-c9akciq32.eu-west-1.rds.amazonaws.com'],
  ['env[REPOSITORY].value', 'git@github.com:example/shop.git'],
  ['env[SOURCE].value', 'https://git@example.com/shop.git'],
  ['env[ENDPOINT].value', 'https://otel-collector.monitoring.svc.cluster.local:4318/v1/traces'],
  ['env[TOKEN_TTL].value', '3600'],
  ['env[AUTH_URL].value', 'https://login.example.com'],
  ['env[REVISION].value', `${HEX[OLD]}3b9f1c07`],
  ['env[BUCKET_ID].value', '3b9f1c07-e2a8-4d56-b0c9-d1e8f7a62435'],
  ['env[RELEASE_NODE].value', 'shop@$(POD_IP)'],
  ['env[ERL_FLAGS].value', '+S 2:2 +sbwt none -kernel inet_dist_listen_min 9100'],
  ['env[PHX_HOST].value', 'bypass.compass.example.com'],
  ['metadata.annotations["checksum.example.com/config"]', `${HEX[OLD]}${HEX[NEW]}`],
  ['metadata.annotations["auth.example.com/role"]', 'reader'],
  ['metadata.annotations["nginx.ingress.kubernetes.io/proxy-body-size"]', '8m'],
  ['metadata.labels["app.kubernetes.io/version"]', '1.2.3-rc.1'],
  ['spec.resources.limits', { cpu: '500m', memory: '512Mi', 'hugepages-2Mi': '1Gi' }],
  ['spec.tolerations[0]', { key: 'node.kubernetes.io/not-ready', operator: 'Exists' }],
  ['spec.topologyKey', 'topology.kubernetes.io/zone'],
  ['spec.rules', [{ host: 'shop.example.com', http: { paths: [{ path: '/token', pathType: 'Prefix' }] } }]],
  ['spec.schedule', '*/5 * * * *'],
  ['spec.volumeName', 'pvc-3b9f1c07-e2a8-4d56-b0c9-d1e8f7a62435'],
  ['data.greeting', 'Basic authentication is off'],
])('%s is shown: %p', (path, value) => {
  expect(isSecretAt(path, value)).toBe(false);
});
