import type { Told } from './ecto-scripts';
import type { Refusal } from '../support/reject';

/** Migrations of a folder that Ecto does not know by itself. */
export interface FurtherMigrations {
  /** The Repo, as Elixir writes it: `Shop.Repo`. */
  readonly repo: string;
  /** The folder beside `migrations`, such as Triplex's `tenant_migrations`. */
  readonly folder: string;
  /**
   * The schemas that they are run in, one after the other, each with its own `schema_migrations`: their names, or what Elixir is
   * asked for them each time, such as `Triplex.all(Shop.Repo)`. The Repo is there then, and nothing else of the application.
   * @default - the one that the Repo is in
   */
  readonly prefixes?: string | readonly string[];
  /** When they are run; `before` the roll-out the gate waits for them. @default 'before' */
  readonly phase?: 'before' | 'after';
}

/** Those of one phase as scripts are told of them, in Elixir; nothing where there are none. */
export function furtherIn(all: readonly FurtherMigrations[], phase: 'before' | 'after'): Told {
  const own = all.filter((one) => (one.phase ?? 'before') === phase);
  return own.length === 0 ? {} : { further: `[${own.map(written).join(', ')}]` };
}

function written({ repo, folder, prefixes }: FurtherMigrations): string {
  const list = prefixes === undefined ? '[nil]' : typeof prefixes === 'string' ? prefixes : texts(prefixes);
  return `{${repo}, "${folder}", fn -> ${list} end}`;
}

function texts(names: readonly string[]): string {
  return `[${names.map((name) => `"${name}"`).join(', ')}]`;
}

/** What no Elixir could be told. */
export function furtherRefusals(all: readonly FurtherMigrations[]): Refusal[] {
  return all.flatMap(({ repo, folder, prefixes }) => {
    const wrong = (prop: string, got: string, form: RegExp, must: string, fix: string): Refusal[] =>
      form.test(got) ? [] : [{ prop: `mixRelease.migrations.${prop}`, must, got, fix }];
    const names = typeof prefixes === 'object' ? prefixes : [];
    return [
      ...wrong('repo', repo, /^[A-Z]\w*(?:\.[A-Z]\w*)*$/, 'be a module', 'write it as Shop.Repo'),
      ...wrong(
        'folder',
        folder,
        /^(?!migrations$)[\w-]+(?:\/[\w-]+)*$/,
        "be a folder beside 'migrations'",
        'write it as tenant_migrations',
      ),
      ...names.flatMap((name) =>
        wrong(
          'prefixes',
          name,
          /^[^"\\#\s]+$/,
          'be names of schemas',
          "write them as ['audit'], or as one text of Elixir that gives them",
        ),
      ),
      ...(typeof prefixes === 'string' && !/[(.\[]/.test(prefixes)
        ? wrong('prefixes', prefixes, /^$/, 'be Elixir that gives a list', `write ['${prefixes}'] for the schema of that name`)
        : []),
    ];
  });
}
