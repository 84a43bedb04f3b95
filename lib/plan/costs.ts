import { connectionsOf } from '../checks/budgets/connections';
import { demandOf, peakOf, sumOf } from '../checks/budgets/quotas';
import type { World } from '../model/world';
import { inventoryOf } from '../model/inventory';
import { map, namespaceOf, specOf } from '../model/values';
import type { Pod } from '../model/pods';
import { parseQuantity } from '../support/parse-quantity';
import type { Statement } from './statement';

/** What is summed, and how people call it. */
const LINES: readonly (readonly [resource: string, title: string])[] = [
  ['requests.cpu', 'CPU requested'],
  ['requests.memory', 'memory requested'],
  ['limits.memory', 'memory limit'],
  ['pods', 'pods'],
  ['requests.storage', 'volumes'],
];

/** What is said where all sums stay the same. */
export const UNCHANGED = 'as before';

/** How much of something an environment takes. */
interface Sum {
  /** While nothing rolls. @default - it is counted at the peak alone */
  readonly rest?: string;
  readonly peak: string;
  /** The most that there is of it. @default - nobody knows */
  readonly most?: string;
}

/**
 * What an environment takes of the cluster and of its databases, where that is another sum than before.
 *
 * @param now what there is once the change is applied: what the API server refuses stays what it was
 * @param wanted what is written @default - nothing of it is refused
 */
export function costsOf(before: World | undefined, now: World, wanted = now): Statement[] {
  const [was, is] = [before ? sumsOf(before) : new Map<string, Sum>(), sumsOf(now)];
  const meant = wanted === now ? is : sumsOf(wanted);
  const lines = [...steps(was, is), ...steps(is, meant).map((line) => `once nothing is refused, ${line}`)];
  if (lines.length > 0) return lines.map((text) => ({ kind: 'cost', text }));
  return [{ kind: 'cost', text: before ? UNCHANGED : 'nothing that is counted' }];
}

function steps(was: ReadonlyMap<string, Sum>, is: ReadonlyMap<string, Sum>): string[] {
  const titles = [...new Set([...was.keys(), ...is.keys()])];
  return titles.flatMap((title) => sumLine(title, was.get(title), is.get(title)) ?? []);
}

function sumLine(title: string, was: Sum | undefined, is: Sum | undefined): string | undefined {
  if (was?.rest === is?.rest && was?.peak === is?.peak && was?.most === is?.most) return undefined;
  const step = (old: string | undefined, now: string | undefined): string =>
    old === now || was === undefined ? (now ?? '0') : `${old ?? 'none'} -> ${now ?? 'none'}`;
  const isFlat = (sum: Sum | undefined): boolean => sum?.rest === undefined || sum.rest === sum.peak;
  const limit = is?.rest === undefined && was?.rest === undefined ? 'limit' : 'quota';
  const most = was?.most === undefined && is?.most === undefined ? '' : ` (${limit} ${step(was?.most, is?.most)})`;
  const peak = step(was?.peak, is?.peak);
  if (limit === 'limit') return `${title}: ${peak} at the peak of a roll-out${most}`;
  if (isFlat(was) && isFlat(is)) return `${title}: ${peak}${most}`;
  return `${title}: ${step(was?.rest, is?.rest)}, at the peak of a roll-out ${peak}${most}`;
}

function sumsOf(world: World): ReadonlyMap<string, Sum> {
  const inventory = inventoryOf(world);
  const namespaces = [
    ...new Set([
      ...inventory.pods.map(({ namespace }) => namespace),
      ...inventory.ofKind('PersistentVolumeClaim', 'Cluster').map(({ manifest }) => namespaceOf(manifest)),
    ]),
  ];
  const sums = new Map<string, Sum>();
  for (const namespace of namespaces) {
    const where = namespaces.length > 1 ? ` in ${namespace}` : '';
    const [rest, peak, quota] = [demandOf(namespace, world, podsAtRest), peakOf(namespace, world), quotaOf(namespace, world)];
    for (const [resource, title] of LINES) {
      const [low, high, most] = [sumOf(rest(resource)), sumOf(peak(resource)), quota(resource)];
      const sum = {
        rest: amount(low, resource),
        peak: amount(high, resource),
        most: most === undefined ? undefined : amount(most, resource),
      };
      // A limit that is the request says nothing new.
      const request = sums.get(`memory requested${where}`);
      const same =
        resource === 'limits.memory' && request?.rest === sum.rest && request.peak === sum.peak && request.most === sum.most;
      if ((low > 0 || high > 0 || most !== undefined) && !same) sums.set(`${title}${where}`, sum);
    }
  }
  for (const { limit, sum } of connectionsOf(world)) {
    const host = (limit.server ?? limit.host).replace(/^([a-z0-9-]+)\.[a-z0-9-]+\.svc(?:\..*)?$/, '$1');
    const most = Number.isFinite(limit.connections) ? `${limit.connections}` : undefined;
    sums.set(`connections to ${host}`, { peak: `${sum}`, most });
  }
  return sums;
}

/** Without a roll-out, and with as many pods as an autoscaler keeps at the least. */
function podsAtRest({ task, replicas }: Pod): number {
  return task ? 0 : replicas.least;
}

function quotaOf(namespace: string, world: World): (resource: string) => number | undefined {
  const own = inventoryOf(world)
    .ofKind('ResourceQuota')
    .filter(({ manifest }) => namespaceOf(manifest) === namespace);
  const [{ hard } = {}] = own.map(specOf).filter(({ scopes, scopeSelector }) => (scopes ?? scopeSelector) === undefined);
  return (resource) => parseQuantity(map(hard)[resource]);
}

const UNITS = ['', 'Ki', 'Mi', 'Gi', 'Ti'];

function amount(value: number, resource: string): string {
  if (!/memory|storage/.test(resource)) return `${Math.round(value * 1000) / 1000}`;
  let [left, unit] = [value, 0];
  while (left >= 1024 && unit < UNITS.length - 1) [left, unit] = [left / 1024, unit + 1];
  return `${Math.round(left * 10) / 10}${UNITS[unit]}`;
}
