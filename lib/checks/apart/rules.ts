import { createHash } from 'node:crypto';
import type { Manifest } from '../../support/edit';
import type { FinishedObject, World } from '../rule';
import { databaseUses } from '../../model/databases';
import { oursOf } from '../../model/world';
import { inventoryOf } from '../../model/inventory';
import { groupOf, isClusterScoped, kindOf } from '../../model/kinds';
import { routeClaims } from '../../model/route-claims';
import { nodePortsOf } from '../../model/services';
import { annotationsOf, map, maps, nameIn, nameOf, namespaceOf, scalar, specOf } from '../../model/values';

/** Something of which there is one for several environments. */
export interface ApartClaim {
  /** What is claimed: the same text in two environments is the same thing. */
  readonly key: string;
  readonly object: FinishedObject;
  /** The field, as a path in the YAML. */
  readonly field: string;
  /** For sentences. Never a secret. */
  readonly got: unknown;
  /** Who may have it together: two claims with the same text here are none. @default - nobody */
  readonly shared?: string;
  /** Whether it is inside of a namespace, and so shared by all who share that. @default false */
  readonly within?: boolean;
  /** Whether there is one for all clusters. @default false */
  readonly everywhere?: boolean;
}

/** What an environment is called, and where it is. */
export interface ApartEnvironment {
  readonly name: string;
  /** The Kubernetes cluster, by the name that it was given. @default - the one of all that say nothing */
  readonly cluster?: string;
}

/** Something that two environments must not both claim, among all that are synthesized together. */
export interface ApartRule {
  /** Name in lower case with dashes, by which it is left out. */
  readonly name: string;
  /** What must hold, in one sentence. */
  readonly sentence: string;
  /** The outage that it prevents. */
  readonly why: string;
  /** Where to read more. */
  readonly source: string;
  /** What an environment claims. */
  readonly claims: (world: World, of: ApartEnvironment) => Iterable<ApartClaim>;
  /** The rule as it continues after "must". */
  readonly must: (other: string) => string;
  /** What to do. */
  readonly fix: string;
}

const CLUSTERS = "if they are in two clusters, name both: 'cluster' of the environment, or Checks.of(app).cluster";

/** What two environments must not share. */
export const apartRules: readonly ApartRule[] = [
  {
    name: 'objects-apart',
    sentence: 'No two environments of one cluster have the same namespace, or the same object.',
    why: 'Whatever is applied last replaces the other, pods and database too, and two branches with one slug share a preview.',
    source: 'https://kubernetes.io/docs/concepts/overview/working-with-objects/namespaces/',
    claims: objects,
    must: (other) => `not be that of ${other}, in the same cluster`,
    fix: `give it a name of its own; ${CLUSTERS}`,
  },
  {
    name: 'production-apart',
    sentence: 'Production shares its Kubernetes cluster with no other environment.',
    why: 'A runaway pod of staging starves production, an upgrade of the cluster is rehearsed nowhere, and one wrong context deletes it.',
    source: 'https://kubernetes.io/docs/concepts/security/multi-tenancy/#isolation',
    claims: productions,
    must: (other) => `not be that of ${other}`,
    fix: "name the cluster of production, as in cluster: 'production-eu' or Checks.of(app).cluster, or leave the rule out with the reason why they share it",
  },
  {
    name: 'hosts-apart',
    sentence: 'No two environments of one cluster answer the same requests to a host.',
    why: 'A literal that was copied keeps the host, and half of the users of production see staging.',
    source: 'https://gateway-api.sigs.k8s.io/api-types/httproute/',
    claims: hosts,
    must: (other) => `not be claimed by ${other} too`,
    fix: `change the host of one; ${CLUSTERS}`,
  },
  {
    name: 'node-ports-apart',
    sentence: 'No two environments of one cluster open the same port of its nodes.',
    why: 'The API server refuses the Service of the second: the port is taken.',
    source: 'https://kubernetes.io/docs/concepts/services-networking/service/#type-nodeport',
    claims: ({ objects: all }) =>
      all
        .filter(({ manifest }) => manifest['kind'] === 'Service')
        .flatMap((object) => nodePortsOf(object).map(({ field, number }) => ({ key: `${number}`, object, field, got: number }))),
    must: (other) => `not be a port of ${other} too`,
    fix: `choose another of 30000 to 32767; ${CLUSTERS}`,
  },
  {
    name: 'databases-apart',
    sentence: 'No two environments use the same database of the same server.',
    why: 'The migrations of staging run in the database of production, and its seeds too.',
    source: 'https://12factor.net/dev-prod-parity',
    claims: databases,
    must: (other) => `not be the database of ${other}`,
    fix: 'give each a database of its own, or leave the rule out with the reason why they share it',
  },
  {
    name: 'sealed-apart',
    sentence: 'No sealed value is in two environments.',
    why: 'It opens for one name in one namespace: the other environment gets no Secret, and its pods do not start.',
    source: 'https://github.com/bitnami-labs/sealed-secrets#scopes',
    claims: sealedValues,
    must: (other) => `be sealed for this environment, not for ${other}`,
    fix: 'seal the value again, for the name and the namespace that it has here',
  },
  {
    name: 'archives-apart',
    sentence: 'No two databases of CloudNativePG archive to the same place.',
    why: 'The second finds files that are not its own and archives nothing, or a restore takes the data of the other.',
    source: 'https://cloudnative-pg.io/plugin-barman-cloud/docs/usage/',
    claims: archives,
    must: (other) => `not be where ${other} archives`,
    fix: 'give each environment a folder of its own',
  },
];

/** Environments are of two sorts, each of which may fill a cluster of its own. */
function* productions(world: World, { name, cluster }: ApartEnvironment): Iterable<ApartClaim> {
  const all = oursOf(world);
  const object = all.find(({ manifest }) => manifest['kind'] === 'Namespace') ?? all[0];
  const shared = /^(?:prod|production|live)(?:-|$)/.test(name) ? 'production' : 'others';
  if (object) yield { key: '', object, field: 'cluster', got: cluster, shared };
}

/** A namespace stands for all that is in it, where the environment makes it. */
function* objects({ objects: all }: World): Iterable<ApartClaim> {
  const made = new Set(all.flatMap(({ manifest }) => (manifest['kind'] === 'Namespace' ? (nameOf(manifest) ?? []) : [])));
  for (const object of all) {
    const { manifest } = object;
    const name = nameOf(manifest);
    const namespace = namespaceOf(manifest);
    if (name === undefined || made.has(namespace)) continue;
    const kind = kindOf(manifest);
    const wide = isClusterScoped(kind);
    const key = `${groupOf(manifest)}/${kind}/${wide ? '' : namespace}/${name}`;
    // What is the same in both does no harm, except for a home.
    const shared = kind === 'Namespace' ? undefined : short(JSON.stringify(manifest));
    const of = nameIn(annotationsOf(manifest)['cdk8s-phoenix/preview-of']);
    yield { key, object, field: 'metadata.name', got: of === undefined ? name : `${name}, the preview of ${of}`, shared };
  }
}

function short(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

function* hosts(world: World): Iterable<ApartClaim> {
  for (const { object, field, host, match, entrance, got } of routeClaims(inventoryOf(world))) {
    // In the mesh a host is a Service of its namespace.
    if (entrance[0] === 'mesh') continue;
    const place = host === '*' ? JSON.stringify(entrance) : '';
    yield { key: `${host} ${plain(match)} ${place}`, object, field, got };
  }
}

/** One form for the same request, whatever kind of object asks for it. */
function plain(match: string): string {
  const [, type, path] = /^\["(PathPrefix|Exact)","([^"]*)",null,\[\],\[\]\]$/.exec(match) ?? [];
  return path === undefined ? match.replace(/^http \{\}$/, 'PathPrefix /') : `${type} ${path}`;
}

function* databases(world: World): Iterable<ApartClaim> {
  for (const { server, database, inside, object, field, shown } of databaseUses(world)) {
    // A proxy in the pod itself, whose server nobody sees.
    if (/^(?:localhost$|127\.|0\.0\.0\.0$|[<$])/.test(server)) continue;
    yield { key: `${server} ${database}`, object, field, got: shown, everywhere: !inside, within: inside };
  }
}

function* sealedValues({ objects: all }: World): Iterable<ApartClaim> {
  for (const object of all) {
    const { manifest } = object;
    if (manifest['kind'] !== 'SealedSecret') continue;
    const { encryptedData, template } = specOf(object);
    const annotations = {
      ...map(map(map(template)['metadata'])['annotations']),
      ...annotationsOf(manifest),
    };
    if (isOn(annotations, 'cluster-wide')) continue;
    const shared = isOn(annotations, 'namespace-wide') ? namespaceOf(manifest) : `${namespaceOf(manifest)}/${nameOf(manifest)}`;
    for (const [key, value] of Object.entries(map(encryptedData))) {
      const field = `spec.encryptedData.${key}`;
      yield { key: short(String(value)), object, field, got: `the value of ${nameOf(manifest)}`, shared, everywhere: true };
    }
  }
}

function isOn(annotations: Manifest, scope: string): boolean {
  return scalar(annotations[`sealedsecrets.bitnami.com/${scope}`]) === 'true';
}

function* archives(world: World): Iterable<ApartClaim> {
  const inventory = inventoryOf(world);
  for (const object of inventory.ofKind('Cluster')) {
    const name = nameOf(object.manifest) ?? '';
    for (const [index, { parameters }] of maps(specOf(object)['plugins']).entries()) {
      const { barmanObjectName, serverName = name } = map(parameters);
      const store = inventory.find('ObjectStore', String(barmanObjectName), namespaceOf(object.manifest))?.object;
      const { destinationPath, endpointURL } = map(store && map(store.manifest['spec'])['configuration']);
      if (nameIn(destinationPath) === undefined) continue;
      const place = `${String(destinationPath).replace(/\/$/, '')}/${serverName}`;
      const field = `spec.plugins[${index}].parameters.barmanObjectName`;
      yield { key: `${endpointURL ?? ''} ${place}`, object, field, got: place, everywhere: true };
    }
  }
}
