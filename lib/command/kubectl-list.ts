import { list, map } from '../model/values';
import { MANAGED_BY, type Home } from '../prune/leftovers';
import type { Manifest } from '../support/edit';
import { run, type Reader } from './kubectl';

/** What a cluster has in a namespace, or why nobody knows. */
export interface Listed {
  readonly objects: readonly Manifest[];
  /** Kinds that whoever asks may not list. */
  readonly unread: readonly string[];
  /** Why nothing was read, in kubectl's own words. */
  readonly failure?: string;
}

/** What pods are made by, and what was made of it before: all of a namespace, because pods of others use objects too. */
const USERS: readonly string[] = [
  ...['pods', 'controllerrevisions.apps', 'daemonsets.apps', 'deployments.apps', 'replicasets.apps', 'statefulsets.apps'],
  ...['cronjobs.batch', 'jobs.batch'],
];

/** What has a hash in its name. */
const HASHED: readonly string[] = ['configmaps', 'jobs.batch'];

/** What controllers make, and nobody writes down; Secrets are read apart. */
const PASSING =
  /^(?:secrets|events(?:\.events\.k8s\.io)?|endpoints|endpointslices\.discovery\.k8s\.io|leases\.coordination\.k8s\.io|pods|replicasets\.apps|controllerrevisions\.apps|csistoragecapacities\.storage\.k8s\.io)$/;

/**
 * Lists a namespace by `kubectl get`, which writes nothing.
 *
 * @param hashed whether ConfigMaps and Jobs are enough
 */
export function listLive({ application, namespace }: Home, hashed: boolean, reader: Reader): Listed {
  const own = ['-l', `app.kubernetes.io/part-of=${application},app.kubernetes.io/managed-by in (${MANAGED_BY.join()})`];
  const get = (kinds: readonly string[], ...words: string[]): Listed =>
    listed(ask(reader, ['get', kinds.join(), '-n', namespace, ...words, '--ignore-not-found', '-o', 'json']));
  const users = get(USERS);
  // Whoever does not see what runs cannot know what it uses.
  const [unseen] = users.unread;
  if (users.failure !== undefined || unseen !== undefined)
    return { ...users, failure: users.failure ?? `no right to list ${users.unread.join(', ')}` };
  if (hashed) return joined([get(HASHED, ...own), users]);
  const kinds = ask(reader, ['api-resources', '--namespaced', '--verbs=list,delete', '-o', 'name']);
  const names = kinds.stdout.split('\n').filter((name) => name !== '' && !PASSING.test(name));
  if (kinds.failure !== undefined) return { objects: [], unread: [], failure: kinds.failure };
  const known = get(names.sort(), ...own);
  return joined([known, users, get(['persistentvolumeclaims']), secretsOf({ application, namespace }, own, reader)]);
}

interface Said {
  readonly stdout: string;
  /** What was refused, a line for each kind. */
  readonly refused: readonly string[];
  readonly failure?: string;
}

function ask(reader: Reader, words: readonly string[]): Said {
  const { status, stdout, faults: lines, failure } = run(reader, words);
  if (failure !== undefined) return { stdout, refused: [], failure };
  const refused = lines.flatMap((line) => /\(Forbidden\): (\S+) is forbidden: .* cannot list /.exec(line)?.[1] ?? []);
  if (status === 0 || (lines.length > 0 && refused.length === lines.length)) return { stdout, refused };
  const [other] = lines.filter((line) => !line.includes('(Forbidden)'));
  return { stdout, refused, failure: other ?? lines[0] ?? `exit code ${status}` };
}

function listed({ stdout, refused, failure }: Said): Listed {
  if (failure !== undefined) return { objects: [], unread: refused, failure };
  const read: unknown = stdout.trim() === '' ? {} : JSON.parse(stdout);
  return { objects: list(map(read)['items']).map(map), unread: refused };
}

/** Secrets by their names, and whether something has made them. Their values stay in kubectl. */
function secretsOf({ application, namespace }: Home, own: readonly string[], reader: Reader): Listed {
  const fields = ['.metadata.name', '.metadata.ownerReferences[*].kind', '.metadata.labels.app\\.kubernetes\\.io/instance'];
  const managers = ['annotations.meta\\.helm\\.sh/release-name', 'annotations.argocd\\.argoproj\\.io/tracking-id'];
  const all = [
    ...fields,
    ...managers.map((one) => `.metadata.${one}`),
    '.metadata.labels.kustomize\\.toolkit\\.fluxcd\\.io/name',
  ];
  const form = `jsonpath={range .items[*]}${all.map((field) => `{${field}}`).join('{"\\t"}')}{"\\n"}{end}`;
  const { stdout, refused, failure } = ask(reader, ['get', 'secrets', '-n', namespace, ...own, '-o', form]);
  const rows = stdout.split('\n').filter((line) => line !== '');
  return { objects: rows.map((row) => secretOf(row.split('\t'), { application, namespace })), unread: refused, failure };
}

function secretOf(fields: readonly string[], { application, namespace }: Home): Manifest {
  const [name, owner = '', instance = '', helm = '', argo = '', flux = ''] = fields;
  const labels = { 'app.kubernetes.io/part-of': application, 'app.kubernetes.io/managed-by': MANAGED_BY[0] };
  const given = (entries: Readonly<Record<string, string>>): Record<string, string> =>
    Object.fromEntries(Object.entries(entries).filter(([, value]) => value !== ''));
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name,
      namespace,
      labels: { ...labels, ...given({ 'app.kubernetes.io/instance': instance, 'kustomize.toolkit.fluxcd.io/name': flux }) },
      annotations: given({ 'meta.helm.sh/release-name': helm, 'argocd.argoproj.io/tracking-id': argo }),
      ...(owner === '' ? {} : { ownerReferences: [{ kind: owner }] }),
    },
  };
}

function joined(all: readonly Listed[]): Listed {
  return {
    objects: all.flatMap(({ objects }) => objects),
    unread: [...new Set(all.flatMap(({ unread }) => unread))].sort(),
    failure: all.find(({ failure }) => failure !== undefined)?.failure,
  };
}
