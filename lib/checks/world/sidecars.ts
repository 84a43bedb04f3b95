import { parseQuantity } from '../../support/parse-quantity';
import type { Manifest } from '../../support/edit';
import type { Inventory } from './inventory';
import { nameOf } from './objects';
import { once } from './once';
import { map, scalar, valueAt } from './values';
import type { Workload } from './workloads';

/** The proxy that Istio's injector adds to the pods of a workload; it stands in no manifest. */
export interface Sidecar {
  /** Where the annotations of the pods stand in their object. */
  readonly path: string;
  readonly annotations: Manifest;
  /** What `sidecar.istio.io/nativeSidecar` says; where it says nothing, the control plane decides. */
  readonly native: boolean | undefined;
  /** What it asks for and may use; what a LimitRange fills in is left out. */
  readonly requests: Manifest;
  readonly limits: Manifest;
}

/** The injected sidecars of an environment. */
export const sidecarsOf = once((inventory: Inventory): ReadonlyMap<Workload, Sidecar> => {
  const namespaces = new Map(inventory.ofKind('Namespace').map(({ manifest }) => [nameOf(manifest), labelsOf(manifest)]));
  const found = new Map<Workload, Sidecar>();
  for (const workload of inventory.workloads) {
    const path = workload.path === 'spec' ? 'metadata' : workload.path.replace(/spec$/, 'metadata');
    const annotations = map(valueAt(workload.object.manifest, `${path}.annotations`));
    if (isInjected(workload.labels, annotations, map(namespaces.get(workload.namespace)))) {
      found.set(workload, {
        path: `${path}.annotations`,
        annotations,
        ...resourcesOf(annotations),
        native: isNative(annotations),
      });
    }
  }
  return found;
});

/** How much of a resource a sidecar asks for, or may use. */
export function sidecarQuantity(sidecar: Sidecar | undefined, part: 'requests' | 'limits', resource: string): number {
  return parseQuantity(sidecar?.[part][resource]) ?? 0;
}

function labelsOf(manifest: Manifest): Manifest {
  return map(map(manifest['metadata'])['labels']);
}

/** https://istio.io/latest/docs/setup/additional-setup/sidecar-injection/#controlling-the-injection-policy */
function isInjected(labels: Manifest, annotations: Manifest, namespace: Manifest): boolean {
  const said = scalar(labels['sidecar.istio.io/inject'] ?? annotations['sidecar.istio.io/inject']);
  if (namespace['istio-injection'] === 'disabled' || said === 'false') return false;
  if (said === 'true' || labels['istio.io/rev'] !== undefined) return true;
  return namespace['istio-injection'] === 'enabled' || namespace['istio.io/rev'] !== undefined;
}

function isNative(annotations: Manifest): boolean | undefined {
  const said = scalar(annotations['sidecar.istio.io/nativeSidecar']);
  return said === undefined ? undefined : said === 'true';
}

/** What Istio's own charts ask for where no annotation says anything. */
const USUAL = { requests: { cpu: '100m', memory: '128Mi' }, limits: { cpu: '2', memory: '1Gi' } };

function resourcesOf(annotations: Manifest): Pick<Sidecar, 'requests' | 'limits'> {
  const said = (name: string, resource: string): Manifest => {
    const quantity = scalar(annotations[`sidecar.istio.io/${name}`]);
    return quantity === undefined ? {} : { [resource]: quantity };
  };
  const limits = { ...said('proxyCPULimit', 'cpu'), ...said('proxyMemoryLimit', 'memory') };
  const requests = { ...said('proxyCPU', 'cpu'), ...said('proxyMemory', 'memory') };
  if (Object.keys({ ...limits, ...requests }).length === 0) return USUAL;
  return { limits, requests: { ...limits, ...requests } };
}
