import type { ApiObject } from 'cdk8s';
import { edit, type Manifest } from '../support/edit';
import { declare } from '../support/declare';
import { map } from '../support/is-map';
import { OptOut } from '../support/opt-out';
import { ONE_ROLLOUT } from './spread';
import { mergedDns, type PodSettings } from './pod-settings';

/** Whose word counts where both say something: that of the settings, or that of the object. */
export type Wins = 'settings' | 'object';

const TEMPLATES: ReadonlyMap<string, readonly string[]> = new Map<string, readonly string[]>([
  ['Pod', []],
  ...['Deployment', 'ReplicaSet', 'StatefulSet', 'DaemonSet', 'Job', 'Rollout', 'Pooler'].map(
    (kind) => [kind, ['spec', 'template']] as const,
  ),
  ['CronJob', ['spec', 'jobTemplate', 'spec', 'template']],
]);

/** Whether an object makes pods from a template of its own. */
export function makesPods({ kind }: ApiObject): boolean {
  return TEMPLATES.has(kind);
}

/**
 * Gives the pods of an object their settings. Once cdk8s has mapped its props, so that a field that its types do not know, or a
 * misspelt one, is there for the rules to see.
 */
export function settlePods(target: ApiObject, settings: PodSettings, wins: Wins = 'settings'): void {
  const path = TEMPLATES.get(target.kind);
  if (settings.user === 'assigned') leaveUserOut(target);
  if (path) edit(target, (manifest) => changedAt(manifest, path, (template) => settled(template, settings, wins, manifest)));
  if (settings.restartOnSecretChange && RESTARTED.includes(target.kind)) edit(target, watchedByReloader);
}

/** What Reloader restarts: the pods of the others end by themselves. */
const RESTARTED: readonly string[] = ['Deployment', 'StatefulSet', 'DaemonSet'];

/** It reads the annotations of the workload itself: https://github.com/stakater/Reloader. */
function watchedByReloader({ metadata, ...manifest }: Manifest): Manifest {
  const annotations = { 'secret.reloader.stakater.com/auto': 'true', ...metadata.annotations };
  return { ...manifest, metadata: { ...metadata, annotations } };
}

/** Changes what an object says of its pods, as {@link settlePods} does. */
export function editPods(target: ApiObject, change: (spec: Manifest) => Manifest): void {
  const path = TEMPLATES.get(target.kind);
  if (path) edit(target, (manifest) => changedAt(manifest, [...path, 'spec'], change));
}

/** What the cluster chooses stands in no YAML that a rule could look at. */
function leaveUserOut(target: ApiObject): void {
  const optOut = OptOut.because('the cluster assigns the user and the groups');
  declare(target, { leftOut: ['high-user-ids', 'claim-writable'].map((rule) => ({ rule, optOut, target })) });
}

function changedAt(manifest: Manifest, [step, ...rest]: readonly string[], change: (inner: Manifest) => Manifest): Manifest {
  if (step === undefined) return change(manifest);
  return { ...manifest, [step]: changedAt((manifest[step] ?? {}) as Manifest, rest, change) };
}

function settled({ metadata = {}, ...template }: Manifest, settings: PodSettings, wins: Wins, owner: Manifest): Manifest {
  const { labels, annotations, nodeSelector, imagePullSecrets, dnsConfig, affinity } = settings;
  const spec = template['spec'] as Manifest;
  const over = <T extends object>(one: T | undefined, other: T | undefined): T | undefined =>
    one && (wins === 'settings' ? { ...other, ...one } : { ...one, ...other });
  const about = {
    labels: over(labels && besideOurs(labels), metadata.labels),
    annotations: over(annotations, metadata.annotations),
  };
  const changed = {
    ...single(settings),
    imagePullSecrets: imagePullSecrets?.map((name) => ({ name })),
    ...spreadOver(settings, spec, owner),
  };
  const merged = {
    nodeSelector: over(nodeSelector, spec['nodeSelector']),
    dnsConfig:
      dnsConfig && (wins === 'settings' ? mergedDns(spec['dnsConfig'], dnsConfig) : mergedDns(dnsConfig, spec['dnsConfig'])),
    affinity: affinity && (wins === 'settings' ? joined(spec['affinity'], affinity) : { ...affinity, ...spec['affinity'] }),
    ...userOf(settings, spec),
  };
  const free = given(changed).filter(([name]) => wins === 'settings' || isOpen(spec[name]));
  const filled = Object.fromEntries([...free, ...given(merged)]);
  const named = Object.fromEntries(given(about));
  return {
    ...(isOpen({ ...metadata, ...named }) ? {} : { metadata: { ...metadata, ...named } }),
    ...template,
    spec: { ...spec, ...filled },
  };
}

/** One of ours is refused, and would have every selector miss the pods. */
function besideOurs(labels: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(labels).filter(([name]) => !name.startsWith('app.kubernetes.io/')));
}

/** Fields that are written as they are given. */
function single({ tolerations, hostAliases, runtimeClassName, priorityClassName, hostUsers }: PodSettings): Manifest {
  const priority = priorityClassName instanceof OptOut ? undefined : priorityClassName;
  return { tolerations, hostAliases, runtimeClassName, priorityClassName: priority, hostUsers };
}

/** What has no value, or says nothing. */
function isOpen(value: unknown): boolean {
  return value === undefined || value === null || (typeof value === 'object' && Object.keys(value).length === 0);
}

function given(fields: object): [string, unknown][] {
  return Object.entries(fields).filter(([, value]) => !isOpen(value));
}

/** Terms of both, kind by kind and list by list. */
function joined(own: Manifest = {}, more: Manifest): Manifest {
  const kinds = Object.entries(more).map(([kind, terms]: [string, Manifest]) => {
    const before = map(own[kind]);
    const lists = Object.entries(map(terms)).map(([name, list]) => [
      name,
      Array.isArray(list) ? [...(before[name] ?? []), ...list] : list,
    ]);
    return [kind, { ...before, ...Object.fromEntries(lists) }];
  });
  return { ...own, ...Object.fromEntries(kinds) };
}

/** Constraints for controllers of several pods, in the place of ours over the same topology; each counts its own pods. */
function spreadOver({ topologySpreadConstraints = [] }: PodSettings, spec: Manifest, { kind, spec: own }: Manifest): Manifest {
  if (topologySpreadConstraints.length === 0 || !['Deployment', 'StatefulSet'].includes(String(kind)) || own.replicas === 1)
    return {};
  const counted = { labelSelector: own.selector, ...(kind === 'Deployment' ? { matchLabelKeys: [...ONE_ROLLOUT] } : {}) };
  const topologies = new Set(topologySpreadConstraints.map(({ topologyKey }) => topologyKey));
  const others = ((spec['topologySpreadConstraints'] ?? []) as Manifest[]).filter(
    ({ topologyKey }) => !topologies.has(topologyKey),
  );
  const ours = topologySpreadConstraints.map((constraint) =>
    constraint.labelSelector ? constraint : { ...constraint, ...counted },
  );
  return { topologySpreadConstraints: [...ours, ...others] };
}

/** As whom the programs run; the group has the files of volumes, where there are any. */
function userOf({ user, group }: PodSettings, { securityContext = {} }: Manifest): Manifest {
  if (user === undefined && group === undefined) return {};
  const { runAsUser, runAsGroup, fsGroup, ...rest } = securityContext as Manifest;
  if (user === 'assigned') return { securityContext: rest };
  const files = group ?? user;
  const ids = {
    runAsUser: user ?? runAsUser,
    runAsGroup: files ?? runAsGroup,
    ...(fsGroup === undefined ? {} : { fsGroup: files }),
  };
  return { securityContext: { ...ids, ...rest } };
}
