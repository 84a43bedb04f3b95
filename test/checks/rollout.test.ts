import { JsonPatch } from 'cdk8s';
import { autoscalerOwnsReplicas } from '../../lib/checks/rollout/autoscalers';
import { drainable, survivesANode } from '../../lib/checks/rollout/disruptions';
import { limitsFit } from '../../lib/checks/budgets/limits';
import { livenessApart, probePorts, startupBudget } from '../../lib/checks/rollout/probes';
import { servedReady } from '../../lib/checks/rollout/readiness';
import { quotaCounts } from '../../lib/checks/budgets/quotas';
import { rolloutProgresses } from '../../lib/checks/rollout/rollouts';
import { singleWriter } from '../../lib/checks/rollout/claims';
import { development } from '../support/stack';
import { patch, type Manifest, type Rule } from '../../lib/index';
import { add, said, saidOf } from '../support/said';

const web = '[30-phoenix/Release/Web/Deployment]';
const path = 'spec.template.spec.containers[0]';
const inContainer = '/spec/template/spec/containers/0';

/** What one rule says of staging after a patch of the web pods. */
function patched(rule: Rule, ...operations: JsonPatch[]): string[] {
  return said(rule, ({ release }) => patch(release.web.deployment, 'a change made in a hurry', ...operations));
}

/** A Deployment of a program that is no BEAM. */
function shop(spec: Manifest = {}, container: Manifest = {}, pod: Manifest = {}): Manifest {
  const containers = [{ name: 'shop', image: 'registry.example.com/shop:1.0.0', ...container }];
  const template = { metadata: { labels: { app: 'shop' } }, spec: { containers, ...pod } };
  const metadata = { name: 'shop' };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata,
    spec: { selector: { matchLabels: { app: 'shop' } }, template, ...spec },
  };
}

function service(spec: Manifest = {}): Manifest {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'shop' },
    spec: { selector: { app: 'shop' }, ports: [{ port: 80 }], ...spec },
  };
}

function budget(spec: Manifest): Manifest {
  const selector = { matchLabels: { app: 'shop' } };
  return { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata: { name: 'shop' }, spec: { selector, ...spec } };
}

function autoscaler(spec: Manifest = {}): Manifest {
  const scaleTargetRef = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'shop' };
  const metadata = { name: 'shop' };
  return {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata,
    spec: { scaleTargetRef, maxReplicas: 5, ...spec },
  };
}

const shopAt = '[30-phoenix/Deployment-shop]';

describe('startup-budget', () => {
  it('fails when a liveness probe begins at once', () => {
    expect(patched(startupBudget, JsonPatch.remove(`${inContainer}/startupProbe`))).toEqual([
      `${web} '${path}.startupProbe' must be there before a liveness probe, got nothing; add a startupProbe with a period of 5 seconds and a threshold of 12, say (startup-budget)`,
    ]);
  });

  it('fails when the boot gets less than half a minute', () => {
    expect(patched(startupBudget, JsonPatch.replace(`${inContainer}/startupProbe/failureThreshold`, 3))).toEqual([
      `${web} '${path}.startupProbe.failureThreshold' must leave the start 30s or more with the period, got "15s"; raise the threshold to the longest boot divided by the period (startup-budget)`,
    ]);
    expect(
      saidOf(startupBudget, shop({}, { livenessProbe: { tcpSocket: { port: 1 }, initialDelaySeconds: 5, periodSeconds: 5 } })),
    ).toHaveLength(1);
  });

  it("counts what Kubernetes takes where a probe says nothing, and a liveness probe's delay", () => {
    const tcpSocket = { port: 4000 };
    expect(saidOf(startupBudget, shop({}, { startupProbe: { tcpSocket }, livenessProbe: { tcpSocket } }))).toEqual([]);
    expect(saidOf(startupBudget, shop({}, { livenessProbe: { tcpSocket, initialDelaySeconds: 5, periodSeconds: 30 } }))).toEqual(
      [],
    );
  });
});

describe('liveness-apart', () => {
  it('fails when liveness asks what readiness asks', () => {
    const httpGet = { path: '/ready', port: 4000, httpHeaders: [{ name: 'Host', value: 'localhost' }] };
    expect(patched(livenessApart, JsonPatch.replace(`${inContainer}/livenessProbe`, { httpGet }))).toEqual([
      `${web} '${path}.livenessProbe' must ask something else than readiness, got "GET /ready on port 4000"; use a path that touches no database, or tcpSocket: else an outage of the database restarts every pod (liveness-apart)`,
    ]);
  });

  const env = [{ name: 'DATABASE_URL', value: 'postgres://db/shop' }];

  it('fails when only the port or the query differs', () => {
    const probes = (live: Manifest): Manifest =>
      shop({}, { env, readinessProbe: { httpGet: { path: '/health', port: 4000 } }, livenessProbe: { httpGet: live } });
    expect(saidOf(livenessApart, probes({ path: '/health', port: 9568 }))).toHaveLength(1);
    expect(saidOf(livenessApart, probes({ path: '/health?live', port: 4000 }))).toHaveLength(1);
    expect(saidOf(livenessApart, probes({ path: '/live', port: 4000 }))).toEqual([]);
  });

  it('fails when both make the same call, and not when a program asks itself by a command', () => {
    const both = (probe: Manifest): Manifest =>
      shop({}, { env, readinessProbe: probe, livenessProbe: { ...probe, periodSeconds: 30 } });
    expect(saidOf(livenessApart, both({ exec: { command: ['pg_isready'] } }))).toEqual([]);
    expect(saidOf(livenessApart, both({ grpc: { port: 4000 } }))).toHaveLength(1);
    expect(saidOf(livenessApart, both({ tcpSocket: { port: 4000 } }))).toEqual([]);
  });
});

describe('probe-ports', () => {
  it('fails when a probe asks a port that the container does not have', () => {
    expect(patched(probePorts, JsonPatch.replace(`${inContainer}/readinessProbe/httpGet/port`, 4001))).toEqual([
      `${web} '${path}.readinessProbe.httpGet.port' must be a TCP port of the container, got 4001; use http (probe-ports)`,
    ]);
  });

  it('takes the number of a port, and leaves other hosts alone', () => {
    expect(patched(probePorts, JsonPatch.replace(`${inContainer}/readinessProbe/httpGet/port`, 4000))).toEqual([]);
    expect(saidOf(probePorts, shop({}, { readinessProbe: { httpGet: { host: '127.0.0.1', port: 80 } } }))).toEqual([]);
  });
});

describe('served-ready', () => {
  it('fails when pods behind a Service do not say when they are ready', () => {
    expect(patched(servedReady, JsonPatch.remove(`${inContainer}/readinessProbe`))).toEqual([
      `${web} '${path}.readinessProbe' must be there, because a Service sends requests, got nothing; add one that asks what users ask, such as httpGet of a health path (served-ready)`,
    ]);
  });

  it('asks the container that serves, where the ports tell which', () => {
    const readinessProbe = { tcpSocket: { port: 4000 } };
    const containers = (second: Manifest): Manifest =>
      shop({}, {}, { containers: [{ name: 'shop', ports: [{ containerPort: 80 }] }, second] });
    expect(saidOf(servedReady, service(), containers({ name: 'proxy', readinessProbe }))).toHaveLength(1);
    expect(
      saidOf(servedReady, service(), shop({}, {}, { containers: [{ name: 'shop' }, { name: 'proxy', readinessProbe }] })),
    ).toEqual([]);
    expect(saidOf(servedReady, service(), shop())).toHaveLength(1);
  });

  it('leaves pods alone that nobody finds, or that are found before they are ready', () => {
    expect(saidOf(servedReady, shop())).toEqual([]);
    expect(saidOf(servedReady, shop(), service({ publishNotReadyAddresses: true }))).toEqual([]);
    expect(saidOf(servedReady, shop(), service({ selector: {} }))).toEqual([]);
  });
});

describe('rollout-progresses', () => {
  it('fails when a rollout may neither add nor remove a pod', () => {
    expect(patched(rolloutProgresses, JsonPatch.replace('/spec/strategy/rollingUpdate/maxSurge', '0%'))).toEqual([
      `${web} 'spec.strategy.rollingUpdate.maxSurge' must not be 0 while maxUnavailable is, got "0%"; set it to 1: one new pod is started before an old one goes (rollout-progresses)`,
    ]);
  });

  it('fails when the deadline ends before the first pod may be up', () => {
    expect(patched(rolloutProgresses, JsonPatch.replace('/spec/progressDeadlineSeconds', 65))).toEqual([
      `${web} 'spec.progressDeadlineSeconds' must be more than 65, the time to start and minReadySeconds together, got 65; set it to 125 (rollout-progresses)`,
    ]);
    expect(patched(rolloutProgresses, JsonPatch.replace('/spec/progressDeadlineSeconds', 66))).toEqual([]);
  });

  it('knows the deadline that Kubernetes sets', () => {
    const startupProbe = { tcpSocket: { port: 4000 }, failureThreshold: 60 };
    expect(saidOf(rolloutProgresses, shop({}, { startupProbe }))).toHaveLength(1);
    const recreated = (terminationGracePeriodSeconds: number) =>
      saidOf(rolloutProgresses, shop({ strategy: { type: 'Recreate' } }, {}, { terminationGracePeriodSeconds }));
    expect(recreated(60)).toEqual([]);
    expect(recreated(3600)[0]).toMatch(
      /be more than 36\d\d, the time for old pods to end, the time to start and minReadySeconds together/,
    );
    expect(saidOf(rolloutProgresses, shop())).toEqual([]);
  });
});

describe('single-writer', () => {
  const volumes = [{ name: 'uploads', persistentVolumeClaim: { claimName: 'uploads' } }];
  const claim = (mode: string): Manifest => {
    return { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name: 'uploads' }, spec: { accessModes: [mode] } };
  };

  it('fails when a rollout needs the volume twice', () => {
    expect(saidOf(singleWriter, claim('ReadWriteOnce'), shop({}, {}, { volumes }))).toEqual([
      `${shopAt} 'spec.strategy.type' must start no second pod while the claim uploads is for one node, got "RollingUpdate by default"; set it to Recreate, by 'singleton: true' of a role: the old pod goes before the new one comes (single-writer)`,
    ]);
  });

  it('fails when several pods share it', () => {
    expect(saidOf(singleWriter, claim('ReadWriteOncePod'), shop({ replicas: 2 }, {}, { volumes }))).toEqual([
      `${shopAt} 'spec.replicas' must be 1 while the claim uploads is for one pod, got 2; run one that goes before the next one comes, by 'singleton: true' of a role; keep the files in object storage, or use a volume with ReadWriteMany or a StatefulSet with claim templates (single-writer)`,
    ]);
    expect(saidOf(singleWriter, claim('ReadWriteOnce'), autoscaler(), shop({}, {}, { volumes }))).toHaveLength(1);
  });

  it.each([
    ['Recreate', 'ReadWriteOnce', { type: 'Recreate' }],
    ['no surge', 'ReadWriteOnce', { rollingUpdate: { maxSurge: 0, maxUnavailable: 1 } }],
    ['a shared volume', 'ReadWriteMany', {}],
  ])('takes %s', (_, mode, strategy) => {
    expect(saidOf(singleWriter, claim(mode), shop({ strategy }, {}, { volumes }))).toEqual([]);
  });
});

describe('drainable', () => {
  it.each([0, '0%'])('fails when a budget allows %s pods to be away', (maxUnavailable) => {
    expect(saidOf(drainable, shop({ replicas: 2 }), budget({ maxUnavailable }))).toEqual([
      `[30-phoenix/PodDisruptionBudget-shop] 'spec.maxUnavailable' must be 1 or more, got ${JSON.stringify(maxUnavailable)}; set it to 1 (drainable)`,
    ]);
  });

  it.each([2, 3, '100%', '51%'])('fails when %s of two pods must stay', (minAvailable) => {
    expect(saidOf(drainable, shop({ replicas: 2 }), budget({ minAvailable }))).toEqual([
      `[30-phoenix/PodDisruptionBudget-shop] 'spec.minAvailable' must leave one of the 2 pods of shop to a drain, got ${JSON.stringify(minAvailable)}; set maxUnavailable to 1 instead (drainable)`,
    ]);
  });

  it('fails when the only pod must stay', () => {
    expect(saidOf(drainable, shop(), budget({ minAvailable: 1 }))).toEqual([
      "[30-phoenix/PodDisruptionBudget-shop] 'spec.minAvailable' must leave the only pod of shop to a drain, got 1; remove it, or run two pods (drainable)",
    ]);
  });

  it('counts the fewest pods that an autoscaler leaves', () => {
    expect(saidOf(drainable, shop(), autoscaler({ minReplicas: 2 }), budget({ minAvailable: 2 }))).toHaveLength(1);
    expect(saidOf(drainable, shop(), autoscaler({ minReplicas: 3 }), budget({ minAvailable: 2 }))).toEqual([]);
  });

  it('counts one pod of what scales from none', () => {
    const spec = { scaleTargetRef: { name: 'shop' }, minReplicaCount: 0, maxReplicaCount: 4 };
    const keda = { apiVersion: 'keda.sh/v1alpha1', kind: 'ScaledObject', metadata: { name: 'jobs' }, spec };
    expect(saidOf(drainable, shop(), keda, budget({ minAvailable: 1 }))).toHaveLength(1);
    expect(saidOf(drainable, shop(), keda, budget({ maxUnavailable: 1 }))).toEqual([]);
    expect(saidOf(drainable, shop({ replicas: 0 }), budget({ minAvailable: 1 }))).toEqual([]);
  });

  it.each([1, '50%'])('lets %s of two pods stay', (minAvailable) => {
    expect(saidOf(drainable, shop({ replicas: 2 }), budget({ minAvailable }))).toEqual([]);
  });
});

describe('autoscaler-owns-replicas', () => {
  it('fails when a number of pods stands beside an autoscaler', () => {
    expect(saidOf(autoscalerOwnsReplicas, shop({ replicas: 3 }), autoscaler())).toEqual([
      `${shopAt} 'spec.replicas' must be left to the HorizontalPodAutoscaler shop, got 3; remove it; the fewest pods are a field of the autoscaler (autoscaler-owns-replicas)`,
    ]);
    expect(saidOf(autoscalerOwnsReplicas, shop(), autoscaler())).toEqual([]);
  });

  it("fails when it stands beside KEDA's", () => {
    const keda = {
      apiVersion: 'keda.sh/v1alpha1',
      kind: 'ScaledObject',
      metadata: { name: 'jobs' },
      spec: { scaleTargetRef: { name: 'shop' } },
    };
    expect(saidOf(autoscalerOwnsReplicas, shop({ replicas: 0 }), keda)).toHaveLength(1);
  });
});

describe('survives-a-node', () => {
  it('fails when a budget and spreading are missing', () => {
    expect(saidOf(survivesANode, shop({ replicas: 2 }))).toEqual([
      `${shopAt} 'spec.replicas' must be kept by a PodDisruptionBudget where there may be two pods or more, got 2; add one with maxUnavailable 1 and the selector of these pods (survives-a-node)`,
      `${shopAt} 'spec.template.spec.topologySpreadConstraints' must keep the pods apart where there may be two or more, got nothing; spread them over kubernetes.io/hostname with whenUnsatisfiable ScheduleAnyway (survives-a-node)`,
    ]);
  });

  it('fails when an autoscaler may make two, whatever its minimum', () => {
    expect(saidOf(survivesANode, shop(), autoscaler({ minReplicas: 2 }))).toHaveLength(2);
    expect(saidOf(survivesANode, shop(), autoscaler())).toHaveLength(2);
    expect(saidOf(survivesANode, shop(), autoscaler({ maxReplicas: 1 }))).toEqual([]);
  });

  it.each([
    ['spread constraints', { topologySpreadConstraints: [{ topologyKey: 'kubernetes.io/hostname' }] }],
    ['anti-affinity', { affinity: { podAntiAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 1 }] } } }],
  ])('takes %s', (_, pod) => {
    expect(saidOf(survivesANode, shop({ replicas: 2 }, {}, pod), budget({ maxUnavailable: 1 }))).toEqual([]);
  });
});

function limitRange(...limits: Manifest[]): Manifest {
  return { apiVersion: 'v1', kind: 'LimitRange', metadata: { name: 'limits' }, spec: { limits } };
}

const line = { type: 'Container' };
const resources = (requests?: Manifest, limits?: Manifest): Manifest => ({ resources: { requests, limits } });

describe('limits-fit', () => {
  it('fails when a container asks for more than the default limit that it gets', () => {
    expect(saidOf(limitsFit, shop({}, resources({ memory: '1Gi' })))).toEqual([
      `${shopAt} '${path}.resources.limits.memory' must be given, because the default limit of the namespace, 256Mi, is below the request, got nothing; set it to 1Gi or more (limits-fit)`,
    ]);
    expect(saidOf(limitsFit, shop({}, resources({ memory: '128Mi' })))).toEqual([]);
    expect(saidOf(limitsFit, shop())).toEqual([]);
  });

  it('fails when a container is outside of the limits', () => {
    const limits = limitRange({ ...line, min: { cpu: '100m' }, max: { cpu: '2' } });
    const found = saidOf(limitsFit, limits, shop({}, resources({ cpu: '50m' }, { cpu: '3' }))).filter((fault) =>
      fault.startsWith(shopAt),
    );
    expect(found).toEqual([
      `${shopAt} '${path}.resources.limits.cpu' must be at most 2, the maximum of the LimitRange, got "3"; change it, or the LimitRange (limits-fit)`,
      `${shopAt} '${path}.resources.requests.cpu' must be at least 100m, the minimum of the LimitRange, got "50m"; change it, or the LimitRange (limits-fit)`,
    ]);
  });

  it('fails when limit and request are too far apart', () => {
    const limits = limitRange({ ...line, maxLimitRequestRatio: { cpu: '2' } });
    expect(
      saidOf(limitsFit, limits, shop({}, resources({ cpu: '500m' }, { cpu: '2' }))).filter((fault) => fault.startsWith(shopAt)),
    ).toEqual([
      `${shopAt} '${path}.resources.limits.cpu' must be at most 2 times the request of 500m, got "2"; lower the limit or raise the request (limits-fit)`,
    ]);
  });

  it('fails when a claim is larger than a volume may be', () => {
    const claim = (storage: string): Manifest => {
      const spec = { resources: { requests: { storage } } };
      return { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name: 'files' }, spec };
    };
    const limits = limitRange({ type: 'PersistentVolumeClaim', max: { storage: '5Gi' } });
    expect(saidOf(limitsFit, limits, claim('5Gi'))).toEqual([]);
    expect(saidOf(limitsFit, limits, claim('6Gi'))).toEqual([
      '[30-phoenix/PersistentVolumeClaim-files] \'spec.resources.requests.storage\' must be at most 5Gi, the maximum of the LimitRange, got "6Gi"; change it, or the LimitRange (limits-fit)',
    ]);
  });
});

describe('quota-counts', () => {
  it('fails when a container leaves open what the quota counts', () => {
    const faults = said(quotaCounts, (charts) => {
      patch(charts.namespace.limits, 'nobody knew what it was for', JsonPatch.remove('/spec/limits/0'));
      add(charts, shop({}, resources({ cpu: '1' }, { memory: '1Gi' })), { ...shop(), kind: 'ReplicaSet' });
    });
    expect(faults).toEqual(
      ['limits.memory', 'requests.cpu', 'requests.memory'].map(
        (field) =>
          `[30-phoenix/ReplicaSet-shop] '${path}.resources.${field}' must be given, because the ResourceQuota budget counts it, got nothing; give it, or add a default to the LimitRange of the namespace (quota-counts)`,
      ),
    );
  });

  it('counts the defaults of the namespace, and leaves quotas of some pods alone', () => {
    expect(saidOf(quotaCounts, shop())).toEqual([]);
    const scoped = {
      apiVersion: 'v1',
      kind: 'ResourceQuota',
      metadata: { name: 'gpu' },
      spec: { hard: { 'limits.cpu': 1 }, scopes: ['BestEffort'] },
    };
    expect(saidOf(quotaCounts, shop(), scoped)).toEqual([]);
    expect(said(quotaCounts, (charts) => add(charts, shop()), development)).toEqual([]);
  });
});
