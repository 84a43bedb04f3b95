import { ApiObject, Chart } from 'cdk8s';
import { k8s } from 'cdk8s-plus-27';
import {
  type Charts,
  Checks,
  PodDefaults,
  render,
  type Manifest,
  type NamedEnvironment,
  type PodDefaultsProps,
} from '../lib/index';
import { invalidObjects } from './support/models';
import { build, staging } from './support/stack';
import { onCloudNativePg } from './support/variants';
import { vary } from './support/vary';

// Objects that are not made by us, in an environment of ours, with the rules on.
const labels = { 'example.com/owner': 'team-shop', 'example.com/cost-centre': '4711' };
const everything: Required<PodDefaultsProps> = {
  imagePullSecrets: ['registry'],
  nodeSelector: { pool: 'shop' },
  tolerations: [{ key: 'pool', operator: 'Equal', value: 'shop', effect: 'NoSchedule' }],
  affinity: {
    nodeAffinity: {
      preferredDuringSchedulingIgnoredDuringExecution: [
        { weight: 5, preference: { matchFields: [{ key: 'metadata.name', operator: 'In', values: ['one'] }] } },
      ],
    },
  },
  topologySpreadConstraints: [{ maxSkew: 1, topologyKey: 'topology.kubernetes.io/zone', whenUnsatisfiable: 'DoNotSchedule' }],
  hostAliases: [{ ip: '10.1.2.3', hostnames: ['erp.example.com'] }],
  dnsConfig: { searches: ['example.com'] },
  runtimeClassName: 'gvisor',
  priorityClassName: 'tools',
  hostUsers: false,
  labels: { tier: 'tools' },
  annotations: { 'example.com/runbook': 'https://wiki.example.com/tools' },
  restartOnSecretChange: true,
};

/** An exporter as another team writes it, with all that the rules ask of any pod; it says its owner itself. */
function exporter({ release }: Charts): void {
  const chart = Chart.of(release);
  const metadata = { name: 'exporter' };
  new k8s.KubeServiceAccount(chart, 'Account', { metadata });
  const own = { 'app.kubernetes.io/instance': 'exporter' };
  const quantity = { cpu: '50m', memory: '64Mi', 'ephemeral-storage': '64Mi' };
  const container = {
    name: 'exporter',
    imagePullPolicy: 'IfNotPresent',
    image: `registry.example.com/exporter:1.0.0@sha256:${'0b'.repeat(32)}`,
    resources: { requests: quantity, limits: quantity },
    readinessProbe: { exec: { command: ['ready'] }, periodSeconds: 5, timeoutSeconds: 2 },
    livenessProbe: { exec: { command: ['alive'] }, periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 6 },
    startupProbe: { exec: { command: ['ready'] }, failureThreshold: 20 },
    securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } },
  };
  const spec = {
    serviceAccountName: 'exporter',
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    securityContext: { runAsNonRoot: true, runAsUser: 20000, runAsGroup: 20000, seccompProfile: { type: 'RuntimeDefault' } },
    containers: [container],
  };
  const template = { metadata: { labels: { ...own, 'example.com/owner': 'team-tools' } }, spec };
  const controller = { replicas: 1, selector: { matchLabels: own }, template };
  new ApiObject(chart, 'Exporter', { apiVersion: 'apps/v1', kind: 'Deployment', metadata, spec: controller });
}

/** The finished objects of an environment without faults. */
function finished(environment: NamedEnvironment): Record<string, Manifest> {
  const app = build(environment);
  const { files, faults } = render(app);
  expect(faults).toEqual([]);
  expect(invalidObjects([...files.values()])).toEqual([]);
  const all = Checks.of(app).world.objects.map(({ manifest }) => manifest);
  return Object.fromEntries(
    all.map((one) => [`${one['kind']} ${String(one['metadata'].name).replace(/-[0-9a-f]{10}$/, '')}`, one]),
  );
}

const plain = vary(staging, { kubernetes: '1.33', quota: undefined });

test('a Deployment of somebody else has what is said over its scope, and its own lines stay', () => {
  const amend = (charts: Charts): void => {
    exporter(charts);
    new PodDefaults(charts.release.node.root, 'Tools', everything);
  };
  const { metadata, spec } = finished(vary(plain, { amend }))['Deployment exporter'] ?? {};
  expect({
    annotations: metadata.annotations,
    template: { ...spec.template, spec: { ...spec.template.spec, containers: [] } },
  }).toMatchSnapshot();
});

test('labels of an environment are on the pods of others and of databases too, but for what those say themselves', () => {
  const all = finished(vary(plain, { labels, amend: exporter }));
  expect(all['Deployment exporter']?.['spec'].template.metadata.labels).toEqual({
    'app.kubernetes.io/instance': 'exporter',
    'example.com/owner': 'team-tools',
    'example.com/cost-centre': '4711',
  });
  expect(all['StatefulSet kube-native-postgresql']?.['spec'].template.metadata.labels).toMatchObject(labels);
  // The volumes of a StatefulSet cannot change.
  expect(JSON.stringify(all['StatefulSet kube-native-postgresql']?.['spec'].volumeClaimTemplates)).not.toContain('team-shop');
});

test('an operator is told them where it copies them from', () => {
  const existing = [{ kind: 'Secret', name: 'kube-native-reports' }];
  const all = finished(vary(onCloudNativePg, { labels, amend: undefined, existing }));
  expect(all['Cluster kube-native-postgresql']?.['spec'].inheritedMetadata.labels).toMatchObject(labels);
  expect(all['Pooler kube-native-postgresql-pooler']?.['spec'].template.metadata.labels).toMatchObject(labels);
});
