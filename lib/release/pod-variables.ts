import { ApiObject } from 'cdk8s';
import type { IConstruct } from 'constructs';
import { readable, type Manifest } from '../support/edit';
import { declaredIn, namespaceOf } from '../support/declare';

/** The names of all variables that pods in the namespace of a construct have; undefined where some come from objects whose keys are not known. */
export function podVariables(scope: IConstruct): ReadonlySet<string> | undefined {
  const home = namespaceOf(scope);
  const all = scope.node.root.node.findAll().filter((one): one is ApiObject => ApiObject.isApiObject(one));
  const objects = all.filter(({ metadata }) => (metadata.namespace ?? home) === home);
  const names = new Set<string>();
  const sources = new Set<string>();
  const manifests = objects.map(readable);
  for (const manifest of manifests) read(manifest['spec'], names, sources);
  const keys = new Map(manifests.map((manifest) => [`${manifest['kind']}/${manifest['metadata']?.name}`, keysIn(manifest)]));
  for (const { kind, name, keys: known } of declaredIn(scope).externals) keys.set(`${kind}/${name}`, known);
  for (const source of sources) {
    const known = keys.get(source);
    if (known === undefined) return undefined;
    for (const key of known) names.add(key);
  }
  return names;
}

/** Variables of containers, wherever in an object they stand, and the objects whose keys become variables. */
function read(value: unknown, names: Set<string>, sources: Set<string>): void {
  if (Array.isArray(value)) for (const one of value) read(one, names, sources);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return;
  const { env, envFrom, ...rest } = value as Manifest;
  for (const variable of Array.isArray(env) ? (env as Manifest[]) : []) names.add(String(variable['name']));
  for (const { configMapRef, secretRef, prefix } of Array.isArray(envFrom) ? (envFrom as Manifest[]) : []) {
    // With a prefix the names are others than the keys.
    sources.add(prefix ? '?' : configMapRef ? `ConfigMap/${configMapRef.name}` : `Secret/${secretRef?.name}`);
  }
  for (const one of Object.values(rest)) read(one, names, sources);
}

function keysIn({ kind, data = {}, stringData = {} }: Manifest): readonly string[] | undefined {
  return kind === 'ConfigMap' || kind === 'Secret'
    ? [...Object.keys(data as object), ...Object.keys(stringData as object)]
    : undefined;
}
