import { isAtLeast } from '../../support/kubernetes-versions';
import type { Finding, Rule, World } from '../rule';
import { commandOf } from '../../model/beam';
import { inventoryOf } from '../../model/inventory';
import { sidecarsOf } from '../../model/istio';
import type { Container, Pod } from '../../model/pods';
import { map, scalar } from '../../model/values';
import { leftOut, remedy } from '../../model/remedy';

export const sidecarEndsWithJob: Rule = {
  name: 'sidecar-ends-with-job',
  sentence: 'Where Istio adds its proxy to the pods of a Job, Kubernetes runs it as a sidecar, which ends with the others.',
  why: 'The migration succeeds and its Job never ends: it is killed at its deadline, counted as failed, and the deployment stops there.',
  source: 'https://istio.io/latest/docs/reference/config/annotations/',
  *find(world: World): Iterable<Finding> {
    for (const [workload, sidecar] of sidecarsOf(inventoryOf(world))) {
      if (!workload.task || endsIt(workload)) continue;
      const { path, native, annotations } = sidecar;
      const supported = isAtLeast(world.kubernetes, '1.29');
      if (native === true && supported) continue;
      const field = `${path}["${NATIVE}"]`;
      const got: unknown = annotations[NATIVE];
      const out = 'keep the proxy out with the label sidecar.istio.io/inject: "false"';
      const [must, fix] = supported
        ? ['be "true" for pods that end', `set it to "true", or ${out}`]
        : ['not be relied on before Kubernetes 1.29, which has no such sidecars', out];
      yield { object: workload.object, field, must, got, fix };
    }
  },
};

const NATIVE = 'sidecar.istio.io/nativeSidecar';

/** Whether a container asks the proxy to end, as people do without native sidecars. */
function endsIt({ containers }: Pod): boolean {
  return containers.some((one) => commandOf(one).some((word) => word.includes('quitquitquit')));
}

export const jobContainersEnd: Rule = {
  name: 'job-containers-end',
  sentence: 'The pods of a Job have one plain container; what runs beside it is a native sidecar, which ends with it.',
  why: 'The migration succeeds and the proxy beside it runs on: the Job never completes, is killed at its deadline and counted as failed, and the deployment stops there.',
  source: 'https://kubernetes.io/docs/concepts/workloads/pods/sidecar-containers/#jobs-with-sidecar-containers',
  *find(world: World): Iterable<Finding> {
    const native = isAtLeast(world.kubernetes, '1.29');
    for (const workload of inventoryOf(world).pods) {
      const [first, ...others] = plain(workload);
      if (!workload.task || first === undefined || others.some(endsOthers) || endsOthers(first)) continue;
      for (const { path, spec } of others.filter((one) => !isSame(one, first))) {
        const name = scalar(spec['name']) ?? path;
        const way = native
          ? remedy`move it to initContainers with restartPolicy: 'Always', or into them without where it ends first; of one that ends by itself say so: ${leftOut('job-containers-end', 'job')}`
          : remedy`move it to initContainers where it ends before the work begins; Kubernetes has native sidecars from 1.29 on, and before it what runs on belongs into a pod of its own`;
        const must = `end with ${scalar(first.spec['name']) ?? 'the first'}, and a plain container runs for as long as it likes`;
        yield { object: workload.object, field: path, must, got: name, ...way };
      }
    }
  },
};

function plain({ containers, path }: Pod): readonly Container[] {
  return containers.filter((one) => one.path.startsWith(`${path}.containers[`));
}

/** Two commands of one image both end, as the work itself does. */
function isSame({ spec }: Container, { spec: first }: Container): boolean {
  return spec['image'] === first['image'];
}

/** Whether a container ends the others, as people do without native sidecars: it asks them to, or kills them. */
function endsOthers(container: Container): boolean {
  return commandOf(container).some((word) => /quitquitquit|\bp?kill(?:all)?\b|\/(?:shutdown|quit|terminate)\b/.test(word));
}

const HOOK = 'helm.sh/hook';
const ABOUT = ['helm.sh/hook-weight', 'helm.sh/hook-delete-policy', 'helm.sh/hook-output-log-policy'];

/** Helm reads what is said of a hook where one is, and nowhere else. */
export const helmHookNamed: Rule = {
  name: 'helm-hook-named',
  sentence: 'An object that says how it is a hook of Helm says of what.',
  why: 'It is a part of the release instead: a Job is not run again, and the next upgrade fails, because its pods cannot be changed.',
  source: 'https://helm.sh/docs/topics/charts_hooks/',
  severity: 'warning',
  *find({ objects }: World): Iterable<Finding> {
    for (const object of objects) {
      const annotations = map(map(object.manifest['metadata'])['annotations']);
      const [said] = ABOUT.filter((name) => annotations[name] !== undefined);
      if (said === undefined || scalar(annotations[HOOK]) !== undefined) continue;
      const field = `metadata.annotations["${HOOK}"]`;
      const fix = `write pre-install,pre-upgrade, or another time, or take ${said} out`;
      yield { object, field, must: `be given beside ${said}`, got: annotations[HOOK], fix };
    }
  },
};
