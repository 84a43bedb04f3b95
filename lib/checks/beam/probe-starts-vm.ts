import type { Finding, Rule, World } from '../rule';
import { type BeamContainer, beamContainers, rootOf, rootOfRelease } from '../world/beam';
import { map, scalars, valueAt } from '../world/values';

/** `bin/<release> rpc` and its like start a whole VM, which connects to the first one and asks it. */
export const probeStartsVm: Rule = {
  name: 'probe-starts-vm',
  sentence: 'No probe and no hook starts a second BEAM in the container.',
  why: 'Each probe boots a VM next to the one that serves: under load it is too slow, counts as dead, and every pod is restarted.',
  source: 'https://adoptingerlang.org/docs/production/kubernetes/',
  severity: 'warning',
  *find(world: World): Iterable<Finding> {
    for (const beam of beamContainers(world)) {
      const { workload, path, spec } = beam;
      for (const { at, fix } of PLACES) {
        const command = scalars(map(valueAt(spec, at))['command']);
        const verb = verbThatStartsVm(command, beam);
        if (verb === undefined || (at === PRE_STOP && isStop(command, beam))) continue;
        const field = `${path}.${at}.command`;
        yield { object: workload.object, field, must: 'not start a BEAM', got: command.join(' '), fix };
      }
    }
  },
};

/** A hook that stops the node does so while proxies still send it requests; SIGTERM does the same after it. */
export const hookStopsNode: Rule = {
  name: 'hook-stops-node',
  sentence: 'No preStop hook stops the node: SIGTERM does, once the hook has given proxies the time to learn of it.',
  why: 'The node shuts down at once, while proxies and load balancers still send requests to the pod, and each of them fails.',
  source: 'https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-termination',
  *find(world: World): Iterable<Finding> {
    for (const beam of beamContainers(world)) {
      const { workload, path, spec, legacy } = beam;
      const command = scalars(map(valueAt(spec, PRE_STOP))['command']);
      const said = command.join(' ');
      // Before OTP 20 the VM did not shut down on SIGTERM, and a signal after a sleep does what Kubernetes does.
      if (!isStop(command, beam) || (/\bsleep\b.*[;&\n]/.test(said) && (legacy || KILLS.test(said)))) continue;
      const fix = 'let it sleep for some seconds instead: on SIGTERM a release stops in the same order';
      yield { object: workload.object, field: `${path}.${PRE_STOP}.command`, must: 'not stop the node', got: said, fix };
    }
  },
};

const PRE_STOP = 'lifecycle.preStop.exec';
/** A signal to the first process. */
const KILLS = /\bkill\s+(?:-\S+\s+(?:TERM\s+)?)?["']?1\b/;
/** Code that stops the VM. */
const HALTS = /\b(?:System\.(?:stop|halt|restart)|init[.:]+(?:stop|restart)|erlang[.:]+halt)\b/;

function isStop(command: readonly string[], beam: BeamContainer): boolean {
  const said = command.join(' ');
  return /^(?:stop|restart)$/.test(verbThatStartsVm(command, beam) ?? '') || HALTS.test(said) || KILLS.test(said);
}

const PLACES = [
  ...['startupProbe', 'readinessProbe', 'livenessProbe'].map((probe) => ({
    at: `${probe}.exec`,
    fix: 'ask by httpGet, or open the port with tcpSocket',
  })),
  { at: 'lifecycle.postStart.exec', fix: 'do it in the application itself, or in a Job such as that of the migrations' },
  { at: PRE_STOP, fix: 'let it sleep: what is to be done at the end belongs into the application, which gets SIGTERM' },
];

/** The words of a release's program that start a VM beside the one that runs. */
const VERBS = ['ping', 'rpc', 'rpcterms', 'pid', 'eval', 'remote', 'remote_console', 'command', 'describe', 'status'];
const CALL = new RegExp(
  `((?:[^\\s"';&|()]*["']?/)?\\bbin/[\\w.-]+)["']?\\s+["']?(${[...VERBS, 'stop', 'restart'].join('|')})\\b`,
  'g',
);

/** A VM without a release. */
const VM = /(?:^|[\s;&|/(])(?:elixir|iex|erl|escript|mix)\s+["']?[-\w./]/;

/** The word by which a command, a shell's too, has a release start a second VM; undefined where it does not. */
function verbThatStartsVm(command: readonly string[], beam: BeamContainer): string | undefined {
  // In its folder the program is called by what is left of its path.
  const said = command.join(' ').replace(/\bcd\s+(\S*\bbin)\/?["']?\s*(?:;|&&)\s*\.\//, '$1/');
  if (said === '') return undefined;
  const call = [...said.matchAll(CALL)].find(([, program = '']) => isOfRelease(program, beam));
  return call?.[2] ?? (VM.test(said) ? 'eval' : undefined);
}

/** Whether a program is the release's own: others have such words too, as `redis-cli ping` or `supervisorctl stop`. */
function isOfRelease(program: string, beam: BeamContainer): boolean {
  if (!program.startsWith('/')) return true;
  const root = rootOf(beam);
  return root === undefined ? rootOfRelease([program]) !== undefined : program.startsWith(`${root.replace(/\/$/, '')}/bin/`);
}
