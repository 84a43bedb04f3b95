/**
 * A Secret from a file that `kubeseal` wrote.
 *
 * @param path where the file is, from the folder in which synth runs
 * @example secrets: sealedFile('secrets/staging/kube-native.yaml')
 */
export function sealedFile(path: string): { readonly sealed: { readonly file: string } } {
  return { sealed: { file: path } };
}
