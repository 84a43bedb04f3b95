import type { NodeAssets } from '../release/image-source';
import { isBefore } from '../support/versions';
import type { ImageFacts } from './facts';
import { commented, line, type Stage } from './instruction';

/** What builds the static files: the tools alone, or with Node the files themselves. */
export function assetsStage(facts: ImageFacts): Stage {
  const { assets } = facts;
  if (assets === 'none') return ['# assets: none', 'FROM deps AS assets'];
  if (assets !== 'esbuild') return nodeStage(facts, assets);
  return [
    ...commented(
      'assets: esbuild and Tailwind, as config/config.exs has them; what they make waits for the code, which they read',
    ),
    'FROM deps AS assets',
    ...inWeb(facts),
    'RUN mix assets.setup',
  ];
}

function nodeStage({ include, web, buildKit }: ImageFacts, { node, script, templates }: Required<NodeAssets>): Stage {
  const cache = buildKit ? '--mount=type=cache,target=/root/.npm,sharing=locked ' : '';
  // npm 5 came with Node 8, and `npm ci` with the npm of 8.12.
  const lock = isBefore(node, '8') ? [] : ['package-lock.json'];
  const settings = include.includes(`${web}assets/.npmrc`) ? ['.npmrc'] : [];
  const packages = ['package.json', ...lock, ...settings];
  return [
    ...commented('assets: the static files, built by Node, of which nothing else comes into the image'),
    'FROM ${NODE} AS assets',
    line('WORKDIR', `/src/${web}assets`),
    ...commented('package.json names phoenix and phoenix_html by their folders in deps/.'),
    'COPY --from=deps /src/deps /src/deps',
    line('COPY', ...packages.map((name) => `${web}assets/${name}`), './'),
    `RUN ${cache}npm ${isBefore(node, '8.12') ? 'install' : 'ci'}`,
    line('COPY', `${web}assets`, './'),
    ...(templates ? [...commented('It reads the names of classes in them.'), line('COPY', `${web}lib`, '../lib')] : []),
    line('RUN', 'npm', 'run', script),
  ];
}

/** The release, from the application's own code: the first stage that a change of it builds again. */
export function releaserStage(facts: ImageFacts): Stage {
  const { application, apps, assets, include, web } = facts;
  const node = typeof assets !== 'string';
  const own = apps.length > 0 ? ['apps'] : ['lib', 'priv'];
  return [
    ...commented(`releaser: the release ${application.release.release}, of the application's own code`),
    `FROM ${node ? 'deps' : 'assets'} AS releaser`,
    ...(assets === 'esbuild' ? backIn(facts) : []),
    ...[...own, ...include].map((path) => line('COPY', path, path)),
    'RUN mix compile',
    ...commented(
      'What is read from here on: config/runtime.exs, rel, assets. Dockerfile.dockerignore lets nothing through but what is built from.',
    ),
    'COPY . .',
    ...(node ? [line('COPY', '--from=assets', `/src/${web}priv/static`, `${web}priv/static`)] : []),
    ...releasing(facts),
  ];
}

/** Static files with digests in their names, and the release with them. */
function releasing(facts: ImageFacts): Stage {
  const { apps, assets, build, elixir, web } = facts;
  const { output, without = [] } = build;
  const umbrella = apps.length > 0;
  const apart = assets === 'esbuild' && web !== '';
  const guard = `{ test ! -e .git || { echo 'build it with --ignorefile Dockerfile.dockerignore: .git is here' >&2; exit 1; }; }`;
  // `mix assets.deploy` ends with the digests of its own application; an umbrella may have others with static files.
  const digested = assets === 'none' || (assets === 'esbuild' && !umbrella);
  const commands = [
    ...(apart ? [] : [guard]),
    ...(assets === 'esbuild' && !apart ? ['mix assets.deploy'] : []),
    ...(digested ? [] : [`mix ${build.digest}`]),
    `mix ${build.task({ elixir, umbrella })}`,
    ...without.map((file) => `rm ${output}/${file}`),
    `chmod -R a+rX ${output}`,
  ];
  const cookie = 'Each build makes a cookie, which would be a secret in the image: RELEASE_COOKIE takes its place. ';
  return [
    ...commented('A builder that did not read Dockerfile.dockerignore has copied .git, and maybe secrets: then it stops here.'),
    ...(apart ? [`RUN ${guard}`, ...inWeb(facts), 'RUN mix assets.deploy', ...backIn(facts)] : []),
    ...commented(
      `${without.length > 0 ? cookie : ''}Files are as readable as in the checkout; the user of the pods is to read them all.`,
    ),
    `RUN ${commands.join(' \\\n    && ')}`,
  ];
}

/** Where Mix knows the aliases of the app that has the endpoint. */
function inWeb({ web }: ImageFacts): Stage {
  return web === '' ? [] : [line('WORKDIR', `/src/${web.slice(0, -1)}`)];
}

function backIn({ web }: ImageFacts): Stage {
  return web === '' ? [] : ['WORKDIR /src'];
}
