import { imageFiles } from '../image/image-files';
import { NO_FILES, type ImageFiles } from '../image/written';
import { wrongProps } from '../support/props';
import type { Stack } from './stack';

/** The files of the image of a stack's application, in the folder beside those of its environments. */
export function stackImage({ application }: Stack): ImageFiles {
  // Each environment has stopped at it, and told it.
  if (wrongProps(application, 'PhoenixApplication', '').length > 0) return NO_FILES;
  return imageFiles(application);
}
