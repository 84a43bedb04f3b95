import type { IConstruct } from 'constructs';
import { FORMATS, isFormat, type Format } from './text';
import { reject } from '../support/reject';

/**
 * The form that was asked for; undefined for one that nobody knows, which is refused.
 *
 * @param prop what it was asked for with
 */
export function formatIn(scope: IConstruct, format: string, prop = '--format'): Format | undefined {
  if (isFormat(format)) return format;
  reject(scope, { prop, must: 'be a form that is known', got: format, fix: `write one of ${FORMATS.join(', ')}` });
  return undefined;
}
