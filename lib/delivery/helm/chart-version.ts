import { parseImage } from '../../support/image';

// The grammar of https://semver.org, which Helm asks of charts.
const NUMBER = '(?:0|[1-9]\\d*)';
const PART = `(?:${NUMBER}|\\d*[a-zA-Z-][0-9a-zA-Z-]*)`;
const SEMVER = new RegExp(
  `^${NUMBER}\\.${NUMBER}\\.${NUMBER}(?:-${PART}(?:\\.${PART})*)?(?:\\+[0-9a-zA-Z-]+(?:\\.[0-9a-zA-Z-]+)*)?$`,
);

/** How a version is written. */
export const VERSION_FORM = '1.4.2';

/** The version of a chart: the one that was asked for, or the tag of the image; with what there is where it is none. */
export function chartVersion(image: string, asked: string | undefined): { readonly of?: string; readonly got: string } {
  if (asked !== undefined) return SEMVER.test(asked) ? { of: asked, got: asked } : { got: asked };
  const version = parseImage(image)?.tag?.replace(/^v(?=\d)/, '');
  return version !== undefined && SEMVER.test(version) ? { of: version, got: image } : { got: image };
}
