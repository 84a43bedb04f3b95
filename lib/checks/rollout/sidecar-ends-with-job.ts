import { isAtLeast } from '../../support/kubernetes-versions';
import type { Finding, Rule, World } from '../rule';
import { inventoryOf } from '../world/inventory';
import { type Sidecar, sidecarsOf } from '../world/istio';
import { scalars } from '../world/values';
import type { Pod } from '../world/pods';

/** A pod is done when all of its containers are, and a proxy is never done. */
export const sidecarEndsWithJob: Rule = {
  name: 'sidecar-ends-with-job',
  sentence: 'Where Istio adds its proxy to the pods of a Job, Kubernetes runs it as a sidecar, which ends with the others.',
  why: 'The migration succeeds and its Job never ends: it is killed at its deadline, counted as failed, and the deployment stops there.',
  source: 'https://istio.io/latest/docs/reference/config/annotations/',
  *find(world: World): Iterable<Finding> {
    for (const [workload, sidecar] of sidecarsOf(inventoryOf(world))) {
      if (!workload.task || endsIt(workload)) continue;
      const { object } = workload;
      const { path, native } = sidecar;
      const supported = isAtLeast(world.kubernetes, '1.29');
      if (native === true && supported) continue;
      const field = `${path}["sidecar.istio.io/nativeSidecar"]`;
      const fix = supported
        ? 'set it to "true", or keep the proxy out with the label sidecar.istio.io/inject: "false"'
        : 'keep the proxy out with the label sidecar.istio.io/inject: "false"';
      const must = supported
        ? 'be "true" for pods that end'
        : 'not be relied on before Kubernetes 1.29, which has no such sidecars';
      yield { object, field, must, got: said(sidecar), fix };
    }
  },
};

function said({ annotations }: Sidecar): unknown {
  return annotations['sidecar.istio.io/nativeSidecar'];
}

/** Whether a container asks the proxy to end, as people do without native sidecars. */
function endsIt({ containers }: Pod): boolean {
  return containers.some(({ spec }) =>
    [...scalars(spec['command']), ...scalars(spec['args'])].some((word) => word.includes('quitquitquit')),
  );
}
