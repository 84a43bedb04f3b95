import type { Finding, Rule, World } from '../rule';
import { map } from '../world/values';

/** Text that the controller puts into its own configuration as it is. */
export const ingressSnippets: Rule = {
  name: 'ingress-snippets',
  sentence: 'No Ingress writes into the configuration of its controller.',
  why: 'A snippet can read the token of the controller and with it every Secret of the cluster; controllers that forbid snippets refuse the whole Ingress.',
  source: 'https://github.com/kubernetes/ingress-nginx/issues/7837',
  severity: 'warning',
  *find({ objects }: World): Iterable<Finding> {
    for (const object of objects.filter(({ manifest }) => manifest['kind'] === 'Ingress')) {
      for (const key of Object.keys(map(map(object.manifest['metadata'])['annotations']))) {
        if (!/\/[a-z-]*-snippets?$/.test(key)) continue;
        const fix = 'use the annotation made for it, such as limit-rps, or do it in the endpoint';
        yield { object, field: `metadata.annotations["${key}"]`, must: 'not be there', got: 'a snippet', fix };
      }
    }
  },
};
