import { DockerfileParser, type Dockerfile, type From, type Instruction } from 'dockerfile-ast';
import {
  exrmRelease,
  distilleryRelease,
  imageFiles,
  mixRelease,
  type ImageSource,
  type PhoenixApplication,
} from '../../lib/index';

/** An application like no one's. */
export const shop: PhoenixApplication = {
  name: 'book-shop',
  release: mixRelease({ release: 'book_shop', module: 'BookShop.Release' }),
  port: 4100,
  health: { ready: '/ready' },
  sockets: 1,
};

export const plain: ImageSource = { elixir: '1.18.4', otp: '27.3.4', debian: 'trixie-20260803-slim' };
export const umbrella: ImageSource = { ...plain, apps: ['book_shop', 'book_shop_mail', 'book_shop_web'] };

const hex = (digit: string): string => `sha256:${digit.repeat(64)}`;
export const digests = { builder: { digest: hex('a') }, runner: { digest: hex('b') } } as const;

const old = { elixir: '1.7.3', otp: '21.0', apps: ['book_shop', 'book_shop_web'], alpine: '3.8.5' } as const;

/** What is snapshot, linted and read as a tree: each kind once. */
export const variants: Readonly<Record<string, PhoenixApplication>> = {
  'plain application': { ...shop, source: plain },
  umbrella: { ...shop, source: { ...umbrella, bases: digests } },
  'application with everything': { ...shop, metrics: { port: 9568 }, source: everything() },
  'application with files that Node builds, without BuildKit': {
    ...shop,
    source: { ...plain, assets: { node: '22.19.0' }, buildKit: false },
  },
  'application without static files on Alpine': {
    ...shop,
    source: { elixir: '1.18.4', otp: '27.3.4', alpine: '3.22.1', assets: 'none' },
  },
  'umbrella of Distillery 2': {
    ...shop,
    release: distilleryRelease({ release: 'book_shop_umbrella' }),
    source: {
      ...old,
      assets: { node: '10.24.1' },
      bases: {
        builder: { image: 'docker.io/library/elixir:1.7.3-alpine' },
        node: { image: 'docker.io/library/node:10.24.1-alpine' },
      },
    },
  },
  'application of Distillery 2.1 on a newer Elixir': {
    ...shop,
    release: distilleryRelease({ release: 'book_shop' }),
    source: { ...plain, elixir: '1.9.4', otp: '22.3', assets: 'none' },
  },
  'application of exrm': {
    ...shop,
    release: exrmRelease({ release: 'book_shop', root: '/opt/shop' }),
    source: {
      elixir: '1.3.4',
      otp: '19.3',
      debian: 'stretch-20190204-slim',
      assets: { node: '6.17.1' },
      bases: { builder: { image: 'docker.io/library/elixir:1.3.4-slim' } },
      buildKit: false,
    },
  },
};

/** Every prop, in an umbrella. */
export function everything(): Required<Extract<ImageSource, { readonly debian: string }>> {
  return {
    ...plain,
    debian: 'trixie-20260803-slim',
    apps: ['shop', 'storefront'],
    web: 'storefront',
    assets: { node: '22.19.0', script: 'build', templates: true },
    context: '../shop',
    config: ['config/config.exs', 'config/prod.exs', 'apps/storefront/config/config.exs', 'shared.exs'],
    mixFiles: ['VERSION', 'apps/shop/version.txt'],
    pathDependencies: ['vendor/money', 'vendor/tax'],
    include: ['native', 'README.md', 'priv/keys/public.key'],
    systemPackages: ['imagemagick', 'libvips42'],
    buildPackages: ['cargo'],
    nativeDependencies: false,
    bases: {
      builder: { image: 'registry.example.com/mirror/elixir:1.18.4', digest: hex('c') },
      runner: { digest: hex('d') },
      node: { image: 'registry.example.com/mirror/node:22.19.0', digest: hex('e') },
    },
    labels: { 'org.opencontainers.image.source': 'https://example.com/shop', 'com.example.price': 'in "$"' },
    buildKit: true,
  };
}

/** The text of a file of an application's image. */
export function fileOf(application: PhoenixApplication, name: 'Dockerfile' | 'Dockerfile.dockerignore' = 'Dockerfile'): string {
  const { files, faults } = imageFiles(application);
  expect(faults).toEqual([]);
  return files.get(name) ?? '';
}

/** A stage of a Dockerfile. */
export interface Stage {
  readonly name: string;
  /** The stage or the image that it begins with. */
  readonly from: string;
  readonly instructions: readonly Instruction[];
}

/** The stages of a Dockerfile, as Docker reads them; with the arguments before them in the place of variables. */
export function stagesOf(text: string): readonly Stage[] {
  const dockerfile: Dockerfile = DockerfileParser.parse(text);
  const args = new Map(dockerfile.getInitialARGs().map((arg) => [arg.getProperty()?.getName(), arg.getProperty()?.getValue()]));
  const stages: { name: string; from: string; instructions: Instruction[] }[] = [];
  for (const instruction of dockerfile.getInstructions()) {
    if (instruction.getKeyword() === 'FROM') {
      const from = instruction as From;
      const image = from.getImage() ?? '';
      const [, variable] = /^\$\{(\w+)\}$/.exec(image) ?? [];
      stages.push({ name: from.getBuildStage() ?? '', from: args.get(variable ?? '') ?? image, instructions: [] });
    } else stages.at(-1)?.instructions.push(instruction);
  }
  return stages;
}

/** The stages that are built again, from the first of their instructions that reads one of the files that are changed. */
export function rebuilt(text: string, changed: string): ReadonlyMap<string, string> {
  const again = new Map<string, string>();
  for (const { name, from, instructions } of stagesOf(text)) {
    const first = again.has(from) ? instructions[0] : instructions.find((one) => reads(one, changed, again));
    if (first) again.set(name, first.toString());
  }
  return again;
}

/** The words after an instruction, its flags as well. */
export function wordsOf(instruction: Instruction): readonly string[] {
  return instruction.toString().split(/\s+/).slice(1);
}

function reads(instruction: Instruction, changed: string, again: ReadonlyMap<string, string>): boolean {
  if (!['COPY', 'ADD'].includes(instruction.getKeyword())) return false;
  const words = wordsOf(instruction);
  const from = words.find((word) => word.startsWith('--from='))?.slice('--from='.length);
  if (from !== undefined) return again.has(from);
  return words
    .filter((word) => !word.startsWith('--'))
    .slice(0, -1)
    .some((source) => source === '.' || source === changed || changed.startsWith(`${source.replace(/\/$/, '')}/`));
}
