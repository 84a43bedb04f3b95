import { k8s } from 'cdk8s-plus-27';
import { Construct } from 'constructs';
import { requireVariableName } from '../pod/variables';
import { declare } from '../support/declare';
import { requireProps } from '../support/props';
import { nearest } from '../support/nearest';
import { reject } from '../support/reject';
import { fromSecret, KEY_BASE_BYTES, type SecretKey } from '../support/secret-key';
import { requireKey, requireName } from '../support/values';
import { makeExternalSecret, type ExternalSource } from './external-secret';
import type { SecretShape } from './secret-shape';
import { makeSealedSecret, type SealedSource } from './sealed-secret';
import { makeSopsSecret, type SopsSource } from './sops-secret';
import { propClass } from '../support/classes';

/**
 * Where the values of a Secret come from.
 * @write { existing: true } if in doubt
 */
export type SecretSource<K extends string> =
  /** It is in the namespace already, made by hand or by another tool. */
  | { readonly existing: true }
  /** They stand in the code and in the YAML. For development alone. */
  | {
      /** @told without showing what may be a secret */
      readonly literal: Readonly<Record<K, string>>;
    }
  /** They are in a vault, from which the External Secrets Operator copies them. */
  | { readonly external: ExternalSource<K> }
  /** They are in the repository, encrypted for the Sealed Secrets controller. */
  | { readonly sealed: SealedSource<K> }
  /** They are in the repository, encrypted by sops for the keys of those who apply: Flux, or whoever pipes into kubectl. */
  | { readonly sops: SopsSource };

/** Properties of {@link KeyedSecret}. */
export interface KeyedSecretProps<K extends string> {
  /** Name of the Secret: `metadata.name`. */
  readonly name: string;
  /** Labels of the object, where one is made. @default {} */
  readonly labels?: Readonly<Record<string, string>>;
  /**
   * The keys that its readers may name. Where the variable of a release has another name than the key, a mapping from keys to
   * variables: `{ 'secret-key-base': 'SECRET_KEY_BASE' }`.
   */
  readonly keys: readonly K[] | Readonly<Record<K, string>>;
  /** Where its values come from. */
  readonly source: SecretSource<K>;
}

/** A Secret whose keys the compiler knows: a misspelt one does not compile. */
export class KeyedSecret<K extends string> extends Construct {
  static {
    propClass('KeyedSecret', this);
  }

  /** Name of the Secret. */
  readonly secretName: string;
  /** Its keys. */
  readonly keys: readonly K[];
  /** A variable for each of its keys: of that name, or of the one that it is mapped to. */
  readonly variables: Readonly<Record<string, k8s.EnvVarSource>>;
  /**
   * Changes with the values, where that tells nobody what they are: pods that carry it are replaced when they change.
   * Only sealed values and those of sops have one. A hash of a short password can be guessed back, and a vault is not read at synth.
   */
  readonly revision?: string;

  constructor(scope: Construct, id: string, props: KeyedSecretProps<K>) {
    super(scope, id);
    const known: KeyedSecretProps<string> = props;
    requireProps(this, known, 'KeyedSecretProps');
    const { name, labels = {}, source } = props;
    const named = variableNames<K>(props.keys);
    const keys = named.map(([key]) => key);
    requireName(this, name, 253);
    for (const key of keys) requireKey(this, 'keys', key);
    this.secretName = name;
    this.keys = keys;
    if (!Array.isArray(props.keys)) requireVariableNames(this, named);
    this.variables = Object.fromEntries(named.map(([key, variable]) => [variable, fromSecret({ secret: name, key })]));
    const secret = { name, labels, keys };
    if ('existing' in source) declare(this, { externals: [{ kind: 'Secret', name, keys }] });
    else if ('external' in source) makeExternalSecret(this, secret, source.external);
    else if ('sealed' in source) this.revision = makeSealedSecret(this, secret, source.sealed);
    else if ('sops' in source) this.revision = makeSopsSecret(this, secret, source.sops);
    else makeLiteralSecret(this, secret, source.literal);
  }

  /** One of its keys. */
  key(key: K): SecretKey {
    if (!this.keys.includes(key)) {
      const meant = nearest(key, this.keys);
      const fix = meant === undefined ? "add it to 'keys'" : `did you mean '${meant}', or is that misspelt in 'keys'?`;
      reject(this, { prop: 'keys', must: 'have each key that is asked for', got: key, fix });
    }
    return { secret: this.secretName, key };
  }
}

/** Each key with the variable that it becomes. */
function variableNames<K extends string>(keys: KeyedSecretProps<K>['keys']): readonly (readonly [K, string])[] {
  return isList(keys) ? keys.map((key) => [key, key] as const) : (Object.entries(keys) as [K, string][]);
}

function isList<K extends string>(keys: KeyedSecretProps<K>['keys']): keys is readonly K[] {
  return Array.isArray(keys);
}

/** Refuses names that no variable may have, and two keys for one variable. */
function requireVariableNames(scope: Construct, named: readonly (readonly [string, string])[]): void {
  for (const [index, [key, variable]] of named.entries()) {
    requireVariableName(scope, `keys.${key}`, variable);
    const other = named.findIndex(([, name]) => name === variable);
    if (other === index) continue;
    const fix = `the key ${named[other]?.[0]} has it already`;
    reject(scope, { prop: `keys.${key}`, must: 'be a variable of its own', got: variable, fix });
  }
}

function makeLiteralSecret(
  scope: Construct,
  { name, labels, keys }: SecretShape,
  literal: Readonly<Record<string, string>>,
): void {
  const others = Object.keys(literal).filter((key) => !keys.includes(key));
  for (const key of keys) requireValue(scope, key, literal[key], nearest(key, others));
  // Under stringData a key that is gone here would stay in the cluster, and each apply would be a change.
  const data = Object.entries<unknown>(literal).map(
    // What is no text was refused.
    ([key, value]) => [key, Buffer.from(typeof value === 'string' ? value : '').toString('base64')] as const,
  );
  new k8s.KubeSecret(scope, 'Default', { metadata: { name, labels: { ...labels } }, data: Object.fromEntries(data) });
}

function requireValue(scope: Construct, key: string, value: string | undefined, near: string | undefined): void {
  const prop = `source.literal.${key}`;
  if (typeof value !== 'string' || value === '') {
    const fix =
      value === undefined && near !== undefined
        ? `rename the key ${near}, or ${key} in 'keys'`
        : 'write one that is good for development';
    const got = value === undefined ? value : value === '' ? 'an empty text' : `a ${typeof value}`;
    reject(scope, { prop, must: 'have a text as its value', got, fix });
  } else if (key === 'SECRET_KEY_BASE' && Buffer.byteLength(value) < KEY_BASE_BYTES) {
    const fix = "make one with 'mix phx.gen.secret'";
    const got = `${Buffer.byteLength(value)} bytes`;
    reject(scope, { prop, must: `have ${KEY_BASE_BYTES} bytes or more, as Phoenix demands`, got, fix });
  }
}
