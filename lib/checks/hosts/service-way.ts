import type { FinishedObject } from '../rule';
import { map, maps, nameIn, namesIn, placesOf, scalar, specOf } from '../world/values';
import type { Pod } from '../world/pods';
import { annotationsOf, saysTls, TUNNELS } from './says-tls';
import type { Answer, WayIn } from './way-in';

/**
 * A Service that is reached from outside by itself; its ports for other things than pages do not count. One of its ports that
 * stands in the address bar says how it answers, and so does a load balancer that everyone may connect to. In front of any
 * other port of the nodes, or of a load balancer for few, stands something that the YAML does not show: clear text says nothing.
 *
 * @param port the port in the application's own URLs
 */
export function serviceWay(object: FinishedObject, workload: Pod, port: number | undefined): WayIn {
  const { type, loadBalancerClass } = specOf(object);
  const whole = { object, field: 'spec.type', got: type };
  if (type !== 'LoadBalancer' && type !== 'NodePort') return { ...whole, answers: new Set() };
  if (TUNNELS.test(scalar(loadBalancerClass) ?? '')) return { ...whole, answers: new Set(['unknown']) };
  const answered = answeredPorts(object, workload);
  const open = type === 'LoadBalancer' && isPublic(object);
  // At 80 and 443 any other way may answer too.
  const written =
    port === 80 || port === 443 ? undefined : answered.find((one) => one.nodePort === port || (open && one.port === port));
  if (port !== undefined && written) {
    const field = `${written.field}.${written.nodePort === port ? 'nodePort' : 'port'}`;
    return { object, field, got: port, answers: new Set([written.answer]), written: true };
  }
  const answers = answered.map(({ answer }) => answer).filter((answer) => answer !== 'clear' || open);
  return { ...whole, answers: new Set(answers) };
}

interface AnsweredPort {
  readonly field: string;
  readonly port: unknown;
  readonly nodePort: unknown;
  readonly answer: Answer;
}

function answeredPorts(object: FinishedObject, workload: Pod): AnsweredPort[] {
  const certified = specOf(object)['type'] === 'LoadBalancer' && saysTls(annotationsOf(object.manifest));
  const plain = plainPorts(workload);
  return placesOf(object.manifest, 'spec.ports[]').flatMap(({ field, value }): AnsweredPort[] => {
    const { name, port, nodePort, targetPort = port, appProtocol } = map(value);
    if (plain.has(targetPort)) return [{ field, port, nodePort, answer: certified ? 'tls' : 'clear' }];
    const words = [name, targetPort, appProtocol].map((word) => scalar(word) ?? '');
    const encrypted = port === 443 || words.some((word) => /https|tls|ssl|^8?443$/i.test(word));
    return encrypted ? [{ field, port, nodePort, answer: 'tls' }] : [];
  });
}

/** Whether browsers connect to a load balancer themselves: it is not of a private network, and takes all addresses. */
function isPublic({ manifest }: FinishedObject): boolean {
  const annotations = annotationsOf(manifest);
  const ranges = namesIn(map(manifest['spec'])['loadBalancerSourceRanges']);
  const internal = Object.entries(annotations).some(([name, value]) => {
    return (
      /internal|scheme|load-balancer-type|intranet|private/i.test(name) &&
      /^(?:true|internal|intranet|private)$/i.test(scalar(value) ?? '')
    );
  });
  const narrowed = Object.keys(annotations).some((name) => name.endsWith('load-balancer-source-ranges'));
  return !internal && !narrowed && (ranges.length === 0 || ranges.some((range) => range.endsWith('/0')));
}

/** The ports at which Phoenix answers in clear text, by number and by name. */
function plainPorts({ containers }: Pod): ReadonlySet<unknown> {
  return new Set(
    containers.flatMap(({ spec, variables: { byName } }): unknown[] => {
      if (!byName.has('PHX_HOST')) return [];
      const number = Number(byName.get('PORT')?.value ?? 4000);
      const names = maps(spec['ports']).filter(({ containerPort }) => containerPort === number);
      return [number, ...names.flatMap(({ name }) => nameIn(name) ?? [])];
    }),
  );
}
