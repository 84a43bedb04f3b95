import type { Manifest } from '../../support/edit';
import type { Finding, Rule, World } from '../rule';
import { type Inventory, inventoryOf } from '../world/inventory';
import { list, map, maps, scalars, specOf, text, valueAt } from '../world/values';
import { type Container, onWindows, type Pod } from '../world/pods';

/** A fresh volume belongs to root, and nobody else may write to it. */
export const claimWritable: Rule = {
  name: 'claim-writable',
  sentence: 'Pods that write to a claim, and are not root, have a group for its files.',
  why: 'A fresh volume belongs to root with mode 0755: the pod is ready, and its first write fails with EACCES.',
  source: 'https://kubernetes.io/docs/tasks/configure-pod-container/security-context/#set-the-security-context-for-a-pod',
  *find(world: World): Iterable<Finding> {
    const inventory = inventoryOf(world);
    for (const pod of inventory.pods) {
      const { object, path, spec } = pod;
      const { fsGroup, supplementalGroups } = map(spec['securityContext']);
      if (fsGroup !== undefined || list(supplementalGroups).length > 0 || onWindows(pod)) continue;
      const volume = claimsOf(pod, inventory).find((name) => isWrittenWithoutRoot(pod, name));
      if (volume === undefined) continue;
      const fix =
        "set it to the group of the program, with fsGroupChangePolicy: OnRootMismatch; where the volume's owner is set otherwise, as on an NFS server, leave the rule out";
      const must = `be set: the volume ${volume} comes as root's, and the containers are not root`;
      yield { object, field: `${path}.securityContext.fsGroup`, must, got: fsGroup, fix };
    }
  },
};

/** Names of the pod's volumes that are claims which somebody may write to. */
function claimsOf({ object, kind, namespace, spec }: Pod, inventory: Inventory): string[] {
  const templates = kind === 'StatefulSet' ? maps(specOf(object)['volumeClaimTemplates']) : [];
  const claims = maps(spec['volumes']).filter(({ persistentVolumeClaim, ephemeral, csi }) => {
    const { claimName, readOnly } = map(persistentVolumeClaim);
    // Without a file system of its own, a driver's volume may be of anyone.
    if (map(csi)['fsType'] !== undefined) return map(csi)['readOnly'] !== true;
    if (text(claimName) === undefined) return ephemeral !== undefined && ephemeral !== null;
    const known = inventory.find('PersistentVolumeClaim', String(claimName), namespace)?.object;
    return readOnly !== true && !isReadOnly(map(known?.manifest['spec']));
  });
  return [...claims.map(({ name }) => text(name)), ...templates.map(({ metadata }) => text(map(metadata)['name']))].flatMap(
    (name) => name ?? [],
  );
}

function isReadOnly({ accessModes }: Manifest): boolean {
  const modes = scalars(accessModes);
  return modes.length > 0 && modes.every((mode) => mode === 'ReadOnlyMany');
}

/** Whether containers write to a volume, and none of them is root, which could give it away first. */
function isWrittenWithoutRoot({ spec, containers }: Pod, volume: string): boolean {
  const writers = containers.filter(({ spec: container }) =>
    maps(container['volumeMounts']).some(({ name, readOnly }) => name === volume && readOnly !== true),
  );
  return writers.length > 0 && writers.every((writer) => isNobody(writer, spec));
}

/** Whether a container is surely not root; its own word counts before that of its pod. */
function isNobody({ spec: container }: Container, spec: Manifest): boolean {
  const said = (field: string) => valueAt(container, `securityContext.${field}`) ?? valueAt(spec, `securityContext.${field}`);
  const user = said('runAsUser');
  return user === undefined ? said('runAsNonRoot') === true : user !== 0;
}
