import type { World } from '../checks/rule';
import { inventoryOf } from '../checks/world/inventory';
import { nameOf } from '../checks/world/objects';
import { routeClaims } from '../checks/world/route-claims';
import { list, map, maps, scalar, scalars, text } from '../checks/world/values';
import type { Manifest } from '../support/edit';
import { OPT_OUTS } from '../support/opt-out';
import type { Comparison } from './comparison';
import { hardeningChanges } from './hardening';
import { networkChanges } from './network';
import { knownName, referenceOf, titleOf } from './shown';
import type { Statement } from './statement';

/** What becomes reachable, allowed or less hardened, and what no longer is. */
export function accessOf(comparison: Comparison): Statement[] {
  const { before, now } = comparison;
  tellPolicies(comparison);
  return [
    ...hardeningChanges(comparison),
    ...changed(hosts(before), hosts(now), ['answers', 'no longer answers']),
    ...changed(exposures(before), exposures(now), ['opens:', 'closes:']),
    ...networkChanges(comparison),
    ...changed(rights(before), rights(now), ['allows:', 'no longer allows:']),
    ...optOuts(comparison),
  ];
}

/** Fields whose meaning is told here, in words. */
function tellPolicies({ compared, told }: Comparison): void {
  const fields: Readonly<Record<string, RegExp>> = {
    NetworkPolicy: /^spec\.(?:ingress|egress|policyTypes)/,
    Role: /^rules/,
    ClusterRole: /^rules/,
    Service: /^spec\.(?:type|loadBalancerSourceRanges)/,
    Ingress: /^spec\.rules/,
    HTTPRoute: /^spec\.hostnames/,
  };
  for (const { now, differences } of compared) {
    const own = fields[String(now['kind'])];
    if (own) told.tell(differences.filter(({ path }) => own.test(path)));
  }
}

/** Lines of one side alone. */
function changed(was: ReadonlyMap<string, string>, is: ReadonlyMap<string, string>, [more, less]: [string, string]): Statement[] {
  const said = (one: ReadonlyMap<string, string>, other: ReadonlyMap<string, string>, kind: string, sign: string): Statement[] =>
    [...one].filter(([line]) => !other.has(line)).map(([line, object]) => ({ kind, text: `${sign} ${line}`, objects: [object] }));
  return [...said(is, was, 'opens', more), ...said(was, is, 'closes', less)];
}

/** Hosts and paths that are answered, and the object that says so. */
function hosts(world: World): Map<string, string> {
  return new Map(routeClaims(inventoryOf(world)).map(({ got, object }) => [got, referenceOf(object.manifest)]));
}

/** Ports outside of the cluster's network. */
function exposures(world: World): Map<string, string> {
  const inventory = inventoryOf(world);
  const services = inventory.ofKind('Service').flatMap(({ manifest }): [string, string][] => {
    const { type, ports, loadBalancerSourceRanges } = map(manifest['spec']);
    if (type !== 'LoadBalancer' && type !== 'NodePort') return [];
    const numbers = maps(ports).map(({ port, nodePort }) => scalar(type === 'NodePort' ? (nodePort ?? port) : port));
    const whom = list(loadBalancerSourceRanges).length > 0 ? scalars(loadBalancerSourceRanges).join(', ') : 'everyone';
    const where = type === 'NodePort' ? 'every node' : 'a load balancer';
    return [[`${titleOf(manifest)} at ${where}, port ${numbers.join(', ')}, for ${whom}`, referenceOf(manifest)]];
  });
  const pods = inventory.workloads.flatMap(({ object: { manifest }, pod, containers }): [string, string][] => [
    ...(pod['hostNetwork'] === true
      ? [[`${titleOf(manifest)} is in the network of its node`, referenceOf(manifest)] as [string, string]]
      : []),
    ...containers.flatMap(({ spec }) =>
      maps(spec['ports']).flatMap(({ hostPort }): [string, string][] =>
        hostPort === undefined ? [] : [[`${titleOf(manifest)} at port ${scalar(hostPort)} of its node`, referenceOf(manifest)]],
      ),
    ),
  ]);
  return new Map([...services, ...pods]);
}

/** What ServiceAccounts may do to the API, and which pods carry a token. */
function rights(world: World): Map<string, string> {
  const inventory = inventoryOf(world);
  const roles = inventory
    .ofKind('Role', 'ClusterRole')
    .flatMap(({ manifest }) =>
      maps(manifest['rules']).flatMap((rule) =>
        rightsIn(rule).map((right): [string, string] => [`${titleOf(manifest)}: ${right}`, referenceOf(manifest)]),
      ),
    );
  const bindings = inventory.ofKind('RoleBinding', 'ClusterRoleBinding').flatMap(({ manifest }) => {
    const { kind, name } = map(manifest['roleRef']);
    return maps(manifest['subjects']).map((subject): [string, string] => {
      return [
        `${scalar(subject['kind'])} ${scalar(subject['name'])} has the ${scalar(kind)} ${scalar(name)}`,
        referenceOf(manifest),
      ];
    });
  });
  const tokens = inventory.workloads.flatMap(({ object: { manifest }, pod, namespace }): [string, string][] => {
    const account = inventory.find('ServiceAccount', text(pod['serviceAccountName']) ?? 'default', namespace)?.object?.manifest;
    const mounts = pod['automountServiceAccountToken'] ?? account?.['automountServiceAccountToken'] ?? true;
    return mounts === false ? [] : [[`${kindTitle(manifest)} has a token for the API server`, referenceOf(manifest)]];
  });
  return new Map([...roles, ...bindings, ...tokens]);
}

function kindTitle(manifest: Manifest): string {
  return `${String(manifest['kind'])} ${knownName(manifest)}`;
}

function rightsIn(rule: Manifest): string[] {
  const [resources, names] = [scalars(rule['resources'] ?? rule['nonResourceURLs']), scalars(rule['resourceNames'])];
  const which = names.length > 0 ? ` ${names.map((name) => `"${name}"`).join(', ')}` : '';
  return resources.map((resource) => `${scalars(rule['verbs']).join(', ')} ${resource}${which}`);
}

/** Rules that are left out with a reason, which reviewers want to read. */
function optOuts({ compared, added, told }: Comparison): Statement[] {
  const reasonsOf = (manifest: Manifest | undefined): readonly string[] =>
    (text(map(map(manifest?.['metadata'])['annotations'])[OPT_OUTS]) ?? '').split('\n').filter((line) => line !== '');
  const sides = [
    ...compared.map(({ before, now, differences }) => {
      told.tell(differences.filter(({ path }) => path.includes(OPT_OUTS)));
      return { was: reasonsOf(before), is: reasonsOf(now), now };
    }),
    ...added.map((now) => ({ was: reasonsOf(undefined), is: reasonsOf(now), now })),
  ];
  const lines = new Map<string, Manifest[]>();
  const note = (line: string, manifest: Manifest): void => void lines.set(line, [...(lines.get(line) ?? []), manifest]);
  for (const { was, is, now } of sides) {
    for (const line of is.filter((one) => !was.includes(one))) note(`left out: ${line}`, now);
    for (const line of was.filter((one) => !is.includes(one))) note(`held again: ${line}`, now);
  }
  return [...lines].map(([line, manifests]) => ({
    kind: 'opt-out',
    text: `${line} (${manifests.map((manifest) => nameOf(manifest)).join(', ')})`,
    objects: manifests.map(referenceOf),
  }));
}
