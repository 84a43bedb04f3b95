import { parseImage, versionIn } from '../../support/image';
import type { Finding, Rule, World } from '../rule';
import { inventoryOf } from '../world/inventory';

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

/** It loads modules of its own into a node, and so demands its own minor version of Elixir there. */
export const livebookAttaches: Rule = {
  name: 'livebook-attaches',
  sentence: 'A Livebook is of the Elixir that the nodes run which its notebooks are attached to.',
  why: 'Each attempt to attach ends with "the node uses Elixir ..., but ~> ... is required", when somebody needs it.',
  source: 'https://hexdocs.pm/livebook/runtime.html#attached-runtime',
  *find(world: World): Iterable<Finding> {
    const [known] = (world.images ?? []).flatMap(({ elixir, from }) =>
      elixir === undefined ? [] : [{ from, elixir: minorOf(elixir) }],
    );
    if (!known) return;
    const right = Object.keys(ELIXIR).filter((version) => ELIXIR[version] === known.elixir);
    const other =
      right.length > 0 ? `take one of ${right.join(', ')}` : 'build its image with that Elixir, under a name of your own';
    const fix = `${other}, or leave the rule out: by :erpc its notebooks call any version`;
    for (const { object, containers } of inventoryOf(world).pods) {
      for (const { path, spec } of containers) {
        const got = ELIXIR[livebookOf(spec['image']) ?? ''];
        if (got === undefined || got === known.elixir) continue;
        const must = `be a Livebook of Elixir ${known.elixir}, which '${known.from}' says of the nodes, and not of ${got}`;
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

function minorOf(version: string): string {
  return version.split('.').slice(0, 2).join('.');
}
