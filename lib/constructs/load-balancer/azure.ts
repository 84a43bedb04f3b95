import { type Duration } from 'cdk8s';
import type { IConstruct } from 'constructs';
import { reject } from '../../support/reject';
import type { Preset } from './preset';

/**
 * A standard load balancer of AKS, by way of the nodes that run a pod.
 *
 * @see https://cloud-provider-azure.sigs.k8s.io/topics/loadbalancer/
 */
export interface AzureLoadBalancer {
  /** Who can reach it at all: `azure-load-balancer-internal`. */
  readonly scheme: 'internal' | 'external';
  /** Subnet of an internal one: `azure-load-balancer-internal-subnet`. @default - that of the nodes */
  readonly subnet?: string;
  /** Name of a public address that is there already: `azure-pip-name`. @default - an address that is given back with the Service */
  readonly publicIp?: string;
  /** Resource group of the public address: `azure-load-balancer-resource-group`. @default - that of the nodes */
  readonly resourceGroup?: string;
  /** Silence after which it forgets a connection, whole minutes from 4 to 30. @default - 4 minutes */
  readonly idleTimeout?: Duration;
}

const PREFIX = 'service.beta.kubernetes.io/azure';

/** The Service of a standard load balancer. */
export function azurePreset(scope: IConstruct, azure: AzureLoadBalancer): Preset {
  const at = 'exposure.loadBalancer.cloud.azure';
  const { scheme, subnet, publicIp, resourceGroup, idleTimeout } = azure;
  const other = scheme === 'internal' ? ({ publicIp, resourceGroup } as const) : ({ subnet } as const);
  for (const [prop, value] of Object.entries(other)) {
    if (value === undefined) continue;
    reject(scope, { prop: `${at}.${prop}`, must: `be omitted where scheme is '${scheme}'`, got: value, fix: 'remove it' });
  }
  const minutes = idleTimeout && idleTimeout.toMilliseconds() / 60000;
  if (minutes !== undefined && !(Number.isInteger(minutes) && minutes >= 4 && minutes <= 30)) {
    const must = 'be whole minutes from 4 to 30';
    reject(scope, { prop: `${at}.idleTimeout`, must, got: idleTimeout, fix: 'omit it to use 4 minutes' });
  }
  const given = Object.entries({
    [`${PREFIX}-load-balancer-internal-subnet`]: subnet,
    [`${PREFIX}-pip-name`]: publicIp,
    [`${PREFIX}-load-balancer-resource-group`]: resourceGroup,
    [`${PREFIX}-load-balancer-tcp-idle-timeout`]: minutes === undefined ? undefined : `${minutes}`,
  });
  return {
    annotations: {
      ...(scheme === 'internal' ? { [`${PREFIX}-load-balancer-internal`]: 'true' } : {}),
      ...Object.fromEntries(given.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]))),
    },
    spec: { externalTrafficPolicy: 'Local' },
  };
}
