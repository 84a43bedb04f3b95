import { SCRIPTS, type ScriptFiles } from './scripts';

/** What a script is told, by the name that it has there: in Elixir. */
export type Told = Readonly<Record<string, string | undefined>>;

/**
 * Runs a script in `bin/<release> eval`, which takes one expression. What is evaluated so sees the variables that it is told, as
 * if it stood in the command.
 *
 * @see https://hexdocs.pm/elixir/Code.html#eval_string/3
 */
export function running(file: keyof typeof ECTO_SCRIPTS, told: Told): string {
  const variables = Object.entries(told).flatMap(([name, value]) => (value === undefined ? [] : [`${name}: ${value}`]));
  return `Code.eval_string(File.read!("${SCRIPTS}/${file}"), ${variables.join(', ')})`;
}

/** Names as a list of Elixir's atoms. */
export function atoms(names: readonly string[]): string {
  return `[${names.map((name) => `:${name}`).join(', ')}]`;
}

// What the scripts are told: `apps`, the applications whose repositories are meant, `limit` or `folder`, and, where there are some,
// `repos` beside those and `further` folders, each with its repository and what gives the schemas that it is for.
const LOAD = `
told = binding()
further = Keyword.get(told, :further, [])
Application.ensure_all_started(:ssl)

for app <- apps do
  Application.load(app)
  # What gives the schemas may be configured in another one.
  if further != [], do: Enum.each(Application.spec(app, :applications) || [], &Application.load/1)
end

path = fn repo, folder -> Path.join(Path.dirname(Ecto.Migrator.migrations_path(repo)), folder) end
`.trim();

const START = `
${LOAD}
now = fn -> System.monotonic_time(:second) end
deadline = now.() + limit
repos = Enum.flat_map(apps, fn app -> Application.get_env(app, :ecto_repos, []) end)
repos = Enum.uniq(repos ++ Keyword.get(told, :repos, []))
Code.ensure_loaded(Ecto.Migrator)

states = fn repo ->
  own = {repo, Path.basename(Ecto.Migrator.migrations_path(repo)), fn -> [nil] end}

  for {^repo, folder, prefixes} <- [own | further],
      prefix <- prefixes.(),
      options = [prefix: prefix, skip_table_creation: true, migration_lock: false],
      {state, version, name} <- Ecto.Migrator.migrations(repo, [path.(repo, folder)], options) do
    {state, version, if(prefix, do: "#{name} of #{prefix}", else: name)}
  end
end
`.trim();

const LEFT = `
say = fn text -> IO.puts("migration gate: " <> text) end
done = "all migrations are up"
advice = "; apply the release again to run them again"
for app <- apps, do: Application.fetch_env!(app, :ecto_repos)
function_exported?(Ecto.Migrator, :migrations, 3) || raise "the migration gate needs ecto_sql 3.5"
pending = fn repo -> for {:down, version, name} <- states.(repo), do: "#{version}_#{name}" end
`.trim();

// Whoever could not connect gets a ConnectionError; all other errors are the database's own.
const ANSWER = `
say = fn text -> IO.puts("migration: " <> text) end
done = "the database answers"
advice = "; the next try reads the Secrets anew"
repos = if function_exported?(Ecto.Migrator, :migrations, 3), do: repos, else: []

pending = fn repo ->
  try do
    states.(repo)
    []
  rescue
    error -> if error.__struct__ == DBConnection.ConnectionError, do: reraise(error, __STACKTRACE__), else: []
  end
end
`.trim();

const WAIT = `
look = fn ->
  try do
    Enum.flat_map(repos, fn repo ->
      {:ok, found, _apps} = Ecto.Migrator.with_repo(repo, pending)
      found
    end)
  catch
    kind, reason -> ["the database: " <> hd(String.split(Exception.format_banner(kind, reason), "\\n"))]
  end
end

list = fn found ->
  more = length(found) - 5
  Enum.join(Enum.take(found, 5), ", ") <> if(more > 0, do: " and #{more} more", else: "")
end

wait = fn wait, said ->
  task = Task.async(look)

  found =
    case Task.yield(task, max(deadline - now.(), 1) * 1000) || Task.shutdown(task, :brutal_kill) do
      {:ok, found} -> found
      _ -> ["the database: no answer"]
    end

  cond do
    found == [] ->
      say.(done)

    now.() + 5 > deadline ->
      say.("gives up after #{limit} seconds: it waited for " <> list.(found) <> advice)
      System.halt(1)

    true ->
      if found != said, do: say.("waits for " <> list.(found))
      Process.sleep(5000)
      wait.(wait, found)
  end
end

wait.(wait, [])
`.trim();

const MIGRATE = `
${LOAD}

own =
  for folder <- List.wrap(told[:folder]),
      app <- apps,
      repo <- Application.fetch_env!(app, :ecto_repos),
      do: {repo, folder, fn -> [nil] end}

for {repo, folder, prefixes} <- own ++ further do
  run = fn repo ->
    for prefix <- prefixes.(), do: Ecto.Migrator.run(repo, path.(repo, folder), :up, all: true, prefix: prefix)
  end

  {:ok, _versions, _apps} = Ecto.Migrator.with_repo(repo, run)
end
`.trim();

// The mark and what is planted are one transaction: both are there, or none is. Another job waits at the mark until the first is through.
const SEED = `
${LOAD}
[repo | _others] = Enum.flat_map(apps, &Application.fetch_env!(&1, :ecto_repos))

mark = fn repo ->
  repo.query!("CREATE TABLE IF NOT EXISTS planted_seeds (name varchar(64) PRIMARY KEY, planted_at timestamp NOT NULL)")

  once = fn ->
    if repo.query!("SELECT name FROM planted_seeds WHERE name = 'seed'").num_rows == 0 do
      repo.query!("INSERT INTO planted_seeds (name, planted_at) VALUES ('seed', CURRENT_TIMESTAMP)")
      plant.()
      IO.puts("seeds: planted")
    else
      IO.puts("seeds: planted before")
    end
  end

  {:ok, _said} = repo.transaction(once, timeout: :infinity)
end

{:ok, _marked, _apps} = Ecto.Migrator.with_repo(repo, mark)
`.trim();

/** The scripts of a release with Ecto. Each needs Elixir 1.11. */
export const ECTO_SCRIPTS = {
  /**
   * Waits until no migration of the applications' repositories is left to run, at most so many seconds. It only reads: it makes
   * no table and takes no lock, so it holds up no migration. A database that is not there yet is waited for too. Needs ecto_sql 3.5.
   *
   * @see https://hexdocs.pm/ecto_sql/Ecto.Migrator.html#migrations/3
   */
  'gate.exs': ['# Waits until no migration is left to run. It only reads.', START, LEFT, WAIT, ''].join('\n'),
  /**
   * Waits until the databases of the applications' repositories answer, at most so many seconds. Any answer will do, that there is
   * no table as well. Where there are no repositories, or an older ecto_sql, it does not wait.
   */
  'database.exs': ['# Waits until the database answers.', START, ANSWER, WAIT, ''].join('\n'),
  /** Runs the migrations of folders beside `migrations`: of one for each repository, of further ones for each of their schemas. */
  'migrate.exs': `# Runs the migrations of folders beside that which Ecto knows.\n${MIGRATE}\n`,
  /** Plants the seeds, unless the first repository's database says that they have been. */
  'seed.exs': `# Plants the seeds once: the database says whether they have been.\n${SEED}\n`,
} as const satisfies ScriptFiles;
