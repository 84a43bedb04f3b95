import { ApiObject, Chart } from 'cdk8s';
import type { Construct } from 'constructs';
import { declare } from '../support/declare';
import { edit, type Manifest } from '../support/edit';
import { inFolder } from '../support/folder';
import { OptOut } from '../support/opt-out';
import { noteOurs } from '../support/ours';
import { reject, rejectLate, type Refusal } from '../support/reject';
import { isFixed, recipientsIn, valuesIn } from '../support/sops';
import { requireName, requireReason } from '../support/values';
import { hashOf } from './encrypted-values';
import { map } from '../support/is-map';
import type { SecretShape } from './secret-shape';
import { readSopsFile, refusalsOf } from './sops-file';

/** A Secret that sops encrypted: for everybody who has one of its keys, be they of age, PGP or a cloud. */
export interface SopsSource {
  /**
   * Path of the Secret, from the folder in which synth runs. It is the Secret itself, with its name, namespace and keys to be
   * read, and its values as `sops encrypt --encrypted-regex '^(data|stringData)$'` wrote them.
   */
  readonly file: string;
  /**
   * Who decrypts it. With `delivery: 'flux'` the name of a Secret beside the Kustomizations that has the key, `sops.agekey` or
   * `sops.asc`: their `decryption.secretRef`. With `'argo'` and `'helm'`, which cannot, somebody else must, and an opt-out says who.
   * @default - Flux reads the Secret `sops-age` for keys of age, `sops-gpg` for those of PGP, and else decrypts as whom its
   * controller runs; with `'apply'` whoever applies decrypts
   */
  readonly decryption?: { readonly secret: string } | OptOut;
}

/** The folder of what `kubectl apply -f` must not take as it is. */
const FOLDER = 'sops';

/**
 * Makes the Secret of a KeyedSecret as it is in its file, in a file of its own: sops decrypts files.
 *
 * @returns a hash of its encrypted values; none of it is secret
 */
export function makeSopsSecret(scope: Construct, secret: SecretShape, { file, decryption }: SopsSource): string | undefined {
  if (decryption instanceof OptOut) requireReason(scope, 'source.sops.decryption', decryption);
  else if (decryption) requireName(scope, decryption.secret, 253, 'source.sops.decryption.secret');
  const { name, keys } = secret;
  const { namespace = 'default', labels } = Chart.of(scope);
  const document = readSopsFile(scope, file);
  const { root } = scope.node;
  const id = `05-sops-${name}`;
  const refusals = [
    ...(document ? refusalsOf(document, { path: file, name, namespace, keys }) : []),
    ...(root.node.tryFindChild(id) ? [twice(name)] : []),
  ];
  for (const refusal of refusals) reject(scope, refusal);
  if (!document || refusals.length > 0) {
    // One fault is enough: those who name the Secret are not at fault.
    declare(scope, { externals: [{ kind: 'Secret', name, keys }] });
    return undefined;
  }
  const chart = inFolder(new Chart(root, id, { namespace, disableResourceNameHashes: true }), FOLDER);
  noteOurs(chart);
  const object = new ApiObject(chart, 'Secret', { apiVersion: 'v1', kind: 'Secret', metadata: { name } });
  const written = isFixed(document) ? document : withLabels(document, { ...labels, ...secret.labels });
  // Whoever edits it further must not reach what it is compared with.
  edit(object, () => JSON.parse(JSON.stringify(written)) as Manifest);
  rejectLate(object, () => changes(written, object.toJson() as Manifest, file));
  declare(scope, { encrypted: [{ secret: scope, object, name, recipients: recipientsIn(map(document['sops'])), decryption }] });
  return hashOf(Object.fromEntries(valuesIn(document).map(({ field, key, value }) => [`${field}.${key}`, value])));
}

function twice(name: string): Refusal {
  return { prop: 'name', must: 'be that of one Secret of sops', got: name, fix: 'read the keys of both from one file' };
}

/** The labels that all objects have, where the MAC leaves room for them. */
function withLabels(document: Manifest, labels: Readonly<Record<string, string>>): Manifest {
  const { metadata } = document;
  const own = map(metadata)['labels'];
  const entries = Object.entries(document).map(([field, value]: [string, unknown]) =>
    field === 'metadata' ? [field, { ...map(value), labels: { ...labels, ...map(own) } }] : [field, value],
  );
  return Object.fromEntries(entries) as Manifest;
}

/** What patches and other constructs have made of it, which nobody could decrypt any more. */
function changes(written: Manifest, found: Manifest, path: string): Refusal[] {
  const fields = isFixed(written)
    ? [...new Set([...Object.keys(written), ...Object.keys(found)])]
    : ['data', 'stringData', 'sops'];
  // As texts: the MAC covers the order too.
  return fields
    .filter((field) => JSON.stringify(written[field]) !== JSON.stringify(found[field]))
    .map((field) => ({
      prop: field,
      must: 'stay as sops wrote it, whose MAC would not hold',
      got: 'something else',
      fix: `let sops edit change it in ${path}, or encrypt with mac_only_encrypted: true in .sops.yaml, to have labels and annotations added`,
    }));
}
