import type { k8s } from 'cdk8s-plus-27';
import type { IConstruct } from 'constructs';
import { declare, declaredBy } from '../support/declare';
import { requireOwnLabels } from '../support/labels';
import { OptOut } from '../support/opt-out';
import { reject } from '../support/reject';
import { requireInteger, requireName, requireReason } from '../support/values';

/**
 * What pods are told beside what they run: where they are scheduled, who pulls their image, as whom they run. A role's own
 * settings are laid over those of its release: of mappings, key by key; lists and single values take the place of the others.
 */
export interface PodSettings {
  /**
   * Names of Secrets of the type `kubernetes.io/dockerconfigjson`, by which the kubelet logs in to a private registry. They are
   * somebody else's to make, in the same namespace. A role's list takes the place of the release's. @default []
   */
  readonly imagePullSecrets?: readonly string[];
  /** Labels that a node must have. A role's are added, and win where both name one. @default {} */
  readonly nodeSelector?: Readonly<Record<string, string>>;
  /** Taints of nodes that do not keep the pods away. A role's list takes the place of the release's. @default [] */
  readonly tolerations?: readonly k8s.Toleration[];
  /**
   * Further affinities, beside the soft one that keeps pods of one roll-out apart. Of a role, each of the three kinds takes the
   * place of the release's. @default {}
   */
  readonly affinity?: k8s.Affinity;
  /**
   * How strictly pods are spread, for roles with two pods or more: a constraint takes the place of our soft one over the same
   * `topologyKey`. Without a `labelSelector` it counts the pods of each role by themselves, and those of one roll-out. A role's
   * list takes the place of the release's. @default - softly over zones
   */
  readonly topologySpreadConstraints?: readonly k8s.TopologySpreadConstraint[];
  /** Names with addresses, for `/etc/hosts`. A role's list takes the place of the release's. @default [] */
  readonly hostAliases?: readonly k8s.HostAlias[];
  /** Servers, domains and options for the resolver. Each takes the place of the release's; options do so by name. @default - `ndots` of 2 */
  readonly dnsConfig?: k8s.PodDnsConfig;
  /** What runs the containers, such as gVisor; the RuntimeClass must be in the cluster. @default - the node's own */
  readonly runtimeClassName?: string;
  /** Who may evict whom; the PriorityClass must be in the cluster. @default - the cluster's default */
  readonly priorityClassName?: string | OptOut;
  /** Whether users of the pods are users of the node. False needs Kubernetes 1.33 or newer. @default true */
  readonly hostUsers?: boolean;
  /**
   * User that the programs run as: `runAsUser`. `assigned` leaves it to the cluster, with the groups, as OpenShift wants it: the
   * image must run as any user whose group is 0. @default 65534, the user `nobody` of Debian and Alpine
   */
  readonly user?: number | 'assigned';
  /** Group that they run as, and that has the files of volumes: `runAsGroup`, `fsGroup`. @default - the number of the user */
  readonly group?: number;
  /** Further labels of the pods, such as those of a cost centre. A role's are added. @default {} */
  readonly labels?: Readonly<Record<string, string>>;
  /** Further annotations of the pods. A role's are added. @default {} */
  readonly annotations?: Readonly<Record<string, string>>;
  /**
   * Whether Reloader, which must be in the cluster, restarts pods that keep running once a Secret that they read has other
   * values: annotation `secret.reloader.stakater.com/auto` of the Deployment. @default false
   */
  readonly restartOnSecretChange?: boolean;
}

/**
 * Refuses settings that no pod could have, and says what they need in the cluster. What the API says of values is left to the
 * rules, which then name the prop. Settings that were looked at before, or are made of such, are not looked at again.
 */
export function requirePodSettings(scope: IConstruct, settings: PodSettings, prop = 'pods'): void {
  const { root } = scope.node;
  if (declaredBy(root).some(({ podSettings = [] }) => podSettings.some((known) => known.settings === settings))) return;
  const at = prop === '' ? '' : `${prop}.`;
  declare(root, { podSettings: [{ settings, origin: { construct: scope, prop } }] });
  const { imagePullSecrets = [], priorityClassName, labels = {} } = settings;
  for (const [index, name] of imagePullSecrets.entries()) {
    requireName(scope, name, 253, `${at}imagePullSecrets[${index}]`);
    if (imagePullSecrets.indexOf(name) === index) continue;
    reject(scope, { prop: `${at}imagePullSecrets`, must: 'name each Secret once', got: name, fix: 'take out the second one' });
  }
  requireReason(scope, `${at}priorityClassName`, priorityClassName);
  requireUser(scope, settings, at);
  requireOwnLabels(scope, `${at}labels`, labels);
  declareNeeds(scope, settings);
}

function requireUser(scope: IConstruct, { user, group }: PodSettings, at: string): void {
  const fix = 'omit it to use 65534, the user nobody';
  if (typeof user === 'number') requireInteger(scope, `${at}user`, user, { minimum: 1, fix });
  if (group === undefined) return;
  requireInteger(scope, `${at}group`, group, { minimum: 1, fix: 'omit it to use the number of the user' });
  if (user !== 'assigned') return;
  const must = "be left out beside user 'assigned': the cluster chooses the groups too";
  reject(scope, { prop: `${at}group`, must, got: group, fix: 'remove it' });
}

/** Naming an object that only somebody else makes says that it is there. */
function declareNeeds(scope: IConstruct, { imagePullSecrets = [], runtimeClassName, priorityClassName }: PodSettings): void {
  const externals = [
    ...imagePullSecrets.map((name) => ({ kind: 'Secret', name, keys: ['.dockerconfigjson'] })),
    ...(runtimeClassName === undefined ? [] : [{ kind: 'RuntimeClass', name: runtimeClassName }]),
    ...(typeof priorityClassName === 'string' ? [{ kind: 'PriorityClass', name: priorityClassName }] : []),
  ];
  if (externals.length > 0) declare(scope, { externals });
}

/** The settings of a role: its own, which are looked at, laid over those of all roles, which were. */
export function roleSettings(scope: IConstruct, all: PodSettings, own: PodSettings = {}, prop = 'pods'): PodSettings {
  requirePodSettings(scope, own, prop);
  const merged = mergedSettings(all, own);
  declare(scope.node.root, { podSettings: [{ settings: merged }] });
  return merged;
}

/** What holds for pods of other images too: neither the login nor the user of the application's own. */
export function besideTheImage(settings: PodSettings = {}): PodSettings {
  const own: readonly (keyof PodSettings)[] = ['imagePullSecrets', 'user', 'group', 'topologySpreadConstraints'];
  const others = Object.entries(settings).filter(([name]) => !own.includes(name as keyof PodSettings));
  return { ...Object.fromEntries(others), ...(settings.user === 'assigned' ? { user: 'assigned' } : {}) };
}

function mergedSettings(all: PodSettings, own: PodSettings): PodSettings {
  const names = [...new Set([...Object.keys(all), ...Object.keys(own)])];
  return Object.fromEntries(
    names.map((name) => {
      const [outer, inner] = [all[name as keyof PodSettings], own[name as keyof PodSettings]];
      if (inner === undefined) return [name, outer];
      if (name === 'dnsConfig') return [name, mergedDns(all.dnsConfig, own.dnsConfig)];
      return [name, isMapping(outer) && isMapping(inner) ? { ...outer, ...inner } : inner];
    }),
  );
}

/** Options are told apart by their names. */
export function mergedDns(all: k8s.PodDnsConfig = {}, own: k8s.PodDnsConfig = {}): k8s.PodDnsConfig {
  const named = new Map([...(all.options ?? []), ...(own.options ?? [])].map((option) => [option.name, option]));
  return { ...all, ...own, ...(named.size === 0 ? {} : { options: [...named.values()] }) };
}

function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof OptOut);
}
