/**
 * The resource of a kind, as Roles name it: `networkpolicies`. Kubernetes guesses it likewise where no definition says it, and all
 * kinds that are written here are called so.
 *
 * @see https://pkg.go.dev/k8s.io/apimachinery/pkg/api/meta#UnsafeGuessKindToResource
 */
export function pluralOf(kind: string): string {
  const singular = kind.toLowerCase();
  // The one that is plural already.
  if (singular === 'endpoints') return singular;
  if (singular.endsWith('s')) return `${singular}es`;
  return /[^aeiou]y$/.test(singular) ? singular.replace(/y$/, 'ies') : `${singular}s`;
}
