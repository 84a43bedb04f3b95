import { quotaFits } from '../../lib/checks/budgets/quotas';
import { rules, type Manifest, type Rule } from '../../lib/index';
import { foundIn } from '../support/raw';

/** What a rule finds in objects written by hand. */
function found(rule: Rule, ...manifests: Manifest[]): string[] {
  return foundIn(rule, manifests).map(({ field, must }) => `${field} must ${must}`);
}

const metadata = { name: 'shop', namespace: 'test' };
const quota = (hard: Manifest, more: Manifest = {}): Manifest => ({ kind: 'ResourceQuota', metadata, spec: { hard, ...more } });
const cpu = (amount: string, more: Manifest = {}): Manifest => ({ resources: { requests: { cpu: amount } }, ...more });
const shop = (pod: Manifest, spec: Manifest = {}): Manifest => ({
  kind: 'Deployment',
  metadata,
  spec: { strategy: { type: 'Recreate' }, ...spec, template: { spec: pod } },
});

describe('quota-fits', () => {
  it.each<[string, Manifest[], string]>([
    ['the containers together', [shop({ containers: [cpu('1'), cpu('500m')] })], '1500m, the sum of 1 x 1500m shop'],
    [
      'an init container that asks for more',
      [shop({ initContainers: [cpu('3')], containers: [cpu('1')] })],
      '3, the sum of 1 x 3 shop',
    ],
    [
      'sidecars beside the containers, and beside the init containers after them',
      [shop({ initContainers: [cpu('1', { restartPolicy: 'Always' }), cpu('3')], containers: [cpu('2')] })],
      '4, the sum of 1 x 4 shop',
    ],
    [
      'what the namespace gives to a container that asks for nothing',
      [
        shop({ containers: [{}] }),
        { kind: 'LimitRange', metadata, spec: { limits: [{ type: 'Container', default: { cpu: '2' } }] } },
      ],
      '2, the sum of 1 x 2 shop',
    ],
    [
      'the most replicas of an autoscaler, and the surge',
      [
        shop({ containers: [cpu('1')] }, { strategy: {} }),
        {
          kind: 'HorizontalPodAutoscaler',
          metadata,
          spec: { scaleTargetRef: { kind: 'Deployment', name: 'shop' }, maxReplicas: 8 },
        },
      ],
      '10, the sum of 10 x 1 shop',
    ],
    [
      'the pods of a ReplicationController',
      [{ kind: 'ReplicationController', metadata, spec: { replicas: 2, template: { spec: { containers: [cpu('1')] } } } }],
      '2, the sum of 2 x 1 shop',
    ],
  ])('counts %s', (_, objects, least) => {
    expect(found(quotaFits, quota({ 'requests.cpu': '100m' }), ...objects)).toEqual([
      `spec.hard["requests.cpu"] must be at least ${least}`,
    ]);
  });

  it('leaves a quota alone that counts some pods, or those of another namespace', () => {
    const pods = shop({ containers: [cpu('1')] });
    expect(found(quotaFits, quota({ pods: '0' }, { scopes: ['BestEffort'] }), pods)).toEqual([]);
    expect(found(quotaFits, { kind: 'ResourceQuota', spec: { hard: { pods: '0' } } }, pods)).toEqual([]);
  });
});

describe.each(rules.map((rule) => [rule.name, rule] as const))('%s', (_, rule) => {
  it('reads objects in which nothing is where it should be', () => {
    const kinds = ['Deployment', 'CronJob', 'ResourceQuota', 'HorizontalPodAutoscaler', 'ScaledObject', 'constructor', null];
    const specs = [undefined, null, 'text', [], [null], { template: { spec: { containers: [null], initContainers: 'x' } } }];
    const objects = kinds.flatMap((kind) => specs.map((spec) => ({ kind, spec })));
    expect(() => found(rule, ...objects, ...objects.map((object) => ({ ...object, metadata: null })), {})).not.toThrow();
  });
});

describe('the Services of a quota', () => {
  const service = (spec: Manifest): Manifest => ({
    kind: 'Service',
    metadata,
    spec: { ports: [{ port: 80 }, { port: 443 }], ...spec },
  });
  const counted = (line: string, spec: Manifest) => found(quotaFits, quota({ [line]: '0' }), service(spec)).length;

  it('are counted by the load balancers that they get', () => {
    expect(found(quotaFits, quota({ 'services.loadbalancers': '0' }), service({ type: 'LoadBalancer' }))).toEqual([
      'spec.hard["services.loadbalancers"] must be at least 1, the sum of 1 x 1 shop',
    ]);
    expect(counted('services.loadbalancers', { type: 'NodePort' })).toBe(0);
  });

  it('open a port of every node for each of their own, unless a load balancer goes straight to the pods', () => {
    expect(counted('services.nodeports', { type: 'NodePort' })).toBe(1);
    expect(counted('services.nodeports', { type: 'LoadBalancer' })).toBe(1);
    expect(counted('services.nodeports', { type: 'LoadBalancer', allocateLoadBalancerNodePorts: false })).toBe(0);
  });
});
