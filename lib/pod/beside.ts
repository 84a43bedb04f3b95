import type { ApiObject } from 'cdk8s';
import { Duration } from 'cdk8s';
import type { k8s } from 'cdk8s-plus-27';
import type { IConstruct } from 'constructs';
import type { Manifest } from '../support/edit';
import type { Opening } from '../support/network';
import { kubernetesOf } from '../support/kubernetes';
import { OptOut } from '../support/opt-out';
import { reject } from '../support/reject';
import { requireReason } from '../support/values';
import { isAtLeast, type KubernetesVersion } from '../support/kubernetes-versions';
import { hardenedPod } from './hardened-pod';
import { podMounts, type Mount, type PodMount } from './mount';
import type { Probes } from './probe';
import { probeFields } from './probe-fields';
import { editPods } from './settled-pods';
import type { Beside, BesideOfRole, InitContainer, OtherContainer, SharedMount, Sidecar } from './sidecar';
import { groupOfFiles, tmp } from './volumes';

export type { Beside };

const BOOT_TIME = Duration.minutes(1);
const INIT_LIMIT = Duration.minutes(1);

/** The first Kubernetes that starts sidecars before all else of a pod, and ends them after it. */
const NATIVE: KubernetesVersion = '1.29';

/** Whether a Kubernetes has native sidecars. */
export function hasNativeSidecars(kubernetes: KubernetesVersion): boolean {
  return isAtLeast(kubernetes, NATIVE);
}

/** What the pods of a role have: what all have, with its own laid over. */
export function besideOfRole(scope: IConstruct, all: Beside, own: BesideOfRole, prop = ''): Required<Beside> {
  return {
    sidecars: laidOver(scope, all.sidecars, own.sidecars, `${prop}sidecars`),
    initContainers: laidOver(scope, all.initContainers, own.initContainers, `${prop}initContainers`),
  };
}

function laidOver<T extends OtherContainer>(
  scope: IConstruct,
  all: Readonly<Record<string, T>> = {},
  own: Readonly<Record<string, T | OptOut>> = {},
  prop: string,
): Record<string, T> {
  const merged = new Map(Object.entries(all));
  for (const [name, container] of Object.entries(own)) {
    if (!(container instanceof OptOut)) {
      merged.set(name, container);
      continue;
    }
    requireReason(scope, `${prop}.${name}`, container);
    if (merged.delete(name)) continue;
    const known = Object.keys(all).join(', ') || '(none)';
    const fix = `remove it, or name one of ${known}`;
    reject(scope, { prop: `${prop}.${name}`, must: 'be one that all pods have, to be left out', got: name, fix });
  }
  return Object.fromEntries(merged);
}

/** The containers beside a program's, by their names. */
export function othersIn({ sidecars = {}, initContainers = {} }: Beside): [name: string, container: OtherContainer][] {
  return [...Object.entries(sidecars), ...Object.entries(initContainers)];
}

/** Connections that they open, for the fence. */
export function egressOf(beside: Beside): Opening[] {
  return othersIn(beside).flatMap(([, { egress = [] }]) => egress);
}

/** How long each of them may hold up the start of a pod. */
export function startLimits({ sidecars = {}, initContainers = {} }: Beside): { readonly limit: Duration }[] {
  const boots = Object.values(sidecars).map(({ bootTime = BOOT_TIME }) => ({ limit: bootTime }));
  return [...boots, ...Object.values(initContainers).map(({ limit = INIT_LIMIT }) => ({ limit }))];
}

/** A pod with the containers beside that of its program: sidecars first, so that all that waits has them. */
export function withBeside(spec: k8s.PodSpec, beside: Beside): k8s.PodSpec {
  const others = othersIn(beside);
  if (others.length === 0) return spec;
  const { sidecars = {}, initContainers = {} } = beside;
  const first = (when: InitContainer['when']) => Object.entries(initContainers).filter(([, one]) => one.when === when);
  const make = (name: string, one: OtherContainer) => containerOf(name, one, spec);
  const mounts = others.flatMap(([name, one]) => mountsOf(name, one)).filter(({ source }) => source);
  const known = new Set(spec.volumes?.map(({ name }) => name));
  const files = mounts.filter(({ name }, index) => !known.has(name) && mounts.findIndex((one) => one.name === name) === index);
  return {
    ...spec,
    securityContext: { ...spec.securityContext, ...groupOfFiles(files, spec.securityContext?.runAsUser ?? 0) },
    initContainers: [
      ...Object.entries(sidecars).map(([name, one]) => ({ ...make(name, one), ...questions(one) })),
      ...first('before-migrations').map(([name, one]) => make(name, one)),
      ...(spec.initContainers ?? []),
      ...first('after-migrations').map(([name, one]) => make(name, one)),
    ],
    volumes: [...(spec.volumes ?? []), ...files.map(({ name, source }) => ({ name, ...source }))],
  };
}

function containerOf(
  name: string,
  other: OtherContainer & { readonly ports?: Sidecar['ports'] },
  spec: k8s.PodSpec,
): k8s.Container {
  const { image, imagePullPolicy = 'Always', command, args, variables = {}, variableSources, resources, user, ports } = other;
  const { serviceAccountName = '' } = spec;
  const mounts = mountsOf(name, other);
  const pod = { container: name, image, imagePullPolicy, command, args, variables, variableSources, ports, resources, mounts };
  const [container] = hardenedPod({ ...pod, user: user ?? 0, serviceAccountName }).containers as [k8s.Container];
  if (user === undefined) return container;
  return { ...container, securityContext: { ...container.securityContext, runAsUser: user, runAsGroup: user } };
}

/** Its files. A sidecar has a `/tmp` that nobody shares, what ends before the program starts has that of the program. */
function mountsOf(name: string, other: OtherContainer): readonly PodMount[] {
  const { resources, mounts = [] } = other;
  const own = podMounts(isSidecar(other) ? [{ ...tmp(resources, ownMounts(other)), name: `${name}-tmp` }] : [TMP]);
  return [...own, ...mounts.flatMap((mount) => ('volume' in mount ? shared(mount) : podMounts([mount])))];
}

const TMP: PodMount = { name: 'tmp', path: '/tmp' };

function shared({ volume: name, ...place }: SharedMount): PodMount {
  return { name, ...place };
}

/** The mounts that bring a volume with them. */
export function ownMounts({ mounts = [] }: OtherContainer): readonly Mount[] {
  return mounts.filter((mount): mount is Mount => !('volume' in mount));
}

function isSidecar(other: OtherContainer): other is Sidecar {
  return 'probes' in other;
}

const UNASKED = OptOut.because('nobody said what to ask');

function questions({ probes, ports = {}, bootTime = BOOT_TIME }: Sidecar): Partial<k8s.Container> {
  const others: Probes = {
    startup: probes.startup,
    readiness: probes.readiness ?? UNASKED,
    liveness: probes.liveness ?? UNASKED,
  };
  return probeFields(others, ports, bootTime);
}

/** Makes the sidecars of a finished object native ones, or plain ones where that is all that there is and someone said why it may be. */
export function settleSidecars(target: ApiObject, { sidecars = {} }: Beside): void {
  if (Object.keys(sidecars).length === 0) return;
  const ends = target.kind === 'Job' || target.kind === 'CronJob';
  editPods(target, (spec) => {
    const native = ends || hasNativeSidecars(kubernetesOf(target));
    const isPlain = ({ name }: Manifest): boolean => !native && sidecars[String(name)]?.unordered !== undefined;
    const all = (spec['initContainers'] ?? []) as Manifest[];
    const kept = all.filter((one) => !isPlain(one));
    const plain = all.filter(isPlain);
    const restarted = kept.map((one) => (String(one['name']) in sidecars ? { restartPolicy: 'Always', ...one } : one));
    const settled = { ...spec, initContainers: restarted, containers: [...(spec['containers'] as Manifest[]), ...plain] };
    return Object.fromEntries(Object.entries(settled).filter(([name]) => name !== 'initContainers' || restarted.length > 0));
  });
}
