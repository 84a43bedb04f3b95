import { NOBODY } from '../pod/hardened-pod';
import type { PhoenixApplication } from '../release/application';
import type { BaseImage, ImageSource, NodeAssets } from '../release/image-source';
import type { ReleaseBuild } from '../release/release-build';
import { systemOf, type System } from './system';

/** All that the files of an image are written of, with the defaults in their places. */
export interface ImageFacts {
  readonly application: PhoenixApplication;
  readonly build: ReleaseBuild;
  readonly elixir: string;
  readonly system: System;
  readonly apps: readonly string[];
  /** Folder of the app that has the endpoint, with a slash at the end; empty where that is the source's own. */
  readonly web: string;
  /** Name of the app of an umbrella that has the endpoint. */
  readonly webApp: string | undefined;
  readonly assets: 'esbuild' | 'none' | Required<NodeAssets>;
  readonly context: string;
  readonly config: readonly string[];
  readonly mixFiles: readonly string[];
  readonly pathDependencies: readonly string[];
  readonly include: readonly string[];
  readonly packages: { readonly builder: readonly string[]; readonly runner: readonly string[]; readonly own: readonly string[] };
  readonly bases: { readonly builder: string; readonly node?: string; readonly runner: string };
  readonly labels: Readonly<Record<string, string>>;
  /** The user that pods run it as. */
  readonly user: number;
  readonly buildKit: boolean;
}

const NO_BUILD: ReleaseBuild = { root: '', task: () => '', digest: 'phx.digest', output: '' };

/** What is said of an image, and what follows from it. */
export function imageFacts(application: PhoenixApplication, source: ImageSource, user = NOBODY): ImageFacts {
  const { elixir, otp, apps = [], assets = 'esbuild', context = '..', bases = {} } = source;
  const { config = ['config/config.exs', 'config/prod.exs'], mixFiles = [], pathDependencies = [], include = [] } = source;
  const { systemPackages = [], buildPackages = [], nativeDependencies = true, labels = {}, buildKit = true } = source;
  // It is refused where there is none.
  const { build = NO_BUILD } = application.release;
  const system = systemOf(source);
  const webApp = apps.length === 0 ? undefined : webAppOf(source);
  const compiler = nativeDependencies ? [system.compiler] : [];
  const needed = [...Object.keys(system.needed), ...(build.bash && 'alpine' in source ? ['bash'] : [])];
  const node = typeof assets === 'string' ? undefined : `docker.io/library/node:${assets.node}-${system.node}`;
  return {
    application,
    build,
    elixir,
    system,
    apps,
    webApp,
    web: webApp === undefined ? '' : `apps/${webApp}/`,
    assets: typeof assets === 'string' ? assets : { script: 'deploy', templates: false, ...assets },
    context,
    config,
    mixFiles,
    pathDependencies,
    include,
    packages: {
      builder: sorted(['ca-certificates', 'git', ...compiler, ...buildPackages]),
      runner: sorted([...needed, ...systemPackages]),
      own: systemPackages,
    },
    bases: {
      builder: named(bases.builder, `docker.io/hexpm/elixir:${elixir}-erlang-${otp}-${system.tag}`),
      ...(node === undefined ? {} : { node: named(bases.node, node) }),
      runner: named(bases.runner, system.runner),
    },
    labels,
    user,
    buildKit,
  };
}

/** The app of an umbrella that has the endpoint: the one that is named, or the only one that is called so. */
export function webAppOf({ apps = [], web }: Pick<ImageSource, 'apps' | 'web'>): string | undefined {
  const [only, ...others] = apps.filter((name) => name.endsWith('_web'));
  return web ?? (others.length === 0 ? only : undefined);
}

function named({ image, digest }: BaseImage = {}, usual: string): string {
  return `${image ?? usual}${digest === undefined ? '' : `@${digest}`}`;
}

function sorted(names: readonly string[]): readonly string[] {
  return [...new Set(names)].sort();
}
