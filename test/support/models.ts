import { parseAllDocuments } from 'yaml';
import type { Manifest } from '../../lib/index';

type Model = new (data: unknown) => { validate(): void };

/** What the Kubernetes models of npm say of the objects in some YAML. Kinds that they do not have are reported too. */
export function invalidObjects(texts: readonly string[]): string[] {
  return texts
    .flatMap((text) => parseAllDocuments(text, { version: '1.1' }).map((document) => document.toJS() as Manifest))
    .flatMap((manifest) => {
      const { apiVersion, kind, metadata } = manifest;
      try {
        const module = jest.requireActual<Record<string, Model>>(`kubernetes-models/${apiVersion}/${kind}`);
        const model = module[kind];
        if (!model) return [`${kind} has no model`];
        new model(manifest).validate();
        return [];
      } catch (error) {
        return [`${kind} ${metadata.name}: ${(error as Error).message}`];
      }
    });
}
