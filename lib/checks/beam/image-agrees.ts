import type { KnownFacts } from '../../support/facts';
import { isBefore } from '../../support/versions';
import type { Finding, Rule, World } from '../rule';
import { type BeamContainer, beamContainers, commandOf, rootOfRelease } from '../world/beam';
import { knownOf } from '../world/declared';
import { map, maps } from '../world/values';

/** The image and its pods are written in two places; what is known of the one is held against the other. */
export const imageAgrees: Rule = {
  name: 'image-agrees',
  sentence: 'A container runs the program that its image has, as the user that it is for, at the port that it listens on.',
  why: 'The container does not start, may not read its own files, or nobody answers where the probe asks: no new pod becomes ready.',
  source: 'https://docs.docker.com/reference/dockerfile/#user',
  *find(world: World): Iterable<Finding> {
    for (const beam of beamContainers(world)) {
      const known = knownOf(world, beam);
      if (!known) continue;
      const { object } = beam.workload;
      for (const fault of [...ofProgram(beam, known), ...ofUser(beam, known), ...ofPort(beam, known), ...ofElixir(beam, known)]) {
        yield { object, ...fault };
      }
    }
  },
};

type Fault = Omit<Finding, 'object'>;

function* ofProgram(beam: BeamContainer, { program, from }: KnownFacts): Iterable<Fault> {
  const command = commandOf(beam);
  const [got = '', verb] = command;
  if (program === undefined || got === program || rootOfRelease(command) === undefined) return;
  // Beside the release's own script there may be others, such as bin/server, which take no such words.
  const isScript = got.replace(/[^/]*$/, '') === program.replace(/[^/]*$/, '') && !WORDS.test(verb ?? '');
  if (isScript) return;
  const fix = "take out the patch of the command, or give the maker of 'application.release' what mix.exs says";
  yield { field: `${beam.path}.command[0]`, must: `be ${program}, where the image of '${from}' has it`, got, fix };
}

/** What the script of a release is told. */
const WORDS = /^(?:start|start_iex|eval|foreground|console|rpc|remote)$/;

function* ofUser(beam: BeamContainer, { user, from }: KnownFacts): Iterable<Fault> {
  const own = map(beam.spec['securityContext'])['runAsUser'];
  const got = own ?? map(beam.workload.spec['securityContext'])['runAsUser'];
  // Without one it is that of the image, or the cluster assigns it.
  if (user === undefined || got === undefined || got === user) return;
  const at = own === undefined ? beam.workload.path : beam.path;
  // Of these another rule says that users of the node have them too.
  const low = user < 10000 ? ", with the reason in optOuts: { 'high-user-ids': ... }," : ',';
  const fix = `write pods: { user: ${user} }${low} or build the image so that every user may read it and take 'user' out`;
  yield {
    field: `${at}.securityContext.runAsUser`,
    must: `be ${user}, which the files of the image are for by '${from}.user'`,
    got,
    fix,
  };
}

function* ofPort(beam: BeamContainer, { port, from }: KnownFacts): Iterable<Fault> {
  if (port === undefined || beam.endsFirst || beam.workload.task) return;
  for (const [index, { name, containerPort: got }] of maps(beam.spec['ports']).entries()) {
    if (name !== 'http' || got === port) continue;
    const fix = "write it in 'application.port', or let the application read PORT and take it out there";
    yield {
      field: `${beam.path}.ports[${index}].containerPort`,
      must: `be ${port}, on which the image listens by '${from}.port'`,
      got,
      fix,
    };
  }
}

/** Scripts of this library that a release evaluates. They need Elixir 1.11, whose Ecto has what they ask. */
const SCRIPTS = '/etc/release-scripts/';
const LEAST = '1.11';

function* ofElixir(beam: BeamContainer, { elixir, from }: KnownFacts): Iterable<Fault> {
  const [, , expression = ''] = commandOf(beam);
  if (elixir === undefined || !expression.includes(SCRIPTS) || !isBefore(elixir, LEAST)) return;
  const fix = "build it with a newer Elixir, or leave out what waits: migrations: { gate: OptOut.because('...') }";
  const must = `be of Elixir ${LEAST} or newer, which the script of its command needs, and not of ${elixir} ('${from}')`;
  yield { field: `${beam.path}.image`, must, got: beam.spec['image'], fix };
}
