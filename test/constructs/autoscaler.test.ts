import { Duration, Size } from 'cdk8s';
import { Cpu } from 'cdk8s-plus-27';
import { mysqlLink } from '../../lib/database/mysql-link';
import { build, staging } from '../support/stack';
import {
  type NamedEnvironment,
  Autoscaler,
  EnvironmentChart,
  NetworkFence,
  ObanAutoscaler,
  postgresLink,
  ProbedDeployment,
  render,
  Worker,
  type Autoscaling,
  type AutoscalerProps,
  type ObanAutoscalerProps,
  type ObanQueues,
  type ProbedDeploymentProps,
  type Replicas,
} from '../../lib/index';
import { declare, declaredIn } from '../../lib/support/declare';
import {
  chart,
  deployed,
  deploymentRefusals,
  differences,
  minimalDeployment,
  objects,
  one,
  podSpec,
  refusalsOf,
  release,
} from '../support/chart';
import { faultsOf, objectsOf } from '../support/environments';
import { vary } from '../support/vary';

function made(replicas: Replicas, props: Partial<ProbedDeploymentProps> = {}) {
  const tried = chart();
  const web = new ProbedDeployment(tried, 'Web', { ...minimalDeployment, ...props, replicas });
  return { tried, web };
}

const link = postgresLink({
  host: 'db.test.svc.cluster.local',
  port: 5432,
  database: 'shop',
  user: 'shop',
  connections: 100,
  peer: { pods: 'db' },
  password: { secret: 'db', key: 'password' },
});
const queues: ObanQueues = { queues: ['default', 'mail_out'], jobsPerPod: 20, database: link };

describe('a deployment with a range of replicas', () => {
  const { tried, web } = made({ minimum: 2, maximum: 6 });

  test('leaves the number of pods to an autoscaler of its name', () => {
    expect(one(tried, 'Deployment')['spec']).not.toHaveProperty('replicas');
    const { apiVersion, metadata, spec } = one(tried, 'HorizontalPodAutoscaler');
    expect(apiVersion).toBe('autoscaling/v2');
    expect(metadata).toMatchObject({ name: 'web', labels: one(tried, 'ServiceAccount')['metadata'].labels });
    expect(spec).toMatchObject({
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
      minReplicas: 2,
      maxReplicas: 6,
    });
    expect(web.autoscaler).toBeInstanceOf(Autoscaler);
  });

  test('follows the CPU, up at once and down slowly', () => {
    expect(one(tried, 'HorizontalPodAutoscaler')['spec']).toMatchObject({
      metrics: [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 70 } } }],
      behavior: {
        scaleUp: {
          stabilizationWindowSeconds: 0,
          selectPolicy: 'Max',
          policies: [
            { type: 'Percent', value: 100, periodSeconds: 60 },
            { type: 'Pods', value: 2, periodSeconds: 60 },
          ],
        },
        scaleDown: { stabilizationWindowSeconds: 300, policies: [{ type: 'Pods', value: 1, periodSeconds: 60 }] },
      },
    });
  });

  test('differs from one with as many fixed pods as its fewest in the number alone', () => {
    expect(differences(one(tried, 'Deployment'), deployed({ replicas: 2 }))).toEqual(['/spec/replicas']);
    expect(web.disruptionBudget).toBeDefined();
  });

  test('spreads and keeps pods where there may be several, and lets the last one be drained', () => {
    const { tried: small, web: several } = made({ minimum: 1, maximum: 3 });
    expect(differences(one(small, 'Deployment'), deployed({ replicas: 2 }))).toEqual(['/spec/replicas']);
    expect(several.disruptionBudget).toBeDefined();
    expect(one(small, 'PodDisruptionBudget')['spec']).toMatchObject({ maxUnavailable: 1 });
  });

  test('has no autoscaler where the number is fixed', () => {
    expect(made(3).web.autoscaler).toBeUndefined();
    expect(objects(made(3).tried).map(({ kind }) => kind)).not.toContain('HorizontalPodAutoscaler');
  });
});

test('an autoscaler with everything set', () => {
  const requests = { type: 'Pods', pods: { metric: { name: 'requests' }, target: { type: 'AverageValue' } } };
  const everything: Required<AutoscalerProps> = {
    name: 'web',
    kind: 'StatefulSet',
    labels: { team: 'shop' },
    minimum: 3,
    maximum: 9,
    cpu: 50,
    memory: 80,
    metrics: [requests],
    behavior: { scaleDown: { stabilizationWindowSeconds: 3600, selectPolicy: 'Disabled' }, scaleUp: { selectPolicy: 'Min' } },
  };
  const tried = chart();
  new Autoscaler(tried, 'Autoscaler', everything);
  const utilization = (name: string, averageUtilization: number) => ({
    type: 'Resource',
    resource: { name, target: { type: 'Utilization', averageUtilization } },
  });
  expect(one(tried, 'HorizontalPodAutoscaler')).toEqual({
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: { name: 'web', namespace: 'test', labels: { team: 'shop' } },
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'web' },
      minReplicas: 3,
      maxReplicas: 9,
      metrics: [utilization('cpu', 50), utilization('memory', 80), requests],
      behavior: everything.behavior,
    },
  });
});

test('a direction that is not said keeps its usual behaviour', () => {
  const { tried } = made({ minimum: 2, maximum: 3, behavior: { scaleDown: { stabilizationWindowSeconds: 600 } } });
  const { behavior } = one(tried, 'HorizontalPodAutoscaler')['spec'];
  expect(behavior.scaleDown).toEqual({ stabilizationWindowSeconds: 600 });
  expect(behavior.scaleUp.policies).toHaveLength(2);
});

test.each<[string, Autoscaling, string]>([
  [
    'there would be no pod',
    { minimum: 0, maximum: 3 },
    "'minimum' must be a whole number from 1 to 1000, got 0; write 2 or more where an outage hurts",
  ],
  [
    'there is no room to scale in',
    { minimum: 3, maximum: 3 },
    "'maximum' must be above the minimum of 3, got 3; raise it, or write 'replicas' as one number",
  ],
  [
    'the range has no end',
    { minimum: 2, maximum: Infinity },
    "'maximum' must be a whole number from 1 to 1000, got Infinity; write what the quota and the database bear",
  ],
  [
    'the CPU is a share of one',
    { minimum: 2, maximum: 3, cpu: 0.7 },
    "'cpu' must be a whole number from 1 to 100, got 0.7; write the percent of the request that one pod may use, such as 70",
  ],
  [
    'the memory is more than was requested',
    { minimum: 2, maximum: 3, memory: 120 },
    "'memory' must be a whole number from 1 to 100, got 120; write the percent of the request that one pod may use, such as 70",
  ],
])('fails when %s', (_, replicas, sentence) => {
  expect(deploymentRefusals({ replicas })).toEqual([`[chart/Web/Autoscaler] ${sentence}`]);
});

describe('how pods follow the load is asked by the rules, which name the prop', () => {
  const behavior = {
    scaleDown: { stabilizationWindowSeconds: 7200, policies: [{ type: 'Pods', value: 1, periodSeconds: 1900 }] },
  };
  const said = (path: string) => [
    `[${path}] 'behavior.scaleDown.policies[0].periodSeconds' must be from 1 to 1800, got 1900; write seconds, as in 60 (autoscaler-fields)`,
    `[${path}] 'behavior.scaleDown.stabilizationWindowSeconds' must be from 0 to 3600, got 7200; write seconds, as in 300 (autoscaler-fields)`,
  ];

  test('fails when it would wait for longer than an autoscaler remembers', () => {
    const faults = faultsOf(vary(staging, { web: { ...staging.web, replicas: { minimum: 1, maximum: 2, behavior } } }));
    expect(faults.filter((fault) => fault.includes('(autoscaler-fields)'))).toEqual(said('30-phoenix/Release/Web/Autoscaler'));
  });

  test('and when KEDA makes the autoscaler', () => {
    const replicas = { minimum: 0, maximum: 2, behavior, oban: { queues: ['default'], jobsPerPod: 10 } };
    const faults = faultsOf(vary(staging, { workers: { media: { replicas } } }));
    expect(faults.filter((fault) => fault.includes('(autoscaler-fields)'))).toEqual(
      said('30-phoenix/Worker-media/Pods/Autoscaler'),
    );
  });
});

test('fails when a range has no minimum or no maximum in plain JavaScript', () => {
  const refused = (replicas: object) => deploymentRefusals({ replicas: replicas as Autoscaling }).join('\n');
  expect(refused({ maximum: 3 })).toContain("[chart/Web] 'replicas.minimum' must be given, got nothing");
  expect(refused({ minimum: 2 })).toContain("[chart/Web] 'replicas.maximum' must be given, got nothing");
  expect(refused({ minimum: 2, maximum: 3, behavior: { scaleUp: 'fast' } })).toContain("behavior.scaleUp' must be an object");
});

describe('workers that follow the jobs of Oban', () => {
  const { tried, web } = made({ minimum: 0, maximum: 4, oban: queues });
  const { spec } = one(tried, 'ScaledObject');

  test('are scaled by KEDA, down to none', () => {
    expect(one(tried, 'Deployment')['spec']).not.toHaveProperty('replicas');
    expect(spec).toMatchObject({
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
      minReplicaCount: 0,
      maxReplicaCount: 4,
      pollingInterval: 30,
      cooldownPeriod: 300,
    });
    expect(spec.advanced.horizontalPodAutoscalerConfig.behavior.scaleDown.stabilizationWindowSeconds).toBe(300);
    expect(web.autoscaler).toBeInstanceOf(ObanAutoscaler);
    expect(web.disruptionBudget).toBeDefined();
    expect(objects(tried).map(({ kind }) => kind)).not.toContain('HorizontalPodAutoscaler');
  });

  test('are as many as the jobs that wait need, without those under way', () => {
    expect(spec.triggers).toEqual([
      {
        type: 'postgresql',
        metadata: {
          host: 'db.test.svc.cluster.local',
          port: '5432',
          userName: 'shop',
          dbName: 'shop',
          sslmode: 'disable',
          query:
            `select count(*) from "public".oban_jobs where queue in ('default', 'mail_out') and (state = 'available' or ` +
            `(state in ('scheduled', 'retryable') and scheduled_at <= now() at time zone 'utc'))`,
          targetQueryValue: '20',
        },
        authenticationRef: { name: 'web' },
      },
    ]);
  });

  test('are counted with the password that the application has', () => {
    expect(one(tried, 'TriggerAuthentication')).toMatchObject({
      metadata: { name: 'web', namespace: 'test' },
      spec: { secretTargetRef: [{ parameter: 'password', name: 'db', key: 'password' }] },
    });
  });

  test('are spread and kept where there are always two', () => {
    const { tried: several, web: two } = made({ minimum: 2, maximum: 4, oban: queues });
    expect(two.disruptionBudget).toBeDefined();
    expect(podSpec(one(several, 'Deployment'))).toHaveProperty('topologySpreadConstraints');
  });
});

test('an Oban autoscaler with everything set', () => {
  const oban: Required<ObanQueues> = {
    queues: ['media'],
    jobsPerPod: 2,
    database: link,
    prefix: 'jobs',
    sslmode: 'verify-full' as const,
    pollingInterval: Duration.seconds(10),
    cooldown: Duration.minutes(20),
    operator: 'scaling',
  };
  const behavior = { scaleUp: { selectPolicy: 'Min' }, scaleDown: { selectPolicy: 'Disabled' } };
  const everything: Required<ObanAutoscalerProps> = {
    name: 'web',
    kind: 'StatefulSet',
    labels: { a: 'b' },
    minimum: 1,
    maximum: 2,
    oban,
    behavior,
  };
  const tried = chart();
  new ObanAutoscaler(tried, 'Autoscaler', everything);
  const { metadata, spec } = one(tried, 'ScaledObject');
  expect(metadata).toMatchObject({ name: 'web', labels: { a: 'b' } });
  expect(spec.scaleTargetRef.kind).toBe('StatefulSet');
  expect(spec).toMatchObject({ minReplicaCount: 1, maxReplicaCount: 2, pollingInterval: 10, cooldownPeriod: 1200 });
  expect(spec.advanced).toEqual({ horizontalPodAutoscalerConfig: { behavior } });
  expect(spec.triggers[0].metadata).toMatchObject({
    query: expect.stringContaining(`from "jobs".oban_jobs where queue in ('media') and`),
    sslmode: 'verify-full',
    targetQueryValue: '2',
  });
  expect(declaredIn(tried).visitors).toEqual([{ pods: 'db', port: 5432, peer: { namespace: 'scaling' } }]);
});

test.each<[string, { options?: Record<string, string>; config?: Record<string, string> }, string]>([
  ['not at all where the application does not', {}, 'disable'],
  ['where the URL says so', { options: { ssl: 'true' } }, 'require'],
  ['where an authority of our own signs', { config: { PGSSLMODE: 'verify-full' } }, 'require'],
])('KEDA encrypts %s', (_, tls, sslmode) => {
  const { host, port, database, user, password, connections } = link;
  const secured = postgresLink({ host, port, database, user, password, connections, ...tls });
  const { tried } = made({ minimum: 0, maximum: 1, oban: { ...queues, database: secured } });
  expect(one(tried, 'ScaledObject')['spec'].triggers[0].metadata.sslmode).toBe(sslmode);
});

test('a database outside of the environment gets no visitor', () => {
  const { host, port, database, user, password, connections } = link;
  const outside = postgresLink({ host, port, database, user, password, connections });
  const { tried } = made({ minimum: 0, maximum: 1, oban: { ...queues, database: outside } });
  expect(declaredIn(tried).visitors).toEqual([]);
});

test.each<[string, Partial<ObanQueues>, string]>([
  [
    'there is no queue',
    { queues: [] },
    "'oban.queues' must name one queue or more, got []; write the queues of these pods, such as ['default']",
  ],
  [
    'a queue is no name',
    { queues: ["x'); drop table users; --"] },
    `'oban.queues' must be lower-case letters, digits and '_', got "x'); drop table users; --"; write the name as in the config of Oban`,
  ],
  [
    'the schema is no name',
    { prefix: 'private"' },
    `'oban.prefix' must be lower-case letters, digits and '_', got "private""; write the name as in the config of Oban`,
  ],
  [
    'a pod does nothing',
    { jobsPerPod: 0 },
    "'oban.jobsPerPod' must be a whole number from 1 to 10000, got 0; write the sum of the queues' limits in one pod",
  ],
  [
    'the database would be asked all the time',
    { pollingInterval: Duration.seconds(1) },
    "'oban.pollingInterval' must be whole seconds from 5s to 3600s, got 1s; omit it to use 30s",
  ],
  [
    'the last pod never goes',
    { cooldown: Duration.days(2) },
    "'oban.cooldown' must be whole seconds from 0s to 86400s, got 172800s; omit it to use 5 minutes",
  ],
])('fails when %s', (_, changed, sentence) => {
  const replicas = { minimum: 0, maximum: 4, oban: { ...queues, ...changed } };
  expect(deploymentRefusals({ replicas })).toEqual([`[chart/Web/Autoscaler] ${sentence}`]);
});

test('fails when the encryption is no word that KEDA knows, once', () => {
  const replicas = { minimum: 0, maximum: 4, oban: { ...queues, sslmode: 'always' as 'require' } };
  expect(deploymentRefusals({ replicas })).toEqual([
    `[chart/Web] 'replicas.oban.sslmode' must be 'disable' or 'require' or 'verify-full', got "always"; write one of the 3 words`,
  ]);
});

test('fails when the jobs are in MySQL', () => {
  const { host, port, database, user, password, connections, peer } = link;
  const mysql = mysqlLink({ host, port, database, user, password, connections, peer });
  expect(deploymentRefusals({ replicas: { minimum: 0, maximum: 4, oban: { ...queues, database: mysql } } })).toEqual([
    '[chart/Web/Autoscaler] \'oban.database\' must be PostgreSQL, which KEDA is asked to count in, got "mysql"; remove it, and let the CPU decide',
  ]);
});

test("fails when 'oban' is incomplete in plain JavaScript", () => {
  const replicas = { minimum: 0, maximum: 4, oban: { queues: ['default'] } } as unknown as Replicas;
  expect(deploymentRefusals({ replicas }).join('\n')).toContain(
    "[chart/Web] 'replicas.oban.database' must be given, got nothing",
  );
});

test('the fence lets visitors in, each by its port and once', () => {
  const tried = chart();
  const traffic = ['db', 'web'].map((pods) => ({ pods, labels: {}, sends: [], reachesOut: false }));
  const visitor = { pods: 'db', port: 5432, peer: { namespace: 'keda' } };
  declare(tried, { traffic, visitors: [visitor, { ...visitor }, { ...visitor, peer: { cidr: '10.1.0.0/16' } }] });
  new NetworkFence(tried, 'Fence', { clients: 'everyone' });
  const ingress = (name: string) => objects(tried).find(({ metadata }) => metadata.name === name)?.['spec'].ingress;
  const ports = [{ port: 5432, protocol: 'TCP' }];
  expect(ingress('db')).toEqual([
    { from: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'keda' } } }], ports },
    { from: [{ ipBlock: { cidr: '10.1.0.0/16' } }], ports },
  ]);
  expect(ingress('web')).toBeUndefined();
});

test('a release passes its range on', () => {
  const tried = chart();
  release(tried, { replicas: { minimum: 2, maximum: 5 } });
  expect(one(tried, 'HorizontalPodAutoscaler')['metadata'].name).toBe('kube-native');
  expect(refusalsOf((other) => release(other, { replicas: { minimum: 0, maximum: 5 } }))).toEqual([
    "[chart/Release/Web/Autoscaler] 'minimum' must be a whole number from 1 to 1000, got 0; write 2 or more where an outage hurts",
  ]);
});

describe('an environment with a range of pods', () => {
  const quota = { cpu: Cpu.units(20), memory: Size.gibibytes(40), storage: Size.gibibytes(20), pods: 80 };
  const scaled: NamedEnvironment = vary(staging, { web: { poolSize: 2, replicas: { minimum: 2, maximum: 6 } }, quota });
  const withJobs = (maximum: number) =>
    faultsOf(scaled, ({ release: own, postgres }, app) => {
      const chart40 = new EnvironmentChart(app, '40-jobs', { namespace: staging.namespace, partOf: 'kube-native' });
      const replicas = { minimum: 0, maximum, oban: { ...queues, database: postgres.link } };
      new Worker(chart40, 'Jobs', { release: own, role: 'jobs', replicas });
    });

  test('passes all rules, with workers beside that KEDA scales to none', () => {
    expect(withJobs(4)).toEqual([]);
  });

  test('fails when the database cannot bear the most workers that KEDA may start', () => {
    expect(withJobs(30)).toEqual([expect.stringMatching(/got "\(30 \+ 1 \+ 30\) x 2 kube-native-jobs .*\(connection-budget\)$/)]);
  });

  test('has the same files as one with fixed pods, and one object more', () => {
    const kinds = (environment: NamedEnvironment) =>
      objectsOf(environment).map(({ kind, metadata }) => `${kind} ${metadata.name}`);
    const fixed = kinds(vary(scaled, { web: { replicas: 2 } }));
    expect(kinds(scaled).filter((name) => !fixed.includes(name))).toEqual(['HorizontalPodAutoscaler kube-native']);
    expect([...render(build(scaled)).files.keys()]).toEqual([
      ...render(build(vary(scaled, { web: { replicas: 2 } }))).files.keys(),
    ]);
  });

  test('fails when the database cannot bear the most pods', () => {
    const faults = faultsOf(vary(scaled, { web: { poolSize: 4, replicas: { minimum: 2, maximum: 30 } } }));
    expect(faults).toEqual([expect.stringMatching(/got "\(30 \+ 1 \+ 30\) x 4 kube-native .*\(connection-budget\)$/)]);
  });

  test('fails when the quota cannot bear the most pods', () => {
    const faults = faultsOf(vary(scaled, { quota: { ...quota, pods: 8 } }));
    expect(faults).toEqual([
      expect.stringMatching(/'spec\.hard\["pods"\]' must be at least .*7 x 1 kube-native .*\(quota-fits\)$/),
    ]);
  });
});
