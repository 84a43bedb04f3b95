import type { AccessSubject, Manifest } from '../../lib/index';
import type { Right } from '../../lib/delivery/deployer-rights';
import { subjectOf } from '../../lib/constructs/access-subject';

/** What somebody asks of the API server. */
export interface Request {
  readonly verb: string;
  /** As kubectl writes it, with what it is a part of: `deployments.apps/scale`. */
  readonly resource: string;
  readonly name?: string;
  /** Where. @default - in no namespace */
  readonly namespace?: string;
}

/** The group, the resource and the part of it that a request is about. */
export function partsOf({ resource }: Request): { readonly group: string; readonly plural: string; readonly part: string } {
  const [whole = '', part = ''] = resource.split('/');
  const [plural = '', ...group] = whole.split('.');
  return { group: group.join('.'), plural, part };
}

/** Whether the Roles and bindings among some objects allow somebody something, as the API server decides it. */
export function isAllowed(objects: readonly Manifest[], subject: AccessSubject, request: Request): boolean {
  const who = JSON.stringify(subjectOf(subject));
  return objects.some((binding) => {
    const isWide = binding['kind'] === 'ClusterRoleBinding';
    if (!isWide && (binding['kind'] !== 'RoleBinding' || binding['metadata'].namespace !== request.namespace)) return false;
    if (!(binding['subjects'] as object[]).some((one) => JSON.stringify(one) === who)) return false;
    const { kind, name } = binding['roleRef'] as { readonly kind: string; readonly name: string };
    const role = objects.find(
      ({ kind: own, metadata }) =>
        own === kind && metadata.name === name && (kind === 'ClusterRole' || metadata.namespace === request.namespace),
    );
    return ((role?.['rules'] ?? []) as Right[]).some((rule) => covers(rule, request));
  });
}

/** See https://kubernetes.io/docs/reference/access-authn-authz/rbac/#referring-to-resources */
function covers({ apiGroups, resources, resourceNames = [], verbs }: Right, request: Request): boolean {
  const { group, plural, part } = partsOf(request);
  const whole = part === '' ? plural : `${plural}/${part}`;
  const has = (all: readonly string[], one: string): boolean => all.includes('*') || all.includes(one);
  const isNamed = resourceNames.length === 0 || resourceNames.includes(request.name ?? '');
  const isOf = has(resources, whole) || (part !== '' && resources.includes(`*/${part}`));
  return has(verbs, request.verb) && has(apiGroups, group) && isOf && isNamed;
}
