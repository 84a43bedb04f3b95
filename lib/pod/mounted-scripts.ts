import type { Construct } from 'constructs';
import { HashedConfigMap } from './hashed-config-map';
import type { Mount } from './mount';

/** Scripts of the pods of one object. */
export interface Scripts {
  /** Start of the ConfigMap's name. */
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Their texts, by file. */
  readonly files: Readonly<Record<string, string>>;
  /** Folder in which containers see them. */
  readonly folder: string;
  /** Annotations of the ConfigMap. @default {} */
  readonly annotations?: Readonly<Record<string, string>>;
}

/**
 * Scripts in a ConfigMap beside the object that runs them: they stand in it once, a command stays one line, and a reader of
 * either sees all of it. Another script makes another ConfigMap, so pods of the version before keep theirs.
 */
export function mountedScripts(scope: Construct, { name, labels, files, folder, annotations = {} }: Scripts): Mount {
  const { configMap, configMapName } = new HashedConfigMap(scope, 'Scripts', { name: `${name}-scripts`, labels, data: files });
  for (const [annotation, value] of Object.entries(annotations)) configMap.metadata.addAnnotation(annotation, value);
  const volume = folder.slice(folder.lastIndexOf('/') + 1);
  return { name: volume, path: folder, configMap: configMapName };
}
