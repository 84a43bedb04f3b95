import { ApiObject, App, Chart, JsonPatch } from 'cdk8s';
import { apiRules, written } from '../../lib/checks/api/rules';
import { typeNamed } from '../../lib/schema/fields';
import type { FinishedObject, World } from '../../lib/checks/rule';
import { changeRules } from '../../lib/checks/changes/rules';
import { walked } from '../../lib/schema/walk';
import { environments, build } from '../support/stack';
import { Checks, KUBERNETES_VERSIONS, render, type KubernetesVersion, type Manifest } from '../../lib/index';
import { faultsOf, objectsOf } from '../support/environments';
import { staging } from '../support/alone';
import { vary } from '../support/vary';

const POD = '/spec/template/spec';
const CONTAINER = `${POD}/containers/0`;
const IMAGE = 'registry.example.com/proxy:1.0.0';

/** What is wrong, the object that shows it and those that it needs beside itself, what is printed, and for which Kubernetes. */
type Row = readonly [title: string, objects: Manifest | readonly Manifest[], says: string, kubernetes?: KubernetesVersion];

const ours = objectsOf(staging);

/** An object of staging after some changes. */
function changed(kind: string, ...operations: JsonPatch[]): Manifest {
  const found = ours.find((manifest) => manifest['kind'] === kind);
  const copy = JSON.parse(JSON.stringify({ ...found, metadata: { labels: found?.['metadata'].labels } })) as Manifest;
  return JsonPatch.apply(copy, ...operations) as Manifest;
}

const web = (...operations: JsonPatch[]): Manifest => changed('Deployment', ...operations);
const job = (...operations: JsonPatch[]): Manifest => changed('Job', ...operations);
const postgres = (...operations: JsonPatch[]): Manifest => changed('StatefulSet', ...operations);

const failures = (...rules: Manifest[]): Manifest => job(JsonPatch.replace('/spec/podFailurePolicy/rules', rules));
const cron = (spec: Manifest): Manifest => ({
  apiVersion: 'batch/v1',
  kind: 'CronJob',
  spec: { schedule: '@daily', jobTemplate: {}, ...spec },
});
const scaleTargetRef = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'kube-native' };
const autoscaler = (spec: Manifest): Manifest => ({
  apiVersion: 'autoscaling/v2',
  kind: 'HorizontalPodAutoscaler',
  spec: { scaleTargetRef, maxReplicas: 4, ...spec },
});
const scaled = (spec: Manifest): Manifest => ({
  apiVersion: 'keda.sh/v1alpha1',
  kind: 'ScaledObject',
  spec: { scaleTargetRef: { name: 'kube-native' }, triggers: [{ type: 'cpu', metadata: { value: '80' } }], ...spec },
});
const cpu = (target: Manifest): Manifest => ({
  type: 'Resource',
  resource: { name: 'cpu', target: { type: 'Utilization', ...target } },
});
const behavior = (scaleUp: Manifest): Manifest => autoscaler({ behavior: { scaleUp } });
const budget = (spec: Manifest): Manifest => ({ apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', spec });
const service = (spec: Manifest): Manifest => ({ apiVersion: 'v1', kind: 'Service', spec: { ports: [{ port: 80 }], ...spec } });
const ingress = (spec: Manifest, annotations: Manifest = {}): Manifest => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'Ingress',
  metadata: { annotations },
  spec: { ingressClassName: 'traefik', ...spec },
});
const path = (fields: Manifest): Manifest => ({
  rules: [
    { host: staging.web.host, http: { paths: [{ path: '/', pathType: 'Prefix', backend: { service: web80 }, ...fields }] } },
  ],
});
const web80 = { name: 'kube-native', port: { name: 'http' } };
const policy = (spec: Manifest): Manifest => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  spec: { podSelector: {}, ...spec },
});
const addresses = (ipBlock: Manifest): Manifest => policy({ egress: [{ to: [{ ipBlock }] }] });
const limits = (item: Manifest, ...others: Manifest[]): Manifest => ({
  apiVersion: 'v1',
  kind: 'LimitRange',
  spec: { limits: [{ type: 'Container', ...item }, ...others] },
});
const claim = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } };
const secret = (type: string, data: Manifest = {}): Manifest => ({ apiVersion: 'v1', kind: 'Secret', type, ...data });
const configMap = (fields: Manifest): Manifest => ({ apiVersion: 'v1', kind: 'ConfigMap', ...fields });
/** Before 1.30 no hook sleeps by itself. */
const noHook = JsonPatch.remove(`${CONTAINER}/lifecycle`);
const variable = (entry: Manifest): Manifest => web(noHook, JsonPatch.add(`${CONTAINER}/env/-`, entry));
const mount = (entry: Manifest): Manifest => web(JsonPatch.add(`${CONTAINER}/volumeMounts/-`, { name: 'tmp', ...entry }));
const memory = (limit: string): Manifest => web(JsonPatch.replace(`${CONTAINER}/resources/limits/memory`, limit));

/** Cases by the rule that reports them. Those of names, hosts and rollouts are reported by rules that look further. */
const refused: Readonly<Record<string, readonly Row[]>> = {
  'api-version': [
    [
      'an Ingress is of a version that is long gone',
      { apiVersion: 'extensions/v1beta1', kind: 'Ingress', spec: {} },
      `'apiVersion' must be served by default from Kubernetes 1.30 to 1.36, got "extensions/v1beta1 Ingress"; write networking.k8s.io/v1`,
    ],
    [
      'a CronJob is of a beta version',
      { apiVersion: 'batch/v1beta1', kind: 'CronJob', spec: {} },
      `'apiVersion' must be served by default from Kubernetes 1.30 to 1.36, got "batch/v1beta1 CronJob"; write batch/v1`,
    ],
    [
      'a disruption budget is of a beta version',
      { apiVersion: 'policy/v1beta1', kind: 'PodDisruptionBudget', spec: {} },
      `'apiVersion' must be served by default from Kubernetes 1.30 to 1.36, got "policy/v1beta1 PodDisruptionBudget"; write policy/v1`,
    ],
    [
      'an autoscaler is of a beta version',
      { apiVersion: 'autoscaling/v2beta2', kind: 'HorizontalPodAutoscaler', spec: { scaleTargetRef } },
      `'apiVersion' must be served by default from Kubernetes 1.30 to 1.36, got "autoscaling/v2beta2 HorizontalPodAutoscaler"; write autoscaling/v2`,
    ],
    [
      'the flow control is of a version that 1.32 switched off',
      { apiVersion: 'flowcontrol.apiserver.k8s.io/v1beta3', kind: 'FlowSchema', spec: {} },
      `'apiVersion' must be served by default from Kubernetes 1.30 to 1.36, got "flowcontrol.apiserver.k8s.io/v1beta3 FlowSchema"; write flowcontrol.apiserver.k8s.io/v1`,
    ],
    [
      'a kind has nothing in its place',
      { apiVersion: 'policy/v1beta1', kind: 'PodSecurityPolicy', spec: {} },
      `'apiVersion' must be served by default from Kubernetes 1.30 to 1.36, got "policy/v1beta1 PodSecurityPolicy"; label the Namespace for Pod Security Admission`,
    ],
    [
      'Endpoints are written by hand',
      { apiVersion: 'v1', kind: 'Endpoints', subsets: [] },
      `'kind' must not be deprecated, got "Endpoints"; write an EndpointSlice of discovery.k8s.io/v1, with the label kubernetes.io/service-name`,
    ],
    [
      'the group is misspelt',
      { apiVersion: 'app/v1', kind: 'Deployment', spec: {} },
      `'apiVersion' must be served by default from Kubernetes 1.30 to 1.36, got "app/v1 Deployment"; write apps/v1`,
    ],
    [
      'the kind is misspelt',
      { apiVersion: 'v1', kind: 'ConfigMaps', data: {} },
      `'kind' must be served by default from Kubernetes 1.30 to 1.36, got "v1 ConfigMaps"; write kind: ConfigMap`,
    ],
    [
      'a kind is too new',
      { apiVersion: 'networking.k8s.io/v1', kind: 'ServiceCIDR', spec: { cidrs: ['10.96.0.0/16'] } },
      `'apiVersion' must be served by Kubernetes 1.30, got "networking.k8s.io/v1 ServiceCIDR"; it is served from 1.33 on: raise the environment's Kubernetes version`,
    ],
  ],
  'known-fields': [
    [
      'the state of a claim in a template, which the API server reads too, has another field',
      postgres(JsonPatch.add('/spec/volumeClaimTemplates/0/status/phasis', 'Pending')),
      `'spec.volumeClaimTemplates[0].status.phasis' must be a field of PersistentVolumeClaimStatus, got "phasis"; write 'phase'`,
    ],
    [
      'a probe is misspelt',
      web(JsonPatch.add(`${CONTAINER}/readynessProbe`, { tcpSocket: { port: 'http' } })),
      `'spec.template.spec.containers[0].readynessProbe' must be a field of Container, got "readynessProbe"; write 'readinessProbe'`,
    ],
    [
      'a field is of no kind at all',
      web(JsonPatch.add('/spec/autoscaling', true)),
      `'spec.autoscaling' must be a field of DeploymentSpec, got "autoscaling"; take it out: the API server refuses it, or drops it and says nothing`,
    ],
    [
      'a hook sleeps before 1.30',
      web(JsonPatch.replace(`${CONTAINER}/lifecycle/preStop`, { sleep: { seconds: 10 } })),
      `'spec.template.spec.containers[0].lifecycle.preStop.sleep' must be known to Kubernetes 1.29, got "sleep"; it is on from 1.30: take it out, or raise the environment's Kubernetes version`,
      '1.29',
    ],
    [
      'there is a sidecar before 1.29',
      web(noHook, JsonPatch.add(`${POD}/initContainers`, [{ name: 'proxy', image: IMAGE, restartPolicy: 'Always' }])),
      `'spec.template.spec.initContainers[0].restartPolicy' must be known to Kubernetes 1.28, got "restartPolicy"; it is on from 1.29: take it out, or raise the environment's Kubernetes version`,
      '1.28',
    ],
    [
      'traffic is distributed before 1.31',
      service({ trafficDistribution: 'PreferClose', ports: [{ port: 80 }] }),
      `'spec.trafficDistribution' must be known to Kubernetes 1.30, got "trafficDistribution"; it is on from 1.31: take it out, or raise the environment's Kubernetes version`,
    ],
    [
      'a Job replaces its pods late before 1.29',
      job(JsonPatch.add('/spec/podReplacementPolicy', 'Failed')),
      `'spec.podReplacementPolicy' must be known to Kubernetes 1.28, got "podReplacementPolicy"; it is on from 1.29: take it out, or raise the environment's Kubernetes version`,
      '1.28',
    ],
    [
      'a Job counts by index before 1.29',
      job(JsonPatch.add('/spec/backoffLimitPerIndex', 1)),
      `'spec.backoffLimitPerIndex' must be known to Kubernetes 1.28, got "backoffLimitPerIndex"; it is on from 1.29: take it out, or raise the environment's Kubernetes version`,
      '1.28',
    ],
  ],
  'known-values': [
    [
      'a constant is in lower case',
      web(JsonPatch.replace('/spec/strategy/type', 'rollingUpdate')),
      `'spec.strategy.type' must be one of RollingUpdate, Recreate, got "rollingUpdate"; write "RollingUpdate"`,
    ],
    [
      'a constant is not one of the field',
      service({ type: 'Ingress', ports: [{ port: 80 }] }),
      `'spec.type' must be one of ClusterIP, NodePort, LoadBalancer, ExternalName, got "Ingress"; use one of them`,
    ],
    [
      'a constant is too new',
      web(JsonPatch.add(`${POD}/tolerations`, [{ key: 'load', operator: 'Gt', value: '1' }])),
      `'spec.template.spec.tolerations[0].operator' must be known to Kubernetes 1.30, got "Gt"; it is on from 1.36: take it out, or raise the environment's Kubernetes version`,
    ],
  ],
  'required-fields': [
    [
      'a container has no name',
      web(JsonPatch.remove(`${CONTAINER}/name`)),
      `'spec.template.spec.containers[0].name' must be given, got nothing; add it: the API server refuses the Container without it`,
    ],
    [
      'a claim says nothing of how it is mounted',
      { apiVersion: 'v1', kind: 'PersistentVolumeClaim', spec: { resources: claim.resources } },
      `'spec.accessModes' must be given, got nothing; add it: the API server refuses the PersistentVolumeClaimSpec without it`,
    ],
    [
      'a Deployment is empty',
      { apiVersion: 'apps/v1', kind: 'Deployment' },
      `'spec' must be given, got nothing; add it: the API server refuses the Deployment without it`,
    ],
    [
      'a mount has no path',
      mount({ mountPath: '' }),
      `'spec.template.spec.containers[0].volumeMounts[1].mountPath' must be given, got nothing; add it: the API server refuses the VolumeMount without it`,
    ],
    [
      'a path has no type',
      ingress({ rules: [{ http: { paths: [{ path: '/', backend: {} }] } }] }),
      `'spec.rules[0].http.paths[0].pathType' must be given, got nothing; add it: the API server refuses the HTTPIngressPath without it`,
    ],
  ],
  'field-types': [
    [
      'conditions of the state of a claim in a template are a mapping',
      postgres(JsonPatch.add('/spec/volumeClaimTemplates/0/status/conditions', { type: 'Resizing' })),
      `'spec.volumeClaimTemplates[0].status.conditions' must be a list, got {"type":"Resizing"}; write it as a list, also where it has one item`,
    ],
    [
      'a number has more than 32 bits',
      web(JsonPatch.replace('/spec/revisionHistoryLimit', 4000000000)),
      `'spec.revisionHistoryLimit' must be a whole number, got 4000000000; write one of at most 2147483647`,
    ],
    [
      'a number that may be text has more than 32 bits',
      budget({ maxUnavailable: 4000000000, selector: {} }),
      `'spec.maxUnavailable' must be a whole number or text, got 4000000000; write one of at most 2147483647`,
    ],
    [
      'a variable is a number',
      variable({ name: 'POOL_SIZE', value: 10 }),
      `'spec.template.spec.containers[0].env[3].value' must be text, got 10; write it in quotes, as "10"`,
    ],
    [
      'a port is a range',
      web(JsonPatch.replace(`${CONTAINER}/ports/0/containerPort`, '9000-9100')),
      `'spec.template.spec.containers[0].ports[0].containerPort' must be a whole number, got "9000-9100"; write one number`,
    ],
    [
      'a number is text',
      web(JsonPatch.replace('/spec/replicas', '2')),
      `'spec.replicas' must be a whole number, got "2"; write it without quotes`,
    ],
    [
      'a switch is text',
      web(JsonPatch.replace(`${POD}/enableServiceLinks`, 'false')),
      `'spec.template.spec.enableServiceLinks' must be true or false, got "false"; write it without quotes`,
    ],
    [
      'a list is none',
      web(JsonPatch.replace(`${CONTAINER}/command`, 'start')),
      `'spec.template.spec.containers[0].command' must be a list, got "start"; write it as a list, also where it has one item`,
    ],
    [
      'a mapping is none',
      web(JsonPatch.replace(`${CONTAINER}/resources/limits`, '1Gi')),
      `'spec.template.spec.containers[0].resources.limits' must be a mapping, got "1Gi"; write it as key: value`,
    ],
    [
      'a container is none',
      web(JsonPatch.add(`${POD}/containers/-`, 'web')),
      `'spec.template.spec.containers[1]' must be a mapping, of type Container, got "web"; write it as key: value`,
    ],
    [
      'a quantity has a unit of its own',
      memory('512MB'),
      `'spec.template.spec.containers[0].resources.limits.memory' must be a quantity, got "512MB"; write a number and one of m, k, M, G, T, Ki, Mi, Gi and Ti, as in 512M`,
    ],
    [
      'a quantity is in bits',
      memory('0.5Gb'),
      `'spec.template.spec.containers[0].resources.limits.memory' must be a quantity, got "0.5Gb"; write a number and one of m, k, M, G, T, Ki, Mi, Gi and Ti, as in 0.5G`,
    ],
    [
      'a quantity has a space',
      memory('1 Gi'),
      `'spec.template.spec.containers[0].resources.limits.memory' must be a quantity, got "1 Gi"; write a number and one of m, k, M, G, T, Ki, Mi, Gi and Ti, as in 1Gi`,
    ],
    [
      'a Secret holds plain text, and does not show it',
      { apiVersion: 'v1', kind: 'Secret', data: { password: 'correct horse' } },
      `'data.password' must be base64, got "something else"; write plain text under stringData, in quotes`,
    ],
    [
      'an annotation is a switch',
      configMap({ metadata: { annotations: { 'example.com/on': true } } }),
      `'metadata.annotations["example.com/on"]' must be text, got true; write it in quotes, as "true"`,
    ],
  ],
  'unique-items': [
    [
      'two variables have one name',
      variable({ name: 'PGPASSWORD', value: 'x' }),
      `'spec.template.spec.containers[0].env[3]' must differ from item 2 of its list in name, got "PGPASSWORD"; keep one of the two`,
    ],
    [
      'two ports are the same',
      web(JsonPatch.add(`${CONTAINER}/ports/-`, { name: 'web', containerPort: 4000 })),
      `'spec.template.spec.containers[0].ports[1]' must differ from item 0 of its list in containerPort or protocol, got "4000/TCP"; keep one of the two`,
    ],
    [
      'two volumes have one name',
      web(JsonPatch.add(`${POD}/volumes/-`, { name: 'tmp', emptyDir: {} })),
      `'spec.template.spec.volumes[1]' must differ from item 0 of its list in name, got "tmp"; keep one of the two`,
    ],
    [
      'two mounts have one path',
      mount({ mountPath: '/tmp' }),
      `'spec.template.spec.containers[0].volumeMounts[1]' must differ from item 0 of its list in mountPath, got "/tmp"; keep one of the two`,
    ],
    [
      'two constraints spread the same',
      web(JsonPatch.copy(`${POD}/topologySpreadConstraints/0`, `${POD}/topologySpreadConstraints/-`)),
      `'spec.template.spec.topologySpreadConstraints[2]' must differ from item 0 of its list in topologyKey or whenUnsatisfiable, got "topology.kubernetes.io/zone/ScheduleAnyway"; keep one of the two`,
    ],
    [
      'two ports of a Service are the same',
      service({
        ports: [
          { name: 'a', port: 80 },
          { name: 'b', port: 80, protocol: 'TCP' },
        ],
      }),
      `'spec.ports[1]' must differ from item 0 of its list in port or protocol, got "80/TCP"; keep one of the two`,
    ],
  ],
  'container-ports': [
    [
      'a port is out of range',
      web(JsonPatch.replace(`${CONTAINER}/ports/0/containerPort`, 70000)),
      `'spec.template.spec.containers[0].ports[0].containerPort' must be a port from 1 to 65535, got 70000; write the port that the container listens on`,
    ],
    [
      'a port of the node is out of range',
      web(JsonPatch.add(`${CONTAINER}/ports/0/hostPort`, -1)),
      `'spec.template.spec.containers[0].ports[0].hostPort' must be a port from 1 to 65535, got -1; write the port that the container listens on`,
    ],
    [
      'two ports have one name',
      web(JsonPatch.add(`${CONTAINER}/ports/-`, { name: 'http', containerPort: 4001 })),
      `'spec.template.spec.containers[0].ports[1].name' must differ from that of ports[0], got "http"; rename one of the two`,
    ],
  ],
  'valid-part-names': [
    [
      'the name of a port is too long',
      web(JsonPatch.add(`${CONTAINER}/ports/-`, { name: 'epmd-distribution', containerPort: 4369 })),
      `'spec.template.spec.containers[0].ports[1].name' must be at most 15 lower-case letters, digits and single '-', a letter among them, none at the ends a '-', got "epmd-distribution"; rename it`,
    ],
    [
      'a Service with two ports has no names',
      service({ ports: [{ name: 'http', port: 80 }, { port: 81 }] }),
      `'spec.ports[1].name' must be given where there are several, got nothing; name every port`,
    ],
  ],
  'variable-names': [
    [
      'a variable begins with a digit',
      variable({ name: '2ND_HOST', value: 'x' }),
      `'spec.template.spec.containers[0].env[3].name' must be letters, digits, '_', '-' and dots, and begin with no digit, got "2ND_HOST"; write it in upper case, as in POOL_SIZE`,
    ],
    [
      'a variable holds an equals sign, also in new releases',
      variable({ name: 'A=B', value: 'x' }),
      `'spec.template.spec.containers[0].env[3].name' must be printable ASCII without '=', got "A=B"; write it in upper case, as in POOL_SIZE`,
      '1.33',
    ],
    [
      'a prefix holds a space',
      web(JsonPatch.add(`${CONTAINER}/envFrom/0/prefix`, 'MY APP')),
      `'spec.template.spec.containers[0].envFrom[0].prefix' must be letters, digits, '_', '-' and dots, and begin with no digit, got "MY APP"; write it in upper case, as in APP_`,
    ],
  ],
  'variable-sources': [
    [
      'a field is of another version',
      variable({ name: 'A', valueFrom: { fieldRef: { apiVersion: 'v2', fieldPath: 'status.podIP' } } }),
      `'spec.template.spec.containers[0].env[3].valueFrom.fieldRef.apiVersion' must be 'v1', got "v2"; leave it out`,
    ],
    [
      'a variable has a value and a source',
      web(JsonPatch.add(`${CONTAINER}/env/0/value`, 'x')),
      `'spec.template.spec.containers[0].env[0].value' must not be given together with valueFrom, got "both"; leave one of the two`,
    ],
    [
      'a variable has two sources',
      web(JsonPatch.add(`${CONTAINER}/env/0/valueFrom/fieldRef`, { fieldPath: 'status.podIP' })),
      `'spec.template.spec.containers[0].env[0].valueFrom' must have one source, got "fieldRef and secretKeyRef"; leave one of configMapKeyRef, fieldRef, fileKeyRef, resourceFieldRef, secretKeyRef`,
    ],
    [
      'a variable has an empty source',
      web(JsonPatch.replace(`${CONTAINER}/env/0/valueFrom`, {})),
      `'spec.template.spec.containers[0].env[0].valueFrom' must have one source, got nothing; leave one of configMapKeyRef, fieldRef, fileKeyRef, resourceFieldRef, secretKeyRef`,
    ],
    [
      'a field cannot be read',
      variable({ name: 'IMAGE', valueFrom: { fieldRef: { fieldPath: 'spec.containers[0].image' } } }),
      `'spec.template.spec.containers[0].env[3].valueFrom.fieldRef.fieldPath' must be a field that a variable can show, got "spec.containers[0].image"; use status.podIP, metadata.name or metadata.labels['key']`,
    ],
    [
      'a resource cannot be read',
      variable({ name: 'MEMORY', valueFrom: { resourceFieldRef: { resource: 'memory' } } }),
      `'spec.template.spec.containers[0].env[3].valueFrom.resourceFieldRef.resource' must be a request or a limit of the container, got "memory"; write it as limits.memory`,
    ],
    [
      'an entry of envFrom has two sources',
      web(JsonPatch.add(`${CONTAINER}/envFrom/0/secretRef`, { name: 'kube-native' })),
      `'spec.template.spec.containers[0].envFrom[0]' must have one of configMapRef and secretRef, got "configMapRef and secretRef"; write one entry for each source`,
    ],
    [
      'an entry of envFrom has none',
      web(JsonPatch.add(`${CONTAINER}/envFrom/-`, { prefix: 'A_' })),
      `'spec.template.spec.containers[0].envFrom[1]' must have one of configMapRef and secretRef, got nothing; write one entry for each source`,
    ],
    [
      'a file shows a field that it cannot',
      web(
        JsonPatch.add(`${POD}/volumes/-`, {
          name: 'pod',
          downwardAPI: { items: [{ path: 'ip', fieldRef: { fieldPath: 'status.podIP' } }] },
        }),
      ),
      `'spec.template.spec.volumes[1].downwardAPI.items[0].fieldRef.fieldPath' must be a field that a volume can show, got "status.podIP"; use metadata.labels or another of metadata`,
    ],
  ],
  'variable-order': [
    [
      'a variable refers to a later one',
      web(
        JsonPatch.add(`${CONTAINER}/env/0`, { name: 'NODE', value: 'app@$(POD_IP)' }),
        JsonPatch.add(`${CONTAINER}/env/-`, { name: 'POD_IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } }),
      ),
      `'spec.template.spec.containers[0].env.NODE' must refer only to variables above it, got "$(POD_IP)"; put POD_IP above NODE, or write $$(POD_IP) for the text itself`,
    ],
  ],
  'volume-mounts': [
    [
      'a mount reaches the node',
      mount({ mountPath: '/b', mountPropagation: 'Bidirectional' }),
      `'spec.template.spec.containers[0].volumeMounts[1].mountPropagation' must not be Bidirectional in a container without privileges, got "Bidirectional"; take it out`,
    ],
    [
      'a mount has no volume',
      web(JsonPatch.add(`${CONTAINER}/volumeMounts/-`, { name: 'uploads', mountPath: '/uploads' })),
      `'spec.template.spec.containers[0].volumeMounts[1].name' must name a volume of the pod, got "uploads"; add the volume, or use one of its own: tmp`,
    ],
    [
      'a volume has two sources',
      web(JsonPatch.add(`${POD}/volumes/0/configMap`, { name: 'a' })),
      `'spec.template.spec.volumes[0]' must have one source, got "configMap and emptyDir"; make two volumes of it`,
    ],
    [
      'a key becomes a file outside of the volume',
      web(JsonPatch.add(`${POD}/volumes/-`, { name: 'keys', configMap: { name: 'a', items: [{ key: 'b', path: '../b' }] } })),
      `'spec.template.spec.volumes[1].configMap.items[0].path' must be a path inside the volume, without '..', got "../b"; write it without '..' and without a slash in front`,
    ],
    [
      'a path has a colon',
      mount({ mountPath: '/a:b' }),
      `'spec.template.spec.containers[0].volumeMounts[1].mountPath' must be a path without ':', got "/a:b"; mount it elsewhere`,
    ],
    [
      'a path leads out of the volume',
      mount({ mountPath: '/b', subPath: 'x/../../y' }),
      `'spec.template.spec.containers[0].volumeMounts[1].subPath' must be a path inside the volume, without '..', got "x/../../y"; write it without '..' and without a slash in front`,
    ],
    [
      'a path in the volume is absolute',
      mount({ mountPath: '/b', subPath: '/x' }),
      `'spec.template.spec.containers[0].volumeMounts[1].subPath' must be a path inside the volume, without '..', got "/x"; write it without '..' and without a slash in front`,
    ],
    [
      'a mount has two paths in the volume',
      mount({ mountPath: '/b', subPath: 'x', subPathExpr: '$(HOME)' }),
      `'spec.template.spec.containers[0].volumeMounts[1].subPathExpr' must not be given together with subPath, got "$(HOME)"; leave one of the two`,
    ],
  ],
  'probe-fields': [
    [
      'a probe asks in two ways',
      web(JsonPatch.add(`${CONTAINER}/readinessProbe/tcpSocket`, { port: 'http' })),
      `'spec.template.spec.containers[0].readinessProbe' must have one of exec, grpc, httpGet, tcpSocket, got "httpGet and tcpSocket"; leave the one that shows the pod at work`,
    ],
    [
      'a probe asks in no way',
      web(JsonPatch.remove(`${CONTAINER}/readinessProbe/httpGet`)),
      `'spec.template.spec.containers[0].readinessProbe' must have one of exec, grpc, httpGet, tcpSocket, got nothing; leave the one that shows the pod at work`,
    ],
    [
      'a probe has a negative number',
      web(JsonPatch.add(`${CONTAINER}/readinessProbe/initialDelaySeconds`, -1)),
      `'spec.template.spec.containers[0].readinessProbe.initialDelaySeconds' must be 0 or more, got -1; leave it out for the default`,
    ],
    [
      'a probe asks a port that cannot be',
      web(JsonPatch.replace(`${CONTAINER}/readinessProbe/httpGet/port`, 0)),
      `'spec.template.spec.containers[0].readinessProbe.httpGet.port' must be a port from 1 to 65535, got 0; write the port that the container listens on`,
    ],
    [
      'a liveness probe wants two successes',
      web(JsonPatch.add(`${CONTAINER}/livenessProbe/successThreshold`, 2)),
      `'spec.template.spec.containers[0].livenessProbe.successThreshold' must be 1, got 2; only a readiness probe may ask for more`,
    ],
    [
      'a startup probe wants two successes',
      web(JsonPatch.add(`${CONTAINER}/startupProbe/successThreshold`, 2)),
      `'spec.template.spec.containers[0].startupProbe.successThreshold' must be 1, got 2; only a readiness probe may ask for more`,
    ],
    [
      'a readiness probe has a grace period',
      web(JsonPatch.add(`${CONTAINER}/readinessProbe/terminationGracePeriodSeconds`, 5)),
      `'spec.template.spec.containers[0].readinessProbe.terminationGracePeriodSeconds' must not be given, got 5; set it on the liveness probe: readiness ends no container`,
    ],
    [
      'a liveness probe gives no grace period',
      web(JsonPatch.add(`${CONTAINER}/livenessProbe/terminationGracePeriodSeconds`, 0)),
      `'spec.template.spec.containers[0].livenessProbe.terminationGracePeriodSeconds' must be 1 or more, got 0; leave it out for the pod's own`,
    ],
    [
      'a header holds more than its name',
      web(JsonPatch.replace(`${CONTAINER}/readinessProbe/httpGet/httpHeaders/0/name`, 'X-Forwarded-Proto:')),
      `'spec.template.spec.containers[0].readinessProbe.httpGet.httpHeaders[0].name' must be letters, digits and dashes, got "X-Forwarded-Proto:"; write the name alone, as in X-Forwarded-Proto`,
    ],
    [
      'a probe runs no command',
      web(JsonPatch.replace(`${CONTAINER}/livenessProbe`, { exec: { command: [] } })),
      `'spec.template.spec.containers[0].livenessProbe.exec.command' must have a word, got []; write the program and its arguments as a list`,
    ],
  ],
  'init-containers': [
    [
      'an init container has a probe',
      web(
        JsonPatch.add(`${POD}/initContainers`, [{ name: 'wait', image: IMAGE, livenessProbe: { exec: { command: ['true'] } } }]),
      ),
      `'spec.template.spec.initContainers[0].livenessProbe' must not be given: the container ends before the pod starts, got "livenessProbe"; take it out, or make a sidecar of it with restartPolicy: 'Always'`,
    ],
    [
      'a container restarts by itself before 1.35',
      web(JsonPatch.add(`${CONTAINER}/restartPolicy`, 'Always')),
      `'spec.template.spec.containers[0].restartPolicy' must stand on init containers alone before Kubernetes 1.35, got "Always"; move the sidecar to initContainers, or leave the policy to the pod`,
    ],
  ],
  'lifecycle-hooks': [
    [
      'a hook sleeps longer than the grace period',
      web(JsonPatch.replace(`${CONTAINER}/lifecycle/preStop`, { sleep: { seconds: 90 } })),
      `'spec.template.spec.containers[0].lifecycle.preStop.sleep.seconds' must be from 1 to the grace period of 60 seconds, got 90; raise terminationGracePeriodSeconds, or sleep less`,
    ],
    [
      'a hook sleeps for 0 seconds before 1.33',
      web(JsonPatch.replace(`${CONTAINER}/lifecycle/preStop`, { sleep: { seconds: 0 } })),
      `'spec.template.spec.containers[0].lifecycle.preStop.sleep.seconds' must be from 1 to the grace period of 60 seconds, got 0; raise terminationGracePeriodSeconds, or sleep less`,
    ],
    [
      'a hook does two things',
      web(JsonPatch.replace(`${CONTAINER}/lifecycle/preStop`, { exec: { command: ['sleep', '5'] }, sleep: { seconds: 5 } })),
      `'spec.template.spec.containers[0].lifecycle.preStop' must have one of exec, httpGet, sleep, tcpSocket, got "exec and sleep"; leave one of them`,
    ],
    [
      'a hook does nothing',
      web(JsonPatch.replace(`${CONTAINER}/lifecycle/preStop`, {})),
      `'spec.template.spec.containers[0].lifecycle.preStop' must have one of exec, httpGet, sleep, tcpSocket, got nothing; leave one of them`,
    ],
  ],
  'container-resources': [
    [
      'a request is above the limit',
      web(JsonPatch.replace(`${CONTAINER}/resources/requests/memory`, '1Gi')),
      `'spec.template.spec.containers[0].resources.requests.memory' must be at most the limit of 512Mi, got "1Gi"; raise the limit, or lower the request`,
    ],
    [
      'a request is negative',
      web(JsonPatch.replace(`${CONTAINER}/resources/requests/cpu`, '-1')),
      `'spec.template.spec.containers[0].resources.requests.cpu' must be 0 or more, got "-1"; leave it out, or give what the container uses`,
    ],
    [
      'a disk is in thousandths of a byte',
      web(JsonPatch.replace(`${CONTAINER}/resources/requests/ephemeral-storage`, '512m')),
      `'spec.template.spec.containers[0].resources.requests["ephemeral-storage"]' must be 1Ki or more, got "512m"; write the suffix Mi or Gi: m stands for thousandths, and none for bytes`,
    ],
    [
      'huge pages are requested without a limit',
      web(JsonPatch.add(`${CONTAINER}/resources/requests/hugepages-2Mi`, '2Mi')),
      `'spec.template.spec.containers[0].resources.requests["hugepages-2Mi"]' must equal the limit, got "2Mi"; raise the limit, or lower the request`,
    ],
    [
      'a disk is in bytes',
      web(JsonPatch.replace(`${CONTAINER}/resources/requests/ephemeral-storage`, 512)),
      `'spec.template.spec.containers[0].resources.requests["ephemeral-storage"]' must be 1Ki or more, got 512; write the suffix Mi or Gi: m stands for thousandths, and none for bytes`,
    ],
    [
      'half of a device is wanted',
      web(JsonPatch.add(`${CONTAINER}/resources/limits/nvidia.com~1gpu`, '500m')),
      `'spec.template.spec.containers[0].resources.limits["nvidia.com/gpu"]' must be a whole number, got "500m"; write how many the container gets`,
    ],
    [
      'a resource does not exist',
      web(JsonPatch.add(`${CONTAINER}/resources/limits/cpus`, 1)),
      `'spec.template.spec.containers[0].resources.limits.cpus' must name a resource, got "cpus"; write cpu`,
    ],
  ],
  'security-context': [
    [
      'a profile is given empty',
      web(JsonPatch.add(`${POD}/securityContext/seccompProfile/localhostProfile`, '')),
      `'spec.template.spec.securityContext.seccompProfile.localhostProfile' must stand with type 'Localhost' alone, got ""; use type 'RuntimeDefault' without a profile`,
    ],
    [
      'a privileged container may not escalate',
      web(JsonPatch.add(`${CONTAINER}/securityContext/privileged`, true)),
      `'spec.template.spec.containers[0].securityContext.allowPrivilegeEscalation' must not be false for a privileged container, got false; leave out the one or the other`,
    ],
    [
      'an administrator may not escalate',
      web(JsonPatch.add(`${CONTAINER}/securityContext/capabilities/add`, ['CAP_SYS_ADMIN'])),
      `'spec.template.spec.containers[0].securityContext.allowPrivilegeEscalation' must not be false for the capability CAP_SYS_ADMIN, got false; leave out the one or the other`,
    ],
    [
      'a profile stands beside RuntimeDefault',
      web(JsonPatch.add(`${POD}/securityContext/seccompProfile/localhostProfile`, 'a.json')),
      `'spec.template.spec.securityContext.seccompProfile.localhostProfile' must stand with type 'Localhost' alone, got "a.json"; use type 'RuntimeDefault' without a profile`,
    ],
    [
      'Localhost has no profile',
      web(JsonPatch.replace(`${POD}/securityContext/seccompProfile`, { type: 'Localhost' })),
      `'spec.template.spec.securityContext.seccompProfile.localhostProfile' must be given with type 'Localhost', got nothing; use type 'RuntimeDefault' without a profile`,
    ],
    [
      "a pod has its own users and the node's network",
      web(JsonPatch.add(`${POD}/hostUsers`, false), JsonPatch.add(`${POD}/hostNetwork`, true)),
      `'spec.template.spec.hostUsers' must not be false together with hostNetwork, got false; leave out one of hostUsers and hostNetwork`,
      '1.33',
    ],
    [
      "a pod shares its processes and the node's",
      web(JsonPatch.add(`${POD}/hostPID`, true)),
      `'spec.template.spec.shareProcessNamespace' must not be true together with hostPID, got true; leave out one of the two`,
    ],
    [
      'a user is out of range',
      web(JsonPatch.replace(`${POD}/securityContext/runAsUser`, 4294967295)),
      `'spec.template.spec.securityContext.runAsUser' must be from 0 to 2147483647, got 4294967295; use one above 9999, such as 10001`,
    ],
  ],
  'topology-spread': [
    [
      'a key is a sentence',
      web(JsonPatch.add(`${POD}/topologySpreadConstraints/0/matchLabelKeys`, ['pod template'])),
      `'spec.template.spec.topologySpreadConstraints[0].matchLabelKeys' must be keys of labels, got "pod template"; write pod-template-hash`,
    ],
    [
      'the skew is 0',
      web(JsonPatch.replace(`${POD}/topologySpreadConstraints/0/maxSkew`, 0)),
      `'spec.template.spec.topologySpreadConstraints[0].maxSkew' must be 1 or more, got 0; write 1`,
    ],
    [
      'domains are counted and not wanted',
      web(JsonPatch.add(`${POD}/topologySpreadConstraints/0/minDomains`, 3)),
      `'spec.template.spec.topologySpreadConstraints[0].minDomains' must stand with whenUnsatisfiable: DoNotSchedule alone, got 3; leave it out`,
    ],
    [
      'no domain is wanted',
      web(JsonPatch.add(`${POD}/topologySpreadConstraints/0/minDomains`, 0)),
      `'spec.template.spec.topologySpreadConstraints[0].minDomains' must be 1 or more, got 0; write the number of zones, or leave it out`,
    ],
    [
      'keys are matched without a selector',
      web(
        JsonPatch.replace(`${POD}/topologySpreadConstraints/0`, {
          maxSkew: 1,
          topologyKey: 'zone',
          whenUnsatisfiable: 'ScheduleAnyway',
          matchLabelKeys: ['pod-template-hash'],
        }),
      ),
      `'spec.template.spec.topologySpreadConstraints[0].matchLabelKeys' must stand beside a labelSelector, got ["pod-template-hash"]; add the selector of the pods`,
    ],
    [
      'a key is matched twice',
      web(JsonPatch.add(`${POD}/topologySpreadConstraints/0/matchLabelKeys`, ['app.kubernetes.io/instance'])),
      `'spec.template.spec.topologySpreadConstraints[0].matchLabelKeys' must name no label of labelSelector, got "app.kubernetes.io/instance"; leave it in one of the two`,
    ],
  ],
  'affinity-fields': [
    [
      'a namespace is a path',
      web(
        JsonPatch.add(
          `${POD}/affinity/podAntiAffinity/preferredDuringSchedulingIgnoredDuringExecution/0/podAffinityTerm/namespaces`,
          ['shop/staging'],
        ),
      ),
      `'spec.template.spec.affinity.podAntiAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].podAffinityTerm.namespaces[0]' must be the name of a namespace, got "shop/staging"; leave namespaces out for its own`,
    ],
    [
      'a topology is a sentence',
      web(
        JsonPatch.replace(
          `${POD}/affinity/podAntiAffinity/preferredDuringSchedulingIgnoredDuringExecution/0/podAffinityTerm/topologyKey`,
          'each node',
        ),
      ),
      `'spec.template.spec.affinity.podAntiAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].podAffinityTerm.topologyKey' must be the key of a label, got "each node"; write kubernetes.io/hostname`,
    ],
    [
      'a preference has no weight',
      web(JsonPatch.replace(`${POD}/affinity/podAntiAffinity/preferredDuringSchedulingIgnoredDuringExecution/0/weight`, 0)),
      `'spec.template.spec.affinity.podAntiAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].weight' must be from 1 to 100, got 0; write 100 for the strongest`,
    ],
    [
      'a preference weighs too much',
      web(JsonPatch.replace(`${POD}/affinity/podAntiAffinity/preferredDuringSchedulingIgnoredDuringExecution/0/weight`, 101)),
      `'spec.template.spec.affinity.podAntiAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].weight' must be from 1 to 100, got 101; write 100 for the strongest`,
    ],
  ],
  tolerations: [
    [
      'a taint has no key',
      web(JsonPatch.add(`${POD}/tolerations`, [{ effect: 'NoSchedule' }])),
      `'spec.template.spec.tolerations[0].operator' must be 'Exists' where there is no key, got "Equal"; name the key of the taint`,
    ],
    [
      'a key is a sentence',
      web(JsonPatch.add(`${POD}/tolerations`, [{ key: 'for phoenix', operator: 'Exists' }])),
      `'spec.template.spec.tolerations[0].key' must be the key of a taint, got "for phoenix"; write it as in example.com/dedicated`,
    ],
    [
      'any value is tolerated, and one',
      web(JsonPatch.add(`${POD}/tolerations`, [{ key: 'dedicated', operator: 'Exists', value: 'phoenix' }])),
      `'spec.template.spec.tolerations[0].value' must not be given with operator 'Exists', got "phoenix"; take it out`,
    ],
    [
      'a taint that lets nothing in is tolerated for a time',
      web(JsonPatch.add(`${POD}/tolerations`, [{ key: 'dedicated', effect: 'NoSchedule', tolerationSeconds: 60 }])),
      `'spec.template.spec.tolerations[0].tolerationSeconds' must stand with effect 'NoExecute' alone, got 60; write effect: 'NoExecute', or take it out`,
    ],
  ],
  'pod-fields': [
    [
      'a pod is to wait by itself',
      web(JsonPatch.add(`${POD}/preemptionPolicy`, 'Never')),
      `'spec.template.spec.preemptionPolicy' must come from a PriorityClass, got "Never"; name a PriorityClass that says so with priorityClassName`,
    ],
    [
      'a host name has dots',
      web(JsonPatch.add(`${POD}/hostname`, 'shop.example.com')),
      `'spec.template.spec.hostname' must be at most 63 lower-case letters, digits and '-', got "shop.example.com"; write one label, without dots`,
    ],
    [
      'a runtime is a path',
      web(JsonPatch.add(`${POD}/runtimeClassName`, '/usr/bin/runsc')),
      `'spec.template.spec.runtimeClassName' must be a DNS name, got "/usr/bin/runsc"; use the name of one in the cluster`,
    ],
    [
      'an alias stands for a name',
      web(JsonPatch.add(`${POD}/hostAliases`, [{ ip: 'db.example.com', hostnames: ['db'] }])),
      `'spec.template.spec.hostAliases[0].ip' must be an address, got "db.example.com"; write the address that the names stand for`,
    ],
    [
      'the deadline of a pod is over',
      job(JsonPatch.add(`${POD}/activeDeadlineSeconds`, 0)),
      `'spec.template.spec.activeDeadlineSeconds' must be 1 or more, got 0; write seconds, as in 600, or leave it out`,
    ],
    [
      'the priority is a number',
      web(JsonPatch.add(`${POD}/priority`, 1000)),
      `'spec.template.spec.priority' must not be given as a number, got 1000; name a PriorityClass with priorityClassName`,
    ],
    [
      'there is an overhead of no runtime',
      web(JsonPatch.add(`${POD}/overhead`, { memory: '10Mi' })),
      `'spec.template.spec.overhead' must stand beside a runtimeClassName, got {"memory":"10Mi"}; take it out: the class of the runtime says it`,
    ],
  ],
  'file-modes': [
    [
      'a mode is written as people say it',
      web(JsonPatch.add(`${POD}/volumes/-`, { name: 'keys', secret: { secretName: 'kube-native', defaultMode: 644 } })),
      `'spec.template.spec.volumes[1].secret.defaultMode' must be from 0 to 0o777, got 644; write 0o644`,
    ],
    [
      'one file has an odd mode',
      web(
        JsonPatch.add(`${POD}/volumes/-`, {
          name: 'keys',
          projected: { sources: [{ secret: { name: 'kube-native', items: [{ key: 'a', path: 'a', mode: -1 }] } }] },
        }),
      ),
      `'spec.template.spec.volumes[1].projected.sources[0].secret.items[0].mode' must be from 0 to 0o777, got -1; write it as 0o440`,
    ],
  ],
  'pod-dns': [
    [
      'a domain has a space',
      web(JsonPatch.replace(`${POD}/dnsConfig`, { searches: ['example.com.', '_tcp.example.com', 'a b'] })),
      `'spec.template.spec.dnsConfig.searches[2]' must be a DNS name, got "a b"; write a domain such as example.com`,
    ],
    [
      'an option has no name',
      web(JsonPatch.replace(`${POD}/dnsConfig`, { options: [{ value: '1' }] })),
      `'spec.template.spec.dnsConfig.options[0].name' must be given, got nothing; write a name such as ndots`,
    ],
    [
      'a server is a name',
      web(JsonPatch.replace(`${POD}/dnsConfig`, { nameservers: ['dns.example.com'] })),
      `'spec.template.spec.dnsConfig.nameservers' must be addresses, got "dns.example.com"; write the address of the server`,
    ],
    [
      'there are four servers',
      web(JsonPatch.replace(`${POD}/dnsConfig`, { nameservers: ['10.0.0.1', '10.0.0.2', '10.0.0.3', 'fd00::1'] })),
      `'spec.template.spec.dnsConfig.nameservers' must be three at most, got ["10.0.0.1","10.0.0.2","10.0.0.3","fd00::1"]; leave the others out`,
    ],
    [
      'the pod has no DNS at all',
      web(JsonPatch.replace(`${POD}/dnsConfig`, {}), JsonPatch.add(`${POD}/dnsPolicy`, 'None')),
      `'spec.template.spec.dnsConfig.nameservers' must be given with dnsPolicy 'None', got nothing; name a server, or leave dnsPolicy out`,
    ],
  ],
  'pod-restart-policy': [
    [
      "a server's pods may end",
      web(JsonPatch.add(`${POD}/restartPolicy`, 'OnFailure')),
      `'spec.template.spec.restartPolicy' must be 'Always', got "OnFailure"; leave it out, or make a Job of it`,
    ],
    [
      "a server's pods have a deadline",
      web(JsonPatch.add(`${POD}/activeDeadlineSeconds`, 60)),
      `'spec.template.spec.activeDeadlineSeconds' must not be given, got 60; take it out: only jobs have a deadline`,
    ],
    [
      "a job's pods restart for ever",
      job(JsonPatch.remove(`${POD}/restartPolicy`)),
      `'spec.template.spec.restartPolicy' must be 'Never' or 'OnFailure', got nothing; write 'Never': each try is a pod of its own, with its log`,
    ],
  ],
  'selector-matches-template': [
    [
      'a selector is empty',
      web(JsonPatch.replace('/spec/selector', {})),
      `'spec.selector' must find the labels of its own template, app.kubernetes.io/component=web, app.kubernetes.io/instance=kube-native, app.kubernetes.io/name=kube-native, app.kubernetes.io/version=1.0.0, got nothing; make both from one map of labels`,
    ],
    [
      'the template lacks a label',
      web(JsonPatch.add('/spec/selector/matchLabels/tier', 'web')),
      `'spec.selector' must find the labels of its own template, app.kubernetes.io/component=web, app.kubernetes.io/instance=kube-native, app.kubernetes.io/name=kube-native, app.kubernetes.io/version=1.0.0, got "app.kubernetes.io/instance=kube-native, tier=web"; make both from one map of labels`,
    ],
  ],
  'rollout-strategy': [
    [
      'Recreate keeps its rolling update',
      web(JsonPatch.replace('/spec/strategy/type', 'Recreate')),
      `'spec.strategy.rollingUpdate' must not be given with type 'Recreate', got "rollingUpdate"; remove it together with the change of the type`,
    ],
    [
      'more than all may be gone',
      web(JsonPatch.replace('/spec/strategy/rollingUpdate/maxUnavailable', '150%')),
      `'spec.strategy.rollingUpdate.maxUnavailable' must be at most 100%, got "150%"; write it as 1 or "25%"`,
    ],
    [
      'a share is in words',
      web(JsonPatch.replace('/spec/strategy/rollingUpdate/maxSurge', 'one')),
      `'spec.strategy.rollingUpdate.maxSurge' must be a number or a percentage, got "one"; write it as 1 or "25%"`,
    ],
    [
      'a share is negative',
      web(JsonPatch.replace('/spec/strategy/rollingUpdate/maxSurge', -1)),
      `'spec.strategy.rollingUpdate.maxSurge' must be 0 or more, got -1; write it as 1 or "25%"`,
    ],
    [
      'a StatefulSet keeps its rolling update',
      postgres(JsonPatch.add('/spec/updateStrategy', { type: 'OnDelete', rollingUpdate: { partition: 1 } })),
      `'spec.updateStrategy.rollingUpdate' must not be given with type 'OnDelete', got "rollingUpdate"; remove it together with the change of the type`,
    ],
    [
      'a DaemonSet starts a pod and ends one at a time',
      { apiVersion: 'apps/v1', kind: 'DaemonSet', spec: { updateStrategy: { rollingUpdate: { maxSurge: 1 } } } },
      `'spec.updateStrategy.rollingUpdate' must have one of maxSurge and maxUnavailable above 0, got {"maxSurge":1,"maxUnavailable":1}; write maxSurge: 1 with maxUnavailable: 0, or leave both out`,
    ],
  ],
  'rollout-progresses': [
    [
      'neither more nor less may run',
      web(JsonPatch.replace('/spec/strategy/rollingUpdate/maxSurge', 0)),
      `'spec.strategy.rollingUpdate.maxSurge' must not be 0 while maxUnavailable is, got 0; set it to 1: one new pod is started before an old one goes`,
    ],
    [
      'a rollout is given less time than a pod needs',
      web(JsonPatch.replace('/spec/progressDeadlineSeconds', 5)),
      `'spec.progressDeadlineSeconds' must be more than 65, the time to start and minReadySeconds together, got 5; set it to 125`,
    ],
  ],
  counts: [
    [
      'replicas are negative',
      web(JsonPatch.replace('/spec/replicas', -1)),
      `'spec.replicas' must be 0 or more, got -1; leave it out for the default`,
    ],
    [
      'tries are negative',
      job(JsonPatch.replace('/spec/backoffLimit', -1)),
      `'spec.backoffLimit' must be 0 or more, got -1; leave it out for the default`,
    ],
    [
      'a job is kept for a negative time',
      job(JsonPatch.replace('/spec/ttlSecondsAfterFinished', -1)),
      `'spec.ttlSecondsAfterFinished' must be 0 or more, got -1; leave it out for the default`,
    ],
    [
      'a deadline is negative',
      job(JsonPatch.replace('/spec/activeDeadlineSeconds', -1)),
      `'spec.activeDeadlineSeconds' must be 0 or more, got -1; leave it out for the default`,
    ],
    [
      'a history is negative',
      cron({ successfulJobsHistoryLimit: -1 }),
      `'spec.successfulJobsHistoryLimit' must be 0 or more, got -1; leave it out for the default`,
    ],
  ],
  'job-fields': [
    [
      'a job looks for pods itself',
      job(JsonPatch.add('/spec/manualSelector', true)),
      `'spec.manualSelector' must not be true, got true; leave it out: Jobs find their pods by labels of their own`,
    ],
    [
      'a task looks for pods itself',
      cron({ jobTemplate: { spec: { selector: {} } } }),
      `'spec.jobTemplate.spec.selector' must not be given, got {}; leave it out: Jobs find their pods by labels of their own`,
    ],
    [
      'a condition is no name',
      failures({ action: 'Ignore', onPodConditions: [{ type: 'disruption target', status: 'True' }] }),
      `'spec.podFailurePolicy.rules[0].onPodConditions[0].type' must name a condition, got "disruption target"; write DisruptionTarget`,
    ],
    [
      'failures are sorted and pods restart',
      job(JsonPatch.replace(`${POD}/restartPolicy`, 'OnFailure')),
      `'spec.template.spec.restartPolicy' must be 'Never' beside a podFailurePolicy, got "OnFailure"; write 'Never': the policy looks at failed pods, and others never fail`,
    ],
    [
      'exit codes are not in order',
      failures({ action: 'FailJob', onExitCodes: { operator: 'In', values: [3, 2] } }),
      `'spec.podFailurePolicy.rules[0].onExitCodes.values' must be in ascending order, each once, got [3,2]; sort them`,
    ],
    [
      '0 is a failure',
      failures({ action: 'FailJob', onExitCodes: { operator: 'In', values: [0, 2] } }),
      `'spec.podFailurePolicy.rules[0].onExitCodes.values' must not hold 0: that is no failure, got [0,2]; take the 0 out`,
    ],
    [
      'a failure is of another container',
      failures({ action: 'FailJob', onExitCodes: { containerName: 'web', operator: 'In', values: [2] } }),
      `'spec.podFailurePolicy.rules[0].onExitCodes.containerName' must name a container of the pod, got "web"; use one of migrate, wait-for-database, still-wanted`,
    ],
    [
      'a rule of failures has two conditions',
      job(JsonPatch.add('/spec/podFailurePolicy/rules/0/onExitCodes', { operator: 'In', values: [2] })),
      `'spec.podFailurePolicy.rules[0]' must have one of onExitCodes and onPodConditions, got "both"; make a rule for each`,
    ],
    [
      'an index fails that is not counted',
      job(JsonPatch.replace('/spec/podFailurePolicy/rules/0/action', 'FailIndex')),
      `'spec.podFailurePolicy.rules[0].action' must not be FailIndex without backoffLimitPerIndex, got "FailIndex"; use FailJob`,
    ],
    [
      'indexes are counted where there are none',
      job(JsonPatch.add('/spec/backoffLimitPerIndex', 1)),
      `'spec.backoffLimitPerIndex' must stand with completionMode 'Indexed' alone, got 1; add completionMode: 'Indexed', or take it out`,
    ],
    [
      'a job with indexes has no number of them',
      job(JsonPatch.add('/spec/completionMode', 'Indexed')),
      `'spec.completions' must be given with completionMode 'Indexed', got nothing; write the number of indexes`,
    ],
    [
      'failed indexes are counted alone',
      job(JsonPatch.add('/spec/maxFailedIndexes', 1)),
      `'spec.maxFailedIndexes' must stand beside backoffLimitPerIndex, got 1; add backoffLimitPerIndex`,
    ],
    [
      'pods are replaced too early',
      job(JsonPatch.add('/spec/podReplacementPolicy', 'TerminatingOrFailed')),
      `'spec.podReplacementPolicy' must be 'Failed' beside a podFailurePolicy, got "TerminatingOrFailed"; leave it out`,
    ],
    [
      'the job of a CronJob is wrong',
      cron({ jobTemplate: { spec: { completionMode: 'Indexed', template: { spec: {} } } } }),
      `'spec.jobTemplate.spec.completions' must be given with completionMode 'Indexed', got nothing; write the number of indexes`,
    ],
  ],
  'value-bounds': [
    [
      'a scaler may go below zero',
      scaled({ maxReplicaCount: 0 }),
      `'spec.maxReplicaCount' must be at least 1, got 0; write a number in this range`,
    ],
    [
      'an interval has no unit',
      {
        apiVersion: 'monitoring.coreos.com/v1',
        kind: 'ServiceMonitor',
        spec: { endpoints: [{ interval: '30' }], selector: {} },
      },
      `'spec.endpoints[0].interval' must be a duration, got "30"; write it as "30s", "1m" or "1h30m"`,
    ],
  ],
  'kind-conditions': [
    [
      'the fewest are more than the most that are there by default',
      scaled({ minReplicaCount: 120 }),
      `'spec' must satisfy what its API asks for: !has(self.minReplicaCount) || self.minReplicaCount <= (has(self.maxReplicaCount) ? self.maxReplicaCount : 100), got {"minReplicaCount":120,"scaleTargetRef":{"name":"kube-native"},"triggers":[{"metadata":{"value":"80"},"type":"cpu"}]}; the API server refuses the object: change what it speaks of`,
    ],
  ],
  'cron-schedule': [
    [
      'a job runs on a day that no month of its schedule has',
      cron({ schedule: '15 4 31 4,6,9,11 *' }),
      `'spec.schedule' must name a day that its months have, got "15 4 31 4,6,9,11 *"; write minute, hour, day, month, weekday: "30 3 * * *"`,
    ],
    [
      'a backup of CloudNativePG has no seconds',
      { apiVersion: 'postgresql.cnpg.io/v1', kind: 'ScheduledBackup', spec: { schedule: '30 3 * * *', cluster: { name: 'pg' } } },
      `'spec.schedule' must have six fields, not 5, got "30 3 * * *"; write second, minute, hour, day, month, weekday: "0 30 3 * * *"`,
    ],
    [
      'a scaler by the clock is in a zone that does not exist',
      scaled({
        triggers: [
          { type: 'cron', metadata: { start: '0 8 * * *', end: '0 20 * * *', timezone: 'Berlin', desiredReplicas: '3' } },
        ],
      }),
      `'spec.triggers[0].metadata.timezone' must be a time zone of the IANA database, got "Berlin"; write "Etc/UTC" or "Europe/Berlin"`,
    ],
    [
      'a schedule has six fields',
      cron({ schedule: '0 30 3 * * *' }),
      `'spec.schedule' must have five fields, not 6, got "0 30 3 * * *"; write minute, hour, day, month, weekday: "30 3 * * *"`,
    ],
    [
      'a schedule names its zone',
      cron({ schedule: 'CRON_TZ=Europe/Berlin 30 3 * * *' }),
      `'spec.schedule' must not name a time zone: that goes to timeZone, got "CRON_TZ=Europe/Berlin 30 3 * * *"; write minute, hour, day, month, weekday: "30 3 * * *"`,
    ],
    [
      'an hour does not exist',
      cron({ schedule: '30 24 * * *' }),
      `'spec.schedule' must have the hour from 0 to 23, got "30 24 * * *"; write minute, hour, day, month, weekday: "30 3 * * *"`,
    ],
    [
      'a word is no schedule',
      cron({ schedule: '@nightly' }),
      `'spec.schedule' must be @hourly, @daily, @weekly, @monthly, @yearly or five fields, got "@nightly"; write minute, hour, day, month, weekday: "30 3 * * *"`,
    ],
    [
      'a zone is that of the node',
      cron({ timeZone: 'Local' }),
      `'spec.timeZone' must be a time zone of the IANA database, got "Local"; write "Europe/Berlin", or leave it out for "Etc/UTC"`,
    ],
    [
      'a zone does not exist',
      cron({ timeZone: 'Europe/Elixir' }),
      `'spec.timeZone' must be a time zone of the IANA database, got "Europe/Elixir"; write "Europe/Berlin", or leave it out for "Etc/UTC"`,
    ],
  ],
  'autoscaler-fields': [
    [
      'an autoscaler goes down to none',
      autoscaler({ minReplicas: 0 }),
      `'spec.minReplicas' must be 1 or more, got 0; scaling to none is behind a feature gate`,
    ],
    [
      'what is scaled has no API group',
      autoscaler({ scaleTargetRef: { ...scaleTargetRef, apiVersion: 'v1' } }),
      `'spec.scaleTargetRef.apiVersion' must name a group and a version, got "v1"; write 'apps/v1' for a Deployment`,
    ],
    [
      'the most are fewer than the least',
      autoscaler({ minReplicas: 5, maxReplicas: 3 }),
      `'spec.maxReplicas' must be at least the minReplicas of 5, got 3; raise it, or lower minReplicas`,
    ],
    [
      'a window is too long',
      autoscaler({ behavior: { scaleDown: { stabilizationWindowSeconds: 7200 } } }),
      `'spec.behavior.scaleDown.stabilizationWindowSeconds' must be from 0 to 3600, got 7200; write seconds, as in 300`,
    ],
    [
      'a direction has no policy',
      behavior({ policies: [] }),
      `'spec.behavior.scaleUp.policies' must have one policy or more, got []; leave them out for the default, or write selectPolicy: 'Disabled'`,
    ],
    [
      'a policy moves nothing',
      behavior({ policies: [{ type: 'Pods', value: 0, periodSeconds: 60 }] }),
      `'spec.behavior.scaleUp.policies[0].value' must be 1 or more, got 0; write the pods or percent of one step`,
    ],
    [
      'a policy looks back too far',
      behavior({ policies: [{ type: 'Pods', value: 1, periodSeconds: 3600 }] }),
      `'spec.behavior.scaleUp.policies[0].periodSeconds' must be from 1 to 1800, got 3600; write seconds, as in 60`,
    ],
  ],
  'autoscaler-metrics': [
    [
      'a metric has another source than its type',
      autoscaler({ metrics: [{ type: 'Resource', pods: {} }] }),
      `'spec.metrics[0]' must have resource alone, as its type Resource says, got "pods"; make a metric for each source`,
    ],
    [
      'a metric has two targets',
      autoscaler({ metrics: [cpu({ averageUtilization: 60, averageValue: '1' })] }),
      `'spec.metrics[0].resource.target' must have averageUtilization or averageValue, one target in all, got "averageUtilization and averageValue"; leave the one that you scale by`,
    ],
    [
      'a target is 0',
      autoscaler({ metrics: [cpu({ averageUtilization: 0 })] }),
      `'spec.metrics[0].resource.target.averageUtilization' must be above 0, got 0; write the load of one pod at work, as in 60 percent`,
    ],
    [
      'a metric of pods has a utilization',
      autoscaler({
        metrics: [
          { type: 'Pods', pods: { metric: { name: 'requests' }, target: { type: 'Utilization', averageUtilization: 60 } } },
        ],
      }),
      `'spec.metrics[0].pods.target' must have averageValue, one target in all, got "averageUtilization"; leave the one that you scale by`,
    ],
  ],
  'autoscaler-requests': [
    [
      'a share is wanted of what nobody requests',
      [
        { ...web(JsonPatch.remove(`${CONTAINER}/resources`)), metadata: { name: 'scaled' } },
        {
          ...autoscaler({ scaleTargetRef: { ...scaleTargetRef, name: 'scaled' }, metrics: [cpu({ averageUtilization: 60 })] }),
          metadata: { name: 'scaler' },
        },
      ],
      `'spec.template.spec.containers[0].resources.requests.cpu' must be given for the autoscaler "scaler", which looks at their utilization, got nothing; request what the container uses`,
    ],
  ],
  'disruption-budget-fields': [
    [
      'a budget says both',
      budget({ minAvailable: 1, maxUnavailable: 1 }),
      `'spec.minAvailable' must not be given together with maxUnavailable, got 1; leave maxUnavailable, which follows the number of replicas`,
    ],
    [
      'a budget is above all',
      budget({ maxUnavailable: '150%' }),
      `'spec.maxUnavailable' must be at most 100%, got "150%"; write it as 1 or "25%"`,
    ],
    [
      'a budget is negative',
      budget({ minAvailable: -1 }),
      `'spec.minAvailable' must be 0 or more, got -1; write it as 1 or "25%"`,
    ],
  ],
  'node-port-once': [
    [
      'two ports of a Service have one port of the nodes',
      service({
        type: 'NodePort',
        ports: ['one', 'two'].map((name, index) => ({ name, port: 80 + index, nodePort: 32123 })),
      }),
      `'spec.ports[1].nodePort' must be another port than this Service opens already, got 32123; choose another of 30000 to 32767, or leave it to the cluster`,
    ],
  ],
  'service-ports': [
    [
      'a protocol is a sentence',
      service({ ports: [{ port: 80, appProtocol: 'HTTP 2' }] }),
      `'spec.ports[0].appProtocol' must name a protocol, got "HTTP 2"; write a name such as https or kubernetes.io/h2c`,
    ],
    ['a Service has no ports', service({ ports: [] }), `'spec.ports' must have a port, got []; add the port that clients use`],
    [
      'a port of a Service is out of range',
      service({ ports: [{ port: 0 }] }),
      `'spec.ports[0].port' must be a port from 1 to 65535, got 0; write the port that the container listens on`,
    ],
    [
      'two ports of a Service have one name',
      service({
        ports: [
          { name: 'http', port: 80 },
          { name: 'http', port: 81 },
        ],
      }),
      `'spec.ports[1].name' must differ from that of ports[0], got "http"; rename one of the two`,
    ],
  ],
  'service-fields': [
    [
      'the addresses begin with another one',
      service({ clusterIP: '10.96.0.7', clusterIPs: ['10.96.0.8'] }),
      `'spec.clusterIPs' must begin with clusterIP, got ["10.96.0.8"]; leave it out, or give both`,
    ],
    [
      'an address is a name',
      service({ externalIPs: ['192.0.2.1', 'shop.example.com'] }),
      `'spec.externalIPs' must be an address, got "shop.example.com"; write the address; a headless Service has clusterIP: 'None'`,
    ],
    [
      'a Service without address says so in lower case',
      service({ clusterIP: 'none' }),
      `'spec.clusterIP' must be an address, got "none"; write the address; a headless Service has clusterIP: 'None'`,
    ],
    [
      'no load balancer asks for health',
      service({ healthCheckNodePort: 30000 }),
      `'spec.healthCheckNodePort' must stand with type 'LoadBalancer' and externalTrafficPolicy 'Local' alone, got 30000; take it out`,
    ],
    [
      'a port of the node is given to an inner Service',
      service({ ports: [{ port: 80, nodePort: 30080 }] }),
      `'spec.ports[0].nodePort' must stand with type 'NodePort' or 'LoadBalancer' alone, got 30080; take it out, or change the type`,
    ],
    [
      'traffic from outside is routed by an inner Service',
      service({ externalTrafficPolicy: 'Local' }),
      `'spec.externalTrafficPolicy' must stand with type 'NodePort' or 'LoadBalancer' alone, got "Local"; take it out`,
    ],
    [
      'sources are limited without a balancer',
      service({ loadBalancerSourceRanges: ['10.0.0.0/8'] }),
      `'spec.loadBalancerSourceRanges' must stand with type 'LoadBalancer' alone, got ["10.0.0.0/8"]; take it out, or change the type`,
    ],
    [
      'affinity has a time and no kind',
      service({ sessionAffinityConfig: { clientIP: { timeoutSeconds: 60 } } }),
      `'spec.sessionAffinityConfig' must stand with sessionAffinity 'ClientIP' alone, got {"clientIP":{"timeoutSeconds":60}}; take it out`,
    ],
    [
      'affinity lasts longer than a day',
      service({ sessionAffinity: 'ClientIP', sessionAffinityConfig: { clientIP: { timeoutSeconds: 90000 } } }),
      `'spec.sessionAffinityConfig.clientIP.timeoutSeconds' must be from 1 to 86400, got 90000; write seconds, as in 10800`,
    ],
    [
      'a Service outside has no host',
      service({ type: 'ExternalName' }),
      `'spec.externalName' must be given with type 'ExternalName', got nothing; write the host outside`,
    ],
    [
      'a Service with ports of the node is headless',
      service({ type: 'NodePort', clusterIP: 'None' }),
      `'spec.clusterIP' must not be None with type 'NodePort', got "None"; make a second Service for outside`,
    ],
  ],
  'ingress-fields': [
    [
      'a certificate is for no host',
      ingress({ defaultBackend: { service: web80 }, tls: [{ hosts: [''], secretName: 'tls' }] }),
      `'spec.tls[0].hosts' must name hosts, got [""]; write those of the certificate`,
    ],
    [
      'the class is a sentence',
      ingress({ ingressClassName: 'Our Traefik', defaultBackend: { service: web80 } }),
      `'spec.ingressClassName' must be a DNS name, got "Our Traefik"; use the name of an IngressClass: kubectl get ingressclass`,
    ],
    [
      'an Ingress has neither rules nor a default',
      ingress({ rules: [] }),
      `'spec.rules' must have a rule, or stand beside a defaultBackend, got []; add the host of the application`,
    ],
    [
      'a path begins in the middle',
      ingress(path({ path: 'admin' })),
      `'spec.rules[0].http.paths[0].path' must begin with /, got "admin"; write it as "/" or "/admin"`,
    ],
    [
      'a path has two slashes',
      ingress(path({ path: '/a//b' })),
      `'spec.rules[0].http.paths[0].path' must be without "//", got "/a//b"; write it as "/" or "/admin"`,
    ],
    [
      'a path goes up at its end',
      ingress(path({ path: '/a/..' })),
      `'spec.rules[0].http.paths[0].path' must be without "/..", got "/a/.."; write it as "/" or "/admin"`,
    ],
    [
      'a path hides a slash',
      ingress(path({ path: '/a%2fb' })),
      `'spec.rules[0].http.paths[0].path' must be without "%2f", got "/a%2fb"; write it as "/" or "/admin"`,
    ],
    [
      'a backend is two',
      ingress(
        path({ backend: { service: { name: 'kube-native', port: { name: 'http' } }, resource: { kind: 'Bucket', name: 'a' } } }),
      ),
      `'spec.rules[0].http.paths[0].backend' must have one of service and resource, got "both"; name the Service behind the path`,
    ],
    [
      "a backend's port is two",
      ingress(path({ backend: { service: { name: 'kube-native', port: { name: 'http', number: 80 } } } })),
      `'spec.rules[0].http.paths[0].backend.service.port' must have one of name and number, got "both"; give the name of the Service's port`,
    ],
    [
      'the annotation names another class',
      ingress(path({}), { 'kubernetes.io/ingress.class': 'nginx' }),
      `'metadata.annotations["kubernetes.io/ingress.class"]' must equal ingressClassName, which is "traefik", got "nginx"; take the annotation out: it is deprecated`,
    ],
  ],
  'valid-hosts': [
    [
      'a host has a port',
      ingress({ rules: [{ host: 'localhost:4000' }] }),
      `'spec.rules[0].host' must be a DNS name in lower case, without scheme, port or path, got "localhost:4000"; write it as app.example.com or *.example.com`,
    ],
    [
      'a host has two stars',
      ingress({ rules: [{ host: '*.*.dev' }] }),
      `'spec.rules[0].host' must be a DNS name in lower case, without scheme, port or path, got "*.*.dev"; write it as app.example.com or *.example.com`,
    ],
    [
      'a star is not in front',
      ingress({ rules: [{ host: 'app.*.dev' }] }),
      `'spec.rules[0].host' must be a DNS name in lower case, without scheme, port or path, got "app.*.dev"; write it as app.example.com or *.example.com`,
    ],
    [
      'a host is an address',
      ingress({ rules: [{ host: '10.0.0.1' }] }),
      `'spec.rules[0].host' must be a DNS name in lower case, without scheme, port or path, got "10.0.0.1"; write it as app.example.com or *.example.com`,
    ],
    [
      'a host of a certificate is none',
      ingress({ tls: [{ hosts: ['https://app.example.com'] }] }),
      `'spec.tls[0].hosts[0]' must be a DNS name in lower case, without scheme, port or path, got "https://app.example.com"; write it as app.example.com or *.example.com`,
    ],
  ],
  'network-policy-fields': [
    [
      'a range goes down',
      policy({ ingress: [{ ports: [{ port: 9100, endPort: 9000 }] }] }),
      `'spec.ingress[0].ports[0].endPort' must be from 9100 to 65535, got 9000; write the last port of the range`,
    ],
    [
      'a range begins with a name',
      policy({ ingress: [{ ports: [{ port: 'http', endPort: 9000 }] }] }),
      `'spec.ingress[0].ports[0].endPort' must stand beside a port that is a number, got 9000; write the first port of the range as a number`,
    ],
    [
      'a peer is nobody',
      policy({ ingress: [{ from: [{}] }] }),
      `'spec.ingress[0].from[0]' must have podSelector, namespaceSelector or ipBlock, got nothing; write podSelector: {} for all pods of the namespace`,
    ],
    [
      'a peer is pods and addresses',
      policy({ ingress: [{ from: [{ podSelector: {}, ipBlock: { cidr: '10.0.0.0/8' } }] }] }),
      `'spec.ingress[0].from[0].ipBlock' must not stand beside podSelector, got "both"; make a peer for each`,
    ],
    [
      'addresses are none',
      addresses({ cidr: '10.0.0.0' }),
      `'spec.egress[0].to[0].ipBlock.cidr' must be a CIDR block, got "10.0.0.0"; write it as 10.0.0.0/8`,
    ],
    [
      'an exception is not inside',
      addresses({ cidr: '10.0.0.0/8', except: ['192.168.0.0/16'] }),
      `'spec.egress[0].to[0].ipBlock.except[0]' must be a smaller block inside of cidr, got "192.168.0.0/16"; leave it out, or widen cidr`,
    ],
    [
      'an exception is everything',
      addresses({ cidr: 'fd00::/8', except: ['fd00::/8'] }),
      `'spec.egress[0].to[0].ipBlock.except[0]' must be a smaller block inside of cidr, got "fd00::/8"; leave it out, or widen cidr`,
    ],
    [
      'there are three directions',
      policy({ policyTypes: ['Ingress', 'Egress', 'Egress'] }),
      `'spec.policyTypes' must have two items at most, got ["Ingress","Egress","Egress"]; name Ingress and Egress, each once`,
    ],
  ],
  'data-size': [
    [
      'a ConfigMap is larger than 1 MiB',
      configMap({ data: { a: 'x'.repeat(2 ** 20 + 1) } }),
      `'data' must hold at most 1048576 bytes, got 1048577; put large files into the image, or into a volume`,
    ],
    [
      'a key cannot be the name of a file',
      configMap({ data: { 'a/b': '' } }),
      `'data["a/b"]' must be a key of letters, digits, '-', '_' and dots, got "a/b"; rename it, as in "app.conf"`,
    ],
    [
      'a key is among texts and bytes',
      configMap({ data: { a: '' }, binaryData: { a: '' } }),
      `'binaryData["a"]' must differ from the keys of data, got "a"; leave it in one of the two`,
    ],
  ],
  'secret-type': [
    [
      'a certificate lacks its key',
      secret('kubernetes.io/tls', { data: { 'tls.crt': '' } }),
      `'data["tls.key"]' must be given in a Secret of type kubernetes.io/tls, got nothing; add the key, or leave the type out`,
    ],
    [
      'a login is empty',
      secret('kubernetes.io/basic-auth'),
      `'data' must have username or password in a Secret of type kubernetes.io/basic-auth, got nothing; add one of the keys`,
    ],
    [
      'the login of a registry is no JSON',
      secret('kubernetes.io/dockerconfigjson', { stringData: { '.dockerconfigjson': 'user:pass' } }),
      `'data[".dockerconfigjson"]' must be a JSON object, got "something else"; let kubectl create secret docker-registry write it`,
    ],
    [
      'a key for SSH is missing',
      secret('kubernetes.io/ssh-auth'),
      `'data["ssh-privatekey"]' must be given in a Secret of type kubernetes.io/ssh-auth, got nothing; add the key, or leave the type out`,
    ],
  ],
  'single-writer': [
    [
      'two pods share a volume for one node',
      [
        web(JsonPatch.add(`${POD}/volumes/-`, { name: 'uploads', persistentVolumeClaim: { claimName: 'uploads' } })),
        { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name: 'uploads' }, spec: claim },
      ],
      `'spec.replicas' must be 1 while the claim uploads is for one node, got 2; run one that goes before the next one comes, by 'singleton: true' of a role; keep the files in object storage, or use a volume with ReadWriteMany or a StatefulSet with claim templates`,
    ],
  ],
  'quota-scopes': [
    [
      'volumes are counted of some pods',
      {
        apiVersion: 'v1',
        kind: 'ResourceQuota',
        spec: { scopes: ['NotTerminating'], hard: { pods: '4', 'requests.storage': '1Gi' } },
      },
      `'spec.scopes' must fit to what is counted, got ["NotTerminating"]; count requests.storage in a quota of their own`,
    ],
    [
      'memory is counted of pods that ask for none',
      { apiVersion: 'v1', kind: 'ResourceQuota', spec: { scopes: ['BestEffort'], hard: { pods: '4', 'limits.memory': '1Gi' } } },
      `'spec.scopes' must fit to what is counted, got ["BestEffort"]; count limits.memory in a quota of their own`,
    ],
  ],
  'claim-storage': [
    [
      'a volume that ends with its pod says no size',
      web(
        JsonPatch.add(`${POD}/volumes/-`, {
          name: 'scratch',
          ephemeral: { volumeClaimTemplate: { spec: { ...claim, resources: {} } } },
        }),
      ),
      `'spec.template.spec.volumes[1].ephemeral.volumeClaimTemplate.spec.resources.requests.storage' must be given, got nothing; write a size such as 10Gi`,
    ],
    [
      'a class is a sentence',
      postgres(JsonPatch.add('/spec/volumeClaimTemplates/0/spec/storageClassName', 'Fast disks')),
      `'spec.volumeClaimTemplates[0].spec.storageClassName' must be a DNS name, got "Fast disks"; use the name of a StorageClass: kubectl get storageclass`,
    ],
    [
      'a claim asks for nothing',
      { apiVersion: 'v1', kind: 'PersistentVolumeClaim', spec: { accessModes: ['ReadWriteOnce'] } },
      `'spec.resources.requests.storage' must be given, got nothing; write a size such as 10Gi`,
    ],
    [
      'a database asks for nothing',
      postgres(JsonPatch.replace('/spec/volumeClaimTemplates/0/spec/resources/requests/storage', '0')),
      `'spec.volumeClaimTemplates[0].spec.resources.requests.storage' must be more than 0, got "0"; write a size such as 10Gi`,
    ],
    [
      'two claims have one name',
      postgres(JsonPatch.copy('/spec/volumeClaimTemplates/0', '/spec/volumeClaimTemplates/-')),
      `'spec.volumeClaimTemplates[1].metadata.name' must be there once, got "data"; rename one`,
    ],
  ],
  'limit-range-order': [
    [
      'the resource of a ratio is misspelt',
      limits({ maxLimitRequestRatio: { mem: '2' } }),
      `'spec.limits[0].maxLimitRequestRatio' must name resources, got "mem"; write cpu, memory, ephemeral-storage or storage`,
    ],
    [
      'a resource is misspelt',
      limits({ max: { mem: '1Gi' } }),
      `'spec.limits[0].max' must name resources, got "mem"; write cpu, memory, ephemeral-storage or storage`,
    ],
    [
      'the default is below the default request',
      limits({ defaultRequest: { memory: '512Mi' }, default: { memory: '256Mi' } }),
      `'spec.limits[0].default["memory"]' must be at least the defaultRequest of 512Mi, got "256Mi"; raise it, or lower defaultRequest`,
    ],
    [
      'a type is there twice',
      limits({}, { type: 'Container' }),
      `'spec.limits[1].type' must be there once, got "Container"; make one item of the two`,
    ],
    [
      'the least is above the most',
      limits({ min: { cpu: '2' }, max: { cpu: '1' } }),
      `'spec.limits[0].max["cpu"]' must be at least the min of 2, got "1"; raise it, or lower min`,
    ],
  ],
};

const table = Object.entries(refused).flatMap(([rule, rows]) => rows.map((row) => [rule, row[0], row] as const));

/** What is printed for staging together with the objects of all rows for one Kubernetes; built when first asked for. */
function printedOn(kubernetes: KubernetesVersion): readonly string[] {
  const known = printed.get(kubernetes) ?? faultsOf(vary(staging, { kubernetes }), (_charts, app) => addRows(app, kubernetes));
  printed.set(kubernetes, known);
  return known;
}

const printed = new Map<KubernetesVersion, readonly string[]>();

function addRows(app: App, wanted: KubernetesVersion): void {
  const extra = new Chart(app, '40-extra', { namespace: staging.namespace, disableResourceNameHashes: true });
  for (const [index, [, , [, objects, , kubernetes = staging.kubernetes]]] of table.entries()) {
    if (kubernetes !== wanted) continue;
    for (const [part, { apiVersion, kind, metadata, ...rest }] of [objects].flat().entries())
      new ApiObject(extra, `${index}-${part}`, { apiVersion, kind, ...rest, metadata: { name: `object-${index}`, ...metadata } });
  }
}

describe('what the API server refuses', () => {
  test.each(table)('%s fails when %s', (rule, _title, row) => {
    const [, objects, says, kubernetes = '1.30'] = row;
    const index = table.findIndex(([, , other]) => other === row);
    const own = [objects].flat().map((_object, part) => `[40-extra/${index}-${part}] `);
    const found = printedOn(kubernetes).flatMap((fault) => {
      const prefix = own.find((start) => fault.startsWith(start));
      return prefix !== undefined && fault.endsWith(` (${rule})`) ? [fault.slice(prefix.length)] : [];
    });
    expect(found).toEqual([`${says} (${rule})`]);
  });

  test.each(apiRules.map(({ name }) => name))('has a case for %s', (name) => {
    expect(refused[name] ?? []).not.toHaveLength(0);
  });
});

describe('our environments', () => {
  const cases = environments.flatMap((environment) =>
    KUBERNETES_VERSIONS.filter((version) => (environment.kubernetes ?? '') <= version).map(
      (version) => [environment.name, version, environment] as const,
    ),
  );

  test.each(cases)('%s is taken by Kubernetes %s', (_name, kubernetes, environment) => {
    expect(faultsOf(vary(environment, { kubernetes }))).toEqual([]);
  });
});

describe('what is no fault', () => {
  function found(manifest: Manifest, kubernetes: KubernetesVersion): string[] {
    const object = {
      construct: new ApiObject(new Chart(new App(), 'chart'), 'one', { apiVersion: 'v1', kind: 'Pod' }),
      manifest,
    };
    const world: World = { objects: [object], kubernetes, externals: [], databases: [], previous: [] };
    return apiRules.flatMap((rule) => [...rule.find(world)].map(({ field }) => `${rule.name}: ${field}`));
  }

  const nightly = (spec: Manifest): Manifest => cron({ jobTemplate: { spec: job()['spec'] as unknown }, ...spec });

  const fine: readonly (readonly [string, Manifest, KubernetesVersion?])[] = [
    ['a kind that the cluster adds', { apiVersion: 'example.com/v1', kind: 'Deployment', spec: { anything: [{}] } }],
    ['a group of Kubernetes that is no part of it', { apiVersion: 'gateway.networking.k8s.io/v1', kind: 'HTTPRoute', spec: {} }],
    [
      'a hook that sleeps from 1.30 on',
      web(JsonPatch.replace(`${CONTAINER}/lifecycle/preStop`, { sleep: { seconds: 10 } })),
      '1.30',
    ],
    [
      'a hook that sleeps for 0 seconds from 1.33 on',
      web(JsonPatch.replace(`${CONTAINER}/lifecycle/preStop`, { sleep: { seconds: 0 } })),
      '1.33',
    ],
    [
      'a sidecar with a probe from 1.29 on',
      web(
        noHook,
        JsonPatch.add(`${POD}/initContainers`, [
          { name: 'proxy', image: IMAGE, restartPolicy: 'Always', livenessProbe: { tcpSocket: { port: 1 } } },
        ]),
      ),
      '1.29',
    ],
    ['a variable with a dot, from 1.27 on', variable({ name: 'spring.profiles', value: 'x' }), '1.27'],
    ['a variable that begins with a digit, from 1.32 on', variable({ name: '2ND', value: 'x' }), '1.32'],
    ['a field without a value', web(JsonPatch.add(`${CONTAINER}/livenessProbe/terminationGracePeriodSeconds`, null))],
    ['a probe without a path: the server takes /', web(JsonPatch.remove(`${CONTAINER}/readinessProbe/httpGet/path`))],
    ['memory in parts of a unit', memory('1.3Gi')],
    ['a number for CPU', web(JsonPatch.replace(`${CONTAINER}/resources/limits/cpu`, 2))],
    ['a resource of a vendor', web(JsonPatch.add(`${CONTAINER}/resources/limits/nvidia.com~1gpu`, 1))],
    ['a surge of more than all', web(JsonPatch.replace('/spec/strategy/rollingUpdate/maxSurge', '200%'))],
    ['a schedule with words, lists, ranges and steps', nightly({ schedule: '*/15 8-18/2 1,15 jan-mar mon' })],
    ['a schedule in one word', nightly({ schedule: '@hourly', timeZone: 'America/Argentina/Buenos_Aires' })],
    ['a schedule in durations', nightly({ schedule: '@every 1h30m', timeZone: 'Etc/GMT+5' })],
    ['an exception inside of the addresses', addresses({ cidr: 'fd00::/8', except: ['fd00:1::/32', 'fdff::1.2.3.4/128'] })],
    ['a headless Service without ports', service({ clusterIP: 'None', ports: [] })],
    ['a Service for a host outside', service({ type: 'ExternalName', externalName: 'db.example.com', ports: [] })],
    ['a path that only the controller knows', ingress(path({ pathType: 'ImplementationSpecific', path: '/a//(b|c)' }))],
    ['a budget in percent', budget({ maxUnavailable: '25%' })],
    [
      'a metric of another system',
      autoscaler({ metrics: [{ type: 'External', external: { metric: { name: 'm' }, target: { type: 'Value', value: '5' } } }] }),
    ],
    ['bytes in lines', configMap({ binaryData: { a: 'aGVs\nbG8=\n' } })],
    ['a certificate', secret('kubernetes.io/tls', { data: { 'tls.crt': '', 'tls.key': '' } })],
  ];

  test('is a pod of a custom kind that is right, and a wrong one is none', () => {
    const rollout = (spec: Manifest): Manifest => ({
      apiVersion: 'argoproj.io/v1alpha1',
      kind: 'Rollout',
      spec: { ...(web()['spec'] as Manifest), template: { spec } },
    });
    const [container] = (web()['spec'] as Manifest)['template'].spec.containers as Manifest[];
    const pod = { containers: [{ ...container, ports: [{ containerPort: 70000 }] }], tolerations: [{ effect: 'NoSchedule' }] };
    const asked = found(rollout(pod), '1.36').filter((one) => /^(?:container-ports|tolerations):/.test(one));
    expect(asked).toEqual([
      'container-ports: spec.template.spec.containers[0].ports[0].containerPort',
      'tolerations: spec.template.spec.tolerations[0].operator',
    ]);
    expect(found(rollout({ containers: [container] }), '1.36').filter((one) => one.startsWith('container-ports'))).toEqual([]);
  });

  test.each(fine.map(([title, manifest, kubernetes = '1.36']) => [title, manifest, kubernetes] as const))(
    'is %s',
    (_title, manifest, kubernetes) => {
      expect(found(manifest, kubernetes)).toEqual([]);
    },
  );
});

describe('objects made by hand', () => {
  const junk: readonly unknown[] = [null, -1, 'text', [], [null], { a: null }];

  /** Every copy of a value with one of its parts replaced. */
  function* spoilt(value: unknown, part: unknown): Iterable<unknown> {
    yield part;
    if (typeof value !== 'object' || value === null) return;
    for (const [key, inner] of Object.entries(value)) {
      for (const changedInner of spoilt(inner, part))
        yield Array.isArray(value) ? value.with(Number(key), changedInner) : { ...value, [key]: changedInner };
    }
  }

  test('never break a rule, whatever stands in any place', () => {
    const app = build(staging);
    render(app);
    const { objects: finished } = Checks.of(app).world;
    const rare = new Map(table.flatMap(([, , [, objects]]) => [objects].flat()).map((manifest) => [manifest['kind'], manifest]));
    for (const { manifest } of finished) rare.delete(manifest['kind']);
    const seeds = [...finished, ...[...rare.values()].map(asObject)];
    let tried = 0;
    for (const { construct, manifest } of seeds) {
      const { apiVersion, kind, ...rest } = manifest;
      for (const part of junk) {
        for (const broken of spoilt(rest, part)) {
          const object = { construct, manifest: { ...(broken as Manifest | null), apiVersion, kind } };
          const world: World = { objects: [object], kubernetes: '1.30', externals: [], databases: [], previous: [manifest] };
          for (const rule of [...apiRules, ...changeRules]) tried += [...rule.find(world)].length;
        }
      }
    }
    expect(tried).toBeGreaterThan(1000);
  });

  const asObject = (manifest: Manifest): FinishedObject => {
    const construct = new ApiObject(new Chart(new App(), 'chart'), 'one', { apiVersion: 'v1', kind: 'Pod' });
    return { construct, manifest };
  };
});

describe('the table of fields', () => {
  const types = written.flatMap((rule) => ('types' in rule ? Object.keys(rule.types) : [])).flatMap((names) => names.split(' '));

  test.each([...new Set(types)])('has the type %s, of which a rule asks something', (type) => {
    expect(typeNamed(type)?.name).toBe(type);
  });

  test('is walked once for all rules', () => {
    const world: World = { objects: [], kubernetes: '1.30', externals: [], databases: [], previous: [] };
    expect(walked(world)).toBe(walked(world));
  });
});
