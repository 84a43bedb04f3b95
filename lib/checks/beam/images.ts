import type { KnownFacts } from '../../support/facts';
import { parseImage, versionIn } from '../../support/image';
import { isBefore } from '../../support/versions';
import { eachBeam, type Fault } from '../each';
import type { Finding, Rule, World } from '../rule';
import { type BeamContainer, commandOf, rootOfRelease } from '../../model/beam';
import { knownOf } from '../../model/declared';
import { inventoryOf } from '../../model/inventory';
import { map, maps } from '../../model/values';
import { either, onlyInLiteral, remedy } from '../../model/remedy';

export const imageAgrees = eachBeam({
  name: 'image-agrees',
  sentence: 'A container runs the program that its image has, as the user that it is for, at the port that it listens on.',
  why: 'The container does not start, may not read its own files, or nobody answers where the probe asks: no new pod becomes ready.',
  source: 'https://docs.docker.com/reference/dockerfile/#user',
  *each(beam, world) {
    const known = knownOf(world, beam);
    if (!known) return;
    for (const part of [ofProgram, ofUser, ofPort, ofElixir]) yield* part(beam, known);
  },
});

function* ofProgram(beam: BeamContainer, { program, from }: KnownFacts): Iterable<Fault> {
  const command = commandOf(beam);
  const [got = '', verb] = command;
  if (program === undefined || got === program || rootOfRelease(command) === undefined) return;
  // Beside the release's own script there may be others, such as bin/server, which take no such words.
  const isScript = got.replace(/[^/]*$/, '') === program.replace(/[^/]*$/, '') && !WORDS.test(verb ?? '');
  if (isScript) return;
  const inLiteral = "take out the patch of the command, or give the maker of 'application.release' what mix.exs says";
  const way = either('write it, or build the image with a release of the other name', inLiteral);
  yield { field: `${beam.path}.command[0]`, must: `be ${program}, where the image of '${from}' has it`, got, ...way };
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
  const low = onlyInLiteral(user < 10000 ? " with the reason in optOuts: { 'high-user-ids': ... }," : '');
  const write = either('write it', `write pods: { user: ${user} }`);
  const way = remedy`${write},${low} or build the image so that every user may read it${onlyInLiteral(" and take 'user' out")}`;
  const must = `be ${user}, which the files of the image are for by '${from}.user'`;
  yield { field: `${at}.securityContext.runAsUser`, must, got, ...way };
}

function* ofPort(beam: BeamContainer, { port, from }: KnownFacts): Iterable<Fault> {
  if (port === undefined || beam.endsFirst || beam.workload.task) return;
  for (const [index, { name, containerPort: got }] of maps(beam.spec['ports']).entries()) {
    if (name !== 'http' || got === port) continue;
    const inLiteral = "write it in 'application.port', or let the application read PORT and take it out there";
    const must = `be ${port}, on which the image listens by '${from}.port'`;
    yield {
      field: `${beam.path}.ports[${index}].containerPort`,
      must,
      got,
      ...either('write it, or let the application read PORT', inLiteral),
    };
  }
}

/** Scripts of this library that a release evaluates. They need Elixir 1.11, whose Ecto has what they ask. */
const SCRIPTS = '/etc/release-scripts/';
const LEAST = '1.11';

function* ofElixir(beam: BeamContainer, { elixir, from }: KnownFacts): Iterable<Fault> {
  const [, , expression = ''] = commandOf(beam);
  if (elixir === undefined || !expression.includes(SCRIPTS) || !isBefore(elixir, LEAST)) return;
  const more = onlyInLiteral(", or leave out what waits: migrations: { gate: OptOut.because('...') }");
  const must = `be of Elixir ${LEAST} or newer, which the script of its command needs, and not of ${elixir} ('${from}')`;
  yield { field: `${beam.path}.image`, must, got: beam.spec['image'], ...remedy`build it with a newer Elixir${more}` };
}

/**
 * The Elixir of each minor version of Livebook, from the file `versions` of its repository. One that is not here is taken for right.
 *
 * @see https://github.com/livebook-dev/livebook/blob/main/versions
 */
const ELIXIR: Readonly<Record<string, string>> = {
  '0.14': '1.17',
  '0.15': '1.18',
  '0.16': '1.18',
  '0.17': '1.18',
  '0.18': '1.19',
  '0.19': '1.19',
};

export const livebookAttaches: Rule = {
  name: 'livebook-attaches',
  sentence: 'A Livebook is of the Elixir that the nodes run which its notebooks are attached to.',
  why: 'Each attempt to attach ends with "the node uses Elixir ..., but ~> ... is required", when somebody needs it.',
  source: 'https://hexdocs.pm/livebook/runtime.html#attached-runtime',
  *find(world: World): Iterable<Finding> {
    const { elixir: whole, from } = world.images?.find(({ elixir }) => elixir !== undefined) ?? {};
    if (whole === undefined) return;
    const elixir = whole.split('.').slice(0, 2).join('.');
    const right = Object.keys(ELIXIR).filter((version) => ELIXIR[version] === elixir);
    const other =
      right.length > 0 ? `take one of ${right.join(', ')}` : 'build its image with that Elixir, under a name of your own';
    const fix = `${other}, or leave the rule out: by :erpc its notebooks call any version`;
    for (const { object, containers } of inventoryOf(world).pods) {
      for (const { path, spec } of containers) {
        const got = ELIXIR[livebookOf(spec['image']) ?? ''];
        if (got === undefined || got === elixir) continue;
        const must = `be a Livebook of Elixir ${elixir}, which '${from}' says of the nodes, and not of ${got}`;
        yield { object, field: `${path}.image`, must, got: spec['image'], fix };
      }
    }
  },
};

/** The minor version of an official image. */
function livebookOf(image: unknown): string | undefined {
  const { repository = '', tag = '' } = parseImage(String(image)) ?? {};
  return repository.endsWith('livebook-dev/livebook') ? versionIn(tag)?.slice(0, 2).join('.') : undefined;
}
