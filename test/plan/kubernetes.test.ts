import type { Manifest } from '../../lib/index';
import { planText } from '../../lib/plan/text';
import { planned } from '../compare/outcome';
import * as all from '../compare/objects';

const { edit, deployment, statefulSet, daemonSet, job, pod, settings } = all;
const WEB = 'spec.template.spec.containers.0';
const image = { [`${WEB}.image`]: 'registry.example.com/web:1.1.0' };
const waits = { 'spec.minReadySeconds': 5, [`${WEB}.lifecycle`]: { preStop: { sleep: { seconds: 10 } } } };

type Values = Readonly<Record<string, unknown>>;

/** What is said of a change of one object, but what it costs. */
function said(before: Manifest, values: Values, ...beside: readonly Manifest[]): string {
  const { sections, ...plan } = planned([before, ...beside], [edit(before, values), ...beside]);
  const text = planText([{ ...plan, sections: { ...sections, costs: [] } }], 'text');
  return text
    .replace(/^compared\n/, '')
    .replace(/\n$/, '')
    .replace(/^ {2}/gm, '');
}

type Case = readonly [what: string, before: Manifest, values: Values, text: string, beside?: readonly Manifest[]];

const rolls: readonly Case[] = [
  [
    'pods of a Deployment',
    deployment,
    image,
    `What happens, in order
  Deployment web rolls: 2 pods, 1 more at a time and never fewer
    image 1.0.0 -> 1.1.0
    as long as the old pod takes to end and the new one to boot`,
  ],
  [
    'how long it takes at the least',
    edit(deployment, waits),
    image,
    `What happens, in order
  Deployment web rolls: 2 pods, 1 more at a time and never fewer
    image 1.0.0 -> 1.1.0
    at least 20 s, and the boots: 2 steps of 5 s, then 10 s until the last old pod goes`,
  ],
  [
    'a Deployment that waits for its old pods',
    edit(deployment, { ...waits, 'spec.strategy': { type: 'Recreate' } }),
    image,
    `Refused or dangerous
  Deployment web has no pod from the end of the old ones until a new one is ready
What happens, in order
  Deployment web rolls: 2 pods, stopped before the first new one starts
    image 1.0.0 -> 1.1.0
    at least 15 s, and the boots: 1 step of 5 s, then 10 s until the last old pod goes`,
  ],
  [
    'a switch that is off, of which it is kept that it was said',
    deployment,
    { [`${WEB}.securityContext.privileged`]: false },
    `What happens, in order
  Deployment web rolls: 2 pods, 1 more at a time and never fewer
    securityContext.privileged added: false
    as long as the old pod takes to end and the new one to boot`,
  ],
  [
    'an empty part that is kept',
    deployment,
    { 'spec.template.spec.affinity': {} },
    `What happens, in order
  Deployment web rolls: 2 pods, 1 more at a time and never fewer
    affinity added: {}
    as long as the old pod takes to end and the new one to boot`,
  ],
  [
    'pods of a StatefulSet',
    edit(statefulSet, waits),
    image,
    `What happens, in order
  StatefulSet store rolls: 3 pods, one after another, from the last one down
    image 1.0.0 -> 1.1.0
    at least 45 s, and the boots: 3 steps of 15 s`,
  ],
  [
    'those from a partition on',
    edit(statefulSet, { 'spec.updateStrategy': { rollingUpdate: { partition: 2 } } }),
    image,
    `What happens, in order
  StatefulSet store rolls: 1 pod of 3 pods, from the last one down: the partition keeps the others back
    image 1.0.0 -> 1.1.0
    as long as the old pod takes to end and the new one to boot`,
  ],
  [
    'none of them',
    edit(statefulSet, { 'spec.updateStrategy': { rollingUpdate: { partition: 3 } } }),
    image,
    `What happens, in order
  StatefulSet store rolls: none of 3 pods: the partition keeps them back
    image 1.0.0 -> 1.1.0`,
  ],
  [
    'those that somebody deletes',
    edit(statefulSet, { 'spec.updateStrategy': { type: 'OnDelete' } }),
    image,
    `What happens, in order
  StatefulSet store rolls: 3 pods, each once somebody deletes it
    image 1.0.0 -> 1.1.0`,
  ],
  [
    'pods of a DaemonSet',
    daemonSet,
    image,
    `What happens, in order
  DaemonSet agent rolls: one pod on each node, one after another
    image 1.0.0 -> 1.1.0`,
  ],
  [
    'several at a time',
    edit(daemonSet, { 'spec.updateStrategy': { rollingUpdate: { maxUnavailable: 2 } } }),
    image,
    `What happens, in order
  DaemonSet agent rolls: one pod on each node, 2 at a time
    image 1.0.0 -> 1.1.0`,
  ],
  [
    'some more at a time',
    edit(daemonSet, { 'spec.updateStrategy': { rollingUpdate: { maxUnavailable: 0, maxSurge: '50%' } } }),
    image,
    `What happens, in order
  DaemonSet agent rolls: one pod on each node, 50% more at a time
    image 1.0.0 -> 1.1.0`,
  ],
  [
    'a DaemonSet whose pods somebody deletes',
    edit(daemonSet, { 'spec.updateStrategy': { type: 'OnDelete' } }),
    image,
    `What happens, in order
  DaemonSet agent rolls: one pod on each node, each once somebody deletes it
    image 1.0.0 -> 1.1.0`,
  ],
];

const stays: readonly Case[] = [
  [
    'what is filled in',
    deployment,
    { 'spec.template.spec.dnsPolicy': 'ClusterFirst', [`${WEB}.readinessProbe.failureThreshold`]: 3 },
    `nothing changes in compared`,
  ],
  [
    'a quantity written otherwise',
    deployment,
    { [`${WEB}.resources.requests.cpu`]: '1000m', [`${WEB}.resources.limits.memory`]: '1024Mi' },
    `nothing changes in compared`,
  ],
  [
    'texts and numbers with nothing in them',
    deployment,
    { [`${WEB}.workingDir`]: '', [`${WEB}.readinessProbe.initialDelaySeconds`]: 0 },
    `nothing changes in compared`,
  ],
  [
    'pods of a Deployment that is paused',
    edit(deployment, { 'spec.paused': true }),
    image,
    `What happens, in order
  Deployment web has another pod, and is paused: those that run stay until it goes on
    image 1.0.0 -> 1.1.0`,
  ],
  [
    'until it goes on',
    edit(deployment, { 'spec.paused': true }),
    { 'spec.paused': undefined },
    `What happens, in order
  Deployment web: paused removed: true; what its pods became meanwhile rolls now`,
  ],
  [
    'a number of pods',
    deployment,
    { 'spec.replicas': 3 },
    `What happens, in order
  Deployment web: 2 -> 3 pods; no pod restarts`,
  ],
  [
    'a label of the Deployment',
    deployment,
    { 'metadata.labels.owner': 'shop' },
    `The rest
  Deployment web: label owner added: shop`,
  ],
  [
    'pods of a ReplicaSet',
    all.replicaSet,
    image,
    `What happens, in order
  ReplicaSet bare has another pod, which those are that it makes from now on: those that run stay
    image 1.0.0 -> 1.1.0`,
  ],
  [
    'a Pod whose container restarts',
    pod,
    { 'spec.containers.0.image': 'registry.example.com/web:1.1.0' },
    `What happens, in order
  Pod tool: containers[run].image registry.example.com/web:1.0.0 -> registry.example.com/web:1.1.0; the container restarts within its pod`,
  ],
  [
    'pods that read a ConfigMap',
    settings,
    { 'data.COLOR': 'blue' },
    `What happens, in order
  ConfigMap settings: COLOR changed; no pod restarts
    Deployment web, DaemonSet agent: variables stay as the running pods have read them`,
    [deployment, daemonSet],
  ],
];

const runs: readonly Case[] = [
  [
    'a Job that was deleted after its end',
    job,
    { 'metadata.labels': { owner: 'shop' } },
    `What happens, in order
  Job migrate runs once more, as it is
    it was deleted 60 s after its end, and whatever applies makes it anew
The rest
  Job migrate: label owner added: shop`,
  ],
  [
    'none that stays',
    edit(job, { 'spec.ttlSecondsAfterFinished': undefined }),
    { 'metadata.labels': { owner: 'shop' } },
    `The rest
  Job migrate: label owner added: shop`,
  ],
  [
    'another one by its name',
    edit(job, { 'metadata.name': 'migrate-0123456789' }),
    { ...image, 'metadata.name': 'migrate-9876543210' },
    `What happens, in order
  Job migrate runs
    image 1.0.0 -> 1.1.0`,
  ],
  [
    'one that may change while it waits',
    edit(job, { 'spec.suspend': true, 'spec.ttlSecondsAfterFinished': undefined }),
    { 'spec.template.spec.nodeSelector': { disk: 'ssd' } },
    `Needed first
  nodes with the label disk=ssd
The rest
  Job migrate: template.spec.nodeSelector added: {"disk":"ssd"}`,
  ],
];

const refused: readonly Case[] = [
  [
    'the template of a Job, until it is deleted',
    job,
    image,
    `Refused or dangerous
  Job migrate is refused by the API server: spec.template.spec.containers[0].image must stay "registry.example.com/web:1.0.0", got "registry.example.com/web:1.1.0"
    append a hash of the template to the name, so that each change makes a new Job
What happens, in order
  Job migrate runs, as it is now
    that of before is deleted 60 s after its end; until then this one is refused`,
  ],
  [
    'how a StatefulSet is updated, with what was filled in',
    statefulSet,
    { 'spec.updateStrategy': { type: 'OnDelete' } },
    `Refused or dangerous
  StatefulSet store is refused by the API server: spec.updateStrategy.type must stay "RollingUpdate", got "OnDelete"
    write "rollingUpdate: null" beside it, which takes away what the API server has filled in`,
  ],
  [
    'not where that is taken away',
    statefulSet,
    { 'spec.updateStrategy': { type: 'OnDelete', rollingUpdate: null } },
    `What happens, in order
  StatefulSet store: updateStrategy added: {"type":"OnDelete","rollingUpdate":null}; no pod restarts`,
  ],
  [
    'all of an object for one field',
    statefulSet,
    { ...image, 'spec.serviceName': 'other' },
    `Refused or dangerous
  StatefulSet store is refused by the API server: spec.serviceName must stay "store", got "other"
    nothing else that it changes is applied
    take the change back, or delete the StatefulSet with --cascade=orphan, which leaves its pods and volumes, and apply again`,
  ],
  [
    'a StatefulSet alone where a claim is another one',
    statefulSet,
    { 'spec.volumeClaimTemplates.0.spec.resources.requests.storage': '10240Mi' },
    `What happens, in order
  StatefulSet store: volumeClaimTemplates[0].spec.resources.requests.storage 10Gi -> 10240Mi; no pod restarts`,
  ],
  [
    'a Deployment that the server applies',
    deployment,
    { 'spec.strategy': { type: 'Recreate' } },
    `Refused or dangerous
  Deployment web is refused by the API server when it is applied with --server-side: its rollingUpdate was filled in, and stays
    write "rollingUpdate: null" beside the type, or apply once without --server-side
What happens, in order
  Deployment web: strategy added: {"type":"Recreate"}; no pod restarts`,
  ],
  [
    'what a Pod may not change',
    pod,
    { 'spec.containers.0.resources.requests.cpu': '2' },
    `Refused or dangerous
  Pod tool is refused by the API server: spec.containers[0].resources.requests.cpu must stay "1", got "2"
    delete the Pod by hand first, or make it part of a Deployment, which replaces it`,
  ],
  [
    'an address that is kept without a word',
    edit(all.service, { 'spec.clusterIP': 'None' }),
    { 'spec.clusterIP': undefined },
    `Refused or dangerous
  Service web: spec.clusterIP must stay "None"
    give the Service a new name, or delete it by hand first
The rest
  Service web: clusterIP removed: None`,
  ],
  [
    'an address that goes',
    all.service,
    { 'spec.clusterIP': 'None' },
    `Refused or dangerous
  Service web is refused by the API server: spec.clusterIP must stay out, got "None"
    give the Service a new name, or delete it by hand first`,
  ],
  [
    'the handler of a class',
    all.runtimeClass,
    { handler: 'kata' },
    `Refused or dangerous
  RuntimeClass compare-sandbox is refused by the API server: handler must stay "runsc", got "kata"
    give the object a new name, or take the change back`,
  ],
  [
    'the scopes of a quota',
    all.quota,
    { 'spec.scopes': ['Terminating'] },
    `Refused or dangerous
  ResourceQuota quota is refused by the API server: spec.scopes[0] must stay "NotTerminating", got "Terminating"
    give the object a new name, or take the change back`,
  ],
  [
    'another role',
    all.binding,
    { 'roleRef.name': 'edit' },
    `Refused or dangerous
  RoleBinding readers is refused by the API server: roleRef.name must stay "view", got "edit"
    give the object a new name, or take the change back
Needed first
  for whoever applies it all rights of the ClusterRole edit, or escalate and bind on roles
  no longer: for whoever applies it all rights of the ClusterRole view, or escalate and bind on roles`,
  ],
  [
    'the same role with its group',
    edit(all.binding, { 'roleRef.apiGroup': undefined }),
    { 'roleRef.apiGroup': 'rbac.authorization.k8s.io' },
    `The rest
  RoleBinding readers: roleRef.apiGroup added: rbac.authorization.k8s.io`,
  ],
  [
    'a Secret with the same data in another field',
    edit(all.secret, { immutable: true }),
    { stringData: undefined, data: { PASSWORD: 'b25l' } },
    `The rest
  Secret keys: stringData.PASSWORD removed
  Secret keys: data.PASSWORD added`,
  ],
];

const cases = { 'pods that roll': rolls, 'pods that stay': stays, Jobs: runs, 'what is refused': refused };

describe.each(Object.entries(cases))('%s', (_title, list) => {
  test.each(list.map((one) => [one[0], one] as const))('%s', (_what, [, before, values, text, beside = []]) => {
    expect(said(before, values, ...beside)).toBe(text);
  });
});
