import { isAtLeast, type KubernetesVersion } from '../../support/kubernetes-versions';
import type { Finding, FinishedObject, Rule, World } from '../rule';
import { inventoryOf } from '../world/inventory';
import { everyContainer, onWindows, type Pod, podMetadata } from '../world/pods';
import { map, maps, nameOf, valueAt } from '../world/values';
import {
  containerControls,
  contextControls,
  type Control,
  linuxControls,
  podControls,
  sysctls,
  volumeTypes,
} from './pod-security-controls';

/** What a namespace that enforces the profile refuses. The Deployment is accepted, and its pods never come. */
export const podSecurity: Rule = {
  name: 'pod-security',
  sentence: 'Every pod satisfies Pod Security "restricted".',
  why: 'The namespace enforces it: the Deployment is accepted, each of its pods is refused, and the rollout hangs until its deadline.',
  source: 'https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted',
  severity: 'warning',
  policy: true,
  *find(world: World): Iterable<Finding> {
    const enforcing = enforcingIn(world);
    for (const pod of inventoryOf(world).pods) {
      // Where nobody enforces it, the pods run all the same.
      const severity = enforcing.has(pod.namespace) ? 'error' : 'warning';
      for (const { field, must, got } of violations(pod, world.kubernetes)) {
        const fix = 'change it, or leave the field out where that is allowed, as the profile "restricted" lists it';
        yield { object: pod.object, field, must, got, fix, severity };
      }
    }
  },
};

/** The namespaces whose label has the profile enforced. */
function enforcingIn(world: World): ReadonlySet<string | undefined> {
  const namespaces = inventoryOf(world).ofKind('Namespace');
  const isEnforcing = ({ manifest }: FinishedObject) =>
    map(map(manifest['metadata'])['labels'])['pod-security.kubernetes.io/enforce'] === 'restricted';
  return new Set(namespaces.filter(isEnforcing).map(({ manifest }) => nameOf(manifest)));
}

type Violation = Pick<Finding, 'field' | 'must' | 'got'>;

function* violations(pod: Pod, kubernetes: KubernetesVersion): Iterable<Violation> {
  const { path, spec } = pod;
  const checked = [...containerControls, ...(onWindows(pod) ? [] : linuxControls)];
  yield* breaches(spec, path, podControls, kubernetes);
  yield* breaches(spec['securityContext'], `${path}.securityContext`, contextControls, kubernetes);
  for (const { path: at, spec: container } of everyContainer(pod)) {
    yield* breaches(container, at, checked, kubernetes);
    yield* breaches(container['securityContext'], `${at}.securityContext`, contextControls, kubernetes);
    yield* hostPorts(container['ports'], `${at}.ports`);
  }
  yield* inherited(pod);
  yield* volumes(pod, kubernetes);
  yield* unsafeSysctls(pod, kubernetes);
  yield* appArmorAnnotations(pod);
}

function* breaches(value: unknown, path: string, controls: readonly Control[], on: KubernetesVersion): Iterable<Violation> {
  for (const { field, must, allows } of controls) {
    const got = valueAt(value, field);
    if (!allows(got, on)) yield { field: `${path}.${field}`, must, got };
  }
}

function* hostPorts(ports: unknown, path: string): Iterable<Violation> {
  for (const [index, { hostPort: got }] of maps(ports).entries()) {
    if (got) yield { field: `${path}[${index}].hostPort`, must: 'not be set', got };
  }
}

/** What must be said once for the pod, or for each container. A wrong value is reported where it stands. */
function* inherited(pod: Pod): Iterable<Violation> {
  const fields: [string, string][] = [['runAsNonRoot', 'be true']];
  if (!onWindows(pod)) fields.push(['seccompProfile.type', 'be RuntimeDefault or Localhost']);
  for (const [field, must] of fields) {
    const missing = (value: unknown) => valueAt(value, `securityContext.${field}`) === undefined;
    if (!missing(pod.spec) || !everyContainer(pod).some(({ spec: container }) => missing(container))) continue;
    yield { field: `${pod.path}.securityContext.${field}`, must, got: undefined };
  }
}

function* volumes({ path, spec }: Pod, kubernetes: KubernetesVersion): Iterable<Violation> {
  for (const [index, volume] of maps(spec['volumes']).entries()) {
    for (const [type, source] of Object.entries(volume)) {
      if (type === 'name' || source === null || since(volumeTypes, type, kubernetes)) continue;
      yield { field: `${path}.volumes[${index}]`, must: 'be of a type that stays inside the pod', got: type };
    }
  }
}

function* unsafeSysctls({ path, spec }: Pod, kubernetes: KubernetesVersion): Iterable<Violation> {
  for (const [index, { name }] of maps(valueAt(spec, 'securityContext.sysctls')).entries()) {
    if (since(sysctls, String(name), kubernetes)) continue;
    yield { field: `${path}.securityContext.sysctls[${index}].name`, must: 'be one that counts as safe', got: name };
  }
}

function* appArmorAnnotations(pod: Pod): Iterable<Violation> {
  const { path, metadata } = podMetadata(pod);
  for (const [key, value] of Object.entries(map(metadata['annotations']))) {
    if (!key.startsWith('container.apparmor.security.beta.kubernetes.io/')) continue;
    if (/^(?:|runtime\/default|localhost\/.*)$/.test(String(value))) continue;
    yield { field: `${path}.annotations["${key}"]`, must: 'be runtime/default or localhost/<profile>', got: value };
  }
}

function since(versions: Readonly<Record<string, KubernetesVersion>>, name: string, kubernetes: KubernetesVersion): boolean {
  const first = Object.hasOwn(versions, name) ? versions[name] : undefined;
  return first !== undefined && isAtLeast(kubernetes, first);
}
