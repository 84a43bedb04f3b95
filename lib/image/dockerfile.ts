import { assetsStage, releaserStage } from './build-stages';
import type { ImageFacts } from './facts';
import { commented, line, type Stage } from './instruction';
import { runnerStage } from './runner-stage';
import { WRITTEN } from './written';

/** The Dockerfile of an application: five stages, of which the last one is the image. */
export function dockerfile(facts: ImageFacts): string {
  const stages = [builderStage(facts), depsStage(facts), assetsStage(facts), releaserStage(facts), runnerStage(facts)];
  return `${[head(facts), ...stages].map((lines) => lines.join('\n')).join('\n\n')}\n`;
}

function head({ bases, context, buildKit }: ImageFacts): Stage {
  const { builder, node, runner } = bases;
  const args = { BUILDER: builder, ...(node === undefined ? {} : { NODE: node }), RUNNER: runner };
  return [
    ...(buildKit ? ['# syntax=docker/dockerfile:1'] : []),
    WRITTEN,
    `# In the folder of the stack: docker build -f dist/image/Dockerfile -t <image> --build-arg GIT_SHA="$(git rev-parse HEAD)" ${context}`,
    '',
    // The release is linked with the libraries of the system that it was built on.
    ...commented(
      'What the stages begin with. The first and the last are of one system, with whose libraries the release is linked.',
    ),
    ...Object.entries(args).map(([name, image]) => `ARG ${name}=${image}`),
  ];
}

function builderStage({ system, packages, buildKit }: ImageFacts): Stage {
  const withC = packages.builder.includes(system.compiler);
  return [
    ...commented('builder: Elixir, and what compiling needs'),
    'FROM ${BUILDER} AS builder',
    ...commented('Without UTF-8 the VM takes names of files for latin1.'),
    'ENV LANG=C.UTF-8 MIX_ENV=prod',
    ...commented(
      `Dependencies come from git too, as heroicons does${withC ? ', and some bring C' : ''}. ${system.unpinned}${buildKit ? system.cached : ''}`,
    ),
    `# hadolint ignore=${system.pinning}`,
    ...system.install(packages.builder, 'builder', buildKit),
    '# Hex, and rebar for dependencies in Erlang',
    'RUN mix local.hex --force && mix local.rebar --force',
    'WORKDIR /src',
  ];
}

function depsStage({ apps, config, mixFiles, pathDependencies, buildKit }: ImageFacts): Stage {
  const caches = buildKit ? cache('/root/.hex/packages', '/root/.cache/rebar3') : '';
  return [
    ...commented(
      'deps: the dependencies, compiled. Only what they follow from is there, so that no change of the code builds them again.',
    ),
    'FROM builder AS deps',
    ...copied(['mix.exs', 'mix.lock', ...mixFiles]),
    // One by one: what copies them all, --parents, is known to BuildKit alone.
    ...apps.map((app) => line('COPY', `apps/${app}/mix.exs`, `apps/${app}/`)),
    ...pathDependencies.map((folder) => line('COPY', folder, `${folder}/`)),
    `RUN ${caches}mix deps.get --only prod`,
    ...commented('What is configured while compiling: config/runtime.exs comes later.'),
    ...copied(config),
    'RUN mix deps.compile',
  ];
}

function cache(...targets: readonly string[]): string {
  return targets.map((target) => `--mount=type=cache,target=${target},sharing=locked \\\n    `).join('');
}

/** Copies files to where they are in the source, those of each folder at once. */
function copied(files: readonly string[]): Stage {
  const folderOf = (file: string): string => (file.includes('/') ? file.replace(/[^/]*$/, '') : './');
  const folders = new Set(files.map(folderOf));
  return [...folders].map((folder) => line('COPY', ...files.filter((file) => folderOf(file) === folder), folder));
}
