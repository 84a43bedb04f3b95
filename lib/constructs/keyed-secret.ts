import { k8s } from 'cdk8s-plus-27';
import { Construct } from 'constructs';
import { factsOf } from '../support/facts';
import { reject } from '../support/reject';
import type { SecretKey } from '../support/secret-key';
import { requireTypes } from '../support/types';
import { requireKey, requireName } from '../support/values';

/** Where the values of a Secret come from. */
export type SecretSource<K extends string> =
  /** It is in the namespace already, made by hand or by another tool. */
  | { readonly existing: true }
  /** They stand in the code and in the YAML. For development alone. */
  | { readonly literal: Readonly<Record<K, string>> };

/** What a {@link KeyedSecret} is told. */
export interface KeyedSecretProps<K extends string> {
  /** Name of the Secret: `metadata.name`. */
  readonly name: string;
  /** Labels of the object, where one is made. @default {} */
  readonly labels?: Readonly<Record<string, string>>;
  /** The keys that its readers may name. */
  readonly keys: readonly K[];
  /** Where its values come from. */
  readonly source: SecretSource<K>;
}

/** A Secret whose keys the compiler knows: a misspelt one does not compile. */
export class KeyedSecret<K extends string> extends Construct {
  /** Name of the Secret. */
  readonly secretName: string;
  /** Its keys. */
  readonly keys: readonly K[];

  constructor(scope: Construct, id: string, props: KeyedSecretProps<K>) {
    super(scope, id);
    requireTypes(this, props, { name: ['string'], labels: ['object', undefined], keys: ['array'], source: ['object'] });
    const { name, labels = {}, keys, source } = props;
    requireName(this, name, 253);
    for (const key of keys) requireKey(this, 'keys', key);
    this.secretName = name;
    this.keys = keys;
    if ('existing' in source) {
      factsOf(this).externals.push({ kind: 'Secret', name, keys });
      return;
    }
    const literal = 'literal' in source ? source.literal : undefined;
    requireTypes(this, { literal }, { literal: ['object'] }, 'source.');
    for (const key of keys) requireValue(this, key, source.literal[key]);
    new k8s.KubeSecret(this, 'Default', {
      metadata: { name, labels: { ...labels } },
      stringData: { ...source.literal },
    });
  }

  /** One of its keys. */
  key(key: K): SecretKey {
    return { secret: this.secretName, key };
  }
}

function requireValue(scope: Construct, key: string, value: string | undefined): void {
  const prop = `source.literal.${key}`;
  if (typeof value !== 'string' || value === '') {
    const got = value === undefined ? value : value === '' ? 'an empty text' : `a ${typeof value}`;
    reject(scope, { prop, must: 'have a text as its value', got, fix: 'write one that is good for development' });
  } else if (key === 'SECRET_KEY_BASE' && value.length < 64) {
    const fix = "make one with 'mix phx.gen.secret'";
    reject(scope, { prop, must: 'have 64 characters or more, as Phoenix demands', got: `${value.length} characters`, fix });
  }
}
