import type { Manifest } from '../../support/edit';
import type { Finding, Rule, World } from '../rule';
import { hasRights, hasToken } from '../world/accounts';
import { blamed, fencing, isAddress, opens } from '../world/fences';
import { fencesOf } from '../world/network-policies';
import { inventoryOf } from '../world/inventory';
import { map, nameOf } from '../world/values';

/** The API server has an address outside of all pods, and a port that depends on who looks: policies before its Service or behind. */
export const apiOpen: Rule = {
  name: 'api-open',
  sentence: 'Pods that may ask the Kubernetes API can reach it through their NetworkPolicies: on 443 and on 6443.',
  why: 'The policy drops the packets without an error: nodes never find each other, and what the program should have made is not there.',
  source: 'https://kubernetes.io/docs/concepts/security/controlling-access/#transport-security',
  *find(world: World): Iterable<Finding> {
    const fences = fencesOf(world);
    const inventory = inventoryOf(world);
    if (fences.length === 0) return;
    for (const pod of inventory.pods) {
      const { object, kind, namespace, labels } = pod;
      const closing = fencing(fences, { namespace, labels }, 'Egress');
      if (closing.length === 0 || !hasRights(pod, world) || !hasToken(pod, inventory)) continue;
      const isOpen = (number: number, isPeer: (peer: Manifest) => boolean) =>
        opens(closing, 'Egress', { port: { number, protocol: 'TCP' }, named: new Map(), isPeer });
      const missing = PORTS.filter((number) => !isOpen(number, isAddress));
      // A narrow range says that someone knows where the API is, and on which port.
      if (missing.length === 0 || ALL_PORTS.some((number) => isOpen(number, isNarrow) && !isOpen(number, isWide))) continue;
      const policy = blamed(closing);
      const must = `let ${kind} ${nameOf(object.manifest)} send to the Kubernetes API, for which it has a token: TCP ${missing.join(' and ')}`;
      const got: unknown = map(policy.manifest['spec'])['egress'];
      const fix =
        "add 'egress' with { port: 443 } and { port: 6443 }, each with the addresses of the API servers as its peer if they are known";
      yield { object: policy, field: 'spec.egress', must, got, fix };
    }
  },
};

/** Before the Service `kubernetes`, and behind it on most clusters. */
const PORTS = [443, 6443];
/** With those of Minikube and MicroK8s. */
const ALL_PORTS = [...PORTS, 8443, 16443];

function isWide(peer: Manifest): boolean {
  return isAddress(peer) && Number(String(map(peer['ipBlock'])['cidr']).split('/')[1]) < 8;
}

function isNarrow(peer: Manifest): boolean {
  return isAddress(peer) && !isWide(peer);
}
