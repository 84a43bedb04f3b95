import type { Manifest } from '../../support/edit';
import type { FinishedObject, World } from '../rule';
import { namedPorts } from './fences';
import { inventoryOf } from './inventory';
import { namespaceOf, specOf } from './objects';
import { once } from './once';
import { selectorMatches } from './selects';
import { serviceTargets } from './service-targets';
import { list, map, maps } from './values';
import type { Workload } from './workloads';

/** A port of pods that a monitor has Prometheus ask. */
export interface Scraped {
  readonly monitor: FinishedObject;
  /** Where in it: `spec.podMetricsEndpoints[0]`. */
  readonly field: string;
  readonly endpoint: Manifest;
  readonly workload: Workload;
  readonly number: number;
}

/** All ports that monitors ask, of pods that are in the YAML. */
export const scrapedPorts = once((world: World): readonly Scraped[] => {
  const inventory = inventoryOf(world);
  const running = inventory.workloads.filter(({ task }) => !task);
  const ofPods = inventory.ofKind('PodMonitor').flatMap((monitor) => {
    const { selector, podMetricsEndpoints } = specOf(monitor);
    const found = running.filter(
      (workload) => looksInto(monitor, workload.namespace) && selectorMatches(selector, workload.labels),
    );
    return maps(podMetricsEndpoints).flatMap((endpoint, index) => {
      const field = `spec.podMetricsEndpoints[${index}]`;
      return found.flatMap((workload) => {
        const number = endpoint['portNumber'] ?? namedPorts(workload).get(`TCP/${endpoint['port']}`);
        return typeof number === 'number' ? [{ monitor, field, endpoint, workload, number }] : [];
      });
    });
  });
  const ofServices = inventory.ofKind('ServiceMonitor').flatMap((monitor) => {
    const services = inventory.ofKind('Service').filter(({ manifest }) => {
      const labels = map(map(manifest['metadata'])['labels']);
      return looksInto(monitor, namespaceOf(manifest)) && selectorMatches(specOf(monitor)['selector'], labels);
    });
    return maps(specOf(monitor)['endpoints']).flatMap((endpoint, index) => {
      const field = `spec.endpoints[${index}]`;
      return services.flatMap((service) =>
        inventory.servedBy(service).flatMap((workload) =>
          serviceTargets(service.manifest, workload, ({ name }) => name === endpoint['port']).map(({ number }) => {
            return { monitor, field, endpoint, workload, number };
          }),
        ),
      );
    });
  });
  return [...ofPods, ...ofServices];
});

function looksInto(monitor: FinishedObject, namespace: string): boolean {
  const { any, matchNames } = map(specOf(monitor)['namespaceSelector']);
  if (any === true) return true;
  return list(matchNames).length > 0 ? list(matchNames).includes(namespace) : namespaceOf(monitor.manifest) === namespace;
}
