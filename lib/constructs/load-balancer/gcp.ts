import type { IConstruct } from 'constructs';
import { reject } from '../../support/reject';
import { requireName } from '../../support/values';
import type { Preset } from './preset';

/**
 * A passthrough Network Load Balancer of GKE, by way of the nodes that run a pod.
 *
 * @see https://cloud.google.com/kubernetes-engine/docs/concepts/service-load-balancer-parameters
 */
export interface GcpLoadBalancer {
  /** Who can reach it at all: `networking.gke.io/load-balancer-type`. */
  readonly scheme: 'internal' | 'external';
  /** Name of a reserved address: `networking.gke.io/load-balancer-ip-addresses`. @default - an address that is given back with the Service */
  readonly address?: string;
  /** Whether other regions reach an internal one. @default false */
  readonly globalAccess?: boolean;
}

/** The Service of a passthrough Network Load Balancer. */
export function gcpPreset(scope: IConstruct, gcp: GcpLoadBalancer): Preset {
  const at = 'exposure.loadBalancer.cloud.gcp';
  const { scheme, address, globalAccess = false } = gcp;
  if (address !== undefined) requireName(scope, address, 63, `${at}.address`);
  const internal = scheme === 'internal';
  if (globalAccess && !internal) {
    const fix = 'remove it: every region reaches an external one';
    reject(scope, { prop: `${at}.globalAccess`, must: "be omitted where scheme is 'external'", got: globalAccess, fix });
  }
  return {
    annotations: {
      ...(internal ? { 'networking.gke.io/load-balancer-type': 'Internal' } : { 'cloud.google.com/l4-rbs': 'enabled' }),
      ...(internal && globalAccess ? { 'networking.gke.io/internal-load-balancer-allow-global-access': 'true' } : {}),
      ...(address === undefined ? {} : { 'networking.gke.io/load-balancer-ip-addresses': address }),
    },
    spec: { externalTrafficPolicy: 'Local' },
  };
}
