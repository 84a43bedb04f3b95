import { dirname, join } from 'node:path';
import type { FinishedObject } from '../model/world';
import { isClusterScoped, kindOf } from '../model/kinds';
import { list, map, nameOf, namespaceOf, scalar } from '../model/values';
import type { Manifest } from '../support/edit';
import { readDocuments, type ReadDocument } from './documents';
import type { Fault } from './fault';
import type { Input, Skipped } from './input';
import { itemsIn } from './items';

/** An object that was read. */
export interface ReadObject extends FinishedObject {
  readonly document: ReadDocument;
  /** Where it stands in its document. */
  readonly within: readonly string[];
}

/** What there is to judge. */
export interface ReadObjects {
  readonly objects: readonly ReadObject[];
  readonly skipped: readonly Skipped[];
  readonly faults: readonly Fault[];
}

/**
 * The objects of some files.
 *
 * @param said the namespace of objects that say none @default - that of all others where they are in one, else `default`
 */
export function objectsIn({ files, skipped, faults }: Input, said?: string): ReadObjects {
  const read = files.map((file) => readDocuments(file));
  const documents = read.flatMap((one) => one.documents);
  const patches = patchesIn(documents);
  const objects: ReadObject[] = [];
  const namespace = said ?? homeOf(documents) ?? 'default';
  const others: Skipped[] = [...skipped, ...read.flatMap((one) => one.skipped)];
  for (const document of documents) {
    const { file, value } = document;
    const { why, fix } = reasonToSkip(document, patches);
    const items = why === undefined ? itemsIn(value) : [];
    const applied = items.filter(({ manifest }) => !isTest(manifest));
    for (const { manifest, at: within } of applied) objects.push(readObject(document, manifest, within, namespace));
    if (applied.length < items.length) others.push({ file, line: document.line, why: 'what helm test runs' });
    // An empty document, such as one of a template that makes nothing here, is no fault.
    if (items.length === 0 && value !== null && value !== undefined)
      others.push({ file, line: document.line, why: why ?? noObject(value), fix });
  }
  return { objects, skipped: others, faults: [...faults, ...read.flatMap((one) => one.faults)] };
}

function noObject(value: unknown): string {
  return map(value)['kind'] === 'List' ? 'a list of nothing' : 'no Kubernetes object: neither apiVersion nor kind';
}

function readObject(document: ReadDocument, manifest: Manifest, within: readonly string[], namespace: string): ReadObject {
  const metadata = map(manifest['metadata']);
  const isHomeless = !isClusterScoped(kindOf(manifest)) && (metadata['namespace'] ?? '') === '';
  const home = isHomeless ? { ...manifest, metadata: { ...metadata, namespace } } : manifest;
  const name = `${scalar(manifest['kind']) ?? 'object'}/${nameOf(manifest) ?? scalar(metadata['generateName']) ?? '(no name)'}`;
  const path = `${name} at ${document.file}:${document.line}`;
  return { construct: { node: { path } }, manifest: home, document, within };
}

/** The one namespace that objects name or make: `helm template -n shop` writes it into some of them alone. */
function homeOf(documents: readonly ReadDocument[]): string | undefined {
  const manifests = documents.flatMap(({ value }) => itemsIn(value)).map(({ manifest }) => manifest);
  const named = manifests.map((manifest) => (manifest['kind'] === 'Namespace' ? nameOf(manifest) : namespaceOf(manifest)));
  const [home, ...others] = new Set(named.filter(Boolean));
  return others.length === 0 ? home : undefined;
}

/** Pods that are there while somebody tests a release, and never when it is deployed. */
function isTest({ metadata }: Manifest): boolean {
  const hook = scalar(map(map(metadata)['annotations'])['helm.sh/hook']) ?? '';
  return hook.split(',').every((one) => one.trim().startsWith('test')) && hook !== '';
}

const KUSTOMIZE = 'kustomize.config.k8s.io/';

function isKustomization({ file, value }: ReadDocument): boolean {
  return (scalar(map(value)['apiVersion']) ?? '').startsWith(KUSTOMIZE) || /(?:^|\/)[Kk]ustomization(?:\.ya?ml)?$/.test(file);
}

/** The files that a kustomization lays over objects: they are parts of some. */
function patchesIn(documents: readonly ReadDocument[]): ReadonlySet<string> {
  const found = documents.filter(isKustomization).flatMap(({ file, value }) => {
    const { patches, patchesStrategicMerge, patchesJson6902 } = map(value);
    const named = [...list(patches), ...list(patchesJson6902)].map((patch) => map(patch)['path']);
    return [...named, ...list(patchesStrategicMerge)].flatMap((path) =>
      typeof path === 'string' ? [join(dirname(file), path)] : [],
    );
  });
  return new Set(found);
}

function reasonToSkip(document: ReadDocument, patches: ReadonlySet<string>): Partial<Pick<Skipped, 'why' | 'fix'>> {
  if (isKustomization(document)) {
    const fix = `kubectl kustomize ${document.file === '-' ? '<folder>' : dirname(document.file)} | npx cdk8s-phoenix check -`;
    return { why: 'read by kustomize', fix };
  }
  return patches.has(document.file) ? { why: 'a patch of kustomize' } : {};
}
