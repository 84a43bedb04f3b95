import type { Manifest } from '../../support/edit';
import { list, map, numberOr } from '../../model/values';
import {
  always,
  atLeast,
  between,
  distinct,
  filled,
  is,
  isGiven,
  neededWith,
  never,
  one,
  onlyWith,
  PORT,
  PORT_OR_NONE,
  where,
  type Condition,
  type TypeRule,
} from './condition';

/** A Service, a probe and a NetworkPolicy find a port by its name. */
export const containerPorts: TypeRule = {
  name: 'container-ports',
  sentence: 'Ports of a container are from 1 to 65535 and have names of their own.',
  why: 'Of two ports with one name nobody can say which a probe or a Service means, and the API server refuses the Deployment.',
  source: 'https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#ports',
  types: {
    ContainerPort: [is('containerPort', PORT), is('hostPort', PORT_OR_NONE)],
    Container: [
      distinct('ports[].name', (first) => `differ from that of ${first.replace('.name', '')}`, 'rename one of the two'),
    ],
  },
};

/** How a probe or a hook asks. */
const HANDLER: readonly Condition[] = [
  is('httpGet.port tcpSocket.port', PORT),
  where(
    'httpGet.httpHeaders[].name',
    'be letters, digits and dashes',
    'write the name alone, as in X-Forwarded-Proto',
    filled((name) => /^[-A-Za-z0-9]+$/.test(name)),
  ),
  always(
    'exec.command',
    'have a word',
    'write the program and its arguments as a list',
    (got, { exec }) => !isGiven(exec) || list(got).length > 0,
  ),
];

/** A probe that was changed by a patch keeps its former handler beside the new one. */
export const probeFields: TypeRule = {
  name: 'probe-fields',
  sentence: 'A probe asks in one way, and its thresholds are those that its kind may have.',
  why: 'A probe with two handlers, or a liveness probe that wants two successes, is refused together with its whole Deployment.',
  source:
    'https://kubernetes.io/docs/tasks/configure-pod-container/configure-liveness-readiness-startup-probes/#configure-probes',
  types: {
    Probe: [
      one(
        'exec grpc httpGet tcpSocket',
        'have one of exec, grpc, httpGet, tcpSocket',
        'leave the one that shows the pod at work',
      ),
      is(
        'initialDelaySeconds periodSeconds timeoutSeconds successThreshold failureThreshold',
        atLeast(0),
        'leave it out for the default',
      ),
      is('grpc.port', PORT),
      ...HANDLER,
    ],
    Container: [
      where(
        'startupProbe.successThreshold livenessProbe.successThreshold',
        'be 1',
        'only a readiness probe may ask for more',
        (got) => typeof got !== 'number' || got <= 1,
      ),
      is(
        'startupProbe.terminationGracePeriodSeconds livenessProbe.terminationGracePeriodSeconds',
        atLeast(1),
        "leave it out for the pod's own",
      ),
      where(
        'readinessProbe.terminationGracePeriodSeconds',
        'not be given',
        'set it on the liveness probe: readiness ends no container',
        never,
      ),
    ],
  },
};

/** A hook does one thing, and ends before the grace period does. */
export const lifecycleHooks: TypeRule = {
  name: 'lifecycle-hooks',
  sentence: 'A hook does one thing, and a sleep ends within the grace period of its pod.',
  why: 'The API server refuses a sleep that is longer than the grace period, and with it the Deployment.',
  source: 'https://kubernetes.io/docs/concepts/containers/container-lifecycle-hooks/#hook-handler-implementations',
  types: {
    LifecycleHandler: [
      one('exec httpGet sleep tcpSocket', 'have one of exec, httpGet, sleep, tcpSocket', 'leave one of them'),
      ...HANDLER,
    ],
    PodSpec: ['containers[]', 'initContainers[]']
      .flatMap((at) => [`${at}.lifecycle.postStart.sleep.seconds`, `${at}.lifecycle.preStop.sleep.seconds`])
      .map((path) =>
        where(
          path,
          (_got, pod, minor) => `be from ${shortestSleep(minor)} to the grace period of ${graceOf(pod)} seconds`,
          'raise terminationGracePeriodSeconds, or sleep less',
          (got, pod, minor) => typeof got !== 'number' || !(graceOf(pod) < got || got < shortestSleep(minor)),
        ),
      ),
  },
};

function graceOf({ terminationGracePeriodSeconds }: Manifest): number {
  return numberOr(30, terminationGracePeriodSeconds);
}

function shortestSleep(minor: number): number {
  return minor >= 33 ? 0 : 1;
}

/** Settings of a security context that contradict each other. */
export const securityContext: TypeRule = {
  name: 'security-context',
  sentence: 'No security context contradicts itself.',
  why: 'The API server refuses a privileged container that may not gain privileges, and with it the Deployment.',
  source: 'https://kubernetes.io/docs/tasks/configure-pod-container/security-context/',
  types: {
    'SecurityContext PodSecurityContext': [
      is('runAsUser runAsGroup fsGroup', between(0, 2147483647), 'use one above 9999, such as 10001'),
      where(
        'allowPrivilegeEscalation',
        (_got, context) => `not be false for ${mighty(context)}`,
        'leave out the one or the other',
        (got, context) => got !== false || mighty(context) === undefined,
      ),
    ],
    'SeccompProfile AppArmorProfile': [
      onlyWith('localhostProfile', { type: 'Localhost' }, "use type 'RuntimeDefault' without a profile"),
      neededWith('localhostProfile', { type: 'Localhost' }, "use type 'RuntimeDefault' without a profile"),
    ],
    PodSpec: [
      where(
        'hostUsers',
        (_got, pod, minor) => `not be false together with ${sharedWithNode(pod, minor)}`,
        (_got, pod, minor) => `leave out one of hostUsers and ${sharedWithNode(pod, minor)}`,
        (got, pod, minor) => got !== false || sharedWithNode(pod, minor) === undefined,
      ),
      where(
        'shareProcessNamespace',
        'not be true together with hostPID',
        'leave out one of the two',
        (got, { hostPID }) => got !== true || hostPID !== true,
      ),
    ],
  },
};

/** What gives a container privileges. */
function mighty({ privileged, capabilities }: Manifest): string | undefined {
  if (privileged === true) return 'a privileged container';
  const admin = list(map(capabilities)['add']).find((name) => name === 'CAP_SYS_ADMIN' || name === 'SYS_ADMIN');
  return admin === undefined ? undefined : `the capability ${admin}`;
}

/** What of the node a pod uses that has no users of its own there. */
function sharedWithNode(pod: Manifest, minor: number): string | undefined {
  return [...(minor >= 36 ? [] : ['hostNetwork']), 'hostPID', 'hostIPC'].find((field) => pod[field] === true);
}
