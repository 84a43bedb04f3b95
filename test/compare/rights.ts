import type { AccessSubject, Manifest } from '../../lib/index';
import { passing, refused, tagged, type Swap } from '../cluster/swaps';
import { ruledEnvironments, type Ruled } from '../cluster/rights';
import { isAllowed, partsOf, type Request } from '../support/rbac';
import { apply, namespace, remove } from './cluster';
import { placeOf, send } from './server';

const NAMESPACES = ['compare-rights', 'compare-images'] as const;
/** How often a new policy is asked for before it is given up: API servers see it some seconds later. */
const PATIENCE = 100;
const RBAC = 'rbac.authorization.k8s.io/v1';

/** What was asked of the server, and what it answered otherwise than said. */
interface Counts {
  readonly asked: number;
  readonly wrong: readonly string[];
}

/** Asks whether a subject may send each request of a table, and our own reading of the Role too. */
async function reviewed({ who, subject, requests, rights }: Ruled): Promise<Counts> {
  const all = [...requests.allowed.map((one) => [one, true] as const), ...requests.refused.map((one) => [one, false] as const)];
  const wrong = all.map(async ([request, expected]) => {
    const said = [isAllowed(rights, subject, request), await isAllowedThere(subject, request)];
    return said.every((one) => one === expected)
      ? []
      : [`${who}: ${JSON.stringify(request)} is ${said.join(' here, and there ')}`];
  });
  return { asked: all.length, wrong: (await Promise.all(wrong)).flat() };
}

/** What `kubectl auth can-i --as` asks. */
async function isAllowedThere(subject: AccessSubject, request: Request): Promise<boolean> {
  const { group, plural, part } = partsOf(request);
  const { verb, name, namespace: where } = request;
  const resourceAttributes = { verb, group, resource: plural, subresource: part, name, namespace: where };
  const spec = { user: 'user' in subject ? subject.user : '', resourceAttributes };
  const review = { apiVersion: 'authorization.k8s.io/v1', kind: 'SubjectAccessReview', spec };
  return (await send('POST', '/apis/authorization.k8s.io/v1/subjectaccessreviews', review)).got['status']?.allowed === true;
}

/** Sends a change as the one who rolls out images, as a dry run: policies are asked all the same. */
async function swap(ruled: Ruled, { method, path = 'deployments/kube-native', type = 'strategic-merge', body }: Swap) {
  const query = type === 'apply' ? '&fieldManager=compare&force=true' : '';
  const as = 'user' in ruled.subject ? ruled.subject.user : '';
  const contentType =
    method === 'PATCH' ? `application/${type === 'apply' ? 'apply-patch+yaml' : `${type}-patch+json`}` : undefined;
  return send(method, `/apis/apps/v1/namespaces/${ruled.namespace}/${path}?dryRun=All${query}`, body as Manifest, {
    as,
    contentType,
  });
}

/** A Deployment that is none of the release, and the rights to everything there: what refuses then is the policy alone. */
function beside({ namespace: where, subject }: Ruled): Manifest[] {
  const labels = { app: 'bystander' };
  const containers = [{ name: 'web', image: 'registry.example.com/kube-native:1' }];
  const template = { metadata: { labels }, spec: { containers } };
  const subjects = [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'user' in subject ? subject.user : '' }];
  const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' };
  return [
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'bystander', namespace: where },
      spec: { replicas: 0, selector: { matchLabels: labels }, template },
    },
    { apiVersion: RBAC, kind: 'RoleBinding', metadata: { name: 'everything', namespace: where }, roleRef, subjects },
  ];
}

/** What the policy lets pass and refuses, each of which it must do by itself. */
async function swapped(ruled: Ruled): Promise<Counts> {
  for (let attempt = 0; (await swap(ruled, tagged)).status < 400; attempt += 1) {
    if (attempt > PATIENCE) throw new Error('nothing refuses a tag: the policy is not in force');
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
  const passed = Object.entries(passing).map(async ([what, one]) => {
    const { status, said } = await swap(ruled, one);
    return status < 400 ? [] : [`refused is ${what}: ${said}`];
  });
  const held = Object.entries(refused).map(async ([what, one]) => {
    const { status, said } = await swap(ruled, one);
    if (status < 400) return [`passes: ${what}`];
    return said.includes('image deployers') ? [] : [`refused by something else is ${what}: ${said}`];
  });
  const asked = passed.length + held.length;
  return { asked, wrong: (await Promise.all([...passed, ...held])).flat() };
}

/** Whatever the type checker of the server has to say of the expressions. */
async function warned(policies: readonly Manifest[]): Promise<string[]> {
  const found = policies.map(async (one) => {
    for (let attempt = 0; attempt <= PATIENCE; attempt += 1) {
      const { status, metadata } = (await send('GET', await placeOf(one))).got;
      if (status?.observedGeneration === metadata.generation)
        return ((status.typeChecking?.expressionWarnings ?? []) as { readonly warning: string }[]).map(({ warning }) => warning);
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
    return [];
  });
  return (await Promise.all(found)).flat();
}

/**
 * Compares the rights of those who deploy, and of those who roll out images, with an API server: each request of a table is asked of
 * it, and each change of a Deployment is sent to it as a dry run.
 */
export async function compareRights(): Promise<void> {
  const ruled = ruledEnvironments(NAMESPACES);
  const [, images] = ruled;
  const rights = ruled.flatMap((one) => one.rights);
  const there = images.objects.filter(({ kind }) => ['ServiceAccount', 'ConfigMap', 'Deployment'].includes(kind as string));
  try {
    await Promise.all(NAMESPACES.map((name) => namespace(name, false)));
    const { said } = await apply([...rights, ...there], []);
    const counts = await Promise.all(ruled.map(reviewed));
    const more = await apply(beside(images), []);
    if (`${said}${more.said}` !== '') console.log(`${said}${more.said}`);
    const held = await swapped(images);
    const warnings = await warned(rights.filter(({ kind }) => kind === 'ValidatingAdmissionPolicy'));
    const wrong = [...counts.flatMap((one) => one.wrong), ...held.wrong, ...warnings];
    for (const line of wrong) console.log(line);
    const asked = counts.reduce((sum, one) => sum + one.asked, 0);
    console.log(`${asked} requests and ${held.asked} changes by image deployers, ${wrong.length} wrong`);
    if (wrong.length > 0) process.exitCode = 1;
  } finally {
    await remove(
      rights.filter(({ metadata }) => metadata.namespace === undefined),
      false,
    );
    await remove(
      NAMESPACES.map((name) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } })),
      false,
    );
  }
}
