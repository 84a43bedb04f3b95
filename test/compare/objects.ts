import type { Manifest } from '../../lib/index';

// Small objects of the kinds that changes are tried with. Each is as somebody writes it, with no more than it needs.

/** An object with values at some paths, such as `spec.template.spec.containers.0.image`; undefined takes one out. */
export function edit(manifest: Manifest, values: Readonly<Record<string, unknown>>): Manifest {
  // Parts that several places share are to be changed in one of them.
  const edited = JSON.parse(JSON.stringify(manifest)) as Manifest;
  for (const [path, value] of Object.entries(values)) {
    // A backslash keeps dots in names of labels together.
    const steps = path.split(/(?<!\\)\./).map((step) => step.replaceAll('\\.', '.'));
    const last = steps.pop() ?? '';
    const place = steps.reduce<Manifest>((inner, step) => (inner[step] ??= {}), edited);
    if (value === undefined) Reflect.deleteProperty(place, last);
    else place[last] = value;
  }
  return edited;
}

const labels = { app: 'web' };
const container = {
  name: 'web',
  image: 'registry.example.com/web:1.0.0',
  env: [
    { name: 'HOST', value: 'example.com' },
    { name: 'POOL_SIZE', value: '10' },
  ],
  envFrom: [{ configMapRef: { name: 'settings' } }],
  ports: [
    { name: 'http', containerPort: 4000 },
    { name: 'metrics', containerPort: 9568 },
  ],
  resources: { requests: { cpu: '1', memory: '1Gi' }, limits: { memory: '1Gi' } },
  readinessProbe: { httpGet: { path: '/ready', port: 4000 } },
  securityContext: { allowPrivilegeEscalation: false },
};
const template = { metadata: { labels }, spec: { containers: [container] } };

export const deployment: Manifest = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', labels },
  spec: { replicas: 2, selector: { matchLabels: labels }, template },
};

export const daemonSet: Manifest = {
  apiVersion: 'apps/v1',
  kind: 'DaemonSet',
  metadata: { name: 'agent' },
  spec: { selector: { matchLabels: labels }, template },
};

export const statefulSet: Manifest = {
  apiVersion: 'apps/v1',
  kind: 'StatefulSet',
  metadata: { name: 'store' },
  spec: {
    replicas: 3,
    serviceName: 'store',
    selector: { matchLabels: labels },
    template: edit(template, { 'spec.containers.0.volumeMounts': [{ name: 'data', mountPath: '/data' }] }),
    volumeClaimTemplates: [
      {
        metadata: { name: 'data' },
        spec: { accessModes: ['ReadWriteOnce'], storageClassName: 'none', resources: { requests: { storage: '10Gi' } } },
      },
    ],
  },
};

const once = {
  backoffLimit: 2,
  ttlSecondsAfterFinished: 60,
  template: { metadata: { labels }, spec: { restartPolicy: 'Never', containers: [{ name: 'run', image: container.image }] } },
};

export const job: Manifest = { apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'migrate' }, spec: once };

export const cronJob: Manifest = {
  apiVersion: 'batch/v1',
  kind: 'CronJob',
  metadata: { name: 'sweep' },
  spec: { schedule: '15 4 * * *', jobTemplate: { spec: once } },
};

export const pod: Manifest = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'tool' },
  spec: { containers: [{ name: 'run', image: container.image, resources: { requests: { cpu: '1' } } }] },
};

export const replicaSet: Manifest = { ...deployment, kind: 'ReplicaSet', metadata: { name: 'bare' } };

export const settings: Manifest = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'settings' },
  data: { GREETING: 'hello', COLOR: 'red' },
};

export const secret: Manifest = {
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'keys' },
  type: 'Opaque',
  stringData: { PASSWORD: 'one' },
};

export const service: Manifest = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'web' },
  spec: { selector: labels, ports: [{ name: 'http', port: 80, targetPort: 4000 }] },
};

export const claim: Manifest = {
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { name: 'uploads' },
  spec: { accessModes: ['ReadWriteOnce'], storageClassName: 'none', resources: { requests: { storage: '10Gi' } } },
};

export const binding: Manifest = {
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'RoleBinding',
  metadata: { name: 'readers' },
  roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' },
  subjects: [{ kind: 'ServiceAccount', name: 'default', namespace: 'default' }],
};

export const storageClass: Manifest = {
  apiVersion: 'storage.k8s.io/v1',
  kind: 'StorageClass',
  metadata: { name: 'compare-disks' },
  provisioner: 'example.com/disks',
  parameters: { type: 'ssd' },
};

export const priorityClass: Manifest = {
  apiVersion: 'scheduling.k8s.io/v1',
  kind: 'PriorityClass',
  metadata: { name: 'compare-first' },
  value: 1000,
};

export const ingressClass: Manifest = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'IngressClass',
  metadata: { name: 'compare-way' },
  spec: { controller: 'example.com/way' },
};

export const runtimeClass: Manifest = {
  apiVersion: 'node.k8s.io/v1',
  kind: 'RuntimeClass',
  metadata: { name: 'compare-sandbox' },
  handler: 'runsc',
};

export const quota: Manifest = {
  apiVersion: 'v1',
  kind: 'ResourceQuota',
  metadata: { name: 'quota' },
  spec: { hard: { pods: '10' }, scopes: ['NotTerminating'] },
};

export const autoscaler: Manifest = {
  apiVersion: 'autoscaling/v2',
  kind: 'HorizontalPodAutoscaler',
  metadata: { name: 'web' },
  spec: {
    scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
    minReplicas: 2,
    maxReplicas: 4,
    metrics: [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 70 } } }],
  },
};

export const budget: Manifest = {
  apiVersion: 'policy/v1',
  kind: 'PodDisruptionBudget',
  metadata: { name: 'web' },
  spec: { maxUnavailable: 1, selector: { matchLabels: labels } },
};

export const account: Manifest = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'web' } };

export const role: Manifest = {
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'Role',
  metadata: { name: 'reader' },
  rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get', 'list'] }],
};

export const policy: Manifest = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name: 'fence' },
  spec: { podSelector: { matchLabels: labels }, policyTypes: ['Ingress'] },
};
