import type { Construct } from 'constructs';
import type { Manifest } from '../support/edit';
import { isMap } from '../support/is-map';
import type { Refusal } from '../support/reject';
import { encryptedType, isFixed, recipientsIn, valuesIn } from '../support/sops';
import { described } from './encrypted-values';
import { map } from '../support/is-map';
import { readSecretFile } from './secret-file';

const ENCRYPT = "sops encrypt --encrypted-regex '^(data|stringData)$'";

/**
 * A Secret from a file that `sops` encrypted.
 *
 * @param path where the file is, from the folder in which synth runs
 * @example secrets: sopsFile('secrets/staging.yaml')
 */
export function sopsFile(path: string): { readonly sops: { readonly file: string } } {
  return { sops: { file: path } };
}

/** The Secret in a file, encrypted or not; undefined where there is none, which is refused. */
export function readSopsFile(scope: Construct, path: string): Manifest | undefined {
  const fix = `write a Secret, and let ${ENCRYPT} encrypt its values alone`;
  return readSecretFile(scope, path, { apiVersion: 'v1', kind: 'Secret', must: 'hold one Secret that sops encrypted', fix });
}

/** What a file is to be. */
interface WantedSecret {
  readonly path: string;
  readonly name: string;
  readonly namespace: string;
  readonly keys: readonly string[];
}

/** Why the Secret of a file may not stand in the YAML, or would not be the one that is wanted. */
export function refusalsOf(document: Manifest, wanted: WantedSecret): Refusal[] {
  const { path } = wanted;
  const sops: unknown = document['sops'];
  const plain = valuesIn(document).flatMap((one) => valueRefusals(one, path));
  if (!isMap(sops)) {
    const fix = `encrypt it: ${ENCRYPT} --in-place ${path}`;
    return [{ prop: `${path}: sops`, must: 'be there, as in a file that sops encrypted', got: undefined, fix }];
  }
  return [
    ...homeRefusals(document, wanted),
    ...keyRefusals(document, wanted),
    ...plain,
    ...blockRefusals(document, sops, path),
    ...orderRefusals(document, path),
  ];
}

function homeRefusals(document: Manifest, { path, name, namespace }: WantedSecret): Refusal[] {
  const found = map(document['metadata']);
  return Object.entries({ name, namespace })
    .filter(([field, wanted]) => found[field] !== wanted)
    .map(([field, must]) => ({
      prop: `${path}: metadata.${field}`,
      must: `be "${must}"`,
      got: found[field],
      fix: `change it with sops edit ${path}: the MAC covers it`,
    }));
}

function keyRefusals(document: Manifest, { path, keys }: WantedSecret): Refusal[] {
  const there = new Set(valuesIn(document).map(({ key }) => key));
  return keys
    .filter((key) => !there.has(key))
    .map((key) => ({
      prop: `${path}: stringData.${key}`,
      must: 'be there',
      got: undefined,
      fix: `add it with sops edit ${path}`,
    }));
}

/** Never shows a value: it may be the secret itself. */
function valueRefusals({ field, key, value }: ReturnType<typeof valuesIn>[number], path: string): Refusal[] {
  const prop = `${path}: ${field}.${key}`;
  const type = encryptedType(value);
  if (type === 'str') return [];
  if (type === undefined) {
    const fix =
      value === ''
        ? `sops leaves it as it is: take it out with sops edit ${path}`
        : 'change the value where it is used, for it is in the history, and write the new one with sops edit';
    return [{ prop, must: 'be encrypted by sops', got: value === '' ? 'an empty text' : described(value), fix }];
  }
  const fix = `write it in quotes with sops edit ${path}: the API server takes no other values in a Secret`;
  return [{ prop, must: 'be a text before it is encrypted', got: type, fix }];
}

/** What stands under `sops`: who can open the file, and whether the next value is encrypted too. */
function blockRefusals(document: Manifest, sops: Manifest, path: string): Refusal[] {
  const at = `${path}: sops`;
  const fix = `encrypt it anew: ${ENCRYPT}`;
  const { mac, version } = sops;
  const fields = [...new Set(valuesIn(document).map(({ field }) => field))];
  return [
    ...(recipientsIn(sops).length > 0
      ? []
      : [
          {
            prop: at,
            must: 'name who can decrypt it: a key of age, PGP or a cloud',
            got: undefined,
            fix: `${fix} --age age1...`,
          },
        ]),
    ...(encryptedType(mac) === 'str' ? [] : [{ prop: `${at}.mac`, must: 'be that of sops', got: described(mac), fix }]),
    ...(typeof version === 'string' ? [] : [{ prop: `${at}.version`, must: 'be that of sops', got: described(version), fix }]),
    ...fields.flatMap((field) => formRefusals(sops, field, at)),
  ];
}

/** What is encrypted of a file is chosen by one pattern; one that leaves a field out writes the next key of it as plain text. */
function formRefusals({ encrypted_regex: only, unencrypted_regex: not }: Manifest, field: string, at: string): Refusal[] {
  const fix = `encrypt it anew: ${ENCRYPT}`;
  return [
    ...(only === undefined || matches(only, field) ? [] : [{ prop: `${at}.encrypted_regex`, got: only }]),
    ...(not === undefined || !matches(not, field) ? [] : [{ prop: `${at}.unencrypted_regex`, got: not }]),
  ].map((refusal) => ({ ...refusal, must: `have every key of ${field} encrypted, also one that is added`, fix }));
}

/** Patterns of Go, of which those that JavaScript reads otherwise are not worth more. */
function matches(pattern: unknown, name: string): boolean {
  try {
    return new RegExp(String(pattern)).test(name);
  } catch {
    return false;
  }
}

/** The MAC covers the order of values, and keys that are numbers change their places when they are read. */
function orderRefusals(document: Manifest, path: string): Refusal[] {
  const { sops: _, ...rest } = document;
  const numbers = isFixed(document) ? keysIn(rest).filter((key) => /^(?:0|[1-9]\d*)$/.test(key)) : [];
  return numbers.map((got) => ({
    prop: path,
    must: 'have no key that is a number, whose place the MAC covers',
    got,
    fix: 'rename it, or encrypt with mac_only_encrypted: true in .sops.yaml',
  }));
}

function keysIn(value: unknown): string[] {
  return isMap(value) ? Object.entries(value).flatMap(([key, inner]) => [key, ...keysIn(inner)]) : [];
}
