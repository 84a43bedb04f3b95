import type { Manifest } from '../../support/edit';
import type { Finding, Rule, World } from '../rule';
import { inventoryOf } from '../world/inventory';
import { map, maps, specOf, text, valueAt } from '../world/values';
import { placesInPod, type Pod } from '../world/pods';

/** Mounts name volumes, of the pod or of the claims of its StatefulSet. */
export const volumeMounts: Rule = {
  name: 'volume-mounts',
  sentence: 'Every mount names a volume of its pod, every volume has one source, and paths stay inside.',
  why: 'The API server refuses the pod template, and a mount that a patch renamed is found in the cluster first.',
  source: 'https://kubernetes.io/docs/concepts/storage/volumes/',
  *find(world: World): Iterable<Finding> {
    for (const pod of inventoryOf(world).pods) {
      const { object, path: at, spec } = pod;
      const volumes = maps(spec['volumes']);
      for (const [index, volume] of volumes.entries()) {
        const sources = Object.keys(volume).filter((key) => key !== 'name' && volume[key] !== undefined && volume[key] !== null);
        if (sources.length < 2) continue;
        const got = sources.join(' and ');
        yield { object, field: `${at}.volumes[${index}]`, must: 'have one source', got, fix: 'make two volumes of it' };
      }
      const claims = pod.kind === 'StatefulSet' ? maps(specOf(object)['volumeClaimTemplates']) : [];
      const names = [...volumes.map(({ name }) => text(name)), ...claims.map(({ metadata }) => text(map(metadata)['name']))];
      for (const fault of mountFaults(pod, new Set(names))) yield { ...fault, object };
      for (const { field, value } of FILES.flatMap((path) => placesInPod(pod, `volumes[].${path}.items[].path`)))
        if (leavesVolume(value)) yield { object, field, ...inside, got: value };
    }
  },
};

/** The sources of a volume that put their keys into files. */
const FILES = ['configMap', 'secret', 'downwardAPI', 'projected.sources[].configMap', 'projected.sources[].secret'];

const inside = {
  must: "be a path inside the volume, without '..'",
  fix: "write it without '..' and without a slash in front",
};

function leavesVolume(path: unknown): boolean {
  return typeof path === 'string' && (path.startsWith('/') || path.split('/').includes('..'));
}

function* mountFaults({ containers }: Pod, names: ReadonlySet<string | undefined>): Iterable<Omit<Finding, 'object'>> {
  for (const { path, spec: container } of containers) {
    for (const list of ['volumeMounts', 'volumeDevices']) {
      for (const [index, mount] of maps(container[list]).entries()) {
        const field = `${path}.${list}[${index}]`;
        const name = text(mount['name']);
        if (name !== undefined && !names.has(name)) {
          const known = [...names].join(', ') || 'none';
          yield {
            field: `${field}.name`,
            must: 'name a volume of the pod',
            got: name,
            fix: `add the volume, or use one of its own: ${known}`,
          };
        }
        const { mountPropagation } = mount;
        if (mountPropagation === 'Bidirectional' && valueAt(container, 'securityContext.privileged') !== true) {
          const must = 'not be Bidirectional in a container without privileges';
          yield { field: `${field}.mountPropagation`, must, got: mountPropagation, fix: 'take it out' };
        }
        yield* pathFaults(field, mount);
      }
    }
  }
}

function* pathFaults(field: string, { mountPath, subPath, subPathExpr }: Manifest): Iterable<Omit<Finding, 'object'>> {
  if (typeof mountPath === 'string' && mountPath.includes(':'))
    yield { field: `${field}.mountPath`, must: "be a path without ':'", got: mountPath, fix: 'mount it elsewhere' };
  if (subPath && subPathExpr)
    yield {
      field: `${field}.subPathExpr`,
      must: 'not be given together with subPath',
      got: subPathExpr,
      fix: 'leave one of the two',
    };
  for (const [name, value] of Object.entries({ subPath, subPathExpr })) {
    if (leavesVolume(value)) yield { field: `${field}.${name}`, ...inside, got: value };
  }
}
