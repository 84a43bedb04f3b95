import type { Manifest } from '../../support/edit';
import type { Finding, Rule, World } from '../rule';
import { inventoryOf } from '../world/inventory';
import { map, maps } from '../world/values';

const SOURCES = ['configMapKeyRef', 'fieldRef', 'fileKeyRef', 'resourceFieldRef', 'secretKeyRef'];
const OF_VARIABLES =
  /^(?:metadata\.(?:name|namespace|uid)|metadata\.(?:labels|annotations)\['[^']+'\]|spec\.(?:nodeName|serviceAccountName)|status\.(?:hostIPs?|podIPs?))$/;
const OF_FILES = /^metadata\.(?:name|namespace|uid|labels|annotations|(?:labels|annotations)\['[^']+'\])$/;
const RESOURCE = /^(?:requests|limits)\.(?:cpu|memory|ephemeral-storage|hugepages-.+)$/;

/** A merge of two manifests leaves both `value` and `valueFrom` behind. */
export const variableSources: Rule = {
  name: 'variable-sources',
  sentence: 'A variable has one source, and a field of the pod that it reads is one that can be read.',
  why: 'The API server refuses the pod template, and says it of the whole Deployment.',
  source: 'https://kubernetes.io/docs/concepts/workloads/pods/downward-api/#available-fields',
  *find(world: World): Iterable<Finding> {
    for (const { object, path: pod, spec, containers } of inventoryOf(world).pods) {
      for (const { path, spec: container } of containers) {
        for (const [index, variable] of maps(container['env']).entries())
          for (const fault of variableFaults(variable)) yield { ...fault, object, field: `${path}.env[${index}]${fault.field}` };
        for (const [index, source] of maps(container['envFrom']).entries()) {
          const given = ['configMapRef', 'secretRef'].filter((name) => source[name] !== undefined && source[name] !== null);
          if (given.length === 1) continue;
          const got = given.length === 0 ? undefined : given.join(' and ');
          const must = 'have one of configMapRef and secretRef';
          yield { object, field: `${path}.envFrom[${index}]`, must, got, fix: 'write one entry for each source' };
        }
      }
      for (const [field, fieldPath] of filePaths(spec)) {
        if (typeof fieldPath !== 'string' || OF_FILES.test(fieldPath)) continue;
        yield {
          object,
          field: `${pod}.${field}`,
          must: 'be a field that a volume can show',
          got: fieldPath,
          fix: 'use metadata.labels or another of metadata',
        };
      }
    }
  },
};

function* variableFaults({ value, valueFrom }: Manifest): Iterable<Omit<Finding, 'object'>> {
  if (valueFrom === undefined || valueFrom === null) return;
  const source = map(valueFrom);
  const given = SOURCES.filter((name) => source[name] !== undefined && source[name] !== null);
  if (given.length !== 1) {
    const got = given.length === 0 ? undefined : given.join(' and ');
    yield { field: '.valueFrom', must: 'have one source', got, fix: `leave one of ${SOURCES.join(', ')}` };
  }
  if (typeof value === 'string' && value !== '')
    yield { field: '.value', must: 'not be given together with valueFrom', got: 'both', fix: 'leave one of the two' };
  const { fieldPath, apiVersion } = map(source['fieldRef']);
  if (typeof apiVersion === 'string' && !['', 'v1'].includes(apiVersion))
    yield { field: '.valueFrom.fieldRef.apiVersion', must: "be 'v1'", got: apiVersion, fix: 'leave it out' };
  if (typeof fieldPath === 'string' && !OF_VARIABLES.test(fieldPath)) {
    const must = 'be a field that a variable can show';
    yield {
      field: '.valueFrom.fieldRef.fieldPath',
      must,
      got: fieldPath,
      fix: "use status.podIP, metadata.name or metadata.labels['key']",
    };
  }
  const { resource } = map(source['resourceFieldRef']);
  if (typeof resource === 'string' && !RESOURCE.test(resource)) {
    const must = 'be a request or a limit of the container';
    yield { field: '.valueFrom.resourceFieldRef.resource', must, got: resource, fix: 'write it as limits.memory' };
  }
}

function* filePaths(spec: Manifest): Iterable<[string, unknown]> {
  for (const [index, volume] of maps(spec['volumes']).entries()) {
    for (const [item, { fieldRef }] of maps(map(volume['downwardAPI'])['items']).entries())
      yield [`volumes[${index}].downwardAPI.items[${item}].fieldRef.fieldPath`, map(fieldRef)['fieldPath']];
    for (const [number, { downwardAPI }] of maps(map(volume['projected'])['sources']).entries()) {
      for (const [item, { fieldRef }] of maps(map(downwardAPI)['items']).entries())
        yield [
          `volumes[${index}].projected.sources[${number}].downwardAPI.items[${item}].fieldRef.fieldPath`,
          map(fieldRef)['fieldPath'],
        ];
    }
  }
}
