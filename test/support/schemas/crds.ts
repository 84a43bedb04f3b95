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
      readonly subresources?: { readonly scale?: { readonly specReplicasPath: string } };
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
      return versions.map(({ name: version, served = true, schema, subresources }) => {
        const scaled = subresources?.scale?.specReplicasPath.split('.').slice(1);
        const fields = schema?.openAPIV3Schema;
        return { group, version, kind: names.kind, served, schema: fields && scaled ? counted(fields, scaled) : fields };
      });
    }),
  );
}

/** The schema with what the API server asks of the field that holds the number of a scalable kind, whatever its schema says: no less than none. */
function counted(schema: Schema, [field, ...rest]: readonly string[]): Schema {
  if (field === undefined) return { ...schema, minimum: Math.max(schema.minimum ?? 0, 0) };
  const inner = schema.properties?.[field];
  return inner ? { ...schema, properties: { ...schema.properties, [field]: counted(inner, rest) } } : schema;
}
