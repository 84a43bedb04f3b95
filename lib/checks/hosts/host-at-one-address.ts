import type { Finding, FinishedObject, Rule, World } from '../rule';
import { inventoryOf } from '../world/inventory';
import { map, nameIn, placesOf, scalar } from '../world/values';
import { hostText } from '../world/route-claims';

/** DNS answers with the address of one of them, and requests for the paths of the other find nobody there. */
export const hostAtOneAddress: Rule = {
  name: 'host-at-one-address',
  sentence: 'No two Ingresses that make load balancers of their own have the same host.',
  why: 'Each load balancer has an address of its own, a name leads to one of them, and what the other one answers is not found.',
  source: 'https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/ingress/annotations/#ingressgroup',
  *find(world: World): Iterable<Finding> {
    const taken = new Map<string, { object: FinishedObject; balancer: string }>();
    for (const object of inventoryOf(world).ofKind('Ingress')) {
      const made = balancerOf(object);
      if (!made) continue;
      for (const { field, value } of placesOf(object.manifest, 'spec.rules[]')) {
        const host = hostText(map(value)['host']);
        const key = `${made.entrance} ${host}`;
        const first = taken.get(key);
        if (!first) taken.set(key, { object, balancer: made.balancer });
        if (!first || first.balancer === made.balancer) continue;
        const must = `be a host that the load balancer of [${first.object.construct.node.path}] does not have`;
        yield { object, field: `${field}.host`, must, got: host, fix: made.fix };
      }
    }
  },
};

const ALB = 'alb.ingress.kubernetes.io';

interface Balancer {
  /** Where a name may lead to one more: those inside of a network and those outside. */
  readonly entrance: string;
  /** What two Ingresses of one load balancer have in common. */
  readonly balancer: string;
  readonly fix: string;
}

function balancerOf({ construct, manifest: { spec, metadata } }: FinishedObject): Balancer | undefined {
  const annotations = map(map(metadata)['annotations']);
  const className = nameIn(map(spec)['ingressClassName']) ?? nameIn(annotations['kubernetes.io/ingress.class']);
  const { path } = construct.node;
  if (className === 'alb') {
    const group = scalar(annotations[`${ALB}/group.name`]);
    const scheme = scalar(annotations[`${ALB}/scheme`]) ?? 'internal';
    const fix = `give both the same group: controller: { alb: { group: 'shop', ... } }, the annotation ${ALB}/group.name`;
    return { entrance: `${className} ${scheme}`, balancer: group === undefined ? path : `group ${group}`, fix };
  }
  if (className !== 'gce' && className !== 'gce-internal') return undefined;
  const fix =
    'write all paths of the host in one Ingress, or let both releases share a Gateway: gatewayApi: { gateway: { shared: ... } }';
  return { entrance: className, balancer: path, fix };
}
