/** A condition of a schema. */
export interface Condition {
  readonly rule: string;
}

/** A schema of OpenAPI, as CustomResourceDefinitions have them. */
export interface Schema {
  readonly type?: string;
  readonly format?: string;
  readonly enum?: readonly unknown[];
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly minProperties?: number;
  readonly maxProperties?: number;
  readonly required?: readonly string[];
  readonly nullable?: boolean;
  readonly default?: unknown;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly items?: Schema;
  readonly allOf?: readonly Schema[];
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly not?: Schema;
  readonly 'x-kubernetes-int-or-string'?: boolean;
  readonly 'x-kubernetes-preserve-unknown-fields'?: boolean;
  readonly 'x-kubernetes-embedded-resource'?: boolean;
  readonly 'x-kubernetes-list-type'?: string;
  readonly 'x-kubernetes-list-map-keys'?: readonly string[];
  readonly 'x-kubernetes-validations'?: readonly Condition[];
}

/** Keywords that the tables say, or that say nothing about what is taken. */
export const KNOWN_KEYWORDS: ReadonlySet<string> = new Set([
  ...['type', 'format', 'enum', 'pattern', 'minimum', 'maximum', 'minLength', 'maxLength', 'minItems', 'maxItems'],
  ...['minProperties', 'maxProperties', 'required', 'nullable', 'default', 'properties', 'additionalProperties', 'items'],
  ...['allOf', 'anyOf', 'oneOf', 'not', 'description', 'title', 'example', 'externalDocs', 'x-kubernetes-map-type'],
  ...['x-kubernetes-int-or-string', 'x-kubernetes-preserve-unknown-fields', 'x-kubernetes-embedded-resource'],
  ...['x-kubernetes-list-type', 'x-kubernetes-list-map-keys', 'x-kubernetes-validations'],
]);
/** Formats that are told from any text. The API server looks at no others of those that occur. */
export const KNOWN_FORMATS: ReadonlySet<string> = new Set(['int32', 'int64', 'double', 'float', 'byte', 'date-time']);
