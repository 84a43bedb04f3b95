import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import type { Schema } from './schema';

/** One version of a custom kind. */
export interface CustomKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  /** Whether the API server takes objects of it. */
  readonly served: boolean;
  /** Its fields. @default - it is only named: no table describes it */
  readonly schema?: Schema;
}

/** One that a table describes. */
export interface DescribedKind extends CustomKind {
  readonly schema: Schema;
}

/** Whether a table is made of it. */
export function isDescribed(kind: CustomKind): kind is DescribedKind {
  return kind.served && kind.schema !== undefined;
}

interface CustomResourceDefinition {
  readonly kind?: string;
  readonly spec: {
    readonly group: string;
    readonly names: { readonly kind: string };
    readonly versions: readonly {
      readonly name: string;
      readonly served?: boolean;
      readonly schema?: { readonly openAPIV3Schema?: Schema };
    }[];
  };
}

/** The versions of the CustomResourceDefinitions in the YAML files of a folder. */
export function readCustomKinds(folder: string): CustomKind[] {
  const files = readdirSync(folder).filter((name) => /\.ya?ml$/.test(name));
  return files.sort().flatMap((name) =>
    parseAllDocuments(readFileSync(join(folder, name), 'utf8')).flatMap((document) => {
      const found = document.toJS() as CustomResourceDefinition | null;
      if (found?.kind !== 'CustomResourceDefinition') return [];
      const { group, names, versions } = found.spec;
      return versions.map(({ name: version, served = true, schema }) => {
        return { group, version, kind: names.kind, served, schema: schema?.openAPIV3Schema };
      });
    }),
  );
}
