import type { FinishedObject } from '../rule';
import { type BeamContainer, commandOf, startsRelease, valueOf } from './beam';
import { serviceTargets } from './service-targets';
import { maps } from './values';

/** Whether it is seen that a release is started without its endpoint: nothing sets the switch of it. */
export function startsNoEndpoint(beam: BeamContainer): boolean {
  const { legacy, variables } = beam;
  return (
    !legacy && !servesByFlag(beam) && variables.complete && !variables.byName.has('PHX_SERVER') && startsRelease(commandOf(beam))
  );
}

/** The switch of all endpoints, for an application that does not read the variable; flags that cannot be seen may have it. */
function servesByFlag({ flags }: BeamContainer): boolean {
  return flags === undefined || /-phoenix\s+serve_endpoints\s+true\b/.test(flags);
}

/** How the port of an endpoint is called. */
const NAMES = /^(?:https?|web|phoenix|endpoint)(?:-|$)/;

/** Whether a Service leads to the endpoint of a release, as far as can be seen, and not to other ports of it alone. */
export function leadsToEndpoint({ manifest }: FinishedObject, beam: BeamContainer): boolean {
  const ports = ['PORT', 'PHX_HTTPS_PORT'].flatMap((name) => valueOf(beam, name) ?? []);
  const declared = maps(beam.spec['ports']);
  const isElse = ({ number, protocol }: { number: number; protocol: string }): boolean => {
    if (protocol !== 'TCP') return true;
    const names = declared.flatMap(({ name, containerPort }) => (containerPort === number ? [String(name)] : []));
    const named = names.length === 0 || names.some((name) => NAMES.test(name));
    return ports.length > 0 && !ports.includes(`${number}`) && !named;
  };
  const targets = serviceTargets(manifest, beam.workload, () => true);
  return targets.length === 0 || !targets.every(isElse);
}
