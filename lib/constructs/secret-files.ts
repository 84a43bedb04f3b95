import type { Mount } from '../pod/mount';
import type { KeyedSecret } from './keyed-secret';

/**
 * Keys of a Secret as files, for a program that reads files: each key is a file of its name in the folder. Unlike a
 * variable, a file follows the Secret within about a minute, and the program may read it again. Only the user and the
 * group of the container may read them.
 *
 * @param path folder in the container, for these files alone
 * @param keys those that become files; all of them if none is named
 * @example mounts: [secretFiles(secret, '/etc/kube-native', 'SMTP_PASSWORD')]
 * @see https://kubernetes.io/docs/concepts/configuration/secret/#using-secrets-as-files-from-a-pod
 */
export function secretFiles<K extends string>(secret: KeyedSecret<K>, path: string, ...keys: readonly NoInfer<K>[]): Mount {
  const { secretName } = secret;
  // Names of volumes are shorter than those of Secrets.
  const name = secretName.slice(0, 63).replace(/-+$/, '');
  return { name, path, secret: secretName, keys: (keys.length > 0 ? keys : secret.keys).map((key) => secret.key(key).key) };
}
