import type { Manifest } from '../../support/edit';
import { isAtLeast } from '../../support/kubernetes-versions';
import type { Finding, Rule, World } from '../rule';
import { inventoryOf } from '../world/inventory';
import { map } from '../world/values';

type Fault = Omit<Finding, 'object'>;

/** Settings of a security context that contradict each other. */
export const securityContext: Rule = {
  name: 'security-context',
  sentence: 'No security context contradicts itself.',
  why: 'The API server refuses a privileged container that may not gain privileges, and with it the Deployment.',
  source: 'https://kubernetes.io/docs/tasks/configure-pod-container/security-context/',
  *find(world: World): Iterable<Finding> {
    const hostNetworkToo = isAtLeast(world.kubernetes, '1.36');
    for (const { object, path: pod, spec, containers } of inventoryOf(world).pods) {
      for (const { path, spec: container } of [...containers, { path: pod, spec }]) {
        if (container['securityContext'] === undefined || container['securityContext'] === null) continue;
        const context = map(container['securityContext']);
        for (const fault of contextFaults(context)) yield { ...fault, object, field: `${path}.securityContext.${fault.field}` };
      }
      const shared = [...(hostNetworkToo ? [] : ['hostNetwork']), 'hostPID', 'hostIPC'].find((field) => spec[field] === true);
      if (spec['hostUsers'] === false && shared) {
        const fix = `leave out one of hostUsers and ${shared}`;
        yield { object, field: `${pod}.hostUsers`, must: `not be false together with ${shared}`, got: false, fix };
      }
      if (spec['hostPID'] === true && spec['shareProcessNamespace'] === true) {
        const fix = 'leave out one of the two';
        yield { object, field: `${pod}.shareProcessNamespace`, must: 'not be true together with hostPID', got: true, fix };
      }
    }
  },
};

function* contextFaults(context: Manifest): Iterable<Fault> {
  if (context['allowPrivilegeEscalation'] === false) {
    const { add } = map(context['capabilities']);
    const mighty = Array.isArray(add) ? add.find((name) => name === 'CAP_SYS_ADMIN' || name === 'SYS_ADMIN') : undefined;
    const reason = context['privileged'] === true ? 'a privileged container' : mighty ? `the capability ${mighty}` : undefined;
    if (reason) {
      const fix = 'leave out the one or the other';
      yield { field: 'allowPrivilegeEscalation', must: `not be false for ${reason}`, got: false, fix };
    }
  }
  for (const name of ['seccompProfile', 'appArmorProfile']) {
    const { type, localhostProfile } = map(context[name]);
    const local = type === 'Localhost';
    const given = typeof localhostProfile === 'string' && (localhostProfile !== '' || !local);
    if (type === undefined || given === local) continue;
    const must = given ? "stand with type 'Localhost' alone" : "be given with type 'Localhost'";
    yield { field: `${name}.localhostProfile`, must, got: localhostProfile, fix: "use type 'RuntimeDefault' without a profile" };
  }
  for (const name of ['runAsUser', 'runAsGroup', 'fsGroup']) {
    const id: unknown = context[name];
    if (typeof id !== 'number' || (id >= 0 && id <= 2147483647)) continue;
    yield { field: name, must: 'be from 0 to 2147483647', got: id, fix: 'use one above 9999, such as 10001' };
  }
}
