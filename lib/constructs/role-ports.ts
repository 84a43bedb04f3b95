import type { Construct } from 'constructs';
import { reject } from '../support/reject';
import { withDescriptions, type PodPort, type PodPorts } from './pod-ports';

/**
 * The ports of a role beside those that its pods have anyway, each with its description.
 *
 * @param taken the ports that they have anyway
 */
export function roleDescriptions(
  scope: Construct,
  ports: PodPorts = {},
  taken: Readonly<Record<string, number>>,
  prop = '',
): Readonly<Record<string, PodPort>> {
  for (const name of Object.keys(ports).filter((one) => one in taken)) {
    const must = `have a name that no other port of the pod has: ${name} is ${taken[name]}`;
    reject(scope, { prop: `${prop}ports.${name}`, must, got: name, fix: `rename it, or take it out where it is that one` });
  }
  return withDescriptions(Object.fromEntries(Object.entries(ports).filter(([name]) => !(name in taken))));
}
