import type { Manifest } from '../../support/edit';
import { parseQuantity } from '../../support/parse-quantity';
import type { Finding, Rule, World } from '../rule';
import { inventoryOf } from '../world/inventory';
import { map } from '../world/values';
import { nearest } from '../../support/nearest';

type Fault = Omit<Finding, 'object'>;
const STANDARD = ['cpu', 'memory', 'ephemeral-storage'];

/** The suffix m means thousandths: 512m of memory is half a byte. */
export const containerResources: Rule = {
  name: 'container-resources',
  sentence: 'Requests are at most the limits, of resources that exist, and memory has its suffix.',
  why: 'A request above its limit is refused, and 512m of memory is half a byte, with which no container starts.',
  source: 'https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/',
  *find(world: World): Iterable<Finding> {
    for (const { object, path: pod, spec, containers } of inventoryOf(world).pods) {
      for (const { path, spec: container } of [...containers, { path: pod, spec }]) {
        const { resources } = container;
        if (resources === undefined || resources === null) continue;
        for (const fault of faultsOf(map(resources))) yield { ...fault, object, field: `${path}.resources.${fault.field}` };
      }
    }
  },
};

function* faultsOf(resources: Manifest): Iterable<Fault> {
  const { requests, limits } = { requests: map(resources['requests']), limits: map(resources['limits']) };
  for (const [part, amounts] of Object.entries({ requests, limits })) {
    for (const [name, amount] of Object.entries(amounts)) {
      const fault = amountFault(name, amount);
      if (fault) yield { ...fault, field: `${part}${at(name)}` };
    }
  }
  for (const [name, request] of Object.entries(requests)) {
    const wanted = amountOf(request);
    const limit = amountOf(limits[name]);
    const exact = name.startsWith('hugepages-');
    if (wanted === undefined || (limit === undefined && !exact) || (exact ? wanted === limit : wanted <= Number(limit))) continue;
    const must = exact ? 'equal the limit' : `be at most the limit of ${limits[name]}`;
    yield { field: `requests${at(name)}`, must, got: request, fix: 'raise the limit, or lower the request' };
  }
}

function amountFault(name: string, amount: unknown): Omit<Fault, 'field'> | undefined {
  if (!STANDARD.includes(name) && !name.startsWith('hugepages-') && !/^[^/]+\/[^/]+$/.test(name)) {
    const meant = nearest(name, STANDARD);
    return {
      must: 'name a resource',
      got: name,
      fix: meant ? `write ${meant}` : `use one of ${STANDARD.join(', ')}, or vendor.example/resource`,
    };
  }
  const value = amountOf(amount);
  if (value === undefined) return undefined;
  if (value < 0) return { must: 'be 0 or more', got: amount, fix: 'leave it out, or give what the container uses' };
  if (name === 'cpu' || value === 0) return undefined;
  if (!STANDARD.includes(name))
    return Number.isInteger(value)
      ? undefined
      : { must: 'be a whole number', got: amount, fix: 'write how many the container gets' };
  if (value >= 1024) return undefined;
  return { must: 'be 1Ki or more', got: amount, fix: 'write the suffix Mi or Gi: m stands for thousandths, and none for bytes' };
}

function amountOf(amount: unknown): number | undefined {
  return typeof amount === 'string' || typeof amount === 'number' ? parseQuantity(amount) : undefined;
}

function at(name: string): string {
  return /^\w+$/.test(name) ? `.${name}` : `["${name}"]`;
}
