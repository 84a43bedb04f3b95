import type { Finding, Rule, World } from '../rule';
import { inventoryOf } from '../world/inventory';
import { map } from '../world/values';

const PREFIX = 'nginx.ingress.kubernetes.io/';

/** A proxy that all of the internet talks to is no place for software that nobody mends. */
export const controllerMaintained: Rule = {
  name: 'controller-maintained',
  sentence: 'No Ingress is written for ingress-nginx, which is retired.',
  why: 'It has had no release since March 2026: the next hole in it, or in its NGINX, stays open to everyone who can send a request.',
  source: 'https://kubernetes.io/blog/2025/11/11/ingress-nginx-retirement/',
  severity: 'warning',
  *find(world: World): Iterable<Finding> {
    for (const object of inventoryOf(world).ofKind('Ingress')) {
      const annotations = Object.keys(map(map(object.manifest['metadata'])['annotations']));
      const own = annotations.find((key) => key.startsWith(PREFIX));
      if (own === undefined) continue;
      const must = 'be for a controller that is maintained';
      const fix = 'move to a Gateway or to another controller: each reads annotations of its own';
      yield { object, field: `metadata.annotations["${own}"]`, must, got: 'ingress-nginx', fix };
    }
  },
};
