import type { Manifest } from '../support/edit';
import type { ComparedObject, Comparison } from './comparison';
import type { Difference } from './difference';
import { fieldName, fieldText, isFolded, isHashed, referenceOf, titleOf } from './shown';
import type { Statement } from './statement';

/** What no other section has told, a line each; a change that several objects have is told once. */
export function restOf({ compared, added, told }: Comparison): Statement[] {
  const lines = new Map<
    string,
    { readonly change: string; readonly fields: string[]; readonly manifests: readonly Manifest[] }
  >();
  const byField = new Map<string, { readonly difference: Difference; readonly manifests: Manifest[] }>();
  for (const one of compared)
    for (const difference of untold(one, told)) {
      const text = textOf(difference, one.now);
      const known = byField.get(text) ?? { difference, manifests: [] };
      known.manifests.push(one.now);
      byField.set(text, known);
    }
  // Fields of the same objects that changed alike.
  for (const [text, { difference, manifests }] of byField) {
    const field = fieldName(difference.path);
    const change = text.slice(field.length + 1);
    const key = `${manifests.map(referenceOf).join()} ${change}`;
    const known = lines.get(key) ?? { change, fields: [], manifests };
    known.fields.push(field);
    lines.set(key, known);
  }
  const changes = [...lines.values()].map(({ change, fields, manifests }) => ({
    kind: 'field',
    text: `${objectsText(manifests)}: ${fields.join(', ')} ${change}`,
    objects: manifests.map(referenceOf),
  }));
  // What has a hash in its name is told by those that read it.
  const fresh = added.filter((manifest) => !isTold(manifest) && !isHashed(manifest));
  return fresh.length === 0
    ? changes
    : [...changes, { kind: 'new', text: `new: ${kindsText(fresh)}`, objects: fresh.map(referenceOf) }];
}

/** Of a Secret no value is shown, whatever it is called; what `kubectl apply` has kept of it has them too. */
function textOf(difference: Difference, { kind }: Manifest): string {
  return fieldText(difference, kind === 'Secret' && !/^(?:type|immutable|metadata\.labels.*)$/.test(difference.path));
}

/** Objects by their kinds: `Service shop, 3 NetworkPolicies`. */
function kindsText(manifests: readonly Manifest[]): string {
  const kinds = new Map<string, Manifest[]>();
  for (const manifest of manifests) {
    const kind = String(manifest['kind']);
    kinds.set(kind, [...(kinds.get(kind) ?? []), manifest]);
  }
  return [...kinds].map(([kind, all]) => (all.length === 1 ? all.map(titleOf).join('') : `${all.length} of ${kind}`)).join(', ');
}

function untold({ now, differences, renewed }: ComparedObject, told: Comparison['told']): Difference[] {
  // What is in one with a hash shows in the pods that read it, and there it is told.
  if (renewed && now['kind'] === 'ConfigMap') return [];
  return differences.filter(
    (one) => !told.has(one) && !isFolded(one.was, one.is) && !isOfCosts(now, one) && !isOfEncryption(now, one, differences),
  );
}

/** What sops writes anew with each value that it encrypts. */
function isOfEncryption({ kind }: Manifest, { path }: Difference, all: readonly Difference[]): boolean {
  if (kind !== 'Secret' || !/^sops\.(?:lastmodified|mac|version)$/.test(path)) return false;
  return all.some(({ path: other }) => /^(?:data|stringData)\b/.test(other));
}

/** A quota stands beside the sums that it is for. */
function isOfCosts({ kind }: Manifest, { path }: Difference): boolean {
  return (
    kind === 'ResourceQuota' &&
    /^spec\.hard\["(?:requests\.(?:cpu|memory|storage)|limits\.memory)"\]$|^spec\.hard\.pods$/.test(path)
  );
}

/** Whether an object that is new is an event of its own. */
function isTold({ kind }: Manifest): boolean {
  return ['Deployment', 'StatefulSet', 'DaemonSet', 'Job', 'CronJob'].includes(String(kind));
}

const MOST = 3;

function objectsText(manifests: readonly Manifest[]): string {
  const titles = manifests.map(titleOf);
  return titles.length <= MOST ? titles.join(', ') : `${titles.length} objects`;
}
