import { SCRIPTS, type ScriptFiles } from './scripts';

/** What a script is told, by the name that it has there: in Elixir. */
type Told = Readonly<Record<string, string>>;

/**
 * Runs a script in `bin/<release> eval`, which takes one expression. What is evaluated so sees the variables that it is told, as
 * if it stood in the command.
 *
 * @see https://hexdocs.pm/elixir/Code.html#eval_string/3
 */
export function running(file: keyof typeof ECTO_SCRIPTS, told: Told): string {
  const variables = Object.entries(told).map(([name, value]) => `${name}: ${value}`);
  return `Code.eval_string(File.read!("${SCRIPTS}/${file}"), ${variables.join(', ')})`;
}

/** Names as a list of Elixir's atoms. */
export function atoms(names: readonly string[]): string {
  return `[${names.map((name) => `:${name}`).join(', ')}]`;
}

// What the scripts are told: the applications, `apps`, whose repositories are meant, and `limit` or `folder`.
const START = `
Application.ensure_all_started(:ssl)
now = fn -> System.monotonic_time(:second) end
deadline = now.() + limit

repos =
  Enum.flat_map(apps, fn app ->
    Application.load(app)
    Application.get_env(app, :ecto_repos, [])
  end)

Code.ensure_loaded(Ecto.Migrator)

states = fn repo ->
  paths = [Ecto.Migrator.migrations_path(repo)]
  Ecto.Migrator.migrations(repo, paths, skip_table_creation: true, migration_lock: false)
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
Application.ensure_all_started(:ssl)

for app <- apps do
  Application.load(app)

  for repo <- Application.fetch_env!(app, :ecto_repos) do
    path = Path.join(Path.dirname(Ecto.Migrator.migrations_path(repo)), folder)
    {:ok, _versions, _apps} = Ecto.Migrator.with_repo(repo, &Ecto.Migrator.run(&1, path, :up, all: true))
  end
end
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
  /** Runs the migrations of a folder beside `migrations`. */
  'migrate.exs': `# Runs the migrations of a folder beside those that Ecto knows.\n${MIGRATE}\n`,
} as const satisfies ScriptFiles;
