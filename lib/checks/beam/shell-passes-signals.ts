import type { Finding, Rule, World } from '../rule';
import { type BeamContainer, beamContainers } from '../../model/beam';
import { scalars } from '../../model/values';

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
