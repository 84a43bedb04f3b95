import type { ImageFacts } from './facts';
import { commented } from './instruction';
import { WRITTEN } from './written';

/** Made on each machine anew, or by the build: what is there already must not take their place. */
const MADE = ['_build', 'deps', 'node_modules', 'cover', 'doc', 'test', 'tmp', '.elixir_ls', '.git', '*.ez', 'erl_crash.dump'];
/** What is secret, wherever it lies. */
const SECRET = [
  '.env*',
  '*.env',
  '*.secret.exs',
  '*.pem',
  '*.key',
  '*.p12',
  'kubeconfig*',
  '*.kubeconfig',
  '.kube',
  '.netrc',
  '.npmrc',
  '.ssh',
  '*.tfstate*',
];

/** What of the source is sent to the builder: what the build reads, and nothing of that which is made or secret. */
export function dockerignore({ apps, assets, config, context, include, pathDependencies }: ImageFacts): string {
  const own = apps.length > 0 ? ['apps'] : ['lib', 'priv', ...(assets === 'none' ? [] : ['assets'])];
  const read = ['mix.exs', 'mix.lock', 'config', 'rel', ...own, ...config, ...pathDependencies, ...include];
  const built = apps.length > 0 ? apps.map((app) => `apps/${app}/priv/static`) : ['priv/static'];
  // A stack in the folder of the application has its TypeScript in the same lib/.
  const stack = context === '.' && apps.length === 0 ? ['lib/application.ts', 'lib/environments'] : [];
  const lines = [
    WRITTEN,
    '',
    ...commented('Nothing but what the build reads: what is in a layer of a stage is in the cache of its registry too.'),
    '*',
    ...[...new Set(read)].map((path) => `!${path}`),
    '',
    '# Made, or built anew',
    ...MADE.map((name) => `**/${name}`),
    ...built.flatMap((folder) => [`${folder}/assets`, `${folder}/cache_manifest.json`]),
    ...stack,
    '',
    '# Secret',
    ...SECRET.map((name) => `**/${name}`),
  ];
  return `${lines.join('\n')}\n`;
}
