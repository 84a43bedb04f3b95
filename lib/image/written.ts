/** Folder of the image's files, beside those of the environments. */
export const IMAGE_FOLDER = 'image';

/**
 * The files that are written into it. BuildKit and Podman read the second for the first, wherever the folder that is built lies, and
 * Compose the last for the one before.
 */
export const IMAGE_FILES = ['Dockerfile', 'Dockerfile.dockerignore', 'compose.yaml', '.env'] as const;

/** Folder in it with the files that the containers of compose.yaml have. */
export const COMPOSE_FOLDER = 'compose';

/** A file of the image, by its name. */
export type ImageFile = (typeof IMAGE_FILES)[number] | `${typeof COMPOSE_FOLDER}/${string}`;

/** A line of each of the files: what has none was written by somebody else, and stays. */
export const WRITTEN = '# Written by the synth of cdk8s-phoenix from lib/application.ts: what is changed here is lost.';

/** Whether a file is one that was written. */
export function isWritten(text: string): boolean {
  return text.split('\n', 5).includes(WRITTEN);
}

/** The files of an image, by their names in its folder; none where something is wrong. */
export interface ImageFiles {
  readonly files: ReadonlyMap<ImageFile, string>;
  /** What is wrong, as `[path] sentence`, each once. */
  readonly faults: readonly string[];
  /** What is taken for granted, each with how to say it. */
  readonly assumed: readonly string[];
}

/** An image that nothing is written of. */
export const NO_FILES: ImageFiles = { files: new Map(), faults: [], assumed: [] };
