import { sourcesOfPods } from '../checks/references/names';
import { inventoryOf } from '../model/inventory';
import { kindOf } from '../model/kinds';
import { nameOf, namespaceOf, numberOr } from '../model/values';
import { templatePath } from '../model/pods';
import type { Manifest } from '../support/edit';
import type { Difference } from './difference';
import { changesPods, type ComparedObject, type Comparison } from './comparison';
import { changeText, fieldText, isFolded, referenceOf, titleOf } from './shown';
import type { Statement } from './statement';

/** Kinds that pods depend on, of which people may expect that they restart them. */
const BESIDE: ReadonlySet<string> = new Set(['HorizontalPodAutoscaler', 'ScaledObject', 'PodDisruptionBudget']);

/** What changes while every pod runs on. */
export function unrolled(one: ComparedObject, comparison: Comparison): Statement[] {
  const { now, renewed, differences } = one;
  const kind = kindOf(now);
  if (renewed || differences.length === 0) return [];
  if (kind === 'ConfigMap' || kind === 'Secret') return read(one, comparison);
  return templatePath(now) !== undefined || BESIDE.has(kind) ? numbers(one, comparison) : [];
}

/** A workload or what scales it, whose pods stay what they are. */
function numbers({ now, differences }: ComparedObject, comparison: Comparison): Statement[] {
  const place = templatePath(now);
  const spec = differences.filter(({ path }) => path.startsWith('spec.'));
  if (spec.length === 0 || (place !== undefined && spec.some(({ path }) => path.startsWith(`${place}.`)))) return [];
  comparison.told.tell(spec);
  const scaled = spec.find(({ path }) => path === 'spec.replicas' && now['kind'] !== 'ScaledObject');
  const texts = [...(scaled ? [scaledText(scaled)] : []), ...spec.filter((one) => one !== scaled).map((one) => fieldText(one))];
  const text = `${titleOf(now)}: ${texts.join(', ')}`;
  const objects = [referenceOf(now)];
  // Without a template that changed: one that was there already.
  if (spec.some(({ path, was, is }) => path === 'spec.paused' && was === true && is !== true))
    return [{ kind: 'goes-on', text: `${text}; what its pods became meanwhile rolls now`, objects }];
  if (place === '' && spec.some(({ path }) => path.endsWith('.image')))
    return [{ kind: 'restarts', text: `${text}; the container restarts within its pod`, objects }];
  return [{ kind: 'no-restart', text: `${text}${now['kind'] === 'CronJob' ? '' : '; no pod restarts'}`, objects }];
}

/** Whether an object has the pods that it had: new ones read everything anew. */
function runsOn(manifest: Manifest, { compared }: Comparison): boolean {
  return compared.some((one) => one.now === manifest && !one.renewed && !changesPods(one));
}

function scaledText({ was, is }: Difference): string {
  // Without a number there is one, unless an autoscaler keeps it.
  if (was === undefined || is === undefined) return `replicas ${changeText('replicas', was, is)}`;
  const [old, now] = [numberOr(1, was), numberOr(1, is)];
  return `${old} -> ${now} pods`;
}

/** A ConfigMap or Secret whose name stays: who has read its variables keeps them. */
function read({ now, differences }: ComparedObject, comparison: Comparison): Statement[] {
  const [name, namespace] = [nameOf(now), namespaceOf(now)];
  const content = differences.filter(({ path, was, is }) => /^(?:data|stringData|binaryData)\b/.test(path) && !isFolded(was, is));
  const uses = sourcesOfPods(inventoryOf(comparison.now)).filter(
    (use) =>
      use.kind === now['kind'] && use.name === name && use.namespace === namespace && runsOn(use.object.manifest, comparison),
  );
  if (uses.length === 0 || content.length === 0) return [];
  comparison.told.tell(content);
  const usersOf = (part: RegExp): string[] => [
    ...new Set(uses.filter(({ field }) => part.test(field)).map(({ object }) => titleOf(object.manifest))),
  ];
  const [variables, files] = [usersOf(/\.env(?:From)?\[/), usersOf(/\.volumes\[/)];
  const keys = content.map(({ path }) => path.replace(/^\w+(?:\.|\["|$)/, '').replace(/"\]$/, ''));
  const details = [
    ...(variables.length > 0 ? [`${variables.join(', ')}: variables stay as the running pods have read them`] : []),
    ...(files.length > 0
      ? [`${files.join(', ')}: files follow within two minutes, but not those that are mounted one by one`]
      : []),
  ];
  const text = `${titleOf(now)}: ${keys.join(', ')} changed; no pod restarts`;
  return [{ kind: 'no-restart', text, details, objects: [referenceOf(now)] }];
}
