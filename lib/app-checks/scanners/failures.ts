import { NAME_HASH } from '../../support/forms';
import type { Manifest } from '../../support/edit';
import { parseImage } from '../../support/image';
import type { FinishedObject } from '../../model/world';
import type { Inventory } from '../../model/inventory';
import { map, maps, namespaceOf, specOf, valueAt } from '../../model/values';
import { selectorMatches, selectsAll } from '../../model/selectors';
import type { Pod, Container } from '../../model/pods';

/** What Polaris takes for the name of a secret. */
export const SOUNDS_SECRET = /password|token|bearer|secret/i;

/** What a scanner looks at: an object, with its pods if it makes any. */
export interface Subject {
  readonly object: FinishedObject;
  readonly workload?: Pod;
  readonly inventory: Inventory;
}

/** Whether an object fails a check. */
export type Fails = (subject: Subject) => boolean;

/** Whether it makes pods, and those fail. */
export const pods =
  (fails: (workload: Pod, inventory: Inventory) => boolean): Fails =>
  ({ workload, inventory }) =>
    workload !== undefined && fails(workload, inventory);

/** Whether one of the containers fails that start before the others, or any other one. */
export const anyContainer = (fails: (spec: Manifest) => boolean): Fails =>
  pods(({ containers }) => containers.some(({ spec }) => fails(spec)));

/** Whether one of those fails that are no init containers: a native sidecar is one. */
export const ownContainer = (fails: (spec: Manifest) => boolean): Fails =>
  pods(({ containers }) => containers.some(({ path, spec }) => isOwn(path) && fails(spec)));

/** Whether it is of this kind, and fails. */
export const ofKind =
  (kind: string, fails: (manifest: Manifest) => boolean): Fails =>
  ({ object: { manifest } }) =>
    manifest['kind'] === kind && fails(manifest);

/** Whether all of them fail. */
export const both =
  (...all: readonly Fails[]): Fails =>
  (subject) =>
    all.every((fails) => fails(subject));

/** A quantity that is not there, such as `limits.cpu`. */
export const lacks = (field: string) => (spec: Manifest) => valueAt(spec, field) === undefined;

export const staysUp = pods(({ task }) => !task);
export const ends = pods(({ task }) => task);
export const served = pods((workload, inventory) =>
  inventory.ofKind('Service').some((service) => inventory.servedBy(service).includes(workload)),
);
export const unready = pods(({ containers }) => containers.every(({ spec }) => spec['readinessProbe'] === undefined));
export const alone = pods(({ replicas }) => replicas.least < 2);
export const neverTwo = pods(({ replicas }) => replicas.most < 2);
export const scaled = pods(({ scaler }) => scaler !== undefined);

/** Whether its number stands in its scaler alone, and is as high as that at least. */
export const scaledFrom = (least: number): Fails =>
  both(
    scaled,
    ofKind('Deployment', ({ spec }) => lacks('replicas')(spec)),
    pods(({ replicas }) => replicas.least >= least),
  );
export const recreated = ofKind('Deployment', ({ spec }) => valueAt(spec, 'strategy.type') === 'Recreate');

/** Whether only the CPU's limit is missing of what kube-score asks for in one check. */
export const onlyCpuUnlimited = pods(({ containers }) => {
  const missing = ['requests.cpu', 'requests.memory', 'limits.memory'].map((field) => lacks(`resources.${field}`));
  return (
    containers.some(({ spec }) => lacks('resources.limits.cpu')(spec)) &&
    !containers.some(({ spec }) => missing.some((no) => no(spec)))
  );
});

/** Whether no budget is for its pods. */
export const unbudgeted: Fails = ({ object, workload, inventory }) =>
  object.manifest['kind'] === 'Deployment' &&
  workload !== undefined &&
  !inventory.ofKind('PodDisruptionBudget').some((budget) => selectorMatches(specOf(budget)['selector'], workload.labels));

/** Whether a policy is for its pods alone, and one that lets something in lets nothing out or the other way round. */
export const fencedOneWay = pods(({ namespace, labels }, inventory) => {
  const own = inventory
    .ofKind('NetworkPolicy')
    .filter(({ manifest }) => namespaceOf(manifest) === namespace)
    .map(specOf)
    .filter(({ podSelector }) => !selectsAll(podSelector) && selectorMatches(podSelector, labels));
  const bothWays = ({ ingress, egress }: Manifest): boolean => maps(ingress).length > 0 && maps(egress).length > 0;
  return own.length > 0 && !own.some(bothWays);
});

/** Whether keys that sound like secrets are all names of scripts, and there is one. */
export const secretScripts = ofKind('ConfigMap', ({ data }) => {
  const sounding = Object.keys(map(data)).filter((key) => SOUNDS_SECRET.test(key));
  return sounding.length > 0 && sounding.every((key) => /\.(?:sh|exs?|sql)$/.test(key));
});

/** Whether an image may come from the node, and those that may have a digest or have none. */
export const cached = (digest: boolean): Fails =>
  pods(({ containers }) => {
    const images = containers.filter(({ spec }) => spec['imagePullPolicy'] !== 'Always');
    return images.length > 0 && images.every((container) => hasDigest(container)) === digest;
  });

export const undigested = pods(({ containers }) => !containers.every(hasDigest));

/** Whether a variable's value is a secret's: that of `env`, or of `envFrom` too. */
export const readsSecrets = (spec: Manifest): boolean =>
  maps(spec['env']).some((one) => valueAt(one, 'valueFrom.secretKeyRef') !== undefined);
export const takesSecrets = (spec: Manifest): boolean =>
  readsSecrets(spec) || maps(spec['envFrom']).some(({ secretRef }) => secretRef !== undefined);

/** Whether a text stands in a variable whose name says that it is secret. */
export const namesSecret = (name: RegExp) => (spec: Manifest) =>
  maps(spec['env']).some((one) => name.test(String(one['name'])) && one['value'] !== undefined);

/** Whether its name goes on after that of its instance, as that of what is named by its content does. */
export const namedByContent = pods(({ object: { manifest }, name }) => {
  const instance: unknown = map(manifest['metadata']['labels'])['app.kubernetes.io/instance'];
  return typeof instance === 'string' && name.startsWith(`${instance}-`) && NAME_HASH.test(name);
});

function isOwn(path: string): boolean {
  return path.includes('.containers[');
}

function hasDigest({ spec }: Container): boolean {
  return typeof spec['image'] === 'string' && parseImage(spec['image'])?.digest !== undefined;
}
