import type { World } from '../model/world';
import { inventoryOf } from '../model/inventory';
import { list, map, maps, nameOf, namespaceOf, scalar, scalars, text } from '../model/values';
import { routeClaims } from '../model/route-claims';
import type { Manifest } from '../support/edit';
import { OPT_OUTS } from '../support/opt-out';
import type { Comparison } from './comparison';
import { hardeningChanges } from './hardening';
import { changedPolicies, networkChanges } from './network';
import { referenceOf, titleOf } from './shown';
import type { Statement } from './statement';

/** What becomes reachable, allowed or less hardened, and what no longer is. */
export function accessOf(comparison: Comparison): Statement[] {
  const { before, now } = comparison;
  const answered = changed(hosts(before), hosts(now), ['answers', 'no longer answers']);
  const exposed = changed(exposures(before), exposures(now), ['opens:', 'closes:']);
  const allowed = changed(rights(before), rights(now), ['allows:', 'no longer allows:']);
  tellFields(comparison, new Set([...answered, ...exposed, ...allowed].flatMap(({ objects = [] }) => objects)));
  return [
    ...hardeningChanges(comparison),
    ...answered,
    ...exposed,
    ...networkChanges(comparison),
    ...allowed,
    ...optOuts(comparison),
  ];
}

/** Fields whose meaning is told here, in words; of objects of which nothing is said here the rest tells them. */
function tellFields(comparison: Comparison, said: ReadonlySet<string>): void {
  const policies = changedPolicies(comparison);
  const fields: Readonly<Record<string, RegExp>> = {
    NetworkPolicy: /^spec\.(?:ingress|egress|policyTypes)/,
    Role: /^rules/,
    ClusterRole: /^rules/,
    Service: /^spec\.(?:type|loadBalancerSourceRanges)/,
    // Where a path leads to, and how it is matched, is not said.
    Ingress: /^spec\.rules(?:\[[^\]]*\](?:\.http\.paths\[[^\]]*\])?(?:\.(?:host|path))?)?$/,
    HTTPRoute: /^spec\.hostnames/,
  };
  for (const { before, now, differences } of comparison.compared) {
    const own = fields[String(now['kind'])];
    if (!own || !(said.has(referenceOf(now)) || policies.has(before) || policies.has(now))) continue;
    const all = differences.filter(({ path }) => own.test(path));
    // Beside one that is gone, nobody knows whether an item is new.
    const isMixed = all.some(({ was }) => was === undefined) && all.some(({ is }) => is === undefined);
    comparison.told.tell(isMixed && now['kind'] === 'Ingress' ? [] : all);
  }
}

/** What is said, and of which object. */
type Line = readonly [text: string, object: string];

/** Lines of one side alone. */
function changed(was: readonly Line[], is: readonly Line[], [more, less]: [string, string]): Statement[] {
  const said = (lines: readonly Line[], others: readonly Line[], kind: string, sign: string): Statement[] => {
    const known = new Set(others.map(([text]) => text));
    const objects = new Map<string, string[]>();
    for (const [text, object] of lines) if (!known.has(text)) objects.set(text, [...(objects.get(text) ?? []), object]);
    return [...objects].map(([text, all]) => ({ kind, text: `${sign} ${text}`, objects: [...new Set(all)] }));
  };
  return [...said(is, was, 'opens', more), ...said(was, is, 'closes', less)];
}

/** Hosts and paths that are answered, and the object that says so. */
function hosts(world: World): Line[] {
  return routeClaims(inventoryOf(world)).map(({ got, object }) => [got, referenceOf(object.manifest)]);
}

/** Ports outside of the cluster's network. */
function exposures(world: World): Line[] {
  const inventory = inventoryOf(world);
  const services = inventory.ofKind('Service').flatMap(({ manifest }): [string, string][] => {
    const { type, ports, loadBalancerSourceRanges } = map(manifest['spec']);
    if (type !== 'LoadBalancer' && type !== 'NodePort') return [];
    const numbers = maps(ports).map(({ port, nodePort }) => scalar(type === 'NodePort' ? (nodePort ?? port) : port));
    const whom = list(loadBalancerSourceRanges).length > 0 ? scalars(loadBalancerSourceRanges).join(', ') : 'everyone';
    const where = type === 'NodePort' ? 'every node' : 'a load balancer';
    return [[`${titleOf(manifest)} at ${where}, port ${numbers.join(', ')}, for ${whom}`, referenceOf(manifest)]];
  });
  const pods = inventory.pods.flatMap(({ object: { manifest }, spec: pod, containers }): [string, string][] => [
    ...(pod['hostNetwork'] === true
      ? [[`${titleOf(manifest)} is in the network of its node`, referenceOf(manifest)] as [string, string]]
      : []),
    ...containers.flatMap(({ spec }) =>
      maps(spec['ports']).flatMap(({ hostPort }): [string, string][] =>
        hostPort === undefined ? [] : [[`${titleOf(manifest)} at port ${scalar(hostPort)} of its node`, referenceOf(manifest)]],
      ),
    ),
  ]);
  return [...services, ...pods];
}

/** What ServiceAccounts may do to the API, and which pods carry a token. */
function rights(world: World): Line[] {
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
      const home = text(subject['namespace']) ?? namespaceOf(manifest);
      const whose = home === namespaceOf(manifest) ? '' : ` of the namespace ${home}`;
      const who = `${scalar(subject['kind'])} ${scalar(subject['name'])}${whose}`;
      return [`${who} has the ${scalar(kind)} ${scalar(name)}`, referenceOf(manifest)];
    });
  });
  const tokens = inventory.pods.flatMap(({ object: { manifest }, spec: pod, namespace }): [string, string][] => {
    const account = inventory.find('ServiceAccount', text(pod['serviceAccountName']) ?? 'default', namespace)?.object?.manifest;
    const mounts = pod['automountServiceAccountToken'] ?? account?.['automountServiceAccountToken'] ?? true;
    return mounts === false ? [] : [[`${titleOf(manifest)} has a token for the API server`, referenceOf(manifest)]];
  });
  return [...roles, ...bindings, ...tokens];
}

function rightsIn(rule: Manifest): string[] {
  const [resources, names] = [scalars(rule['resources'] ?? rule['nonResourceURLs']), scalars(rule['resourceNames'])];
  const which = names.length > 0 ? ` ${names.map((name) => `"${name}"`).join(', ')}` : '';
  const groups = scalars(rule['apiGroups'] ?? ['']);
  const verbs = scalars(rule['verbs']).join(', ');
  return resources.flatMap((resource) =>
    groups.map((group) => `${verbs} ${group === '' ? resource : `${resource}.${group}`}${which}`),
  );
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
