import type { Manifest } from '../support/edit';
import type { FinishedObject } from './world';
import { kindOf } from './kinds';
import { annotationsOf, labelsOf, map, maps, nameIn, nameOf, namespaceOf, placesOf, specOf } from './values';

/** An object that a controller makes from another one. */
export interface Made {
  readonly kind: string;
  readonly name: string | undefined;
  /** Its keys, where it is a Secret. @default - unknown */
  readonly keys?: readonly string[];
}

/** Pods of one owner as selectors see them. */
export interface Selectable {
  /** Who makes them. */
  readonly object: FinishedObject;
  readonly namespace: string;
  readonly labels: Manifest;
  /** Names of their ports, with the protocol before them: `TCP/http`. */
  readonly ports: ReadonlySet<string>;
}

const CERTIFICATE = ['tls.crt', 'tls.key', 'ca.crt', 'tls-combined.pem', 'key.der'];
const KEYSTORES = ['keystore.jks', 'truststore.jks', 'keystore.p12', 'truststore.p12'];
/** https://cloudnative-pg.io/documentation/current/applications/#secrets */
const ROLE = ['username', 'user', 'password', 'dbname', 'host', 'port', 'pgpass', 'uri', 'jdbc-uri', 'fqdn-uri', 'fqdn-jdbc-uri'];

/** The objects that come to be because of this one: by cert-manager, External Secrets, Sealed Secrets, CloudNativePG. */
export function madeBy(manifest: Manifest): Made[] {
  const spec = map(manifest['spec']);
  const name = nameOf(manifest);
  switch (kindOf(manifest)) {
    case 'ExternalSecret':
      return [{ kind: 'Secret', name: nameIn(map(spec['target'])['name']) ?? name, keys: externalKeys(spec) }];
    case 'SealedSecret':
      return [{ kind: 'Secret', name: nameOf(map(spec['template'])) ?? name, keys: sealedKeys(spec) }];
    case 'Certificate':
      return [{ kind: 'Secret', name: nameIn(spec['secretName']), keys: [...CERTIFICATE, ...KEYSTORES] }];
    case 'Ingress':
      return certified(manifest, 'spec.tls[].secretName');
    case 'Gateway':
      return certified(manifest, 'spec.listeners[].tls.certificateRefs[].name');
    case 'StatefulSet':
      return claims(name, spec);
    case 'Cluster':
      return [...clusterSecrets(name, spec), ...['rw', 'ro', 'r'].map((role) => ({ kind: 'Service', name: `${name}-${role}` }))];
    case 'Pooler':
      return [{ kind: 'Service', name }];
    default:
      return [];
  }
}

function externalKeys({ data, dataFrom, target }: Manifest): string[] | undefined {
  const template = map(map(target)['template']);
  // What a whole remote secret holds is known there alone.
  if (dataFrom !== undefined || template['templateFrom'] !== undefined) return undefined;
  return [...maps(data).map(({ secretKey }) => String(secretKey)), ...Object.keys(map(template['data']))];
}

function sealedKeys({ encryptedData, template }: Manifest): string[] {
  return [...Object.keys(map(encryptedData)), ...Object.keys(map(map(template)['data']))];
}

/** cert-manager makes the Secrets that a Gateway or an Ingress names, where an annotation names the issuer. */
function certified(manifest: Manifest, path: string): Made[] {
  const annotations = annotationsOf(manifest);
  const asked = ['cert-manager.io/issuer', 'cert-manager.io/cluster-issuer', 'kubernetes.io/tls-acme'];
  if (!asked.some((annotation) => nameIn(annotations[annotation]))) return [];
  return placesOf(manifest, path).map(({ value }) => ({ kind: 'Secret', name: nameIn(value), keys: CERTIFICATE }));
}

function claims(name: string | undefined, { replicas = 1, volumeClaimTemplates }: Manifest): Made[] {
  const count = typeof replicas === 'number' && replicas >= 1 && replicas <= 1000 ? Math.floor(replicas) : 1;
  return maps(volumeClaimTemplates).flatMap(({ metadata }) =>
    Array.from({ length: count }, (_, ordinal) => {
      return { kind: 'PersistentVolumeClaim', name: `${String(map(metadata)['name'])}-${name}-${ordinal}` };
    }),
  );
}

function clusterSecrets(name: string | undefined, { bootstrap, enableSuperuserAccess }: Manifest): Made[] {
  const own = placesOf(map(bootstrap), 'initdb.secret.name').length > 0;
  return [
    ...(own ? [] : [{ kind: 'Secret', name: `${name}-app`, keys: ROLE }]),
    ...(enableSuperuserAccess === true ? [{ kind: 'Secret', name: `${name}-superuser`, keys: ROLE }] : []),
    { kind: 'Secret', name: `${name}-ca`, keys: ['ca.crt', 'ca.key'] },
    { kind: 'Secret', name: `${name}-server`, keys: ['tls.crt', 'tls.key'] },
    { kind: 'Secret', name: `${name}-replication`, keys: ['tls.crt', 'tls.key'] },
  ];
}

/** The pods of CloudNativePG and of cert-manager. */
export function madePods(object: FinishedObject): Selectable[] {
  const { manifest } = object;
  const spec = specOf(object);
  const [name, namespace] = [nameOf(manifest), namespaceOf(manifest)];
  const made = (labels: Manifest, ...ports: string[]) => ({ object, namespace, labels, ports: new Set(ports) });
  switch (kindOf(manifest)) {
    case 'Cluster': {
      const own = { ...map(map(spec['inheritedMetadata'])['labels']), 'cnpg.io/cluster': name, 'cnpg.io/podRole': 'instance' };
      return ['primary', 'replica'].map((role) =>
        made({ ...own, 'cnpg.io/instanceRole': role, role }, 'TCP/postgresql', 'TCP/metrics', 'TCP/status'),
      );
    }
    case 'Pooler': {
      const cluster = String(map(spec['cluster'])['name']);
      const own = { 'cnpg.io/poolerName': name, 'cnpg.io/podRole': 'pooler', 'cnpg.io/cluster': cluster };
      return [made({ ...labelsOf(map(spec['template'])), ...own }, 'TCP/pgbouncer', 'TCP/metrics')];
    }
    // Those that answer an authority (https://cert-manager.io/docs/configuration/acme/http01/).
    case 'Issuer':
      return solversOf(spec).map(({ podTemplate }) =>
        made({ ...labelsOf(map(podTemplate)), 'acme.cert-manager.io/http01-solver': 'true' }),
      );
    default:
      return [];
  }
}

/** How an Issuer has an authority answered by HTTP. */
export function solversOf({ acme }: Manifest): readonly Manifest[] {
  const ways = maps(map(acme)['solvers']).map(({ http01 }) => map(http01));
  return ways.flatMap(({ ingress, gatewayHTTPRoute }) => (ingress ?? gatewayHTTPRoute ?? []) as Manifest);
}
