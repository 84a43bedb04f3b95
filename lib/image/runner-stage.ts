import { ownListeners } from '../release/application';
import type { ImageFacts } from './facts';
import { commented, line, type Stage } from './instruction';

/** The image: the release, and what its Erlang is linked with. */
export function runnerStage({ application, bases, build, labels, packages, system, user, buildKit }: ImageFacts): Stage {
  const { name, port, release } = application;
  const ports = [port, ...Object.values(ownListeners(application))];
  const reasons = Object.entries(system.needed).map(([needed, reason]) => `${reason} (${needed})`);
  const own = packages.own.length > 0 ? `, and what the application asks for (${packages.own.join(', ')})` : '';
  const [base, digest] = bases.runner.split('@');
  const marks = {
    'org.opencontainers.image.title': name,
    'org.opencontainers.image.base.name': base ?? '',
    ...(digest === undefined ? {} : { 'org.opencontainers.image.base.digest': digest }),
    ...labels,
  };
  return [
    ...commented('runner: the image'),
    'FROM ${RUNNER} AS runner',
    '# UTF-8 as in the builder. It needs no package.',
    'ENV LANG=C.UTF-8',
    ...commented(`What the release needs: ${reasons.join(', ')}${own}.`),
    `# hadolint ignore=${system.pinning}`,
    ...system.install(packages.runner, 'runner', buildKit),
    ...commented('Where the commands of the pods look for it. It belongs to root: the application cannot change its own code.'),
    line('WORKDIR', build.root),
    line('COPY', '--from=releaser', `/src/${build.output}`, './'),
    ...commented('The runAsUser of the pods. A number, because the kubelet cannot tell of a name that it is not root.'),
    line('USER', `${user}:${user}`),
    line('EXPOSE', ...ports.map(String)),
    line('CMD', `[${release.start.map((word) => JSON.stringify(word)).join(', ')}]`),
    ...Object.entries(marks).map(([key, value]) => line('LABEL', `${key}=${quoted(value)}`)),
    ...commented('Last, because it is another one with each commit.'),
    'ARG GIT_SHA=unknown',
    'ENV GIT_SHA=${GIT_SHA}',
    'LABEL org.opencontainers.image.revision=${GIT_SHA}',
  ];
}

/** A value in quotes, in which Docker looks for variables. */
function quoted(value: string): string {
  return `"${value.replace(/[\\"$]/g, '\\$&')}"`;
}
