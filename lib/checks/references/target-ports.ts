import type { Manifest } from '../../support/edit';
import type { Finding, FinishedObject, Rule, World } from '../rule';
import { portsOfService } from '../../model/routes';
import { type Inventory, inventoryOf } from '../../model/inventory';
import { map, maps, numberAlone, scalar, scalars, specOf } from '../../model/values';
import { sidecarsOf } from '../../model/istio';
import type { Pod, Container } from '../../model/pods';

/** A Service takes any number, and finds out with each connection that nobody is there. */
export const targetPorts: Rule = {
  name: 'target-ports',
  sentence: 'A Service leads to a port that its pods declare, or that their variables, commands or files speak of.',
  why: 'Pods are ready, the Service has endpoints, and each connection is refused: nothing but the users says so.',
  source: 'https://kubernetes.io/docs/concepts/services-networking/service/#field-spec-ports',
  *find(world: World): Iterable<Finding> {
    const inventory = inventoryOf(world);
    for (const service of inventory.ofKind('Service')) {
      // Nothing translates a port of a headless one: clients say which they want.
      if (specOf(service)['clusterIP'] === 'None') continue;
      for (const [index, entry] of portsOfService(service).entries()) {
        const { port, targetPort = port } = entry;
        if (typeof targetPort !== 'number') continue;
        const [deaf, ...others] = inventory.servedBy(service);
        if (!deaf || [deaf, ...others].some((workload) => mayListen(workload, targetPort, inventory))) continue;
        const field = `spec.ports[${index}].${entry['targetPort'] === undefined ? 'port' : 'targetPort'}`;
        const known = deaf.containers.flatMap(({ endsFirst: init, spec }) => (init ? [] : maps(spec['ports']).map(textOf)));
        const must = `be a port that ${deaf.kind} ${deaf.name} listens on: its containers have ${[...new Set(known)].join(', ')}`;
        const fix = `use one of these; where a container listens on ${targetPort} too, add it to its ports`;
        // Who leads to other ports rightly may know of one more than the pods declare.
        const isHidden = [deaf, ...others].some((workload) => hidesVariables(workload));
        const severity = isHidden || isRightElsewhere(service, index, deaf) ? 'warning' : undefined;
        yield { object: service, field, must, got: targetPort, fix, severity };
      }
    }
  },
};

function textOf({ name, containerPort }: Manifest): string {
  return name === undefined ? String(containerPort) : `${String(name)} (${String(containerPort)})`;
}

function isRightElsewhere(service: FinishedObject, index: number, { containers }: Pod): boolean {
  const declared = containers.flatMap(({ spec }) => maps(spec['ports']));
  return portsOfService(service).some(
    ({ port, targetPort = port }, other) =>
      other !== index && declared.some(({ name, containerPort }) => targetPort === containerPort || targetPort === name),
  );
}

/** Whether pods may listen on a port: a container's list of ports tells people, and binds nobody. */
function mayListen(workload: Pod, port: number, inventory: Inventory): boolean {
  const running = workload.containers.filter(({ endsFirst: init }) => !init);
  const declared = running.map(({ spec }) => maps(spec['ports']));
  if (declared.some((ports) => ports.length === 0 || ports.some(({ containerPort }) => containerPort === port))) return true;
  // Proxies of Istio, which the injector adds, and epmd, which a node starts by itself.
  if (port === 4369 || (port >= 15000 && port < 15100 && sidecarsOf(inventory).has(workload))) return true;
  const word = numberAlone(port);
  return running.some((container) => speaksOf(word, container)) || filesSpeakOf(word, workload, inventory);
}

/** Whether variables come from what is not known here: one of them may be the number, though few are where ports are declared. */
function hidesVariables({ containers }: Pod): boolean {
  return containers.some(({ endsFirst, variables }) => !endsFirst && !variables.complete);
}

/** Variables by which programs are told where to listen. */
const LISTENS = /PORT|LISTEN|ADDR|BIND|URL|ARGS|OPTS|FLAGS|CONFIG/i;
/** Variables of servers that programs connect to, and do not listen as. */
const CONNECTS = /^(?:DATABASE|DB|ECTO|PG|POSTGRES|MYSQL|REDIS|AMQP|RABBITMQ|MONGO|SMTP|SENTRY)_?/i;

function speaksOf(word: RegExp, { spec, variables }: Container): boolean {
  const said = [...scalars(spec['command']), ...scalars(spec['args'])].some((one) => word.test(one));
  return (
    said ||
    [...variables.byName.values()].some(({ name, value }) =>
      value === undefined ? LISTENS.test(name) && !CONNECTS.test(name) : word.test(value),
    )
  );
}

/** Whether a file that a ConfigMap brings has the number in it, or is not known here. */
function filesSpeakOf(word: RegExp, { spec: pod, namespace }: Pod, inventory: Inventory): boolean {
  return maps(pod['volumes']).some(({ configMap }) => {
    const name = scalar(map(configMap)['name']);
    if (name === undefined) return false;
    const { object } = inventory.find('ConfigMap', name, namespace) ?? {};
    return !object || Object.values(map(object.manifest['data'])).some((text) => word.test(scalar(text) ?? ''));
  });
}
