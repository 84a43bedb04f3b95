import type { Manifest } from '../../lib/index';

/** What an image deployer sends of a Deployment. */
export interface Swap {
  readonly method: 'PATCH' | 'POST' | 'DELETE';
  /** Below the namespace. @default 'deployments/kube-native' */
  readonly path?: string;
  /** How the change is written. @default 'strategic-merge' */
  readonly type?: 'strategic-merge' | 'merge' | 'json' | 'apply';
  readonly body?: unknown;
}

export const REPOSITORY = 'registry.example.com/kube-native';
const DIGEST = `sha256:${'0123456789abcdef'.repeat(4)}`;

const spec = (own: Manifest): Swap => ({ method: 'PATCH', body: { spec: own } });
const pod = (own: Manifest): Swap => spec({ template: { spec: own } });
const container = (own: Manifest): Swap => pod({ containers: [{ name: 'web', ...own }] });
const image = (text: string): Swap => container({ image: text });
const metadata = (own: Manifest): Swap => ({ method: 'PATCH', body: { metadata: own } });

/** The commonest mistake. */
export const tagged = image(`${REPOSITORY}:1.0.1`);

/** What passes. */
export const passing: Readonly<Record<string, Swap>> = {
  'a digest of the repository, as kubectl set image sends it': image(`${REPOSITORY}@${DIGEST}`),
  'the same for the worker': {
    ...pod({ containers: [{ name: 'worker', image: `${REPOSITORY}@${DIGEST}` }] }),
    path: 'deployments/kube-native-worker',
  },
  'the same as a JSON patch': {
    method: 'PATCH',
    type: 'json',
    body: [{ op: 'replace', path: '/spec/template/spec/containers/0/image', value: `${REPOSITORY}@${DIGEST}` }],
  },
  'the same by server-side apply': {
    method: 'PATCH',
    type: 'apply',
    body: {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'kube-native' },
      spec: { template: { spec: { containers: [{ name: 'web', image: `${REPOSITORY}@${DIGEST}` }] } } },
    },
  },
  nothing: metadata({}),
};

/** What the policy refuses, also of one who has all rights in the namespace. */
export const refused: Readonly<Record<string, Swap>> = {
  'a tag': tagged,
  'a tag with a digest': image(`${REPOSITORY}:1.0.1@${DIGEST}`),
  'no version': image(REPOSITORY),
  'another repository': image(`registry.example.com/other@${DIGEST}`),
  'a repository whose name begins alike': image(`${REPOSITORY}-debug@${DIGEST}`),
  'a repository below it': image(`${REPOSITORY}/debug@${DIGEST}`),
  'another registry': image(`docker.io/kube-native@${DIGEST}`),
  'a registry with another letter for the dot': image(`registryxexample.com/kube-native@${DIGEST}`),
  'its name within another one': image(`example.org/${REPOSITORY}@${DIGEST}`),
  'a digest that is too short': image(`${REPOSITORY}@sha256:0123`),
  'a digest that is too long': image(`${REPOSITORY}@${DIGEST}0`),
  'a digest in capitals': image(`${REPOSITORY}@${DIGEST.toUpperCase().replace('SHA', 'sha')}`),
  'a command': container({ command: ['sh'] }),
  arguments: container({ args: ['eval', '1'] }),
  'a working directory': container({ workingDir: '/tmp' }),
  'a variable': container({ env: [{ name: 'X', value: '1' }] }),
  'a Secret as variables': container({ envFrom: [{ secretRef: { name: 'other' } }] }),
  'a variable beside an image that passes': container({ image: `${REPOSITORY}@${DIGEST}`, env: [{ name: 'X', value: '1' }] }),
  'a port': container({ ports: [{ containerPort: 9999 }] }),
  'a probe': container({ livenessProbe: { periodSeconds: 77 } }),
  'no probe': container({ livenessProbe: null, readinessProbe: null }),
  'a hook': container({ lifecycle: { postStart: { exec: { command: ['sh'] } } } }),
  resources: container({ resources: { limits: { memory: '9Gi' } } }),
  'the context of a container': container({ securityContext: { readOnlyRootFilesystem: false } }),
  'when it is pulled': container({ imagePullPolicy: 'IfNotPresent' }),
  'an open terminal': container({ tty: true, stdin: true }),
  'a mount': container({ volumeMounts: [{ name: 'tmp', mountPath: '/other' }] }),
  'a container beside it': pod({ containers: [{ name: 'more', image: `${REPOSITORY}@${DIGEST}` }] }),
  'a container of another name': {
    method: 'PATCH',
    type: 'json',
    body: [{ op: 'replace', path: '/spec/template/spec/containers/0/name', value: 'other' }],
  },
  'a container before it': pod({ initContainers: [{ name: 'more', image: `${REPOSITORY}@${DIGEST}` }] }),
  'the image of a sidecar': pod({ initContainers: [{ name: 'shipper', image: `${REPOSITORY}@${DIGEST}` }] }),
  'another order of sidecars': {
    method: 'PATCH',
    type: 'json',
    body: [{ op: 'move', from: '/spec/template/spec/initContainers/0', path: '/spec/template/spec/initContainers/1' }],
  },
  'a sidecar less': { method: 'PATCH', type: 'json', body: [{ op: 'remove', path: '/spec/template/spec/initContainers/0' }] },
  'no sidecar': { method: 'PATCH', type: 'json', body: [{ op: 'remove', path: '/spec/template/spec/initContainers' }] },
  'a sidecar that is none': pod({ initContainers: [{ name: 'shipper', restartPolicy: null }] }),
  'a volume': pod({ volumes: [{ name: 'secret', secret: { secretName: 'other' } }] }),
  'a ServiceAccount': pod({ serviceAccountName: 'kube-native-worker' }),
  'a token': pod({ automountServiceAccountToken: true }),
  'the network of the node': pod({ hostNetwork: true }),
  'the processes of the node': pod({ hostPID: true, shareProcessNamespace: false }),
  'the context of the pod': pod({ securityContext: { runAsNonRoot: false } }),
  'a node': pod({ nodeSelector: { pool: 'other' } }),
  'a toleration': pod({ tolerations: [{ operator: 'Exists' }] }),
  'a login to a registry': pod({ imagePullSecrets: [{ name: 'other' }] }),
  'a priority': pod({ priorityClassName: 'system-cluster-critical' }),
  'a host alias': pod({ hostAliases: [{ ip: '192.0.2.1', hostnames: ['registry.example.com'] }] }),
  'a grace period': pod({ terminationGracePeriodSeconds: 900 }),
  replicas: spec({ replicas: 0 }),
  'a pause': spec({ paused: true }),
  'a strategy': spec({ strategy: { type: 'Recreate', rollingUpdate: null } }),
  'a history': spec({ revisionHistoryLimit: 0 }),
  'a minimum of seconds': spec({ minReadySeconds: 99 }),
  'a restart': spec({
    template: { metadata: { annotations: { 'kubectl.kubernetes.io/restartedAt': '2026-01-01T00:00:00Z' } } },
  }),
  'a label of pods': spec({ template: { metadata: { labels: { more: 'yes' } } } }),
  'an annotation of pods': spec({ template: { metadata: { annotations: { more: 'yes' } } } }),
  'a label': metadata({ labels: { more: 'yes' } }),
  'a label less': metadata({ labels: { 'app.kubernetes.io/component': null } }),
  'an annotation': metadata({ annotations: { more: 'yes' } }),
  'an owner': metadata({
    ownerReferences: [
      {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        name: 'none',
        uid: '00000000-0000-0000-0000-000000000000',
        blockOwnerDeletion: true,
      },
    ],
  }),
  'a finalizer': metadata({ finalizers: ['example.com/kept'] }),
  'more by server-side apply': {
    method: 'PATCH',
    type: 'apply',
    body: {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'kube-native' },
      spec: { replicas: 9, template: { spec: { containers: [{ name: 'web', image: `${REPOSITORY}@${DIGEST}` }] } } },
    },
  },
  'a scale': { method: 'PATCH', path: 'deployments/kube-native/scale', type: 'merge', body: { spec: { replicas: 0 } } },
  'a status': { method: 'PATCH', path: 'deployments/kube-native/status', type: 'merge', body: { status: { replicas: 9 } } },
  'the end of it': { method: 'DELETE' },
  'the end of all': { method: 'DELETE', path: 'deployments' },
  'a Deployment of its own': {
    method: 'POST',
    path: 'deployments',
    body: {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'own' },
      spec: {
        selector: { matchLabels: { own: 'yes' } },
        template: {
          metadata: { labels: { own: 'yes' } },
          spec: { containers: [{ name: 'web', image: `${REPOSITORY}@${DIGEST}` }] },
        },
      },
    },
  },
  'a Deployment that is not of the release': {
    ...pod({ containers: [{ name: 'web', image: `${REPOSITORY}@${DIGEST}` }] }),
    path: 'deployments/bystander',
  },
};
