import { ApiObject, type App, JsonPatch } from 'cdk8s';
import { emptydirLimit, highUserIds, readOnlyRoot, resourcesSet } from '../../lib/checks/hardening/containers';
import { imageDigest, imageVersion, pullPolicy } from '../../lib/checks/hardening/images';
import { ingressSnippets } from '../../lib/checks/hardening/edge';
import { networkFenced, networkOpen } from '../../lib/checks/hardening/network-open';
import { ownServiceAccount, serviceLinks, tokenUnused } from '../../lib/checks/hardening/accounts';
import { rbacNarrow } from '../../lib/checks/hardening/roles';
import { podSecurity } from '../../lib/checks/hardening/pod-security';
import type { Rule, World } from '../../lib/checks/rule';
import { build, environments } from '../support/stack';
import { patch, render, type Manifest, type NetworkFence } from '../../lib/index';
import { faultsOf } from '../support/environments';
import { production, staging } from '../support/alone';
import { foundIn } from '../support/raw';

const pods: readonly Rule[] = [
  podSecurity,
  highUserIds,
  readOnlyRoot,
  resourcesSet,
  emptydirLimit,
  imageDigest,
  imageVersion,
].concat(...[pullPolicy, tokenUnused, ownServiceAccount, serviceLinks]);
const network: readonly Rule[] = [networkFenced, networkOpen];
const all: readonly Rule[] = [...pods, rbacNarrow, ingressSnippets, ...network];

/** What a rule finds in objects written by hand, as `field must`. */
function findings(rule: Rule, manifests: readonly Manifest[], world: Partial<World> = {}): string[] {
  return foundIn(rule, manifests, world).map(({ field, must }) => `${field} ${must}`);
}

/** What is printed by some rules of staging after a change. */
function printed(rules: readonly Rule[], change: Parameters<typeof faultsOf>[1], environment = staging): string[] {
  const faults = faultsOf(environment, change);
  return faults.filter((fault) => rules.some(({ name }) => fault.endsWith(`(${name})`)));
}

/** A pod that no rule finds fault with. */
const hardened = {
  serviceAccountName: 'web',
  automountServiceAccountToken: false,
  enableServiceLinks: false,
  securityContext: {
    runAsNonRoot: true,
    runAsUser: 10001,
    runAsGroup: 10001,
    seccompProfile: { type: 'RuntimeDefault' },
  },
};
const container = {
  name: 'web',
  image: `registry.example.com/web:1.4.2@sha256:${'0'.repeat(64)}`,
  imagePullPolicy: 'IfNotPresent',
  resources: {
    requests: { cpu: '100m', memory: '64Mi', 'ephemeral-storage': '64Mi' },
    limits: { memory: '64Mi', 'ephemeral-storage': '64Mi' },
  },
  securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } },
};

function pod(spec: Manifest = {}, metadata: Manifest = {}): Manifest {
  const own = { name: 'web', namespace: 'test', ...metadata };
  return { apiVersion: 'v1', kind: 'Pod', metadata: own, spec: { ...hardened, containers: [container], ...spec } };
}

/** A container with some of its security context changed. */
function secured(context: Manifest, others: Manifest = {}): Manifest {
  return { ...container, ...others, securityContext: { ...container.securityContext, ...context } };
}

const cronJob = (spec: Manifest): Manifest => ({
  apiVersion: 'batch/v1',
  kind: 'CronJob',
  metadata: { name: 'report', namespace: 'test' },
  spec: { jobTemplate: { spec: { template: { spec } } } },
});

describe.each(environments)('the hardening of $name', (environment) => {
  it('satisfies all rules, those about the network too', () => {
    // Development has left the digest out on purpose.
    expect(printed(all, undefined, environment)).toEqual([]);
  });
});

describe('every rule about pods', () => {
  it.each(pods)('$name accepts a hardened pod', (rule) => {
    expect(findings(rule, [pod()])).toEqual([]);
  });

  it.each(pods)('$name looks at Jobs, CronJobs and containers for the start', (rule) => {
    const bare = { containers: [{}], initContainers: [{}], volumes: [{ name: 'tmp', emptyDir: {} }] };
    const job = { kind: 'Job', metadata: { name: 'migrate' }, spec: { template: { spec: bare } } };
    // An image without a version is one fault, not two.
    const expected = rule === imageDigest ? [] : [expect.stringContaining('spec.template.spec.')];
    expect(findings(rule, [job]).slice(0, 1)).toEqual(expected);
    const inCronJob = expected.length === 0 ? [] : [expect.stringContaining('spec.jobTemplate.spec.template.spec.')];
    expect(findings(rule, [cronJob(bare)]).slice(0, 1)).toEqual(inCronJob);
  });

  it.each([undefined, null, 'text', 7, true, [null, 'x', 7], {}])('passes over %j where something else should stand', (junk) => {
    const objects = [
      ...['spec', 'metadata'].map((field) => ({ ...pod(), [field]: junk })),
      ...['containers', 'initContainers', 'volumes', 'securityContext'].map((field) => pod({ [field]: junk })),
      ...Object.keys(container).map((field) => pod({ containers: [{ ...container, [field]: junk }, junk] })),
      { kind: 'NetworkPolicy', metadata: junk, spec: junk },
      { kind: 'NetworkPolicy', metadata: { namespace: 'test' }, spec: { podSelector: junk, ingress: junk, egress: [junk] } },
      { kind: 'NetworkPolicy', metadata: { namespace: 'test' }, spec: { egress: [{ to: junk, ports: [junk] }] } },
      ...['Role', 'RoleBinding', 'Ingress', 'HTTPRoute', 'Service'].flatMap((kind) => [
        { kind, metadata: { namespace: 'test', annotations: junk }, rules: junk, subjects: junk, roleRef: junk, spec: junk },
        { kind, rules: [{ verbs: junk, resources: junk }], spec: { rules: junk, ports: junk, selector: junk } },
      ]),
    ];
    for (const rule of all) expect(findings(rule, objects)).toBeInstanceOf(Array);
  });
});

describe('Pod Security "restricted"', () => {
  it('fails when a patch lets the web pods escalate', () => {
    const change = JsonPatch.replace('/spec/template/spec/containers/0/securityContext/allowPrivilegeEscalation', true);
    expect(printed([podSecurity], ({ release }) => patch(release.web.deployment, 'needs ping', change))).toEqual([
      "[30-phoenix/Release/Web/Deployment] 'spec.template.spec.containers[0].securityContext.allowPrivilegeEscalation' must be " +
        'false, got true; change it, or leave the field out where that is allowed, as the profile "restricted" lists it (pod-security)',
    ]);
  });

  const at = 'spec.containers[0]';
  it.each<[string, Manifest]>([
    ['spec.hostNetwork', pod({ hostNetwork: true })],
    ['spec.hostPID', pod({ hostPID: true })],
    ['spec.hostIPC', pod({ hostIPC: true })],
    ['spec.volumes[0]', pod({ volumes: [{ name: 'docker', hostPath: { path: '/var/run/docker.sock' } }] })],
    [
      'spec.volumes[1]',
      pod({
        volumes: [
          { name: 'tmp', emptyDir: {} },
          { name: 'data', nfs: { server: 'nas' } },
        ],
      }),
    ],
    ['spec.volumes[0]', pod({ volumes: [{ name: 'plugins', image: { reference: 'x' } }] })],
    [
      'spec.securityContext.sysctls[0].name',
      pod({ securityContext: { ...hardened.securityContext, sysctls: [{ name: 'kernel.msgmax' }] } }),
    ],
    ['spec.securityContext.runAsUser', pod({ securityContext: { ...hardened.securityContext, runAsUser: 0 } })],
    ['spec.securityContext.runAsNonRoot', pod({ securityContext: { ...hardened.securityContext, runAsNonRoot: false } })],
    ['spec.securityContext.runAsNonRoot', pod({ securityContext: { seccompProfile: { type: 'Localhost' } } })],
    ['spec.securityContext.seccompProfile.type', pod({ securityContext: { runAsNonRoot: true } })],
    [
      'spec.securityContext.windowsOptions.hostProcess',
      pod({ securityContext: { ...hardened.securityContext, windowsOptions: { hostProcess: true } } }),
    ],
    [
      'metadata.annotations["container.apparmor.security.beta.kubernetes.io/web"]',
      pod({}, { annotations: { 'container.apparmor.security.beta.kubernetes.io/web': 'unconfined' } }),
    ],
    [`${at}.securityContext.privileged`, pod({ containers: [secured({ privileged: true })] })],
    [`${at}.securityContext.procMount`, pod({ containers: [secured({ procMount: 'Unmasked' })] })],
    [`${at}.securityContext.capabilities.drop`, pod({ containers: [secured({ capabilities: { drop: ['NET_RAW'] } })] })],
    [
      `${at}.securityContext.capabilities.add`,
      pod({ containers: [secured({ capabilities: { drop: ['ALL'], add: ['CHOWN'] } })] }),
    ],
    [`${at}.securityContext.allowPrivilegeEscalation`, pod({ containers: [secured({ allowPrivilegeEscalation: undefined })] })],
    [`${at}.securityContext.seccompProfile.type`, pod({ containers: [secured({ seccompProfile: { type: 'Unconfined' } })] })],
    [`${at}.securityContext.appArmorProfile.type`, pod({ containers: [secured({ appArmorProfile: { type: 'Unconfined' } })] })],
    [`${at}.securityContext.seLinuxOptions.type`, pod({ containers: [secured({ seLinuxOptions: { type: 'spc_t' } })] })],
    [`${at}.securityContext.seLinuxOptions.user`, pod({ containers: [secured({ seLinuxOptions: { user: 'root' } })] })],
    [`${at}.securityContext.runAsUser`, pod({ containers: [secured({ runAsUser: 0 })] })],
    [`${at}.securityContext.runAsNonRoot`, pod({ containers: [secured({ runAsNonRoot: false })] })],
    [`${at}.ports[0].hostPort`, pod({ containers: [secured({}, { ports: [{ containerPort: 4000, hostPort: 80 }] })] })],
    [
      `${at}.livenessProbe.httpGet.host`,
      pod({ containers: [secured({}, { livenessProbe: { httpGet: { host: '10.0.0.1' } } })] }),
    ],
    [
      `${at}.lifecycle.preStop.tcpSocket.host`,
      pod({ containers: [secured({}, { lifecycle: { preStop: { tcpSocket: { host: 'x' } } } })] }),
    ],
    ['spec.initContainers[0].securityContext.privileged', pod({ initContainers: [secured({ privileged: true })] })],
    ['spec.ephemeralContainers[0].securityContext.privileged', pod({ ephemeralContainers: [secured({ privileged: true })] })],
    ['spec.jobTemplate.spec.template.spec.hostNetwork', cronJob({ ...pod().spec, hostNetwork: true })],
  ])('fails when %s is refused by the namespace', (field, object) => {
    expect(findings(podSecurity, [object]).map((found) => found.split(' ')[0])).toEqual([field]);
  });

  it('accepts what the profile lists', () => {
    const context = {
      capabilities: { drop: ['ALL'], add: ['NET_BIND_SERVICE'] },
      procMount: 'Default',
      privileged: false,
      seLinuxOptions: { type: 'container_t', level: 's0:c1,c2' },
      appArmorProfile: { type: 'Localhost' },
    };
    const sysctls = [{ name: 'net.ipv4.ip_local_port_range' }, { name: 'net.ipv4.tcp_keepalive_time' }];
    const types = ['configMap', 'csi', 'downwardAPI', 'emptyDir', 'ephemeral', 'persistentVolumeClaim', 'projected', 'secret'];
    const spec = {
      securityContext: { ...hardened.securityContext, sysctls },
      volumes: types.map((type) => ({ name: type.toLowerCase(), [type]: {} })),
      containers: [secured(context, { ports: [{ containerPort: 4000, hostPort: 0 }] })],
    };
    expect(findings(podSecurity, [pod(spec)])).toEqual([]);
  });

  it('accepts what each container says for itself', () => {
    const own = secured({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } });
    expect(findings(podSecurity, [pod({ securityContext: {}, containers: [own] })])).toEqual([]);
  });

  it('accepts more on newer versions of Kubernetes', () => {
    const sysctls = [{ name: 'net.ipv4.tcp_rmem' }];
    const context = { ...hardened.securityContext, sysctls, seLinuxOptions: { type: 'container_engine_t' } };
    const object = pod({ securityContext: context, volumes: [{ name: 'plugins', image: {} }] });
    expect(findings(podSecurity, [object], { kubernetes: '1.30' })).toHaveLength(3);
    expect(findings(podSecurity, [object], { kubernetes: '1.33' })).toEqual([]);
  });

  it('asks nothing of Windows that it does not have', () => {
    const containers = [{ ...container, securityContext: undefined }];
    const windows = { os: { name: 'windows' }, securityContext: { runAsNonRoot: true }, containers };
    for (const rule of [podSecurity, highUserIds, readOnlyRoot]) expect(findings(rule, [pod(windows)])).toEqual([]);
  });
});

describe('users and groups', () => {
  it('fails when the database runs as the user of its image', () => {
    const change = JsonPatch.replace('/spec/template/spec/securityContext/runAsUser', 999);
    expect(
      printed(
        [highUserIds],
        ({ postgres }) => postgres.single && patch(postgres.single.statefulSet, 'the volume is old', change),
      ),
    ).toEqual([
      "[10-postgres/Single/StatefulSet] 'spec.template.spec.securityContext.runAsUser' must be a number of 10000 or more, got 999; " +
        'use 10001, or 65534 where the image needs no user of its own (high-user-ids)',
    ]);
  });

  it.each<[string, Manifest]>([
    ['spec.containers[0].securityContext.runAsGroup', { containers: [secured({ runAsGroup: 0 })] }],
    ['spec.securityContext.runAsUser', { securityContext: { runAsGroup: 10001 } }],
    ['spec.securityContext.fsGroup', { securityContext: { ...hardened.securityContext, fsGroup: 999 } }],
    [
      'spec.securityContext.supplementalGroups[0]',
      { securityContext: { ...hardened.securityContext, supplementalGroups: [100] } },
    ],
  ])('fails when %s is low or not set', (field, spec) => {
    expect(findings(highUserIds, [pod(spec)])).toEqual([`${field} be a number of 10000 or more`]);
  });

  it('may be said by each container', () => {
    const own = secured({ runAsUser: 10001, runAsGroup: 10001 });
    expect(findings(highUserIds, [pod({ securityContext: {}, containers: [own] })])).toEqual([]);
  });
});

describe('the root filesystem', () => {
  it('fails when the web pods may write to it', () => {
    const change = JsonPatch.remove('/spec/template/spec/containers/0/securityContext/readOnlyRootFilesystem');
    expect(printed([readOnlyRoot], ({ release }) => patch(release.web.deployment, 'writes its config', change))).toEqual([
      "[30-phoenix/Release/Web/Deployment] 'spec.template.spec.containers[0].securityContext.readOnlyRootFilesystem' must be " +
        'true, got nothing; set it, and mount an emptyDir with a sizeLimit where the program writes, such as /tmp (read-only-root)',
    ]);
  });
});

describe('resources', () => {
  it('fails when a sidecar says only part of what it needs', () => {
    const resources = { requests: { cpu: '10m', memory: '16Mi' }, limits: { memory: '0' } };
    const add = JsonPatch.add('/spec/template/spec/containers/-', { ...container, name: 'proxy', resources });
    expect(printed([resourcesSet], ({ release }) => patch(release.web.deployment, 'speaks TLS', add))).toEqual([
      "[30-phoenix/Release/Web/Deployment] 'spec.template.spec.containers[1].resources' must set requests.ephemeral-storage, " +
        'limits.memory, limits.ephemeral-storage, got {"requests":{"cpu":"10m","memory":"16Mi"},"limits":{"memory":"0"}}; ' +
        'measure what it uses, and write it down with room to spare (resources-set)',
    ]);
  });

  it('are not set on containers for debugging', () => {
    const { name, image, imagePullPolicy, securityContext } = container;
    const spec = { ephemeralContainers: [{ name, image, imagePullPolicy, securityContext }] };
    expect(findings(resourcesSet, [pod(spec)])).toEqual([]);
  });
});

describe('an emptyDir', () => {
  it('fails when /tmp takes more disk than the web container may use', () => {
    const change = JsonPatch.replace('/spec/template/spec/volumes/0/emptyDir/sizeLimit', '1Gi');
    expect(printed([emptydirLimit], ({ release }) => patch(release.web.deployment, 'large uploads', change))).toEqual([
      "[30-phoenix/Release/Web/Deployment] 'spec.template.spec.volumes[0].emptyDir.sizeLimit' must leave tmp together at most " +
        '512Mi, the ephemeral-storage limit of the containers, got "1024Mi"; lower a sizeLimit or raise the limit (emptydir-limit)',
    ]);
  });

  const mounting = (name: string, readOnly = false) => ({ ...container, volumeMounts: [{ name, mountPath: '/x', readOnly }] });
  it.each<[string, Manifest, string]>([
    ['has no size', { volumes: [{ name: 'tmp', emptyDir: {} }] }, 'spec.volumes[0].emptyDir.sizeLimit be set'],
    [
      'has a size of nothing',
      { volumes: [{ name: 'tmp', emptyDir: { sizeLimit: 0 } }] },
      'spec.volumes[0].emptyDir.sizeLimit be set',
    ],
    ['is one because it is nothing else', { volumes: [{ name: 'tmp' }] }, 'spec.volumes[0].emptyDir.sizeLimit be set'],
    [
      'takes more disk together with another',
      { volumes: ['a', 'b'].map((name) => ({ name, emptyDir: { sizeLimit: '33Mi' } })) },
      'spec.volumes[0].emptyDir.sizeLimit leave a, b together at most 64Mi, the ephemeral-storage limit of the containers',
    ],
    [
      'takes all memory of its container',
      { containers: [mounting('shm')], volumes: [{ name: 'shm', emptyDir: { medium: 'Memory', sizeLimit: '64Mi' } }] },
      'spec.containers[0].resources.limits.memory be more than 64Mi, which shm may take of it',
    ],
  ])('fails when it %s', (_, spec, found) => {
    expect(findings(emptydirLimit, [pod(spec)])).toEqual([found]);
  });

  it.each<[string, Manifest]>([
    ['all disk', { volumes: [{ name: 'tmp', emptyDir: { sizeLimit: '64Mi' } }] }],
    [
      'what two containers have together',
      { containers: [container, container], volumes: [{ name: 'tmp', emptyDir: { sizeLimit: '96Mi' } }] },
    ],
    [
      'memory of a container that only reads it',
      { containers: [mounting('m', true)], volumes: [{ name: 'm', emptyDir: { medium: 'Memory', sizeLimit: '1Gi' } }] },
    ],
    ['huge pages', { volumes: [{ name: 'huge', emptyDir: { medium: 'HugePages-2Mi' } }] }],
  ])('may take %s', (_, spec) => {
    expect(findings(emptydirLimit, [pod(spec)])).toEqual([]);
  });
});

describe('an image', () => {
  const ofWeb = (path: string, value: unknown) => JsonPatch.replace(`/spec/template/spec/containers/0/${path}`, value);

  it('fails when it is latest, which is one fault', () => {
    const change = ofWeb('image', 'registry.example.com/kube-native:latest');
    expect(printed([imageVersion, imageDigest], ({ release }) => patch(release.web.deployment, 'always fresh', change))).toEqual([
      "[30-phoenix/Release/Web/Deployment] 'spec.template.spec.containers[0].image' must be an image with a tag other than " +
        'latest, got "registry.example.com/kube-native:latest"; write it as ' +
        'registry.example.com/team/app:1.4.2@sha256:<64 hex digits> (image-version)',
    ]);
  });

  it('fails when it has a tag alone', () => {
    const change = ofWeb('image', 'registry.example.com/kube-native:1.0.0');
    expect(
      printed([imageVersion, imageDigest], ({ release }) => patch(release.web.deployment, 'a build of today', change)),
    ).toEqual([
      "[30-phoenix/Release/Web/Deployment] 'spec.template.spec.containers[0].image' must name a digest, " +
        'got "registry.example.com/kube-native:1.0.0"; append the digest that the registry printed at the push: ' +
        'name:1.4.2@sha256:<64 hex digits> (image-digest)',
    ]);
  });

  it.each(['web', 'web:latest', 'Web:1.0.0', 'web:1.0.0 ', '', undefined, 7])('fails when it is %j', (image) => {
    const found = findings(imageVersion, [pod({ containers: [{ ...container, image }] })]);
    expect(found).toEqual(['spec.containers[0].image be an image with a tag other than latest']);
  });

  it('fails when a registry has it and nobody may pull it', () => {
    const change = ofWeb('imagePullPolicy', 'Never');
    expect(printed([pullPolicy], ({ release }) => patch(release.web.deployment, 'the registry is slow', change))).toEqual([
      "[30-phoenix/Release/Web/Deployment] 'spec.template.spec.containers[0].imagePullPolicy' must be Always or IfNotPresent " +
        `for ${production.image}, got "Never"; keep Never for images built on the node itself (pull-policy)`,
    ]);
  });

  it.each<[string, Manifest, string[]]>([
    ['localhost:5000/web:1', { imagePullPolicy: 'Never' }, ['be Always or IfNotPresent for localhost:5000/web:1']],
    ['web:1', { imagePullPolicy: undefined }, ['be set']],
    ['web:1', { imagePullPolicy: 'Never' }, []],
    ['team/web:1', { imagePullPolicy: 'Never' }, []],
  ])('%s is pulled as %j says', (image, policy, musts) => {
    const found = findings(pullPolicy, [pod({ containers: [{ ...container, image, ...policy }] })]);
    expect(found).toEqual(musts.map((must) => `spec.containers[0].imagePullPolicy ${must}`));
  });
});

describe('the identity of a pod', () => {
  const ofPod = (path: string) => JsonPatch.remove(`/spec/template/spec/${path}`);

  it('fails when it takes a token that it does not use', () => {
    const change = ofPod('automountServiceAccountToken');
    expect(printed([tokenUnused], ({ release }) => patch(release.web.deployment, 'as it was before', change))).toEqual([
      "[30-phoenix/Release/Web/Deployment] 'spec.template.spec.automountServiceAccountToken' must be false, got nothing; " +
        'set it, or bind a Role to the ServiceAccount where the program asks the API (token-unused)',
    ]);
  });

  const token = pod({ automountServiceAccountToken: true });
  const bound = (subject: Manifest, kind = 'RoleBinding', namespace = 'test') => ({
    kind,
    metadata: { namespace },
    subjects: [subject],
  });
  it.each([
    bound({ kind: 'ServiceAccount', name: 'web', namespace: 'test' }),
    bound({ kind: 'ServiceAccount', name: 'web' }),
    bound({ kind: 'ServiceAccount', name: 'web', namespace: 'test' }, 'ClusterRoleBinding'),
    bound({ kind: 'User', name: 'system:serviceaccount:test:web' }, 'RoleBinding', 'other'),
    bound({ kind: 'Group', name: 'system:serviceaccounts:test' }),
    bound({ kind: 'Group', name: 'system:serviceaccounts' }),
  ])('may have a token for $kind of $subjects', (binding) => {
    expect(findings(tokenUnused, [token, binding])).toEqual([]);
  });

  it.each([
    bound({ kind: 'ServiceAccount', name: 'api', namespace: 'test' }),
    bound({ kind: 'ServiceAccount', name: 'web', namespace: 'other' }),
    bound({ kind: 'Group', name: 'system:serviceaccounts:other' }),
    bound({ kind: 'User', name: 'web' }),
  ])('fails when $subjects are somebody else', (binding) => {
    expect(findings(tokenUnused, [token, binding])).toEqual(['spec.automountServiceAccountToken be false']);
  });

  it('fails when it is that of all pods of the namespace', () => {
    const change = JsonPatch.replace('/spec/template/spec/serviceAccountName', 'default');
    expect(printed([ownServiceAccount], ({ release }) => patch(release.web.deployment, 'one account for all', change))).toEqual([
      "[30-phoenix/Release/Web/Deployment] 'spec.template.spec.serviceAccountName' must name another ServiceAccount than default, " +
        'got "default"; make a ServiceAccount with the name of the controller, and name it here (own-service-account)',
    ]);
    const missing = { serviceAccountName: undefined };
    expect(findings(ownServiceAccount, [pod(missing)])).toEqual([
      'spec.serviceAccountName name another ServiceAccount than default',
    ]);
    expect(findings(ownServiceAccount, [pod({ ...missing, serviceAccount: 'web' })])).toEqual([]);
  });

  it('fails when Services become variables', () => {
    expect(
      printed([serviceLinks], ({ release }) => patch(release.web.deployment, 'as it was before', ofPod('enableServiceLinks'))),
    ).toEqual([
      "[30-phoenix/Release/Web/Deployment] 'spec.template.spec.enableServiceLinks' must be false, got nothing; " +
        'set it: names of Services are found by DNS (service-links)',
    ]);
  });
});

describe('a role', () => {
  const role = (...rules: Manifest[]) => ({ kind: 'Role', metadata: { name: 'web', namespace: 'test' }, rules });

  it('fails when it reads Secrets in staging', () => {
    const rule = { apiGroups: [''], resources: ['configmaps', 'secrets'], verbs: ['get', 'create'] };
    const faults = printed([rbacNarrow], ({ release }) => {
      const metadata = { name: 'reader', namespace: staging.namespace };
      new ApiObject(release, 'Role', { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role', metadata, rules: [rule] });
    });
    expect(faults).toEqual([
      '[30-phoenix/Release/Role] \'rules[0].verbs\' must not read Secrets, got ["get"]; ' +
        'drop the verbs, or leave the work to a controller that has its own account (rbac-narrow)',
    ]);
  });

  it.each<[Manifest, string]>([
    [{ apiGroups: ['*'], resources: ['pods'], verbs: ['get'] }, 'rules[0].apiGroups name each of them'],
    [{ apiGroups: [''], resources: ['*'], verbs: ['get'] }, 'rules[0].resources name each of them'],
    [{ apiGroups: [''], resources: ['pods/*'], verbs: ['get'] }, 'rules[0].resources name each of them'],
    [{ apiGroups: [''], resources: ['pods'], verbs: ['*'] }, 'rules[0].verbs name each of them'],
    [{ nonResourceURLs: ['*'], verbs: ['get'] }, 'rules[0].nonResourceURLs name each of them'],
    [{ apiGroups: [''], resources: ['pods'], verbs: ['create'] }, 'rules[0].verbs not make pods, which can mount any Secret'],
    [
      { apiGroups: ['batch'], resources: ['jobs'], verbs: ['create'] },
      'rules[0].verbs not make pods, which can mount any Secret',
    ],
    [{ apiGroups: [''], resources: ['pods/exec'], verbs: ['create'] }, 'rules[0].verbs not enter pods'],
    [{ apiGroups: [''], resources: ['pods/exec'], verbs: ['get'] }, 'rules[0].verbs not enter pods'],
    [
      { apiGroups: [''], resources: ['serviceaccounts/token'], verbs: ['create'] },
      'rules[0].verbs not make tokens of other ServiceAccounts',
    ],
    [{ resources: ['roles'], verbs: ['escalate'] }, 'rules[0].verbs not give more rights than it has'],
    [{ resources: ['clusterroles'], verbs: ['bind'] }, 'rules[0].verbs not give more rights than it has'],
    [{ resources: ['rolebindings'], verbs: ['create'] }, 'rules[0].verbs not give rights to others'],
    [{ resources: ['users'], verbs: ['impersonate'] }, 'rules[0].verbs not act as someone else'],
  ])('fails when it allows %j', (rule, found) => {
    expect(findings(rbacNarrow, [role(rule)])).toEqual([found]);
    expect(findings(rbacNarrow, [{ ...role(rule), kind: 'ClusterRole' }])).toEqual([found]);
  });

  it('may find pods, watch itself and lead', () => {
    const rules = [
      {
        apiGroups: ['', 'discovery.k8s.io'],
        resources: ['pods', 'endpoints', 'endpointslices'],
        verbs: ['get', 'list', 'watch'],
      },
      { apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: ['get', 'create', 'update'] },
      { apiGroups: ['apps'], resources: ['deployments/scale'], verbs: ['patch'] },
      { nonResourceURLs: ['/metrics', '/healthz/*'], verbs: ['get'] },
    ];
    expect(findings(rbacNarrow, [role(...rules)])).toEqual([]);
  });

  it.each<[Manifest, string]>([
    [{ roleRef: { kind: 'ClusterRole', name: 'cluster-admin' } }, 'roleRef.name name a role made for this program'],
    [{ roleRef: { kind: 'ClusterRole', name: 'edit' } }, 'roleRef.name name a role made for this program'],
    [{ subjects: [{ kind: 'Group', name: 'system:authenticated' }] }, 'subjects[0].name name one account'],
    [{ subjects: [{ kind: 'User', name: 'system:anonymous' }] }, 'subjects[0].name name one account'],
  ])('fails when it is bound by %j', (binding, found) => {
    expect(findings(rbacNarrow, [{ kind: 'RoleBinding', ...binding }])).toEqual([found]);
    expect(findings(rbacNarrow, [{ kind: 'ClusterRoleBinding', ...binding }])).toEqual([found]);
  });

  it('may be a Role of the namespace that is called admin', () => {
    expect(findings(rbacNarrow, [{ kind: 'RoleBinding', roleRef: { kind: 'Role', name: 'admin' } }])).toEqual([]);
  });
});

describe('an Ingress', () => {
  it('fails when it writes into the configuration of its controller', () => {
    const key = 'nginx.ingress.kubernetes.io/configuration-snippet';
    const faults = printed([ingressSnippets], ({ release }) => {
      const metadata = { name: 'web', annotations: { [key]: 'return 200;', 'nginx.ingress.kubernetes.io/limit-rps': '5' } };
      new ApiObject(release, 'Ingress', { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', metadata, spec: {} });
    });
    expect(faults).toEqual([
      `[30-phoenix/Release/Ingress] 'metadata.annotations["${key}"]' must not be there, got "a snippet"; ` +
        'use the annotation made for it, such as limit-rps, or do it in the endpoint (ingress-snippets)',
    ]);
  });

  it.each(['server-snippet', 'auth-snippet', 'stream-snippet', 'modsecurity-snippet'])('fails when it has a %s', (snippet) => {
    const annotations = { [`nginx.ingress.kubernetes.io/${snippet}`]: 'deny all;' };
    expect(findings(ingressSnippets, [{ kind: 'Ingress', metadata: { annotations } }])).toHaveLength(1);
  });
});

/** The policy of one controller of an environment. */
function fenceOf(app: App, name: string): ApiObject {
  const { policies } = app.node.findChild('08-network').node.findChild('Fence') as NetworkFence;
  return ApiObject.of(policies[name] ?? app);
}

const controller = (kind: string, name: string, spec: Manifest = {}): Manifest => ({
  kind,
  metadata: { name, namespace: 'test' },
  spec: { template: { metadata: { labels: { app: name } }, spec: { containers: [{ name, ...spec }] } } },
});
const policy = (spec: Manifest, namespace = 'test'): Manifest => ({
  kind: 'NetworkPolicy',
  metadata: { name: 'fence', namespace },
  spec,
});
const both = { policyTypes: ['Ingress', 'Egress'] };

describe('the fence of a pod', () => {
  it('fails when a namespace of staging has none', () => {
    const metadata = { name: 'web', namespace: 'elsewhere', labels: { app: 'web' } };
    const faults = printed([networkFenced], ({ release }) => {
      new ApiObject(release, 'Pod', { apiVersion: 'v1', kind: 'Pod', metadata, spec: { containers: [] } });
    });
    expect(faults).toHaveLength(1);
    expect(faults[0]).toMatch(
      /^\[30-phoenix\/Release\/Pod\] 'metadata\.labels' must be selected by a NetworkPolicy for Ingress and Egress, got \{"app":"web",/,
    );
    expect(faults[0]).toMatch(
      /; add a NetworkPolicy with an empty podSelector and both policyTypes, and one that opens what is needed \(network-fenced\)$/,
    );
  });

  const labels = 'spec.template.metadata.labels be selected by a NetworkPolicy for';
  it.each<[string, Manifest[], string[]]>([
    ['no policy at all', [], [`${labels} Ingress and Egress`]],
    ['an empty selector, which finds all', [policy({ podSelector: {}, ...both })], []],
    ['no selector, which finds all as well', [policy(both)], []],
    ['its label', [policy({ podSelector: { matchLabels: { app: 'web' } }, ...both })], []],
    ['another label', [policy({ podSelector: { matchLabels: { app: 'api' } }, ...both })], [`${labels} Ingress and Egress`]],
    [
      'an expression',
      [policy({ podSelector: { matchExpressions: [{ key: 'app', operator: 'In', values: ['web'] }] }, ...both })],
      [],
    ],
    ['another namespace', [policy({ podSelector: {}, ...both }, 'other')], [`${labels} Ingress and Egress`]],
    ['one direction', [policy({ podSelector: {}, policyTypes: ['Ingress'] })], [`${labels} Egress`]],
    ['one direction each', [policy({ policyTypes: ['Ingress'] }), policy({ policyTypes: ['Egress'] })], []],
    ['no types: ingress is meant', [policy({ podSelector: {} })], [`${labels} Egress`]],
    ['no types but rules for egress', [policy({ podSelector: {}, egress: [{}] })], []],
  ])('is judged by %s', (_, policies, found) => {
    expect(findings(networkFenced, [controller('Deployment', 'web'), ...policies])).toEqual(found);
  });
});

describe('the openings in the fences', () => {
  const shut = (field: string, name: string) => {
    const app = build(staging);
    patch(fenceOf(app, name), 'closed too far', JsonPatch.remove(field));
    return render(app).faults.filter((fault) => fault.endsWith(`(${networkOpen.name})`));
  };

  it('fails when the web pods of staging may not ask for names', () => {
    const [tcp, udp, ...others] = shut('/spec/egress/0', 'kube-native');
    expect(udp).toContain(
      "[08-network/Fence/kube-native] 'spec.egress' must let Deployment kube-native ask DNS at UDP 53 of kube-system, got [",
    );
    expect(udp).toContain('; add a rule with this peer and this port, protocol included (network-open)');
    expect(tcp).toContain('must let Deployment kube-native ask DNS at TCP 53 of kube-system');
    expect(others).toEqual([]);
  });

  it('fails when the web pods of staging may not reach their database', () => {
    const [fault, ...others] = shut('/spec/egress/1', 'kube-native');
    expect(fault).toContain(
      "[08-network/Fence/kube-native] 'spec.egress' must let Deployment kube-native send to TCP 5432 of StatefulSet kube-native-postgresql, got [",
    );
    expect(others).toEqual([]);
  });

  it('fails when the database of staging lets nobody in', () => {
    const faults = shut('/spec/ingress', 'kube-native-postgresql');
    expect(faults).toHaveLength(2);
    expect(faults[0]).toContain(
      "[08-network/Fence/kube-native-postgresql] 'spec.ingress' must let Deployment kube-native send to TCP 5432 of StatefulSet kube-native-postgresql, got nothing;",
    );
    expect(faults[1]).toContain('must let Job kube-native-migrate-');
  });

  const url = { name: 'DATABASE_URL', value: 'ecto://web@db.test.svc.cluster.local:5432/web' };
  const web = controller('Deployment', 'web', { env: [url], ports: [{ name: 'http', containerPort: 4000 }] });
  const db = controller('StatefulSet', 'db', { ports: [{ name: 'postgresql', containerPort: 5432 }] });
  const service = (name: string, ports: Manifest[], spec: Manifest = {}) => ({
    kind: 'Service',
    metadata: { name, namespace: 'test' },
    spec: { selector: { app: name }, ports, ...spec },
  });
  const dbService = service('db', [{ port: 5432, targetPort: 'postgresql' }]);
  const system = { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'kube-system' } } };
  const openshift = { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'openshift-dns' } } };
  const dns = { to: [system], ports: [{ port: 53, protocol: 'UDP' }, { port: 53 }] };
  const pods = (app: string) => ({ podSelector: { matchLabels: { app } } });
  const fence = (app: string, spec: Manifest) => policy({ ...pods(app), ...both, ...spec });
  const asks = (protocol: string) => `spec.egress let Deployment web ask DNS at ${protocol} 53 of kube-system`;
  const sends = 'spec.egress let Deployment web send to TCP 5432 of StatefulSet db';
  const receives = 'spec.ingress let Deployment web send to TCP 5432 of StatefulSet db';
  const egress = (...rules: Manifest[]) => findings(networkOpen, [web, db, dbService, fence('web', { egress: rules })]);
  const ingress = (...rules: Manifest[]) =>
    findings(networkOpen, [web, db, dbService, fence('db', { policyTypes: ['Ingress'], ingress: rules })]);

  it('are not asked for where nothing is closed', () => {
    expect(findings(networkOpen, [web, db, dbService])).toEqual([]);
    expect(findings(networkOpen, [web, db, dbService, policy({ policyTypes: ['Egress'] }, 'other')])).toEqual([]);
  });

  it('are not asked for by pods that name no host and may send nothing', () => {
    expect(findings(networkOpen, [db, fence('db', {})])).toEqual([]);
  });

  it.each<[string, Manifest[], string[]]>([
    ['nothing', [], [asks('UDP'), asks('TCP'), sends]],
    ['everything', [{}], []],
    ['everyone, as empty lists say', [{ to: [], ports: [] }], []],
    ['DNS alone', [dns], [sends]],
    ['DNS by UDP alone', [{ to: [system], ports: [{ port: 53, protocol: 'UDP' }] }, { to: [pods('db')] }], [asks('TCP')]],
    [
      'the pods of DNS',
      [{ ...dns, to: [{ ...system, podSelector: { matchLabels: { 'k8s-app': 'kube-dns' } } }] }, { to: [pods('db')] }],
      [],
    ],
    [
      'other pods beside those of DNS',
      [{ ...dns, to: [{ ...system, podSelector: { matchLabels: { 'k8s-app': 'proxy' } } }] }, { to: [pods('db')] }],
      [asks('UDP'), asks('TCP')],
    ],
    [
      'a namespace by a label that it need not have',
      [{ ...dns, to: [{ namespaceSelector: { matchLabels: { name: 'kube-system' } } }] }, { to: [pods('db')] }],
      [asks('UDP'), asks('TCP')],
    ],
    ['a cache of DNS on the node', [{ ...dns, to: [{ ipBlock: { cidr: '169.254.20.10/32' } }] }, { to: [pods('db')] }], []],
    [
      'the DNS of OpenShift, at the port of its pods',
      [{ to: [openshift], ports: [{ port: 5353, protocol: 'UDP' }, { port: 'dns-tcp' }] }, { to: [pods('db')] }],
      [],
    ],
    [
      'the DNS of OpenShift, at the port of its Service',
      [{ ...dns, to: [openshift] }, { to: [pods('db')] }],
      [asks('UDP'), asks('TCP')],
    ],
    ['the port', [dns, { to: [pods('db')], ports: [{ port: 5432 }] }], []],
    ['the port by its name', [dns, { to: [pods('db')], ports: [{ port: 'postgresql' }] }], []],
    ['a name that the pod has not', [dns, { to: [pods('db')], ports: [{ port: 'postgres' }] }], [sends]],
    ['a range of ports', [dns, { to: [pods('db')], ports: [{ port: 5000, endPort: 6000 }] }], []],
    ['a range that ends before', [dns, { to: [pods('db')], ports: [{ port: 5000, endPort: 5431 }] }], [sends]],
    ['another protocol', [dns, { to: [pods('db')], ports: [{ port: 5432, protocol: 'UDP' }] }], [sends]],
    ['all ports of one protocol', [dns, { to: [pods('db')], ports: [{ protocol: 'TCP' }] }], []],
    ['other pods', [dns, { to: [pods('cache')] }], [sends]],
    ['all pods of its namespace', [dns, { to: [{ podSelector: {} }] }], []],
    ['all namespaces', [dns, { to: [{ namespaceSelector: {} }] }], []],
    [
      'these pods of its namespace by name',
      [dns, { to: [{ ...pods('db'), namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'test' } } }] }],
      [],
    ],
    ['these pods of another namespace', [dns, { to: [{ ...pods('db'), ...system }] }], [sends]],
    ['addresses, which pods change', [dns, { to: [{ ipBlock: { cidr: '10.0.0.0/8' } }] }], [sends]],
    ['one of several peers', [dns, { to: [pods('cache'), pods('db')] }], []],
  ])('for egress are judged by %s', (_, rules, found) => {
    expect(egress(...rules)).toEqual(found);
  });

  it('lead to the DNS that was declared, and to no other', () => {
    const own = { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'names' } } };
    const ports = [{ port: 1053, protocol: 'UDP' }, { port: 1053 }];
    const at = (rule: Manifest) =>
      findings(networkOpen, [db, fence('db', { egress: [rule] })], { dns: [{ namespace: 'names', port: 1053 }] });
    expect(at({ to: [own], ports })).toEqual([]);
    expect(at({ to: [{ ...own, podSelector: { matchLabels: { app: 'coredns' } } }], ports })).toEqual([]);
    const closed = ['UDP', 'TCP'].map((protocol) => `spec.egress let StatefulSet db ask DNS at ${protocol} 1053 of names`);
    expect(at({ ...dns, to: [own] })).toEqual(closed);
    expect(at({ ...dns, ports })).toEqual(closed);
  });

  it.each<[string, Manifest[], string[]]>([
    ['nothing', [], [receives]],
    ['everyone', [{ ports: [{ port: 5432 }] }], []],
    ['the sender', [{ from: [pods('web')], ports: [{ port: 'postgresql' }] }], []],
    ['someone else', [{ from: [pods('api')] }], [receives]],
    ['the port of the Service rather than that of the pod', [{ from: [pods('web')], ports: [{ port: 80 }] }], [receives]],
  ])('for ingress are judged by %s', (_, rules, found) => {
    expect(ingress(...rules)).toEqual(found);
  });

  it('add up over all policies of a pod', () => {
    const objects = [
      policy({ podSelector: {}, ...both }),
      fence('web', { egress: [dns] }),
      fence('web', { egress: [{ to: [pods('db')] }] }),
    ];
    expect(findings(networkOpen, [web, db, dbService, ...objects, fence('db', { ingress: [{}] })])).toEqual([]);
    expect(findings(networkOpen, [web, db, dbService, ...objects])).toEqual([receives]);
  });

  it('read the labels of a namespace where it stands in the YAML', () => {
    const namespace = { kind: 'Namespace', metadata: { name: 'test', labels: { team: 'web' } } };
    const rule = { to: [{ namespaceSelector: { matchLabels: { team: 'web' } } }] };
    const objects = [web, db, dbService, fence('web', { egress: [dns, rule] })];
    expect(findings(networkOpen, [...objects, namespace])).toEqual([]);
    expect(findings(networkOpen, objects)).toEqual([sends]);
  });

  it.each<[string, Manifest[], number[]]>([
    ['a Service with another port', [service('db', [{ port: 80, targetPort: 5432 }])], []],
    ['a Service that changes the port', [service('db', [{ port: 5432, targetPort: 6432 }])], [6432]],
    ['a Service without a target port', [service('db', [{ port: 5432 }])], [5432]],
    [
      'a headless Service, which changes nothing',
      [service('db', [{ port: 5432, targetPort: 6432 }], { clusterIP: 'None' })],
      [5432],
    ],
    ['a Service of other pods', [service('db', [{ port: 5432 }], { selector: { app: 'cache' } })], []],
    ['a Service without pods', [service('db', [{ port: 5432 }], { selector: undefined })], []],
    ['no Service of this environment', [], []],
  ])('go to the ports behind %s', (_, services, ports) => {
    const found = findings(networkOpen, [web, db, ...services, fence('web', { egress: [dns] })]);
    expect(found).toEqual(ports.map((port) => `spec.egress let Deployment web send to TCP ${port} of StatefulSet db`));
  });

  it.each([
    ['a host without a URL', 'db.test.svc.cluster.local'],
    ['a pod behind a headless Service', 'db-0.db.test.svc'],
    ['the short name', 'ecto://db/web'],
    ['the name with its namespace', 'postgres://web@db.test:5432'],
    ['the second host of a URL', 'postgres://a.example.com:5432,db.test.svc:5432/web'],
  ])('are needed for a variable with %s', (_, value) => {
    const sender = controller('Deployment', 'web', { env: [{ name: 'SOMETHING', value }] });
    expect(findings(networkOpen, [sender, db, dbService, fence('web', { egress: [dns] })])).toEqual([sends]);
  });

  it.each(['web@db', 'db', 'https://example.com', 'ecto://db.other.svc/web', 'web@127.0.0.1'])(
    'are not needed for %s',
    (value) => {
      const sender = controller('Deployment', 'web', { env: [{ name: 'SOMETHING', value }] });
      expect(findings(networkOpen, [sender, db, dbService, fence('web', { egress: [dns] })])).toEqual([]);
    },
  );

  it('are needed for the variables of a ConfigMap and of containers for the start', () => {
    const data = { DATABASE_URL: url.value };
    const configMap = { kind: 'ConfigMap', metadata: { name: 'settings', namespace: 'test' }, data };
    const spec = { initContainers: [{ name: 'wait', envFrom: [{ configMapRef: { name: 'settings' } }] }], containers: [] };
    const sender = { ...web, spec: { template: { metadata: { labels: { app: 'web' } }, spec } } };
    expect(findings(networkOpen, [sender, db, dbService, configMap, fence('web', { egress: [dns] })])).toEqual([sends]);
  });

  const webService = service('web', [{ name: 'http', port: 80, targetPort: 'http' }]);
  const backend = { service: { name: 'web', port: { name: 'http' } } };
  const ofIngress = (spec: Manifest) => ({
    kind: 'Ingress',
    apiVersion: 'networking.k8s.io/v1',
    metadata: { name: 'web', namespace: 'test' },
    spec,
  });
  const ofRoute = (ref: Manifest, namespace = 'test') => ({
    kind: 'HTTPRoute',
    apiVersion: 'gateway.networking.k8s.io/v1',
    metadata: { name: 'web', namespace },
    spec: { rules: [{ backendRefs: [ref] }] },
  });
  it.each<[string, Manifest]>([
    ['an Ingress', ofIngress({ rules: [{ http: { paths: [{ backend }, { backend }] } }] })],
    ['the default backend of an Ingress', ofIngress({ defaultBackend: { service: { name: 'web', port: { number: 80 } } } })],
    ['a route', ofRoute({ name: 'web', port: 80 })],
    ['a route of another namespace', ofRoute({ name: 'web', port: 80, namespace: 'test' }, 'other')],
  ])('let the controller of %s in', (_, route) => {
    const rules = (...given: Manifest[]) =>
      findings(networkOpen, [
        { ...web, spec: controller('', 'web', { ports: [{ name: 'http', containerPort: 4000 }] })['spec'] },
        webService,
        route,
        fence('web', { ingress: given }),
      ]);
    const closed = [expect.stringMatching(/^spec.ingress let the controller of \w+ web send to TCP 4000 of Deployment web$/)];
    expect(rules()).toEqual(closed);
    expect(rules({ from: [{ podSelector: {} }] })).toEqual(closed);
    expect(rules({ from: [system], ports: [{ port: 80 }] })).toEqual(closed);
    expect(rules({ from: [system], ports: [{ port: 4000 }] })).toEqual([]);
    expect(rules({ from: [system], ports: [{ port: 'http' }] })).toEqual([]);
    expect(rules({ from: [{ ipBlock: { cidr: '10.0.0.0/8' } }] })).toEqual([]);
    expect(rules({})).toEqual([]);
  });
});
