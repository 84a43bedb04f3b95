import { isDeepStrictEqual } from 'node:util';
import type { IConstruct } from 'constructs';
import { declare, declaredBy } from '../support/declare';
import { requireImage } from '../support/image';
import { kubernetesOf } from '../support/kubernetes';
import { OptOut } from '../support/opt-out';
import { requireOpenings } from '../support/peers';
import { reject, rejectLate } from '../support/reject';
import { requireInteger, requireName, requireReason, requireSeconds } from '../support/values';
import { hasNativeSidecars, ownMounts } from './beside';
import { requirePorts } from './hardened-pod';
import { podMounts, type Mount } from './mount';
import { requireMounts } from './require-mounts';
import { requireProbes } from './probe';
import type { BesideOfRole, Beside, InitContainer, OtherContainer, Sidecar } from './sidecar';
import { requireVariables } from './variables';
import { requireRoomInTmp } from './volumes';

/** Refuses containers that no pod could have. Those that were looked at before are not looked at again. */
export function requireOthers(scope: IConstruct, { sidecars = {}, initContainers = {} }: BesideOfRole, prop = ''): void {
  for (const [name, one] of Object.entries(sidecars)) {
    if (!(one instanceof OptOut)) requireSidecar(scope, `${prop}sidecars.${name}`, name, one);
  }
  for (const [name, one] of Object.entries(initContainers)) {
    if (!(one instanceof OptOut)) requireInit(scope, `${prop}initContainers.${name}`, name, one);
  }
}

/** Refuses a sidecar that no pod could have. */
export function requireSidecar(scope: IConstruct, prop: string, name: string, sidecar: Sidecar): void {
  if (!isNew(scope, sidecar)) return;
  const { ports = {}, probes, bootTime, unordered } = sidecar;
  requireOther(scope, prop, name, sidecar);
  requirePorts(scope, ports, `${prop}.ports`);
  const { startup, readiness, liveness } = probes;
  requireProbes(
    scope,
    { startup, ...(readiness ? { readiness } : {}), ...(liveness ? { liveness } : {}) },
    ports,
    `${prop}.probes`,
  );
  const fix = 'omit it to use 60s';
  if (bootTime) requireSeconds(scope, `${prop}.bootTime`, bootTime, { minimum: 10, maximum: 3600, fix });
  requireReason(scope, `${prop}.unordered`, unordered);
}

function requireInit(scope: IConstruct, prop: string, name: string, init: InitContainer): void {
  if (!isNew(scope, init)) return;
  requireOther(scope, prop, name, init);
  const fix = 'omit it to use 60s';
  if (init.limit) requireSeconds(scope, `${prop}.limit`, init.limit, { minimum: 1, maximum: 3600, fix });
}

function isNew({ node: { root } }: IConstruct, container: OtherContainer): boolean {
  if (isKnown(root, container)) return false;
  declare(root, { others: [{ container }] });
  return true;
}

function requireOther(scope: IConstruct, prop: string, name: string, other: OtherContainer): void {
  const { image, variables = {}, resources, user, egress = [] } = other;
  // The name of its scratch space is longer.
  requireName(scope, name, 59, prop);
  requireImage(scope, image, `${prop}.image`);
  requireVariables(scope, `${prop}.variables`, variables);
  resources.require(scope, `${prop}.resources`);
  requireMounts(scope, ownMounts(other), `${prop}.mounts`);
  requireRoomInTmp(scope, resources, ownMounts(other), `${prop}.resources`);
  requireOpenings(scope, `${prop}.egress`, egress);
  const fix = 'omit it to use that of the pod';
  if (user !== undefined) requireInteger(scope, `${prop}.user`, user, { minimum: 1, fix });
}

function isKnown(root: IConstruct, container: OtherContainer): boolean {
  return declaredBy(root).some(({ others = [] }) => others.some((known) => known.container === container));
}

/** The prop that a sidecar comes from where nobody wrote it as one, such as the proxy of a database. */
function propOf({ node: { root } }: IConstruct, sidecar: Sidecar): string | undefined {
  return declaredBy(root)
    .flatMap(({ others = [] }) => others)
    .find(({ container, prop }) => container === sidecar && prop !== undefined)?.prop;
}

/** What a pod has already. */
export interface Program {
  /** The containers of its program: what runs, and what runs before it. */
  readonly containers: readonly string[];
  /** @default {} */
  readonly ports?: Readonly<Record<string, number>>;
  readonly mounts: readonly Mount[];
  /** Whether it ends. */
  readonly ends: boolean;
}

/** Refuses containers that a pod could not have beside its program. */
export function requireBeside(scope: IConstruct, beside: Beside, program: Program): void {
  requireOthers(scope, beside);
  const { sidecars = {}, initContainers = {} } = beside;
  const taken = new Set(program.containers);
  const named = [...propsOf(sidecars, 'sidecars'), ...propsOf(initContainers, 'initContainers')];
  for (const [prop, name] of named) {
    const fix = `rename it: the pod has ${[...taken].join(', ')}`;
    if (taken.has(name)) reject(scope, { prop, must: 'have a name that no other container of the pod has', got: name, fix });
    taken.add(name);
  }
  requireOwnPorts(scope, sidecars, program.ports ?? {});
  requireVolumes(scope, beside, program.mounts);
  requireNative(scope, sidecars, program.ends);
}

function propsOf(containers: object, prop: string): (readonly [prop: string, name: string])[] {
  return Object.keys(containers).map((name) => [`${prop}.${name}`, name] as const);
}

/** The containers of a pod have one address. */
function requireOwnPorts(
  scope: IConstruct,
  sidecars: Readonly<Record<string, Sidecar>>,
  own: Readonly<Record<string, number>>,
): void {
  const numbers = new Map(Object.entries(own).map(([name, port]) => [port, name]));
  const names = new Set(Object.keys(own));
  for (const [sidecar, { ports = {} }] of Object.entries(sidecars)) {
    for (const [name, port] of Object.entries(ports)) {
      const prop = `sidecars.${sidecar}.ports.${name}`;
      const other = numbers.get(port);
      if (other !== undefined) {
        const fix = `let one of the two listen elsewhere: the port '${other}' of the pod has this number`;
        reject(scope, { prop, must: 'be a port that no other container of the pod has: they share one address', got: port, fix });
      } else if (names.has(name)) {
        const must = 'have a name that no other port of the pod has, by which Services and probes find it';
        reject(scope, { prop, must, got: name, fix: `rename it, for example "${sidecar.slice(0, 9)}-${name}"` });
      }
      numbers.set(port, name);
      names.add(name);
    }
  }
}

/** A volume is one for all containers of a pod. */
function requireVolumes(scope: IConstruct, beside: Beside, own: readonly Mount[]): void {
  const { sidecars = {}, initContainers = {} } = beside;
  const volumes = new Map(podMounts(own).map(({ name, source }) => [name, source]));
  const given = Object.entries({ sidecars, initContainers }).flatMap(([kind, others]) =>
    Object.entries<OtherContainer>(others).map(([name, other]) => ({ prop: `${kind}.${name}.mounts`, other })),
  );
  for (const { prop, other } of given) {
    for (const { name, source } of podMounts(ownMounts(other))) {
      if (volumes.has(name) && !isDeepStrictEqual(source, volumes.get(name))) {
        const must = 'have names of their own: the pod has another volume of this name';
        reject(scope, { prop, must, got: name, fix: "give one of the two another 'name', or share it by { volume, path }" });
      }
      volumes.set(name, source);
    }
  }
  for (const { prop, other } of given) {
    for (const mount of other.mounts ?? []) {
      if (!('volume' in mount) || volumes.has(mount.volume)) continue;
      const fix = `use one of ${[...volumes.keys()].join(', ') || '(none)'}, or write what it is`;
      reject(scope, { prop: `${prop}.volume`, must: 'be the name of a volume that the pod has', got: mount.volume, fix });
    }
  }
}

const NO_PROXY = {
  must: 'be left out before Kubernetes 1.29, whose pods have no proxy yet when migrations are waited for, and whose jobs would never end',
  fix: "say kubernetes: '1.29' or newer where the cluster is, or leave the proxy out, and write the host of the server and 'tls'",
} as const;
const NO_POOLER = {
  must: 'be outside of the pods before Kubernetes 1.29, where it would stop when the program begins to, which still has requests to answer',
  fix: "say kubernetes: '1.29' or newer where the cluster is, or write the address of a pooler elsewhere: { host, mode, namedStatements, clients }",
} as const;

/** The Kubernetes of an App may be said after this was made. */
function requireNative(scope: IConstruct, sidecars: Readonly<Record<string, Sidecar>>, ends: boolean): void {
  const find = () => {
    const kubernetes = kubernetesOf(scope);
    if (hasNativeSidecars(kubernetes)) return [];
    const left = Object.entries(sidecars).filter(([, { unordered }]) => ends || unordered === undefined);
    const [given, made] = [
      left.filter(([, one]) => propOf(scope, one) === undefined),
      left.flatMap(([, one]) => propOf(scope, one) ?? []),
    ];
    const must = ends
      ? 'be left out of pods that end before Kubernetes 1.29, which would wait for it for ever'
      : 'be left to Kubernetes 1.29 or newer, which starts it before all else of the pod, and ends it after the program';
    const fix = ends
      ? "say kubernetes: '1.29' or newer where the cluster is, or give it to web and workers alone"
      : "say kubernetes: '1.29' or newer where the cluster is, or why it may start and stop beside the program: unordered: OptOut.because('...')";
    return [
      ...given.map(([name]) => ({ prop: `sidecars.${name}`, must, got: kubernetes, fix })),
      ...made.map((prop) => ({ prop, got: kubernetes, ...(prop.endsWith('pooler') ? NO_POOLER : NO_PROXY) })),
    ];
  };
  if (Object.keys(sidecars).length > 0) rejectLate(scope, find);
}

/** Refuses to show the processes of a program to those who have none of its variables. */
export function requireApart(
  scope: IConstruct,
  { reapProcesses, sidecars = {} }: Pick<Beside, 'sidecars'> & { readonly reapProcesses: boolean },
): void {
  if (!reapProcesses || Object.keys(sidecars).length === 0) return;
  const must = "be left out beside 'sidecars', which read the variables and files of the program in /proc then";
  const fix = 'take it out: what `kubectl exec` leaves behind goes with the container';
  reject(scope, { prop: 'reapProcesses', must, got: true, fix });
}
