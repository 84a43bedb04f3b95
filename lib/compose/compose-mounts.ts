import type { Manifest } from '../support/edit';
import { map, maps, scalar, scalars } from '../model/values';
import type { Pod, Container } from '../model/pods';
import type { Parts, Service } from './compose-parts';

/** Where the scripts of a release are, of which most are for gates. */
const RELEASE_SCRIPTS = '/etc/release-scripts';

/** The folders and files of a container. */
export function mountsOf(workload: Pod, { spec }: Container, parts: Parts): Service {
  const tmpfs: string[] = [];
  const volumes: string[] = [];
  const command = [...scalars(spec['command']), ...scalars(spec['args'])].join(' ');
  for (const mount of maps(spec['volumeMounts'])) {
    const path = scalar(mount['mountPath']) ?? '';
    const volume = volumeOf(workload, scalar(mount['name']) ?? '');
    if ('emptyDir' in volume) tmpfs.push(path);
    else if ('configMap' in volume || 'secret' in volume) volumes.push(...filesOf({ workload, mount, volume, command }, parts));
    else if (isClaim(volume)) {
      // A new volume would be root's, and there is no fsGroup here.
      tmpfs.push(path);
      parts.tell(`the volume at ${path} of ${parts.nameOf(workload)}: its files are in memory, and gone with the container`);
    } else parts.tell(`the volume at ${path} of ${parts.nameOf(workload)}`);
  }
  return { ...(tmpfs.length > 0 ? { tmpfs } : {}), ...(volumes.length > 0 ? { volumes } : {}) };
}

function isClaim(volume: Manifest): boolean {
  return 'persistentVolumeClaim' in volume || 'ephemeral' in volume;
}

/** A volume of the pod; one of a claim that its StatefulSet makes has no more than a name. */
function volumeOf({ spec: pod, object }: Pod, name: string): Manifest {
  const own = maps(pod['volumes']).find((volume) => volume['name'] === name);
  if (own) return own;
  const templates = maps(map(object.manifest['spec'])['volumeClaimTemplates']);
  const made = templates.some(({ metadata }) => map(metadata)['name'] === name);
  return made ? { persistentVolumeClaim: {} } : {};
}

interface Mounted {
  readonly workload: Pod;
  readonly mount: Manifest;
  readonly volume: Manifest;
  /** The words that the container runs. */
  readonly command: string;
}

/** The files of a ConfigMap or a Secret, each by itself. Their folder is named by what they are for, not by a hash of them. */
function filesOf({ workload, mount, volume, command }: Mounted, parts: Parts): string[] {
  const kind = 'configMap' in volume ? 'ConfigMap' : 'Secret';
  const { name: configMap, secretName, items } = map(volume[kind === 'ConfigMap' ? 'configMap' : 'secret']);
  const source = scalar(configMap ?? secretName) ?? '';
  const path = scalar(mount['mountPath']) ?? '';
  const data = parts.dataOf(kind, source, workload.namespace);
  if (!data) {
    parts.tell(`the files at ${path} of ${parts.nameOf(workload)}: ${kind} ${source} is not in the YAML`);
    return [];
  }
  const listed = maps(items).map((item): [string, string] => [scalar(item['key']) ?? '', scalar(item['path']) ?? '']);
  const wanted = listed.length > 0 ? listed : Object.keys(data).map((key): [string, string] => [key, key]);
  const sub = scalar(mount['subPath']);
  return wanted
    .filter(
      ([, file]) => (sub === undefined || file === sub) && (path !== RELEASE_SCRIPTS || command.includes(`${path}/${file}`)),
    )
    .map(([key, file]) => {
      const own = parts.file(`${parts.nameOf(workload)}/${scalar(mount['name']) ?? ''}/${file}`, data[key] ?? '');
      return `${own}:${sub === undefined ? `${path}/${file}` : path}:ro`;
    });
}
