import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { parseImage } from '../support/image';
import {
  isNumber,
  NUMBER,
  ofFile,
  readImageFile,
  undigested,
  withImage,
  wrongImage,
  type ImageFile,
} from '../support/image-file';
import { didYouMean } from '../support/nearest';
import { sentence, type Refusal } from '../support/reject';

/** What the command line says of a promotion. */
export interface PromoteOptions {
  /** Folder with the files of the environments. */
  readonly images: string;
  /** Number of the build that made the image: one that is not above that of the file is refused. @default - builds are not counted */
  readonly build?: string;
}

/** What it is without options. */
export const PROMOTE_DEFAULTS = { images: 'images' } as const;

/** What became of the file. */
export interface Promoted {
  readonly faults: readonly string[];
  /** Whether the file is another one now. */
  readonly changed: boolean;
  /** What was done, and what comes next. */
  readonly text: string;
}

/** A file as it is, and what it says. */
interface Found extends ImageFile {
  readonly path: string;
  readonly text: string;
}

/**
 * Lets an environment run an image that is there already, by one line of its file. Nothing is built, and no cluster is asked.
 *
 * @param from an environment whose image it is, or the image itself, with its digest
 * @param to the environment that gets it
 */
export function promote(from: string, to: string, options: PromoteOptions): Promoted {
  const { images: folder, build } = options;
  const faults: string[] = [];
  const refuse = (refusal: Refusal): void => void faults.push(`[promote] ${sentence(refusal)}`);
  if (from === to)
    refuse({
      prop: 'to',
      must: "be another one than 'from'",
      got: to,
      fix: 'name the environment that gets the image behind that which has it',
    });
  if (build !== undefined && !isNumber(build)) refuse({ ...NUMBER, prop: '--build', got: build });
  const target = read('to', to, folder, faults);
  const image = /[/:@]/.test(from) ? told(from, refuse) : from === to ? undefined : read('from', from, folder, faults)?.image;
  if (image === undefined || target === undefined || faults.length > 0) return { faults, changed: false, text: '' };
  const number = build === undefined ? undefined : Number(build);
  for (const refusal of unfit(image, target, to)) refuse(refusal);
  // What is there already is no step back, however often it is told.
  if (faults.length === 0 && image === target.image)
    return { faults, changed: false, text: `${to} runs ${image} already; nothing was written\n` };
  for (const refusal of outOfOrder(number, target, to)) refuse(refusal);
  if (faults.length > 0) return { faults, changed: false, text: '' };
  writeFileSync(
    join(folder, `${to}.yaml`),
    withImage(target.text, { image, ...(number === undefined ? {} : { build: number }) }),
  );
  return { faults, changed: true, text: said(target, to, image) };
}

/** The file of an environment: who has none is not known. */
function read(prop: string, name: string, folder: string, faults: string[]): Found | undefined {
  const known = existsSync(folder)
    ? readdirSync(folder).flatMap((file) => (file.endsWith('.yaml') ? [file.slice(0, -'.yaml'.length)] : []))
    : [];
  const path = posix.join(folder, `${name}.yaml`);
  if (!known.includes(name)) {
    const fix = didYouMean(name, known, `write ${path} first, with one line: image: <image>`);
    faults.push(`[promote] ${sentence({ prop, must: `be an environment with a file in ${folder}`, got: name, fix })}`);
    return undefined;
  }
  const text = readFileSync(join(folder, `${name}.yaml`), 'utf8');
  const found = readImageFile(text);
  if ('refusals' in found) {
    faults.push(...found.refusals.map((refusal) => ofFile(path, refusal)));
    return undefined;
  }
  const { image } = found.file;
  // Whatever stands in the file that is written goes away.
  if (prop === 'from') faults.push(...undigested(image).map((refusal) => ofFile(path, refusal)));
  return { ...found.file, path, text };
}

/** An image from outside: it may be anything. */
function told(image: string, refuse: (refusal: Refusal) => void): string | undefined {
  const wrong = wrongImage(image, 'from');
  const refusals = wrong.length > 0 ? wrong : undigested(image, 'from');
  for (const refusal of refusals) refuse(refusal);
  return refusals.length > 0 ? undefined : image;
}

/** Whoever hands an image over chooses which one, and not of which application. */
function unfit(image: string, { image: before, path }: Found, to: string): readonly Refusal[] {
  const [own, other] = [parseImage(before)?.repository, parseImage(image)?.repository];
  if (own === other) return [];
  const fix = `write ${path} by hand where the image of ${to} has another name now`;
  return [{ prop: 'from', must: `be an image of ${own}`, got: image, fix }];
}

/** What was handed over once, or is older than that, would take an environment back without a word. */
function outOfOrder(number: number | undefined, { build = 0 }: Found, to: string): readonly Refusal[] {
  if (number === undefined || number > build) return [];
  const fix = `to go back, name the image without --build`;
  return [{ prop: '--build', must: `be above ${build}, the last build that was handed to ${to}`, got: number, fix }];
}

function said({ image: before, path }: Found, to: string, image: string): string {
  return `${path}: ${before}
  -> ${image}
next:
  npm run synth                        # nothing was built: the image is as it was tested
  git diff; PREVIOUS=../main/dist npm run plan   # what it does, beside the output of another checkout
to go back:
  npx cdk8s-phoenix promote ${before} ${to}
  Migrations that have run stay: the former image must bear the newer schema, or they are taken back first (docs/migrations.md).
`;
}
