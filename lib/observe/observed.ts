import { ApiObject } from 'cdk8s';
import type { IConstruct } from 'constructs';
import type { PhoenixApplication } from '../release/application';
import { declaredIn, namespaceOf } from '../support/declare';
import type { Manifest } from '../support/edit';
import { NAME_HASH } from '../support/forms';
import { GATE } from '../support/gate-name';
import type { Observed, Scheduled } from './alerts/alert';
import { longestGap } from '../support/longest-gap';

/** Kinds that something is read from. */
const KINDS = new Set(['Deployment', 'StatefulSet', 'CronJob', 'Certificate', 'Ingress', 'Gateway']);

/** What is there to be watched in the namespace of a construct, as far as it is there now, whoever made it. */
export function observedIn(
  scope: IConstruct,
  application: PhoenixApplication,
  { job, probed }: Pick<Observed, 'job' | 'probed'>,
): Observed {
  const namespace = namespaceOf(scope) ?? 'default';
  const objects = objectsIn(scope, namespace);
  const { traffic, jobs, measured } = declaredIn(scope, namespace);
  const own = objects.filter(({ kind, spec }) => {
    const labels = spec?.template?.metadata?.labels as Manifest | undefined;
    return (kind === 'Deployment' || kind === 'StatefulSet') && labels?.['app.kubernetes.io/name'] === application.name;
  });
  const migrating = jobs.filter(({ migrates }) => migrates).map(({ name }) => name().replace(NAME_HASH, ''));
  return {
    application: application.name,
    namespace,
    names: application.metrics?.names ?? {},
    healthRoutes: healthRoutes(application),
    ...(job === undefined ? {} : { job }),
    containers: [...new Set(own.flatMap(({ spec }) => containersIn(spec, 'containers').slice(0, 1)))].sort(),
    clustered: traffic.some(({ sends }) => sends.some(({ peer }) => peer !== undefined && 'mesh' in peer)),
    gated: own.some(({ spec }) => containersIn(spec, 'initContainers').includes(GATE)),
    migrations: [...new Set(migrating)].sort(),
    scheduled: objects.flatMap(scheduledOf).sort((one, other) => (one.name < other.name ? -1 : 1)),
    certificates: objects.some(isCertified),
    databases: measured,
    probed,
  };
}

/** Routes of the endpoint that only probes ask: those of a listener of their own are no routes of it, and `/` is everybody's. */
function healthRoutes({ health: { ready, live, port } }: PhoenixApplication): string[] {
  if (port !== undefined) return [];
  return [...new Set([ready, live].flatMap((path) => (path === undefined || path === '/' ? [] : [path])))];
}

function objectsIn({ node: { root } }: IConstruct, namespace: string): Manifest[] {
  return root.node
    .findAll()
    .filter((one): one is ApiObject => ApiObject.isApiObject(one) && KINDS.has(one.kind))
    .map((object) => object.toJson() as Manifest)
    .filter((manifest) => manifest['metadata']?.namespace === namespace);
}

function containersIn(spec: Manifest, which: 'containers' | 'initContainers'): string[] {
  const containers = (spec['template']?.spec?.[which] ?? []) as readonly { readonly name: string }[];
  return containers.map(({ name }) => name);
}

/** Runs that miss their time at most once are no alarm before they have had it again. */
const SPARE = 3600;

function scheduledOf({ kind, metadata, spec }: Manifest): Scheduled[] {
  if (kind !== 'CronJob' || spec?.suspend === true) return [];
  const component: unknown = metadata?.labels?.['app.kubernetes.io/component'];
  const gap = longestGap(String(spec?.schedule));
  if (gap === undefined) return [];
  const limit = Number(spec?.jobTemplate?.spec?.activeDeadlineSeconds ?? 0);
  const kinds = component === 'backup' ? 'backup' : component === 'restore-drill' ? 'drill' : 'task';
  return [{ name: String(metadata?.name), kind: kinds, within: gap + limit + SPARE }];
}

/** Whether cert-manager keeps a certificate of it, by an object of its own or by an annotation. */
function isCertified({ kind, metadata }: Manifest): boolean {
  const annotations = Object.keys((metadata?.annotations ?? {}) as object);
  return kind === 'Certificate' || annotations.some((name) => /^cert-manager\.io\/(?:cluster-)?issuer$/.test(name));
}
