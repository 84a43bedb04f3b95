/**
 * Waits until no migration of the applications' repositories is left to run, at most so many seconds, for `bin/<release> eval`.
 * It only reads: it makes no table and takes no lock, so it holds up no migration. A database that is not there yet is waited
 * for too. Needs ecto_sql 3.5 and Elixir 1.11.
 *
 * @see https://hexdocs.pm/ecto_sql/Ecto.Migrator.html#migrations/3
 */
export function waitScript(otpApps: readonly string[], seconds: number): string {
  return `apps = ${atoms(otpApps)}\nlimit = ${seconds}\n${WAIT}`;
}

/** Runs the migrations of a folder beside `migrations`, for `bin/<release> eval`. */
export function migrateScript(otpApps: readonly string[], folder: string): string {
  return `apps = ${atoms(otpApps)}\nfolder = "${folder}"\n${MIGRATE}`;
}

function atoms(names: readonly string[]): string {
  return `[${names.map((name) => `:${name}`).join(', ')}]`;
}

// Kubernetes replaces "$(NAME)" in a command, so none stands here.
const WAIT = `
Application.ensure_all_started(:ssl)
now = fn -> System.monotonic_time(:second) end
deadline = now.() + limit
say = fn text -> IO.puts("migration gate: " <> text) end

repos =
  Enum.flat_map(apps, fn app ->
    Application.load(app)
    Application.fetch_env!(app, :ecto_repos)
  end)

Code.ensure_loaded(Ecto.Migrator)
function_exported?(Ecto.Migrator, :migrations, 3) || raise "the migration gate needs ecto_sql 3.5"

pending = fn repo ->
  paths = [Ecto.Migrator.migrations_path(repo)]
  states = Ecto.Migrator.migrations(repo, paths, skip_table_creation: true, migration_lock: false)
  for {:down, version, name} <- states, do: "#{version}_#{name}"
end

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
      say.("all migrations are up")

    now.() + 5 > deadline ->
      say.("gives up after #{limit} seconds: it waited for " <> list.(found))
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
