import { literal } from '../support/literal';

/** The regular expression of hosts as clients write them, also of the Service in the cluster. `*` stands for one label of a name. */
export function hostPattern(hosts: readonly string[], service: string, namespace = 'default'): string {
  const own = [...new Set(hosts)].map((host) => literal(host).replace('\\*', '[^.]+'));
  return [...own, `${literal(service)}(\\.${literal(namespace)}(\\.svc(\\..+)?)?)?`].join('|');
}
