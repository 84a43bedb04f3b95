import type { k8s } from 'cdk8s-plus-27';

/** One key of a Secret. */
export interface SecretKey {
  /** Name of the Secret. */
  readonly secret: string;
  /** Key in it. */
  readonly key: string;
}

/** What Plug wants of the key for its cookies, in bytes. */
export const KEY_BASE_BYTES = 64;

/** The source of a variable that a Secret holds: `valueFrom.secretKeyRef`. */
export function fromSecret({ secret, key }: SecretKey): k8s.EnvVarSource {
  return { secretKeyRef: { name: secret, key } };
}
