import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { LABEL } from '../support/forms';
import { parseImage } from '../support/image';
import { sentence, type Refusal } from '../support/reject';
import { packageRoot } from './package-root';
import { inStack, stackFolder } from './stack-folder';

/** What the command line says of the workflow that delivers an image. */
export interface DeliverOptions {
  /** Folder of the stack in the repository. @default - the folder in which the command runs */
  readonly stack?: string;
  /** The one that gets each image at once, and the one that gets it by approval, with a comma between them. */
  readonly environments: string;
  /** Where the files are pushed to, for Flux or Argo CD, in the place of being applied: `ghcr.io/acme/shop-stack`. @default - they are applied */
  readonly artifact?: string;
}

/** What is written where nothing else is said. */
export const DELIVER_DEFAULTS = { environments: 'staging,production' } as const;

/** What was written, or why nothing was. */
export interface Deliver {
  readonly faults: readonly string[];
  /** Paths of the files. */
  readonly files: readonly string[];
}

const WORKFLOW = '.github/workflows/deliver.yaml';
const SCRIPTS = { applied: 'roll-out.sh', pushed: 'push-artifact.sh' } as const;

/**
 * Writes the workflow of GitHub that gives one environment each image that is handed over, and another one what was approved, and the
 * script that applies an environment and waits for it, or pushes it to a registry. They are written once: they are the team's then.
 */
export function deliver(repository: string, options: DeliverOptions): Deliver {
  const faults: string[] = [];
  const refuse = (refusal: Refusal): void => void faults.push(`[deliver] ${sentence(refusal)}`);
  const stack = stackFolder(repository, options.stack, refuse);
  const names = options.environments.split(',').map((name) => name.trim());
  const [first = '', last = ''] = names;
  if (names.length !== 2 || first === last || !names.every((name) => LABEL.test(name))) {
    const fix = 'name the one that gets each image at once, then the one that gets it by approval: staging,production';
    refuse({ prop: '--environments', must: 'be two environments', got: options.environments, fix });
  } else if (names.includes('image')) {
    const fix = 'call it otherwise: a job of the workflow has this name';
    refuse({ prop: '--environments', must: 'leave out one that is called image', got: options.environments, fix });
  } else for (const refusal of withoutFile(join(repository, stack), names)) refuse(refusal);
  const { artifact } = options;
  if (artifact !== undefined && (!/[.:]/.test(artifact.split('/')[0] ?? '') || parseImage(artifact)?.repository !== artifact)) {
    const fix = 'name its registry too, and neither tag nor digest: ghcr.io/acme/shop-stack';
    refuse({ prop: '--artifact', must: 'be a repository of a registry', got: artifact, fix });
  }
  const script = artifact === undefined ? SCRIPTS.applied : SCRIPTS.pushed;
  const files = [join(repository, WORKFLOW), join(repository, stack, 'deliver', script)];
  for (const got of files.filter((file) => existsSync(file)))
    refuse({ prop: 'repository', must: 'not have it yet', got, fix: 'remove it first, or change it by hand: it is yours' });
  if (faults.length > 0) return { faults, files: [] };
  const read = (name: string): string => readFileSync(join(packageRoot(__dirname), '.github/deliver', name), 'utf8');
  const workflow = workflowOf(read('deliver.yaml'), stack, [first, last]);
  // At the end: a repository may be called as an environment of the text is.
  const texts = [artifact === undefined ? workflow : pushing(workflow, artifact), read(script)];
  for (const [index, file] of files.entries()) {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, texts[index] ?? '');
  }
  chmodSync(files[1] ?? '', 0o755);
  return { faults, files };
}

/** Only an image that stands in a file can be another one tomorrow. */
function withoutFile(stack: string, names: readonly string[]): readonly Refusal[] {
  return names
    .filter((name) => !existsSync(join(stack, 'images', `${name}.yaml`)))
    .map((got) => {
      const fix = `write images/${got}.yaml with one line, image: <image>, and take it out of the literal`;
      return { prop: '--environments', must: 'have their files in images', got, fix };
    });
}

/** The workflow with other names, and of a stack that is a folder of its repository. */
function workflowOf(text: string, stack: string, [first, last]: readonly [string, string]): string {
  const named = text.replace(/\b(staging|production)\b/g, (name) => (name === 'staging' ? first : last));
  if (stack === '.') return named;
  return named
    .replace(/paths: \[[^\]]*\]/, (paths) => paths.replace(/'([^']*)'/g, (_, path: string) => `'${inStack(stack, path)}'`))
    .replace('\nenv:\n', `\ndefaults:\n  run:\n    working-directory: ${stack}\nenv:\n`)
    .replaceAll('          cache: npm\n', `          cache: npm\n          cache-dependency-path: ${stack}/package-lock.json\n`)
    .replaceAll('$RUNNER_TEMP/base"', `$RUNNER_TEMP/base/${stack}"`)
    .replaceAll(`worktree add "$RUNNER_TEMP/base/${stack}"`, 'worktree add "$RUNNER_TEMP/base"')
    .replaceAll('$RUNNER_TEMP/base/dist', `$RUNNER_TEMP/base/${stack}/dist`);
}

const LOGIN_AND_APPLY =
  / {6}# THE LOGIN OF YOUR CLOUD[^\n]*\n {6}- name: Log in to the cluster\n {8}run: \|\n(?: {10}[^\n]*\n)+ {6}- run: deliver\/roll-out\.sh (\S+)\n(?: {6}#[^\n]*\n)*/g;

/** The workflow that pushes files, and has no rights in a cluster: nothing is deleted from there. */
function pushing(text: string, artifact: string): string {
  const [host = ''] = artifact.split('/');
  const login =
    host === 'ghcr.io'
      ? `      - name: Log in to the registry
        env:
          TOKEN: \${{ github.token }}
        run: oras login ghcr.io --username "$GITHUB_ACTOR" --password-stdin <<<"$TOKEN"
`
      : `      # THE LOGIN TO YOUR REGISTRY goes in the place of this step.
      - name: Log in to the registry
        run: |
          echo '::error::write the login to ${host} into .github/workflows/deliver.yaml'
          exit 1
`;
  const push = (environment: string): string =>
    `      - uses: oras-project/setup-oras@v1\n${login}      - run: deliver/push-artifact.sh ${environment} ${artifact}\n`;
  const pushed = text.replace(LOGIN_AND_APPLY, (_, environment: string) => push(environment));
  if (host !== 'ghcr.io') return pushed;
  return pushed.replace(/ {6}id-token: write[^\n]*\n/g, '      packages: write # pushes the files\n');
}
