import { eachBeam, isBeam } from '../each';
import type { Finding, Rule, World } from '../rule';
import { type BeamContainer, beamContainers, rootOf, rootOfRelease, valueOf } from '../../model/beam';
import { inventoryOf } from '../../model/inventory';
import type { Container } from '../../model/pods';
import { PROBES } from '../../model/probes';
import { map, numberOr, scalars, valueAt } from '../../model/values';
import { either } from '../../model/remedy';

/** Bandit and Cowboy wait this long for requests under way. */
const HTTP_DRAIN_SECONDS = 15;
/** How many seconds jobs under way have after SIGTERM, in the lines of docs/application.md. */
const GRACE = 'OBAN_GRACE_SECONDS';
/** What Kubernetes grants where nothing is said. */
const DEFAULT_SECONDS = 30;

export const gracePeriod: Rule = {
  name: 'grace-period',
  sentence: 'The grace period covers the sleep before SIGTERM and the shutdown after it.',
  why: 'The pod is killed in the middle of its shutdown, and every rollout cuts off the requests under way.',
  source: 'https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-termination',
  *find(world: World): Iterable<Finding> {
    for (const { object, path, spec: pod, task, containers } of inventoryOf(world).pods) {
      const sleeping = containers.map((container) => {
        const jobs = task || container.endsFirst || !worksOff(container) ? 0 : Number(valueOf(container, GRACE) ?? 0) || 0;
        return { sleep: sleepOf(container), shutdown: Math.max(jobs, isBeam(container, world) ? HTTP_DRAIN_SECONDS : 1), jobs };
      });
      const needs = sleeping
        .filter(({ sleep, jobs }) => sleep > 0 || jobs > 0)
        .map((one) => ({ ...one, sum: one.sleep + one.shutdown }));
      const most = needs.sort((one, other) => other.sum - one.sum)[0];
      const got = numberOr(DEFAULT_SECONDS, pod['terminationGracePeriodSeconds']);
      if (!most || got >= most.sum) continue;
      const must = `be at least ${most.sum}, the sleep of ${most.sleep}s and ${most.shutdown}s for the shutdown`;
      const way =
        most.jobs === most.shutdown
          ? either(
              `raise it, or lower ${GRACE}`,
              `raise it, by 'shutdown' of a worker or 'queueShutdown' of the application; have ${GRACE} follow that: 'shutdownVariable' of the application`,
            )
          : { fix: 'raise it, or shorten the sleep of the preStop hook' };
      yield { object, field: `${path}.terminationGracePeriodSeconds`, must, got: pod['terminationGracePeriodSeconds'], ...way };
    }
  },
};

/** Whether jobs run in it, as the variable beside it says: a web pod may be told for how long they would, and have none. */
function worksOff(container: Container): boolean {
  return (valueOf(container, 'OBAN_QUEUES') ?? 'false') !== 'false';
}

const UNITS: Readonly<Record<string, number>> = { '': 1, s: 1, m: 60, h: 3600 };

/** Seconds that a container's preStop hook sleeps, by itself or in a shell. */
function sleepOf({ spec }: Container): number {
  const { sleep, exec } = map(map(spec['lifecycle'])['preStop']);
  const command = scalars(map(exec)['command']).join(' ');
  const written = [...command.matchAll(/(?:^|[\s;&|/])sleep\s+(\d+(?:\.\d+)?)([smh]?)(?![\w.])/g)];
  const inShell = written.reduce((sum, [, amount, unit]) => sum + Number(amount) * (UNITS[unit ?? ''] ?? 1), 0);
  return numberOr(inShell, map(sleep)['seconds']);
}

export const probeStartsVm = eachBeam({
  name: 'probe-starts-vm',
  sentence: 'No probe and no hook starts a second BEAM in the container.',
  why: 'Each probe boots a VM next to the one that serves: under load it is too slow, counts as dead, and every pod is restarted.',
  source: 'https://adoptingerlang.org/docs/production/kubernetes/',
  severity: 'warning',
  *each(beam) {
    const { path, spec } = beam;
    for (const { at, fix } of PLACES) {
      const command = scalars(map(valueAt(spec, at))['command']);
      if (verbThatStartsVm(command, beam) === undefined || (at === PRE_STOP && isStop(command, beam))) continue;
      yield { field: `${path}.${at}.command`, must: 'not start a BEAM', got: command.join(' '), fix };
    }
  },
});

export const hookStopsNode = eachBeam({
  name: 'hook-stops-node',
  sentence: 'No preStop hook stops the node: SIGTERM does, once the hook has given proxies the time to learn of it.',
  why: 'The node shuts down at once, while proxies and load balancers still send requests to the pod, and each of them fails.',
  source: 'https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-termination',
  *each(beam) {
    const { path, spec, legacy } = beam;
    const command = scalars(map(valueAt(spec, PRE_STOP))['command']);
    const said = command.join(' ');
    // Before OTP 20 the VM did not shut down on SIGTERM, and a signal after a sleep does what Kubernetes does.
    if (!isStop(command, beam) || (/\bsleep\b.*[;&\n]/.test(said) && (legacy || KILLS.test(said)))) return;
    const fix = 'let it sleep for some seconds instead: on SIGTERM a release stops in the same order';
    yield { field: `${path}.${PRE_STOP}.command`, must: 'not stop the node', got: said, fix };
  },
});

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
  ...PROBES.map((probe) => ({
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

/** A shell that has more to run than one program stays above it, as process 1 that takes no signal. */
export const shellPassesSignals: Rule = {
  name: 'shell-passes-signals',
  sentence: 'A shell that starts a BEAM after other commands hands its place over with exec.',
  why: 'SIGTERM ends at the shell, the VM hears nothing of it, and every rollout kills its requests and jobs after the grace period.',
  source: 'https://docs.docker.com/reference/dockerfile/#shell-form-entrypoint-example',
  severity: 'warning',
  *find(world: World): Iterable<Finding> {
    for (const beam of beamContainers(world)) {
      const { workload, path, endsFirst } = beam;
      const shown = workload.task || endsFirst ? undefined : scriptOf(beam);
      if (!shown || /\btrap\b|\bwait\b/.test(shown.script)) continue;
      const commands = commandsOf(shown.script);
      const last = commands.at(-1) ?? '';
      if (commands.length < 2 || /^exec\s/.test(last)) continue;
      const field = `${path}.${shown.field}`;
      const fix = `write exec ${last}: the shell becomes the program, and SIGTERM reaches it`;
      yield { object: workload.object, field, must: 'end with exec', got: last, fix };
    }
  },
};

const SHELL = /(?:^|\/)(?:ba|da|a|z)?sh$/;

/** The script of `sh -c`, and the field that it stands in. */
function scriptOf({ spec }: BeamContainer): { readonly field: string; readonly script: string } | undefined {
  const command = scalars(spec['command']);
  const words = [...command, ...scalars(spec['args'])];
  const option = words.findIndex((word) => /^-[a-z]*c[a-z]*$/.test(word));
  const script = words[option + 1];
  if (!SHELL.test(words[0] ?? '') || option < 1 || script === undefined) return undefined;
  const index = option + 1;
  return { field: index < command.length ? `command[${index}]` : `args[${index - command.length}]`, script };
}

/** The commands of a script, each alone. One that settles something in the shell itself starts no program. */
function commandsOf(script: string): readonly string[] {
  const lines = script.replaceAll(/\\\n/g, ' ').replaceAll(/^\s*#.*$/gm, '');
  const commands = lines.split(/&&|\|\||;|\n/).map((command) => command.trim());
  return commands.filter((command) => command !== '' && !/^(?:set|export|cd|umask|ulimit|source|\.)\s/.test(command));
}
