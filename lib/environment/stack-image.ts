import { imageFiles } from '../image/image-files';
import { NO_FILES, type ImageFiles } from '../image/written';
import { wrongProps } from '../support/props';
import { appFaults } from '../support/app-faults';
import type { Stack } from './stack';
import type { StackCompose } from './stack-compose';

/** The files of the image of a stack's application, and what starts it on one machine, in the folder beside those of its environments. */
export function stackImage(stack: Stack, compose: StackCompose): ImageFiles {
  const { application } = stack;
  // Each environment has stopped at it, and told it.
  if (wrongProps(application, 'PhoenixApplication', '').length > 0) return NO_FILES;
  const [image, beside] = [imageFiles(application, userOf(stack)), compose.files()];
  const faults = [...image.faults, ...withoutCookie(stack), ...beside.faults];
  if (faults.length > 0) return { ...NO_FILES, faults };
  return { files: new Map([...image.files, ...beside.files]), faults, assumed: [...image.assumed, ...beside.assumed] };
}

/** The user of all pods, where environments agree: others run the image all the same, because everyone may read its files. */
function userOf({ environments }: Stack): number | undefined {
  const users = Object.values(environments).map(({ pods }) => pods?.user);
  const [only, ...others] = [...new Set(users)];
  return typeof only === 'number' && others.length === 0 ? only : undefined;
}

const COOKIE = 'RELEASE_COOKIE';

/** The image has no cookie of its own, and no command of a release starts without one. */
function withoutCookie({
  application,
  secretKeys = ['SECRET_KEY_BASE', 'RELEASE_COOKIE'],
  environments,
}: Stack): readonly string[] {
  const { source, release } = application;
  if (source === undefined || !release.build?.without?.includes('releases/COOKIE')) return [];
  const names = Object.values(secretKeys);
  const elsewhere = Object.values(environments).every(({ variables = {} }) => COOKIE in variables);
  if (names.includes(COOKIE) || elsewhere) return [];
  const fix = `add it, because the image that is built has no cookie, and its commands stop without one`;
  return appFaults([{ prop: 'secretKeys', must: `have ${COOKIE}`, got: names.join(', ') || undefined, fix }]);
}
