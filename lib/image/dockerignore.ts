import type { ImageFacts } from './facts';
import { commented } from './instruction';
import { WRITTEN } from './written';

/** Made in each project by the build or a tool: what is there already must not take the place of what the image builds. */
const MADE = ['deps', 'cover', 'doc', 'test', 'tmp', '*.ez'];
const MADE_ANYWHERE = ['_build', 'node_modules', 'native/*/target', '.elixir_ls', '.git', 'erl_crash.dump'];
/** What is secret, wherever it lies. */
const SECRET = [
  '.env*',
  '*.secret.exs',
  '*.key',
  '*_key.pem',
  'id_rsa*',
  'id_ed25519*',
  '*.p12',
  'kubeconfig*',
  '*.kubeconfig',
  '.kube',
  '.netrc',
  '.npmrc',
  '.ssh',
  '*.tfstate*',
];

/** What the signs of a pattern stand for, in a regular expression. */
const SIGNS: Readonly<Record<string, string>> = { '**/': '(?:.*/)?', '*': '[^/]*', '.': '\\.' };

/** What of the source is sent to the builder: what the build reads, and nothing of that which is made or secret. */
export function dockerignore({ apps, assets, build, config, context, include, mixFiles, pathDependencies }: ImageFacts): string {
  const umbrella = apps.length > 0;
  const own = umbrella ? ['apps'] : ['lib', 'priv', ...(assets === 'none' ? [] : ['assets'])];
  const folders = ['config', 'rel', ...own];
  const further = [...mixFiles, ...config, ...pathDependencies, ...include].filter(
    (path) => !folders.includes(path.split('/', 1).join()),
  );
  const read = ['mix.exs', 'mix.lock', ...folders, ...new Set(further)];
  const statics = umbrella ? apps.map((app) => `apps/${app}/priv/static`) : ['priv/static'];
  // A stack in the folder of the application has its TypeScript in the same lib/.
  const stack = context === '.' && !umbrella ? ['lib/application.ts', 'lib/environments'] : [];
  const made = [
    ...(umbrella ? MADE.map((name) => `apps/*/${name}`) : []),
    ...pathDependencies.map((folder) => `${folder}/deps`),
    ...MADE_ANYWHERE.map((name) => `**/${name}`),
    ...(assets === 'none' ? [] : statics.flatMap((folder) => [`${folder}/assets`, `${folder}/cache_manifest.json`])),
    ...(build.output.startsWith('rel/') ? [build.output] : []),
    ...stack,
  ];
  const secret = SECRET.map((name) => `**/${name}`);
  const lines = [
    WRITTEN,
    '',
    ...commented('Nothing but what the build reads: what is in a layer of any stage may be in a cache that others read.'),
    '*',
    ...read.map((path) => `!${path}`),
    '',
    '# Made by the build or by a tool',
    ...made,
    '',
    '# Secret',
    ...secret,
    ...named(include, [...made, ...secret]),
  ];
  return `${lines.join('\n')}\n`;
}

/** What is read though it is called as what is made or secret, because its name was written down. */
function named(include: readonly string[], patterns: readonly string[]): string[] {
  const forms = patterns.map(
    (pattern) => new RegExp(`^${pattern.replace(/\*\*\/|[.*]/g, (sign) => SIGNS[sign] ?? sign)}(?:/|$)`),
  );
  const meant = include.filter((path) => forms.some((form) => form.test(path)));
  return meant.length === 0 ? [] : ['', "# Named in 'include'", ...meant.map((path) => `!${path}`)];
}
