import type { Manifest } from '../support/edit';
import type { World } from './rule';

/** The literal variables of a container, `env` before `envFrom` as the kubelet has it, ConfigMaps looked up. */
export function variablesOf(container: Manifest, namespace: string, { objects }: World): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const { configMapRef, prefix = '' } of (container['envFrom'] ?? []) as Manifest[]) {
    const source = objects.find(
      ({ manifest: { kind, metadata } }) =>
        kind === 'ConfigMap' && metadata.name === configMapRef?.name && metadata.namespace === namespace,
    );
    for (const [key, value] of Object.entries((source?.manifest['data'] ?? {}) as Record<string, string>))
      found.set(prefix + key, value);
  }
  for (const { name, value, valueFrom } of (container['env'] ?? []) as Manifest[]) {
    if (valueFrom) found.delete(name);
    else found.set(name, value ?? '');
  }
  return found;
}
