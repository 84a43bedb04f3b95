import type { NodeAssets } from '../release/image-source';
import type { ImageFacts } from './facts';
import { commented, line, type Stage } from './instruction';

/** What builds the static files: the tools alone, or with Node the files themselves. */
export function assetsStage(facts: ImageFacts): Stage {
  const { assets } = facts;
  if (assets === 'none') return ['# assets: none', 'FROM deps AS assets'];
  if (assets !== 'esbuild') return nodeStage(facts, assets);
  return [
    ...commented(
      'assets: esbuild and Tailwind, in the versions of config/config.exs. The files are built later: Tailwind reads the code.',
    ),
    'FROM deps AS assets',
    `RUN ${inWeb(facts, 'assets.setup')}`,
  ];
}

function nodeStage({ web, buildKit }: ImageFacts, { script, templates }: Required<NodeAssets>): Stage {
  const cache = buildKit ? '--mount=type=cache,target=/root/.npm,sharing=locked ' : '';
  return [
    ...commented('assets: the static files, built by Node, of which nothing else comes into the image'),
    'FROM ${NODE} AS assets',
    line('WORKDIR', `/src/${web}assets`),
    ...commented('package.json names phoenix and phoenix_html by their folders in deps/.'),
    'COPY --from=deps /src/deps /src/deps',
    line('COPY', `${web}assets/package.json`, `${web}assets/package-lock.json`, './'),
    `RUN ${cache}npm ci`,
    line('COPY', `${web}assets`, './'),
    ...(templates ? [...commented('It reads the names of classes in them.'), line('COPY', `${web}lib`, '../lib')] : []),
    line('RUN', 'npm', 'run', script),
  ];
}

/** The release, from the application's own code: the first stage that a change of it builds again. */
export function releaserStage(facts: ImageFacts): Stage {
  const { application, apps, assets, build, elixir, include, web } = facts;
  const { output, without = [] } = build;
  const node = typeof assets !== 'string';
  const own = apps.length > 0 ? ['apps'] : ['lib', 'priv'];
  const digest = assets === 'none' ? [] : [build.digest];
  const deploy = assets === 'esbuild' ? [inWeb(facts, 'assets.deploy')] : [];
  const release = `mix do ${[...digest, build.task(elixir)].join(', ')}`;
  const removed = without.map((file) => `rm ${output}/${file}`);
  return [
    ...commented(`releaser: the release ${application.release.release}, of the application's own code`),
    `FROM ${node ? 'deps' : 'assets'} AS releaser`,
    ...[...own, ...include].map((path) => line('COPY', path, path)),
    'RUN mix compile',
    ...commented(
      'What is read from here on: config/runtime.exs, rel and the like. Dockerfile.dockerignore lets nothing else through.',
    ),
    'COPY . .',
    ...(node ? [line('COPY', '--from=assets', `/src/${web}priv/static`, `${web}priv/static`)] : []),
    ...commented(
      `A builder that did not read it has copied .git, and maybe secrets.${without.length > 0 ? ' The random cookie of the build would be a secret in the image.' : ''}`,
    ),
    `RUN ${['test ! -e .git', ...deploy, digest.length > 0 ? release : `mix ${build.task(elixir)}`, ...removed].join(' \\\n    && ')}`,
  ];
}

/** A task of the app that has the endpoint: an alias in its mix.exs, which Mix knows in its folder alone. */
function inWeb({ web }: ImageFacts, task: string): string {
  return web === '' ? `mix ${task}` : `(cd ${web.slice(0, -1)} && mix ${task})`;
}
