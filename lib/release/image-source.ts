/** What every image needs to be told that is built from the application's source, whatever it runs on. */
export interface AnyImageSource {
  /** Version of Elixir, whole, as your machines have it: `1.20.3`. */
  readonly elixir: string;
  /** Version of Erlang/OTP, whole: `29.0.5`. */
  readonly otp: string;
  /** Applications of an umbrella, the folders in `apps/`. @default - it is no umbrella */
  readonly apps?: readonly string[];
  /** The one of `apps` that has the endpoint, and `assets/`. @default - the only one that is called `..._web` */
  readonly web?: string;
  /**
   * What builds the static files: esbuild and Tailwind by `mix assets.setup` and `mix assets.deploy`, as `mix phx.new` has them since
   * 1.7, or Node. `none` is an application without. @default 'esbuild'
   */
  readonly assets?: 'esbuild' | 'none' | NodeAssets;
  /** Folder of the application's source, from that of the stack: the one that is built, as in `docker build ..`. @default '..' */
  readonly context?: string;
  /** Files with what is configured while compiling. @default ['config/config.exs', 'config/prod.exs'] */
  readonly config?: readonly string[];
  /** Files that `mix.exs` reads, such as `VERSION`: each change in them builds all dependencies again. @default [] */
  readonly mixFiles?: readonly string[];
  /** Folders of dependencies with a `path:` in `mix.exs`, such as `vendor/money`. @default [] */
  readonly pathDependencies?: readonly string[];
  /**
   * Folders and files of the source that the build reads beside Phoenix' own, which are `mix.exs`, `mix.lock`, `config`, `rel`,
   * and `apps`, or `lib`, `priv` and `assets`. Nothing else is sent to the builder. @default []
   */
  readonly include?: readonly string[];
  /** Packages of the system that the release needs when it runs, such as `imagemagick`. @default [] */
  readonly systemPackages?: readonly string[];
  /** Packages of the system that compiling needs, such as `cargo`. @default [] */
  readonly buildPackages?: readonly string[];
  /** Whether dependencies bring C, as `bcrypt_elixir` does: a compiler is installed for them. @default true */
  readonly nativeDependencies?: boolean;
  /** Digests of the images that it is built from, or other images in their place. @default {} */
  readonly bases?: BaseImages;
  /** Further labels of the image, such as `org.opencontainers.image.source`. @default {} */
  readonly labels?: Readonly<Record<string, string>>;
  /** Whether BuildKit builds it, so that packages stay in caches between builds. False is for builders without. @default true */
  readonly buildKit?: boolean;
}

/** An application that runs on Debian. */
export interface DebianImageSource extends AnyImageSource {
  /** Release of Debian that it is built and run on, with the day, as its images are called: `trixie-20260803-slim`. */
  readonly debian: string;
}

/** An application that runs on Alpine. Phoenix advises against it for musl's resolver and for NIFs that come compiled. */
export interface AlpineImageSource extends AnyImageSource {
  /** Version of Alpine that it is built and run on, whole: `3.22.1`. */
  readonly alpine: string;
}

/**
 * What the image of an application is built from: `dist/image/Dockerfile` is written of it. The three versions are those of a tag
 * of `hexpm/elixir`, which `mix phx.gen.release --docker` writes too.
 *
 * @see https://hub.docker.com/r/hexpm/elixir/tags
 * @write { elixir: '1.20.3', otp: '29.0.5', debian: 'trixie-20260803-slim' }
 */
export type ImageSource = DebianImageSource | AlpineImageSource;

/** Static files that Node builds. */
export interface NodeAssets {
  /** Version of Node, whole: `22.19.0`. */
  readonly node: string;
  /** Script in `assets/package.json` that builds them into `priv/static`. @default 'deploy' */
  readonly script?: string;
  /**
   * Whether the script reads templates, as Tailwind does for the names of classes: each change of a template builds them again
   * then. @default false
   */
  readonly templates?: boolean;
}

/** What each stage begins with. */
export interface BaseImages {
  /** Elixir, where the release is built. @default - `hexpm/elixir` of the versions */
  readonly builder?: BaseImage;
  /** What the release runs on. @default - `debian` or `alpine` of the version */
  readonly runner?: BaseImage;
  /** Node, where it builds the static files. @default - `node` of the version */
  readonly node?: BaseImage;
}

/** An image that a stage begins with. */
export interface BaseImage {
  /** Image in the place of the usual one, with its tag: that of a registry of your own, or an old one. @default - the usual one */
  readonly image?: string;
  /** What the image is, `sha256:` and 64 hex digits, so that nobody can change it: of its index, where it has several architectures. @default - the tag alone says it */
  readonly digest?: string;
}
