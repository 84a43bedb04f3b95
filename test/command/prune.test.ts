import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { prune, type PruneOptions } from '../../lib/command/prune';
import type { Manifest } from '../../lib/index';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'prune-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const groups: Readonly<Record<string, string>> = {
  ...{ Deployment: 'apps/v1', ReplicaSet: 'apps/v1', StatefulSet: 'apps/v1', ControllerRevision: 'apps/v1' },
  ...{ Job: 'batch/v1', CronJob: 'batch/v1', HorizontalPodAutoscaler: 'autoscaling/v2' },
  ...{ NetworkPolicy: 'networking.k8s.io/v1', Role: 'rbac.authorization.k8s.io/v1', RoleBinding: 'rbac.authorization.k8s.io/v1' },
  ...{ HTTPRoute: 'gateway.networking.k8s.io/v1', Gateway: 'gateway.networking.k8s.io/v1', ScaledObject: 'keda.sh/v1alpha1' },
  ...{ Cluster: 'postgresql.cnpg.io/v1', ExternalSecret: 'external-secrets.io/v1', Bucket: 's3.aws.upbound.io/v1' },
};
interface More {
  readonly instance?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly metadata?: Manifest;
  readonly [field: string]: unknown;
}

/** An object as a synth writes it, and as a cluster has it. */
function object(
  kind: string,
  name: string,
  { instance = 'shop', labels, annotations, metadata, ...fields }: More = {},
): Manifest {
  const own = { 'app.kubernetes.io/part-of': 'shop', 'app.kubernetes.io/managed-by': 'cdk8s' };
  const all = { ...own, 'app.kubernetes.io/instance': instance, ...labels };
  const written = {
    name,
    namespace: 'shop-staging',
    uid: `${kind}/${name}`,
    labels: all,
    ...(annotations ? { annotations } : {}),
  };
  return { apiVersion: groups[kind] ?? 'v1', kind, metadata: { ...written, ...metadata }, ...fields };
}

/** What a controller has made. */
function made(by: string, kind: string, name: string, fields: Manifest = {}): Manifest {
  const [owner = '', of] = by.split('/');
  const metadata = { labels: {}, ownerReferences: [{ kind: owner, name: of, uid: by, controller: true }] };
  return object(kind, name, { metadata, ...fields });
}

const reading = (configMap: string): Manifest => ({
  template: { spec: { containers: [{ name: 'web', envFrom: [{ configMapRef: { name: configMap } }] }] } },
});
const well = { observedGeneration: 1, replicas: 2, updatedReplicas: 2, readyReplicas: 2 };
const deployment = (name: string, configMap: string, more: More = {}): Manifest =>
  object('Deployment', name, {
    instance: name,
    metadata: { generation: 1 },
    spec: { replicas: 2, ...reading(configMap) },
    status: well,
    ...more,
  });

/** An environment as it is written, and what runs when it was applied. */
const written = [
  deployment('shop', 'shop-1111111111'),
  object('Service', 'shop'),
  object('ServiceAccount', 'shop'),
  object('ConfigMap', 'shop-1111111111'),
  object('Job', 'shop-migrate-1111111111', { instance: 'shop-migrate' }),
];
const running = [
  ...written,
  made('Deployment/shop', 'ReplicaSet', 'shop-5f', { spec: { replicas: 2, ...reading('shop-1111111111') } }),
  made('ReplicaSet/shop-5f', 'Pod', 'shop-5f-x', { spec: { containers: [], serviceAccountName: 'shop' } }),
];

function write(path: string, objects: readonly Manifest[]): void {
  const file = join(folder, 'dist', path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, objects.map((one) => JSON.stringify(one)).join('\n---\n'));
}

/** Whoever lists Secrets lists those of others, too. */
const secret = made('ServiceAccount/robot', 'Secret', 'robot-token');

/** What is said of staging, where so much is in its namespace beside what is written. */
function said(left: readonly Manifest[], options: Partial<PruneOptions> = {}, own: readonly Manifest[] = written) {
  write('staging/30-phoenix.k8s.yaml', own);
  const live = join(folder, 'live.json');
  writeFileSync(live, JSON.stringify({ kind: 'List', apiVersion: 'v1', items: [...running, secret, ...left] }));
  const { faults, text } = prune('staging', { dist: join(folder, 'dist'), from: live, ...options });
  return { faults, text: text.replaceAll(folder, '') };
}

/** The lines that a shell runs. */
const run = (text: string): string[] => text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
const remarks = (text: string): string[] => text.split('\n').filter((line) => line.startsWith('#   '));
const kubectl = 'kubectl -n shop-staging delete --ignore-not-found';

describe('prune', () => {
  test('says that nothing is left behind', () => {
    expect(said([])).toEqual({
      faults: [],
      text: '# staging: nothing is left behind, of 5 objects of shop in shop-staging\n',
    });
  });

  test('prints a script that deletes what was renamed, in an order that harms nobody, and names the rest', () => {
    const { text } = said([
      object('ConfigMap', 'old-2222222222', { instance: 'old' }),
      object('ServiceAccount', 'old', { instance: 'old' }),
      object('RoleBinding', 'old', { instance: 'old', roleRef: { kind: 'Role', name: 'old' } }),
      object('Role', 'old', { instance: 'old' }),
      object('NetworkPolicy', 'old', { instance: 'old' }),
      object('Service', 'old', { instance: 'old' }),
      deployment('old', 'old-2222222222', { metadata: { generation: 1 } }),
      made('Deployment/old', 'ReplicaSet', 'old-6a', { spec: { replicas: 2, ...reading('old-2222222222') } }),
      object('CronJob', 'sweep', { instance: 'sweep' }),
      object('HorizontalPodAutoscaler', 'old', { instance: 'old' }),
      object('HTTPRoute', 'old', { instance: 'old' }),
      object('ConfigMap', 'shop-3333333333'),
      made('Deployment/shop', 'ReplicaSet', 'shop-4e', { spec: { replicas: 0, ...reading('shop-3333333333') } }),
      object('PersistentVolumeClaim', 'uploads', { instance: 'uploads' }),
      object('Secret', 'smtp', { data: { password: 'Y2FuYXJ5' } }),
    ]);
    expect(text).toBe(`# staging: 13 objects of shop in shop-staging are in no file of /dist/staging

set -e
${kubectl} httproute.gateway.networking.k8s.io/old
${kubectl} horizontalpodautoscaler.autoscaling/old
${kubectl} --cascade=foreground cronjob.batch/sweep deployment.apps/old
${kubectl} service/old
${kubectl} networkpolicy.networking.k8s.io/old
${kubectl} rolebinding.rbac.authorization.k8s.io/old
${kubectl} configmap/old-2222222222 role.rbac.authorization.k8s.io/old serviceaccount/old

# Stays, because something needs it:
#   ConfigMap shop-3333333333: an earlier revision of Deployment shop has it, for kubectl rollout undo

# By your own hand alone, once what goes with it is saved, or not wanted any more:
#   PersistentVolumeClaim uploads: the files of its volume go with it
# ${kubectl} persistentvolumeclaim/uploads
#   Secret smtp: it has passwords or keys
# ${kubectl} secret/smtp
`);
  });

  test('leaves what runs what it uses, whatever made it', () => {
    const pod = (name: string, spec: Manifest, more: Manifest = {}): Manifest =>
      object('Pod', name, { labels: { 'app.kubernetes.io/part-of': 'other' }, spec: { containers: [], ...spec }, ...more });
    const { text } = said([
      ...['volume', 'history', 'over', 'list', 'own'].map((name, index) =>
        object('ConfigMap', `${name}-${`${index}`.repeat(10)}`),
      ),
      object('ConfigMap', 'settings'),
      object('ServiceAccount', 'robot'),
      object('Service', 'api'),
      pod('debug', { volumes: [{ projected: { sources: [{ configMap: { name: 'volume-0000000000' } }] } }] }),
      pod('done', { volumes: [{ configMap: { name: 'over-2222222222' } }] }, { status: { phase: 'Succeeded' } }),
      pod('robot', { serviceAccountName: 'robot' }),
      made('StatefulSet/queue', 'ControllerRevision', 'queue-1', { data: { spec: reading('history-1111111111') } }),
      object('Bucket', 'list', { labels: { 'app.kubernetes.io/part-of': 'other' }, spec: { rules: ['list-3333333333'] } }),
      object('CronJob', 'report', {
        labels: { 'app.kubernetes.io/part-of': 'other' },
        spec: { jobTemplate: { spec: reading('settings') }, backendRefs: [{ name: 'api' }] },
      }),
    ]);
    expect(run(text)).toEqual(['set -e', `${kubectl} configmap/over-2222222222 configmap/own-4444444444`]);
    expect(remarks(text)).toEqual([
      '#   ConfigMap history-1111111111: an earlier revision of ControllerRevision queue-1 has it, for kubectl rollout undo',
      '#   ConfigMap list-3333333333: Bucket list uses it',
      '#   ConfigMap settings, Service api: CronJob report uses it',
      '#   ConfigMap volume-0000000000: Pod debug uses it',
      '#   ServiceAccount robot: Pod robot uses it',
    ]);
  });

  test('waits for jobs, and for a roll-out', () => {
    const job = (name: string, more: More): Manifest => object('Job', name, { instance: name.slice(0, -11), ...more });
    const ended = { conditions: [{ type: 'Failed', status: 'True' }] };
    const jobs = [
      job('shop-migrate-2222222222', { spec: reading('shop-migrate-scripts-2222222222'), status: { active: 1 } }),
      object('ConfigMap', 'shop-migrate-scripts-2222222222', { instance: 'shop-migrate' }),
      job('shop-migrate-3333333333', { status: ended }),
      job('shop-seed-3333333333', { spec: { ttlSecondsAfterFinished: 60 }, status: ended }),
      job('shop-seed-4444444444', { status: ended, metadata: { deletionTimestamp: '2026-01-31T12:00:00Z' } }),
    ];
    const { text } = said(jobs);
    expect(run(text)).toEqual(['set -e', `${kubectl} --cascade=foreground job.batch/shop-migrate-3333333333`]);
    expect(remarks(text)).toEqual([
      '#   Job shop-migrate-2222222222, ConfigMap shop-migrate-scripts-2222222222: it has not ended',
    ]);
    const late = deployment('shop', 'shop-1111111111', { status: { ...well, updatedReplicas: 1 } });
    const old = [deployment('old', 'old-2222222222'), object('Service', 'old'), object('ConfigMap', 'gone-2222222222')];
    const rolling = said([...old, late]).text;
    // Of one that is there twice the last is taken.
    expect(run(rolling)).toEqual(['set -e', `${kubectl} configmap/gone-2222222222`]);
    expect(remarks(rolling)).toEqual(['#   Deployment old, Service old: Deployment shop is not rolled out yet']);
  });

  test('gives no command that runs for what nobody brings back', () => {
    const { text } = said([
      object('StatefulSet', 'shop-postgresql', { instance: 'shop-postgresql', spec: reading('shop-postgresql-init-2222222222') }),
      ...['ConfigMap shop-postgresql-init-2222222222', 'Service shop-postgresql-rw', 'NetworkPolicy shop-postgresql'].map(
        (one) => {
          const [kind = '', name = ''] = one.split(' ');
          return object(kind, name, { instance: 'shop-postgresql' });
        },
      ),
      object('Cluster', 'shop-db', { instance: 'shop-db' }),
      object('ExternalSecret', 'smtp'),
      object('Service', 'public', { spec: { type: 'LoadBalancer' } }),
      object('Gateway', 'public'),
      object('Bucket', 'uploads'),
      object('ScaledObject', 'shop', { annotations: { 'argocd.argoproj.io/sync-options': 'Validate=false, Prune=false' } }),
      // Those of a template have no label of the application.
      object('PersistentVolumeClaim', 'data-shop-queue-0', { instance: 'shop-queue', metadata: { labels: queue } }),
      object('Role', 'x"; touch $(pwned)\n'),
    ]);
    expect(run(text)).toEqual([]);
    expect(text.slice(text.indexOf('# By')))
      .toBe(`# By your own hand alone, once what goes with it is saved, or not wanted any more:
#   Bucket uploads: nobody here knows what this kind keeps
# ${kubectl} bucket.s3.aws.upbound.io/uploads
#   Cluster shop-db: a database or its backups go with it
# ${kubectl} cluster.postgresql.cnpg.io/shop-db
#   ExternalSecret smtp: the Secret that it makes goes with it
# ${kubectl} externalsecret.external-secrets.io/smtp
#   Gateway public: the address that DNS names goes with it
# ${kubectl} gateway.gateway.networking.k8s.io/public
#   Role "x\\"; touch $(pwned)\\n": such a name is given to no shell
#   ScaledObject shop: an annotation says that it is kept
# ${kubectl} scaledobject.keda.sh/shop
#   Service public: the address that DNS names goes with it
# ${kubectl} service/public
#   StatefulSet shop-postgresql, ConfigMap shop-postgresql-init-2222222222, NetworkPolicy shop-postgresql, Service shop-postgresql-rw: its pods have data in their claims
# ${kubectl} --cascade=foreground statefulset.apps/shop-postgresql configmap/shop-postgresql-init-2222222222 networkpolicy.networking.k8s.io/shop-postgresql service/shop-postgresql-rw
#   PersistentVolumeClaim data-shop-queue-0: the files of its volume go with it; its StatefulSet shop-queue is gone
# ${kubectl} persistentvolumeclaim/data-shop-queue-0
`);
  });

  test('keeps each remark in its line, whatever a name holds', () => {
    const labels = { 'app.kubernetes.io/part-of': 'shop\ntouch pwned' };
    const own = written.map(({ metadata, ...one }) => ({
      ...one,
      metadata: { ...(metadata as Manifest), labels: { ...(metadata as Manifest)['labels'], ...labels } },
    }));
    write('staging/30-phoenix.k8s.yaml', own);
    const live = join(folder, 'live.json');
    writeFileSync(live, JSON.stringify({ kind: 'List', items: [...own, ...running.slice(written.length)] }));
    const { text } = prune('staging', { dist: join(folder, 'dist'), from: live, hashed: true });
    expect([text.includes('touch pwned'), run(text)]).toEqual([true, []]);
  });

  test('names no claim of an application that begins alike, in the same namespace', () => {
    const claim = (instance: string): Manifest =>
      object('PersistentVolumeClaim', `data-${instance}-0`, { metadata: { labels: { 'app.kubernetes.io/instance': instance } } });
    const admin = deployment('shop-admin', 'x', { labels: { 'app.kubernetes.io/part-of': 'shop-admin' } });
    const told = (...beside: Manifest[]) => remarks(said([claim('shop-admin-db'), claim('shop-db'), ...beside]).text);
    expect(told(admin).join('\n')).not.toContain('shop-admin-db');
    expect(told(admin)).toEqual([expect.stringContaining('PersistentVolumeClaim data-shop-db-0')]);
    expect(told()).toHaveLength(2);
  });

  test('leaves objects of others, and what stands beside the environments', () => {
    write('livebook/staging.yaml', [object('ServiceAccount', 'shop-livebook')]);
    write('cluster/rehearsal/staging-deployers.yaml', [object('Role', 'shop-deployer')]);
    write('image/compose.yaml', [{ services: {} }]);
    const { text } = said([
      object('ServiceAccount', 'shop-livebook'),
      object('Role', 'shop-deployer'),
      object('Service', 'elsewhere', { metadata: { namespace: 'shop-production' } }),
      object('Service', 'other', { labels: { 'app.kubernetes.io/part-of': 'other' } }),
      object('Service', 'by-hand', { labels: { 'app.kubernetes.io/managed-by': 'somebody' } }),
      made('Cluster/shop-db', 'Service', 'shop-db-rw', {
        metadata: { ...object('Service', 'x').metadata, ownerReferences: [{}] },
      }),
      object('PersistentVolumeClaim', 'data-other-0', { metadata: { labels: { 'app.kubernetes.io/instance': 'other' } } }),
    ]);
    expect(text).toBe('# staging: nothing is left behind, of 7 objects of shop in shop-staging\n');
  });

  test('means no more than what has a hash in its name, with --hashed', () => {
    const { text } = said(
      [object('ConfigMap', 'shop-2222222222'), object('ConfigMap', 'settings'), object('Secret', 'smtp'), deployment('old', 'a')],
      { hashed: true },
    );
    expect(text).toBe(
      `# staging: 1 object of shop in shop-staging is in no file of /dist/staging\n\nset -e\n${kubectl} configmap/shop-2222222222\n`,
    );
  });

  const byHelm = {
    labels: { 'app.kubernetes.io/managed-by': 'Helm' },
    annotations: { 'meta.helm.sh/release-name': 'shop' },
  };
  const hook = { 'helm.sh/hook': 'pre-upgrade', 'helm.sh/resource-policy': 'keep' };
  test.each([
    ['Helm', object('Job', 'm', { annotations: hook }), byHelm, hook],
    [
      'Argo CD',
      object('Job', 'm', { annotations: { 'argocd.argoproj.io/hook': 'Sync' } }),
      {},
      { 'argocd.argoproj.io/hook': 'Sync' },
    ],
    [
      'Flux',
      { apiVersion: 'kustomize.toolkit.fluxcd.io/v1', kind: 'Kustomization', metadata: { name: 'x', namespace: 'flux-system' } },
      { labels: { 'kustomize.toolkit.fluxcd.io/name': 'shop' } },
      {},
    ],
  ] as const)('leaves %s what it deletes itself, and takes what it leaves', (manager, sign, mark, left) => {
    const { text } = said(
      [sign, object('Service', 'old', mark), object('ConfigMap', 'shop-2222222222', { annotations: left })],
      {},
      [...written, sign],
    );
    expect(text).toContain(`\n# ${manager} deletes what is gone itself`);
    expect(run(text)).toEqual(['set -e', `${kubectl} configmap/shop-2222222222`]);
    expect(text).toContain(`# Left to those who deliver it:\n#   Service old: ${manager}`);
    expect(text.includes('# Not looked at, because other environments may have theirs there: flux-system')).toBe(
      manager === 'Flux',
    );
  });
});

const queue = { 'app.kubernetes.io/instance': 'shop-queue', 'app.kubernetes.io/name': 'shop' };

const items = (objects: readonly Manifest[]): string => `cat <<'JSON'\n${JSON.stringify({ items: objects })}\nJSON`;

/** A kubectl that answers by the kinds that it is asked for, and keeps what that was. */
function program(answers: Readonly<Record<string, string>>): string {
  const file = join(folder, 'kubectl');
  const usual = {
    'api-resources': 'echo configmaps; echo secrets; echo events; echo services; echo pods',
    'get pods,': items(running),
  };
  const others = { 'get configmaps,services ': items(written), 'get configmaps,jobs.batch ': items(written) };
  const all = [answers, usual, others].flatMap((some) => Object.entries(some));
  const cases = all.map(([words, answer]) => `"${words}"*) ${answer}\n;;`);
  writeFileSync(file, `#!/bin/bash\necho "$*" >>"${folder}/asked"\ncase "$*" in\n${cases.join('\n')}\nesac\n`);
  chmodSync(file, 0o755);
  return file;
}
const asked = (): string[] =>
  existsSync(join(folder, 'asked')) ? readFileSync(join(folder, 'asked'), 'utf8').trim().split('\n') : [];

describe('prune with a cluster', () => {
  const own = '-l app.kubernetes.io/part-of=shop,app.kubernetes.io/managed-by in (cdk8s,Helm)';
  const users =
    'get pods,controllerrevisions.apps,daemonsets.apps,deployments.apps,replicasets.apps,statefulsets.apps,cronjobs.batch,jobs.batch';
  const json = '--ignore-not-found -o json --context=eu west';

  test('lists what is there, and writes nothing; of Secrets it reads the names', () => {
    const text = said([], {
      from: undefined,
      context: 'eu west',
      kubectl: program({ 'get secrets': 'printf "smtp\\t\\t\\t\\t\\t\\n"' }),
    }).text;
    expect(asked()).toEqual([
      `${users} -n shop-staging ${json}`,
      'api-resources --namespaced --verbs=list,delete -o name --context=eu west',
      `get configmaps,services -n shop-staging ${own} ${json}`,
      `get persistentvolumeclaims -n shop-staging ${json}`,
      expect.stringMatching(/^get secrets -n shop-staging -l .+ -o jsonpath=\{range \.items\[\*\]\}\{\.metadata\.name\}/),
    ]);
    expect(asked()[4]).not.toMatch(/\.data|-o json /);
    expect(text).toContain(
      "#   Secret smtp: it has passwords or keys\n# kubectl --context 'eu west' -n shop-staging delete --ignore-not-found secret/smtp\n",
    );
  });

  test('asks for ConfigMaps and Jobs alone, with --hashed', () => {
    expect(said([], { from: undefined, hashed: true, kubectl: program({}) }).faults).toEqual([]);
    expect(asked()).toEqual([
      `${users} -n shop-staging --ignore-not-found -o json`,
      `get configmaps,jobs.batch -n shop-staging ${own} --ignore-not-found -o json`,
    ]);
  });

  const refused = (kind: string): string =>
    `echo 'Error from server (Forbidden): ${kind} is forbidden: User "ci" cannot list resource "${kind}" in API group "" in the namespace "shop-staging"' >&2; exit 1`;
  test('names what it may not see', () => {
    const answers = { 'get persistentvolumeclaims': refused('persistentvolumeclaims'), 'get secrets': refused('secrets') };
    expect(said([], { from: undefined, kubectl: program(answers) }).text).toContain(
      '\n# Not looked at, because nobody has listed them: persistentvolumeclaims, secrets\n',
    );
  });

  test('deletes no more than what has a hash, where it does not see all that may need it', () => {
    const left = [...written, object('ConfigMap', 'settings'), object('ConfigMap', 'old-2222222222')];
    const answers = { 'get configmaps,services ': `${items(left)}\n${refused('services')}` };
    const { text } = said([], { from: undefined, kubectl: program(answers) });
    expect(run(text)).toEqual(['set -e', `${kubectl} configmap/old-2222222222`]);
    expect(remarks(text)).toEqual(['#   ConfigMap settings: what may need it cannot be listed: services']);
  });

  test.each([
    [refused('pods'), 'no right to list pods'],
    ['echo "Unable to connect to the server" >&2; exit 1', 'Unable to connect to the server'],
    ['exit 1', 'exit code 1'],
  ])('fails where it cannot see what runs: %s', (answer, why) => {
    const { faults, text } = said([], { from: undefined, kubectl: program({ [users]: answer }) });
    expect([faults, text]).toEqual([
      [
        `[prune] 'prune' must be able to read the namespace with kubectl, got "${why}"; name the cluster with --context, or let whoever may read it run kubectl get -n shop-staging "$(kubectl api-resources --namespaced --verbs=list,delete -o name | grep -vE '^(secrets$|events|endpoint|leases)' | paste -sd, -)" -o json > live.json and pass --from live.json`,
      ],
      '',
    ]);
  });

  test('fails without kubectl', () => {
    expect(said([], { from: undefined, kubectl: join(folder, 'none') }).faults).toEqual([
      expect.stringContaining('got "no kubectl"'),
    ]);
  });
});

describe('prune fails when', () => {
  const faults = (left: readonly Manifest[], options?: Partial<PruneOptions>, own?: readonly Manifest[]): readonly string[] =>
    said(left, options, own).faults.map((fault) => fault.replaceAll(folder, ''));

  test('the environment is another one, or was not written by synth', () => {
    said([]);
    expect(prune('stagin', { dist: join(folder, 'dist') }).faults).toEqual([
      expect.stringContaining(`got "stagin"; did you mean 'staging'?`),
    ]);
    expect(prune('staging', { dist: join(folder, 'none') }).faults).toEqual([
      expect.stringContaining("'--dist' must be the folder of the output"),
    ]);
    expect(faults([], {}, [object('Service', 'shop', { labels: { 'app.kubernetes.io/managed-by': 'somebody' } })])).toEqual([
      `[prune] 'environment' must be what synth has written, got "/dist/staging, whose objects have no labels of it"; synthesize it: objects are found by the labels app.kubernetes.io/part-of and managed-by`,
    ]);
    write('livebook/staging.yaml', []);
    writeFileSync(join(folder, 'dist/livebook/staging.yaml'), '{ a: [');
    expect(faults([])).toEqual([expect.stringContaining("'--dist' must hold files that can be read")]);
  });

  test('it is not applied: what is in no file may be all that serves', () => {
    const more = [...written, deployment('shop-web', 'a'), object('CronJob', 'sweep')];
    expect(faults([], {}, more)).toEqual([
      `[prune] 'environment' must be in the cluster as it is written, got "Deployment shop-web and 1 more in /dist/staging alone"; apply it first, or name its cluster with --context: until then, what is in no file may be what serves`,
    ]);
  });

  test('it is older than what runs: what was added since serves', () => {
    const newer = [
      deployment('shop', 'shop-9999999999'),
      object('ConfigMap', 'shop-9999999999'),
      deployment('mailer', 'm-9999999999'),
    ];
    expect(faults(newer)).toEqual([
      `[prune] 'environment' must be in the cluster as it is written, got "Deployment shop with ConfigMap shop-9999999999, which is not in /dist/staging"; synthesize what runs there, or apply these files first: until then, what is in no file may be what serves`,
    ]);
    // Pods of a former version, which the next ones replace, are no sign of that.
    const old = made('Deployment/shop', 'ReplicaSet', 'shop-4e', { spec: { replicas: 1, ...reading('shop-9999999999') } });
    expect(faults([object('ConfigMap', 'shop-9999999999'), old])).toEqual([]);
  });

  test('the file is broken, and shows nothing of what is in it', () => {
    const file = join(folder, 'broken.json');
    writeFileSync(file, '{"kind": "Secret", "data": {"password": canary}}');
    expect(faults([], { from: file })).toEqual([expect.stringContaining('got "/broken.json, whose JSON cannot be read"')]);
  });

  test('it is another cluster', () => {
    const of = (cluster: string): Manifest[] =>
      written.map((one) => {
        const { labels, ...metadata } = one.metadata as Manifest;
        return { ...one, metadata: { ...metadata, labels: { ...labels, 'cdk8s-phoenix/cluster': cluster } } };
      });
    expect(faults(of('rehearsal'), {}, of('production'))).toEqual([
      `[prune] '--context' must lead to the cluster production, got "objects of rehearsal"; name the cluster of the environment with --context`,
    ]);
    expect(faults(of('production'), {}, of('production'))).toEqual([]);
  });

  test('the file is of something else, or nobody reads it', () => {
    const file = join(folder, 'other.json');
    writeFileSync(file, JSON.stringify({ kind: 'List', items: written }));
    expect(faults([], { from: file })).toEqual([
      expect.stringMatching(/'--from' must be all .* got "\/other.json, without ReplicaSets"; write it/),
    ]);
    writeFileSync(file, '');
    expect(faults([], { from: file })).toEqual([expect.stringContaining('got "/other.json, which holds nothing"')]);
    writeFileSync(file, JSON.stringify({ kind: 'List', items: running }));
    const note = '\n# Not looked at, because nobody has listed them: secrets\n';
    expect(said([], { from: file }).text).toContain(note);
    expect(said([], { from: file, hashed: true }).text).not.toContain(note);
    expect(faults([], { context: 'eu' })).toEqual([
      `[prune] '--context' must be left out with --from, got "eu"; nothing is asked then`,
    ]);
  });
});
