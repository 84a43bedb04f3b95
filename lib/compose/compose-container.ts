import { map, maps, numberOr, scalar, scalars, texts } from '../model/values';
import type { Pod, Container } from '../model/pods';
import { parseQuantity } from '../support/parse-quantity';
import type { Parts, Service } from './compose-parts';
import { escaped, shellQuoted } from './compose-secrets';

/** The container that a pod is for: sidecars may stand before it. */
export function programOf({ containers }: Pod): Container | undefined {
  return containers.find(({ path }) => path.endsWith('.containers[0]'));
}

/** What the kubelet holds a container to, in the words of Compose. */
export function heldTo({ spec: pod }: Pod, { spec }: Container, readOnly = true): Service {
  const own = map(spec['securityContext']);
  const ofPod = map(pod['securityContext']);
  const user = scalar(own['runAsUser'] ?? ofPod['runAsUser']);
  const group = scalar(own['runAsGroup'] ?? ofPod['runAsGroup']);
  const memory = scalar(map(map(spec['resources'])['limits'])['memory']);
  const drop = texts(map(own['capabilities'])['drop']);
  return {
    ...(user === undefined ? {} : { user: group === undefined ? user : `${user}:${group}` }),
    ...(readOnly && own['readOnlyRootFilesystem'] === true ? { read_only: true } : {}),
    ...(drop.length > 0 ? { cap_drop: drop } : {}),
    ...(own['allowPrivilegeEscalation'] === false ? { security_opt: ['no-new-privileges:true'] } : {}),
    ...(memory === undefined ? {} : { mem_limit: `${Math.floor((parseQuantity(memory) ?? 0) / 2 ** 20)}m` }),
    stop_grace_period: `${numberOr(30, pod['terminationGracePeriodSeconds'])}s`,
  };
}

/** The probe that says whether a container is ready, asked by a program of its image; none where nothing asks. */
export function healthOf({ spec }: Container, alpine = false): Service {
  const { readinessProbe, startupProbe } = spec;
  const probe = map(readinessProbe ?? startupProbe);
  const test = testOf(probe, spec, alpine);
  if (!test) return {};
  const starting = map(startupProbe);
  const start = numberOr(0, starting['failureThreshold']) * numberOr(10, starting['periodSeconds']);
  return {
    healthcheck: {
      test: test.map(escaped),
      interval: `${numberOr(10, probe['periodSeconds'])}s`,
      timeout: `${numberOr(1, probe['timeoutSeconds'])}s`,
      retries: numberOr(3, probe['failureThreshold']),
      ...(start > 0 ? { start_period: `${start}s` } : {}),
    },
  };
}

function testOf(probe: Service, spec: Service, alpine: boolean): readonly string[] | undefined {
  const { exec, httpGet, tcpSocket } = probe;
  if (exec) return ['CMD', ...scalars(map(exec)['command'])];
  const port = portOf(map(httpGet ?? tcpSocket)['port'], spec);
  if (port === undefined) return undefined;
  if (!httpGet) return alpine ? ['CMD', 'nc', '-z', '127.0.0.1', port] : ['CMD', 'bash', '-c', `: < /dev/tcp/127.0.0.1/${port}`];
  const headers = maps(map(httpGet)['httpHeaders']).map(({ name, value }) => `${scalar(name)}: ${scalar(value)}`);
  const path = scalar(map(httpGet)['path']) ?? '/';
  if (alpine) {
    const given = headers.flatMap((header) => ['--header', header]);
    return ['CMD', 'wget', '-q', '-O', '/dev/null', ...given, `http://127.0.0.1:${port}${path}`];
  }
  const request = [`GET ${path} HTTP/1.1`, 'Host: localhost', ...headers, 'Connection: close', '', ''].join(String.raw`\r\n`);
  // Debian's small images have neither curl nor wget. As the kubelet has it, 200 to 399 is well.
  const lines = [
    `exec 3<>/dev/tcp/127.0.0.1/${port}`,
    `printf ${shellQuoted(request.replaceAll('%', '%%'))} >&3`,
    'read -r _ status _ <&3',
    '[[ $status == [23]?? ]]',
  ];
  return ['CMD', 'bash', '-c', lines.join(' && ')];
}

/** The number of a port, which probes have by its name. */
export function portOf(port: unknown, spec: Service): string | undefined {
  const named = maps(spec['ports']).find(({ name }) => name === port);
  return scalar(named?.['containerPort'] ?? (typeof port === 'number' ? port : undefined));
}

/** The variables of a container, as it has them here. */
export function variablesOf({ variables }: Container, parts: Parts): Service {
  const entries = [...variables.byName.values()].map(({ name, value, secret, object }): [string, string] => {
    if (secret !== undefined) return [name, parts.secret(secret, value)];
    if (value === undefined)
      return [name, parts.secret(`${scalar(map(object.manifest['metadata'])['name'])}/${name}`, undefined)];
    return [name, escaped(parts.locally(value))];
  });
  return Object.fromEntries(entries);
}
