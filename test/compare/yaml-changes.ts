import type { Manifest } from '../../lib/index';
import { statefulSet, daemonSet, deployment, cronJob, job, pod, replicaSet, settings } from './objects';
import { objectChanges } from './object-changes';
import { of, type Values, type YamlChange } from './yaml-change';

const POD = 'spec.template.spec';
const WEB = `${POD}.containers.0`;
const next = { [`${WEB}.image`]: 'registry.example.com/web:1.1.0' };
const listed = (...names: readonly string[]): Manifest[] => names.map((name) => ({ name, value: name.toLowerCase() }));
const volume = { name: 'files', secret: { secretName: 'keys' } };
const mount = { name: 'files', mountPath: '/files' };
const mounted = { [`${POD}.volumes`]: [volume], [`${WEB}.volumeMounts`]: [mount] };

/** Fields that the API server fills in, or keeps as they are, one by one: whether writing one rolls the pods. */
const written: Readonly<Record<string, Values>> = {
  'restartPolicy: Always': { [`${POD}.restartPolicy`]: 'Always' },
  'dnsPolicy: ClusterFirst': { [`${POD}.dnsPolicy`]: 'ClusterFirst' },
  'terminationGracePeriodSeconds: 30': { [`${POD}.terminationGracePeriodSeconds`]: 30 },
  'terminationGracePeriodSeconds: 31': { [`${POD}.terminationGracePeriodSeconds`]: 31 },
  'schedulerName: default-scheduler': { [`${POD}.schedulerName`]: 'default-scheduler' },
  'enableServiceLinks: true': { [`${POD}.enableServiceLinks`]: true },
  'enableServiceLinks: false': { [`${POD}.enableServiceLinks`]: false },
  'automountServiceAccountToken: true': { [`${POD}.automountServiceAccountToken`]: true },
  'shareProcessNamespace: false': { [`${POD}.shareProcessNamespace`]: false },
  'hostNetwork: false': { [`${POD}.hostNetwork`]: false },
  'hostUsers: true': { [`${POD}.hostUsers`]: true },
  'setHostnameAsFQDN: false': { [`${POD}.setHostnameAsFQDN`]: false },
  'securityContext: {} of the pod': { [`${POD}.securityContext`]: {} },
  'affinity: {}': { [`${POD}.affinity`]: {} },
  'dnsConfig: {}': { [`${POD}.dnsConfig`]: {} },
  'nodeSelector: {}': { [`${POD}.nodeSelector`]: {} },
  'tolerations: []': { [`${POD}.tolerations`]: [] },
  'volumes: []': { [`${POD}.volumes`]: [] },
  'initContainers: []': { [`${POD}.initContainers`]: [] },
  'hostname: ""': { [`${POD}.hostname`]: '' },
  'annotations: {}': { 'spec.template.metadata.annotations': {} },
  'an empty annotation': { 'spec.template.metadata.annotations': { 'example.com/checksum': '' } },
  'an empty label': { 'spec.template.metadata.labels.tier': '' },
  'an annotation': { 'spec.template.metadata.annotations': { 'example.com/checksum': 'a1' } },
  'a label': { 'spec.template.metadata.labels.tier': 'front' },
  'a name of the template': { 'spec.template.metadata.name': 'web' },
  'imagePullPolicy: IfNotPresent': { [`${WEB}.imagePullPolicy`]: 'IfNotPresent' },
  'imagePullPolicy: Always': { [`${WEB}.imagePullPolicy`]: 'Always' },
  'terminationMessagePath and policy': {
    [`${WEB}.terminationMessagePath`]: '/dev/termination-log',
    [`${WEB}.terminationMessagePolicy`]: 'File',
  },
  'protocol: TCP': { [`${WEB}.ports.0.protocol`]: 'TCP' },
  'hostPort: 0': { [`${WEB}.ports.0.hostPort`]: 0 },
  'initialDelaySeconds: 0': { [`${WEB}.readinessProbe.initialDelaySeconds`]: 0 },
  'failureThreshold: 0': { [`${WEB}.readinessProbe.failureThreshold`]: 0 },
  'all defaults of a probe': {
    [`${WEB}.readinessProbe`]: {
      httpGet: { path: '/ready', port: 4000, scheme: 'HTTP' },
      timeoutSeconds: 1,
      periodSeconds: 10,
      successThreshold: 1,
      failureThreshold: 3,
    },
  },
  'another period of a probe': { [`${WEB}.readinessProbe.periodSeconds`]: 5 },
  'privileged: false': { [`${WEB}.securityContext.privileged`]: false },
  'readOnlyRootFilesystem: false': { [`${WEB}.securityContext.readOnlyRootFilesystem`]: false },
  'procMount: Default': { [`${WEB}.securityContext.procMount`]: 'Default' },
  'capabilities: {}': { [`${WEB}.securityContext.capabilities`]: {} },
  'capabilities.add: []': { [`${WEB}.securityContext.capabilities`]: { add: [] } },
  'lifecycle: {}': { [`${WEB}.lifecycle`]: {} },
  'tty: false and stdin: false': { [`${WEB}.tty`]: false, [`${WEB}.stdin`]: false },
  'args: []': { [`${WEB}.args`]: [] },
  'workingDir: ""': { [`${WEB}.workingDir`]: '' },
  'a CPU of 1000m': { [`${WEB}.resources.requests.cpu`]: '1000m' },
  'a CPU as a number': { [`${WEB}.resources.requests.cpu`]: 1 },
  'memory of 1024Mi': { [`${WEB}.resources.limits.memory`]: '1024Mi' },
  'requests as limits': { [`${WEB}.resources.limits.cpu`]: '1' },
  'claims: [] of resources': { [`${WEB}.resources.claims`]: [] },
  'an image with its registry': { [`${WEB}.image`]: 'docker.io/library/web:1.0.0' },
  'an empty variable': { [`${WEB}.env.2`]: { name: 'EMPTY' } },
  'another order of variables': { [`${WEB}.env`]: listed('POOL_SIZE', 'HOST') },
};

/** The same of values that stand there before. */
const rewritten: Readonly<Record<string, readonly [start: Values, now: Values]>> = {
  'container securityContext: {}': [{ [`${WEB}.securityContext`]: undefined }, { [`${WEB}.securityContext`]: {} }],
  'resources: {}': [{ [`${WEB}.resources`]: undefined }, { [`${WEB}.resources`]: {} }],
  'env: []': [{ [`${WEB}.env`]: undefined }, { [`${WEB}.env`]: [] }],
  'a variable and its value ""': [{ [`${WEB}.env`]: [{ name: 'EMPTY' }] }, { [`${WEB}.env`]: [{ name: 'EMPTY', value: '' }] }],
  'the order of variables': [{ [`${WEB}.env`]: listed('A', 'B', 'C') }, { [`${WEB}.env`]: listed('C', 'A', 'B') }],
  'a variable more in between': [{ [`${WEB}.env`]: listed('A', 'C') }, { [`${WEB}.env`]: listed('A', 'B', 'C') }],
  'a variable less': [{ [`${WEB}.env`]: listed('A', 'B', 'C') }, { [`${WEB}.env`]: listed('A', 'C') }],
  'the order of ports': [
    {},
    {
      [`${WEB}.ports`]: [
        { name: 'metrics', containerPort: 9568 },
        { name: 'http', containerPort: 4000 },
      ],
    },
  ],
  'the order of mounts': [
    { ...mounted, [`${WEB}.volumeMounts`]: [mount, { name: 'files', mountPath: '/also' }] },
    { [`${WEB}.volumeMounts`]: [{ name: 'files', mountPath: '/also' }, mount] },
  ],
  'the order of tolerations': [
    {
      [`${POD}.tolerations`]: [
        { key: 'a', operator: 'Exists' },
        { key: 'b', operator: 'Exists' },
      ],
    },
    {
      [`${POD}.tolerations`]: [
        { key: 'b', operator: 'Exists' },
        { key: 'a', operator: 'Exists' },
      ],
    },
  ],
  'operator: Equal of a toleration': [
    { [`${POD}.tolerations`]: [{ key: 'a', value: 'x' }] },
    { [`${POD}.tolerations`]: [{ key: 'a', operator: 'Equal', value: 'x' }] },
  ],
  'the mode of files': [mounted, { [`${POD}.volumes.0.secret.defaultMode`]: 420 }],
  'the mode of files in octal': [mounted, { [`${POD}.volumes.0.secret.defaultMode`]: 0o400 }],
  'optional: false of files': [mounted, { [`${POD}.volumes.0.secret.optional`]: false }],
  'readOnly: false of a mount': [mounted, { [`${WEB}.volumeMounts.0.readOnly`]: false }],
  'subPath: "" of a mount': [mounted, { [`${WEB}.volumeMounts.0.subPath`]: '' }],
  'emptyDir: {}': [
    { ...mounted, [`${POD}.volumes`]: [{ name: 'files' }] },
    { [`${POD}.volumes`]: [{ name: 'files', emptyDir: {} }] },
  ],
  'medium: "" of emptyDir': [
    { ...mounted, [`${POD}.volumes`]: [{ name: 'files', emptyDir: { sizeLimit: '1Gi' } }] },
    { [`${POD}.volumes`]: [{ name: 'files', emptyDir: { medium: '', sizeLimit: '1024Mi' } }] },
  ],
  'type: "" of hostPath': [
    { ...mounted, [`${POD}.volumes`]: [{ name: 'files', hostPath: { path: '/tmp' } }] },
    { [`${POD}.volumes`]: [{ name: 'files', hostPath: { path: '/tmp', type: '' } }] },
  ],
  'the expiry of a token': [
    { ...mounted, [`${POD}.volumes`]: [{ name: 'files', projected: { sources: [{ serviceAccountToken: { path: 'token' } }] } }] },
    { [`${POD}.volumes.0.projected.sources.0.serviceAccountToken.expirationSeconds`]: 3600 },
  ],
  'apiVersion of a field': [
    { [`${WEB}.env`]: [{ name: 'POD', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }] },
    { [`${WEB}.env.0.valueFrom.fieldRef.apiVersion`]: 'v1' },
  ],
  'divisor of a resource': [
    { [`${WEB}.env`]: [{ name: 'CPU', valueFrom: { resourceFieldRef: { resource: 'requests.cpu' } } }] },
    { [`${WEB}.env.0.valueFrom.resourceFieldRef.divisor`]: '0' },
  ],
  'the service of a probe of gRPC': [
    { [`${WEB}.readinessProbe`]: { grpc: { port: 4000 } } },
    { [`${WEB}.readinessProbe.grpc.service`]: '' },
  ],
  'serviceAccount beside serviceAccountName': [{ [`${POD}.serviceAccountName`]: 'web' }, { [`${POD}.serviceAccount`]: 'web' }],
  'serviceAccountName for serviceAccount': [
    { [`${POD}.serviceAccount`]: 'web' },
    { [`${POD}.serviceAccount`]: undefined, [`${POD}.serviceAccountName`]: 'web' },
  ],
  'hostPort on the network of the host': [
    { [`${POD}.hostNetwork`]: true },
    { [`${WEB}.ports.0.hostPort`]: 4000, [`${WEB}.ports.1.hostPort`]: 9568 },
  ],
  'imagePullPolicy: Always of latest': [{ [`${WEB}.image`]: 'web:latest' }, { [`${WEB}.imagePullPolicy`]: 'Always' }],
  'requests that the limits give': [
    { [`${WEB}.resources`]: { limits: { cpu: '1', memory: '1Gi' } } },
    { [`${WEB}.resources.requests`]: { cpu: '1', memory: '1Gi' } },
  ],
};

const pods = Object.fromEntries([
  ...Object.entries(written).map(([name, now]) => [`a template: ${name}`, of(deployment, now)]),
  ...Object.entries(rewritten).map(([name, [start, now]]) => [`a template: ${name}`, of(deployment, now, start)]),
]) as Readonly<Record<string, YamlChange>>;

/** Changes of workloads themselves. */
const workloads: Readonly<Record<string, YamlChange>> = {
  'Deployment: another image': of(deployment, next),
  'Deployment: another number of pods': of(deployment, { 'spec.replicas': 3 }),
  'Deployment: no number of pods': of(deployment, { 'spec.replicas': undefined }),
  'Deployment: a label of its own': of(deployment, { 'metadata.labels.owner': 'shop' }),
  'Deployment: an annotation of its own': of(deployment, { 'metadata.annotations': { 'example.com/owner': 'shop' } }),
  'Deployment: Recreate': of(deployment, { 'spec.strategy': { type: 'Recreate' } }),
  'Deployment: the strategy as it is': of(deployment, {
    'spec.strategy': { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%', maxUnavailable: '25%' } },
  }),
  'Deployment: minReadySeconds, history and deadline': of(deployment, {
    'spec.minReadySeconds': 5,
    'spec.revisionHistoryLimit': 2,
    'spec.progressDeadlineSeconds': 300,
  }),
  'Deployment: paused': of(deployment, { 'spec.paused': true }),
  'Deployment: another image while paused': of(deployment, next, { 'spec.paused': true }),
  'Deployment: paused with another image': of(deployment, { ...next, 'spec.paused': true }),
  'Deployment: no longer paused': of(deployment, { 'spec.paused': undefined }, { 'spec.paused': true }),
  'Deployment: another selector': of(deployment, {
    'spec.selector.matchLabels.tier': 'front',
    'spec.template.metadata.labels.tier': 'front',
  }),
  'Deployment: an empty part of the selector': of(deployment, { 'spec.selector.matchExpressions': [] }),
  'StatefulSet: another image': of(statefulSet, next),
  'StatefulSet: another image with OnDelete': of(statefulSet, next, { 'spec.updateStrategy': { type: 'OnDelete' } }),
  'StatefulSet: another image from a partition on': of(statefulSet, next, {
    'spec.updateStrategy': { type: 'RollingUpdate', rollingUpdate: { partition: 2 } },
  }),
  'StatefulSet: OnDelete': of(statefulSet, { 'spec.updateStrategy': { type: 'OnDelete' } }),
  'StatefulSet: other numbers': of(statefulSet, { 'spec.replicas': 4, 'spec.minReadySeconds': 5 }),
  'StatefulSet: quantities written otherwise': of(statefulSet, { [`${WEB}.resources.requests.cpu`]: '1000m' }),
  'StatefulSet: emptyDir: {}': of(
    statefulSet,
    { [`${POD}.volumes`]: [{ name: 'files', emptyDir: {} }] },
    { [`${POD}.volumes`]: [{ name: 'files' }] },
  ),
  'StatefulSet: privileged: false': of(statefulSet, { [`${WEB}.securityContext.privileged`]: false }),
  'StatefulSet: another serviceName': of(statefulSet, { 'spec.serviceName': 'other' }),
  'StatefulSet: Parallel': of(statefulSet, { 'spec.podManagementPolicy': 'Parallel' }),
  'StatefulSet: OrderedReady as it is': of(statefulSet, { 'spec.podManagementPolicy': 'OrderedReady' }),
  'StatefulSet: another selector': of(statefulSet, {
    'spec.selector.matchLabels.tier': 'front',
    'spec.template.metadata.labels.tier': 'front',
  }),
  'StatefulSet: a larger claim': of(statefulSet, {
    'spec.volumeClaimTemplates.0.spec.resources.requests.storage': '20Gi',
  }),
  'StatefulSet: a claim written otherwise': of(statefulSet, {
    'spec.volumeClaimTemplates.0.spec.resources.requests.storage': '10240Mi',
  }),
  'StatefulSet: the mode of a claim as it is': of(statefulSet, { 'spec.volumeClaimTemplates.0.spec.volumeMode': 'Filesystem' }),
  'StatefulSet: a label of a claim': of(statefulSet, { 'spec.volumeClaimTemplates.0.metadata.labels': { owner: 'shop' } }),
  'StatefulSet: a claim more': of(statefulSet, {
    'spec.volumeClaimTemplates.1': {
      metadata: { name: 'more' },
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
    },
  }),
  'StatefulSet: whose volumes are kept': of(statefulSet, {
    'spec.persistentVolumeClaimRetentionPolicy': { whenDeleted: 'Delete' },
  }),
  'StatefulSet: history, an image and a frozen field at once': of(statefulSet, { ...next, 'spec.serviceName': 'other' }),
  'StatefulSet: history': of(statefulSet, { 'spec.revisionHistoryLimit': 3 }),
  'DaemonSet: another image': of(daemonSet, next),
  'DaemonSet: another image with OnDelete': of(daemonSet, next, { 'spec.updateStrategy': { type: 'OnDelete' } }),
  'DaemonSet: how it is updated': of(daemonSet, { 'spec.updateStrategy': { rollingUpdate: { maxUnavailable: 2 } } }),
  'DaemonSet: another selector': of(daemonSet, {
    'spec.selector.matchLabels.tier': 'front',
    'spec.template.metadata.labels.tier': 'front',
  }),
  'DaemonSet: memory written otherwise': of(daemonSet, { [`${WEB}.resources.limits.memory`]: '1024Mi' }),
  'ReplicaSet: another image': of(replicaSet, next),
  'ReplicaSet: another selector': of(replicaSet, {
    'spec.selector.matchLabels.tier': 'front',
    'spec.template.metadata.labels.tier': 'front',
  }),
  'Pod: another image': of(pod, { 'spec.containers.0.image': 'registry.example.com/web:1.1.0' }),
  'Pod: another CPU': of(pod, { 'spec.containers.0.resources.requests.cpu': '2' }),
  'Pod: a CPU written otherwise': of(pod, { 'spec.containers.0.resources.requests.cpu': '1000m' }),
  'Pod: a variable': of(pod, { 'spec.containers.0.env': listed('A') }),
  'Pod: a label': of(pod, { 'metadata.labels': { owner: 'shop' } }),
  'Pod: a deadline': of(pod, { 'spec.activeDeadlineSeconds': 60 }),
  'Pod: a toleration more': of(pod, { 'spec.tolerations': [{ key: 'a', operator: 'Exists' }] }),
  'Job: nothing, and it is there': of(job, {}, {}, settings),
  'Job: a label of its own': of(job, { 'metadata.labels': { owner: 'shop' } }),
  'Job: another image': of(job, next),
  'Job: another image after its end': { ...of(job, next), ended: true },
  'Job: a label of its own after its end': { ...of(job, { 'metadata.labels': { owner: 'shop' } }), ended: true },
  'Job: another image without ttl': of(job, next, { 'spec.ttlSecondsAfterFinished': undefined }),
  'Job: what may change': of(job, {
    'spec.ttlSecondsAfterFinished': 90,
    'spec.activeDeadlineSeconds': 60,
    'spec.parallelism': 1,
  }),
  'Job: what it fills in': of(job, {
    [`${WEB}.imagePullPolicy`]: 'IfNotPresent',
    'spec.completionMode': 'NonIndexed',
    'spec.completions': 1,
    'spec.suspend': false,
  }),
  'Job: more tries': of(job, { 'spec.backoffLimit': 4 }),
  'Job: more completions': of(job, { 'spec.completions': 2 }),
  'Job: another one by its name': of(
    { ...job, metadata: { name: 'migrate-0123456789' } },
    { ...next, 'metadata.name': 'migrate-9876543210' },
  ),
  'Job: a node while it is suspended': of(job, { [`${POD}.nodeSelector`]: { disk: 'ssd' } }, { 'spec.suspend': true }),
  'Job: let go': of(job, { 'spec.suspend': false }, { 'spec.suspend': true }),
  'CronJob: another schedule': of(cronJob, { 'spec.schedule': '45 4 * * *' }),
  'CronJob: another image': of(cronJob, {
    'spec.jobTemplate.spec.template.spec.containers.0.image': 'registry.example.com/web:1.1.0',
  }),
  'CronJob: what is filled in': of(cronJob, {
    'spec.jobTemplate.spec.template.spec.dnsPolicy': 'ClusterFirst',
    'spec.concurrencyPolicy': 'Allow',
    'spec.suspend': false,
  }),
};

/** Changes of YAML by hand, by what they are. */
export const yamlChanges: Readonly<Record<string, YamlChange>> = { ...pods, ...workloads, ...objectChanges };
