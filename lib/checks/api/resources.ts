import type { Manifest } from '../../support/edit';
import { nearest } from '../../support/nearest';
import { parseQuantity } from '../../support/parse-quantity';
import { map, texts } from '../../model/values';
import { distinct, where, type Fault, type TypeRule } from './condition';

const STANDARD = ['cpu', 'memory', 'ephemeral-storage'];

/** The suffix m means thousandths: 512m of memory is half a byte. */
export const containerResources: TypeRule = {
  name: 'container-resources',
  sentence: 'Requests are at most the limits, of resources that exist, and memory has its suffix.',
  why: 'A request above its limit is refused, and 512m of memory is half a byte, with which no container starts.',
  source: 'https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/',
  types: { ResourceRequirements: [amounts, requestsWithinLimits] },
};

function* amounts(resources: Manifest): Iterable<Fault> {
  for (const part of ['requests', 'limits']) {
    for (const [name, got] of Object.entries(map(resources[part]))) {
      const field = fieldOf(part, name);
      if (!STANDARD.includes(name) && !name.startsWith('hugepages-') && !/^[^/]+\/[^/]+$/.test(name)) {
        const meant = nearest(name, STANDARD);
        const fix = meant ? `write ${meant}` : `use one of ${STANDARD.join(', ')}, or vendor.example/resource`;
        yield { field, must: 'name a resource', got: name, fix };
        continue;
      }
      const fault = amountFault(name, amountOf(got) ?? NaN);
      if (fault) yield { field, got, ...fault };
    }
  }
}

function amountFault(name: string, amount: number): Pick<Fault, 'must' | 'fix'> | undefined {
  if (amount < 0) return { must: 'be 0 or more', fix: 'leave it out, or give what the container uses' };
  if (name === 'cpu' || amount === 0) return undefined;
  if (STANDARD.includes(name) && amount < 1024)
    return { must: 'be 1Ki or more', fix: 'write the suffix Mi or Gi: m stands for thousandths, and none for bytes' };
  if (!STANDARD.includes(name) && amount % 1 > 0) return { must: 'be a whole number', fix: 'write how many the container gets' };
  return undefined;
}

function* requestsWithinLimits({ requests, limits }: Manifest): Iterable<Fault> {
  for (const [name, got] of Object.entries(map(requests))) {
    const [request, limit] = [amountOf(got), amountOf(map(limits)[name])];
    const [field, fix] = [fieldOf('requests', name), 'raise the limit, or lower the request'];
    if (request === undefined) continue;
    if (name.startsWith('hugepages-')) {
      if (request !== limit) yield { field, must: 'equal the limit', got, fix };
    } else if (limit !== undefined && request > limit)
      yield { field, must: `be at most the limit of ${map(limits)[name]}`, got, fix };
  }
}

function amountOf(amount: unknown): number | undefined {
  return typeof amount === 'string' || typeof amount === 'number' ? parseQuantity(amount) : undefined;
}

function fieldOf(part: string, name: string): string {
  return /^\w+$/.test(name) ? `${part}.${name}` : `${part}["${name}"]`;
}

/** Others have the domain of their maker before them. */
const LIMITED = /^(?:cpu|memory|ephemeral-storage|storage|hugepages-.+|.+\/.+)$/;
const ORDER = ['min', 'defaultRequest', 'default', 'max'];

/** What a container may have, and what it gets that says nothing. */
export const limitRangeOrder: TypeRule = {
  name: 'limit-range-order',
  sentence: 'In a LimitRange min <= defaultRequest <= default <= max, and each type is there once.',
  why: 'The API server refuses the LimitRange, and then the quota refuses every pod that states no resources.',
  source: 'https://kubernetes.io/docs/concepts/policy/limit-range/',
  types: {
    LimitRangeSpec: [distinct('limits[].type', 'be there once', 'make one item of the two')],
    LimitRangeItem: [resourceNames, inOrder],
  },
};

function* resourceNames(item: Manifest): Iterable<Fault> {
  const seen = new Set<string>();
  for (const field of [...ORDER, 'maxLimitRequestRatio']) {
    for (const got of Object.keys(map(item[field])).filter((resource) => !LIMITED.test(resource) && !seen.has(resource))) {
      seen.add(got);
      yield { field, must: 'name resources', got, fix: 'write cpu, memory, ephemeral-storage or storage' };
    }
  }
}

function* inOrder(item: Manifest): Iterable<Fault> {
  for (const resource of new Set(ORDER.flatMap((field) => Object.keys(map(item[field]))))) {
    const given = ORDER.flatMap((field) => {
      const got: unknown = map(item[field])[resource];
      const amount = amountOf(got);
      return amount === undefined ? [] : [{ field, got, amount }];
    });
    for (const [index, { field, got, amount }] of given.entries()) {
      const below = given[index - 1];
      if (!below || amount >= below.amount) continue;
      const must = `be at least the ${below.field} of ${below.got}`;
      yield { field: `${field}["${resource}"]`, must, got, fix: `raise it, or lower ${below.field}` };
    }
  }
}

const PODS = /^(?:pods|count\/pods)$/;
const OF_PODS = /^(?:pods|count\/pods|(?:(?:requests|limits)\.)?(?:cpu|memory))$/;

/** A quota with scopes counts some of the pods, and so only what pods have. */
export const quotaScopes: TypeRule = {
  name: 'quota-scopes',
  sentence: 'A ResourceQuota with scopes counts pods, CPU and memory alone; pods without requests are only counted.',
  why: 'The API server refuses the ResourceQuota, and nothing limits the namespace.',
  source: 'https://kubernetes.io/docs/concepts/policy/resource-quotas/#quota-scopes',
  types: {
    ResourceQuotaSpec: [
      where(
        'scopes',
        'fit to what is counted',
        (got, { hard }) => `count ${uncounted(got, hard).join(', ')} in a quota of their own`,
        (got, { hard }) => scopesIn(got).length === 0 || uncounted(got, hard).length === 0,
        scopesIn,
      ),
    ],
  },
};

function scopesIn(scopes: unknown): string[] {
  return texts(scopes).filter((scope) => scope !== 'VolumeAttributesClass');
}

/** What a quota of these scopes cannot count. */
function uncounted(scopes: unknown, hard: unknown): string[] {
  const counted = scopesIn(scopes).includes('BestEffort') ? PODS : OF_PODS;
  return Object.keys(map(hard)).filter((resource) => !counted.test(resource));
}
