import { isBefore } from '../support/versions';

/** How a release is built from its source. */
export interface ReleaseBuild {
  /** Folder of the release in the image. */
  readonly root: string;
  /** Task of Mix that makes the release, with its arguments. */
  readonly task: (project: BuiltProject) => string;
  /** Task of Mix that gives the static files their digests. */
  readonly digest: 'phx.digest' | 'phoenix.digest';
  /** Folder of the source that the release is in then. */
  readonly output: string;
  /** Whether its boot script is one of Bash. @default - any shell will do */
  readonly bash?: boolean;
  /** Files of the release that the image goes without. @default [] */
  readonly without?: readonly string[];
}

/** What a release is made of. */
export interface BuiltProject {
  /** Version of Elixir. */
  readonly elixir: string;
  /** Whether it is an umbrella. */
  readonly umbrella: boolean;
}

/** By `mix release`. */
export function mixBuild(root: string, release: string): ReleaseBuild {
  return {
    root,
    // Mix takes no name that is not in `releases:` of mix.exs, and `mix phx.new` writes none there: without one the release is called
    // as the application. An umbrella must have it, and may have several.
    task: ({ umbrella }) => (umbrella ? `release ${release}` : 'release'),
    digest: 'phx.digest',
    output: `_build/prod/rel/${release}`,
    without: ['releases/COOKIE'],
  };
}

/** By Distillery 1 or 2. */
export function distilleryBuild(root: string, release: string): ReleaseBuild {
  return {
    root,
    bash: true,
    // Elixir 1.9 has a task of its own by the short name. The archive would be the release a second time.
    task: ({ elixir }) => `${isBefore(elixir, '1.9') ? '' : 'distillery.'}release --name=${release} --env=prod --no-tar`,
    digest: 'phx.digest',
    output: `_build/prod/rel/${release}`,
  };
}

/** By exrm, which knows one release, that of the application. Phoenix of its time has the tasks by the long name. */
export function exrmBuild(root: string, release: string): ReleaseBuild {
  return { root, bash: true, task: () => 'release', digest: 'phoenix.digest', output: `rel/${release}` };
}
