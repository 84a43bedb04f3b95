import { sentence, type Refusal } from '../support/reject';

/** Why something cannot be read, or what was said cannot be done. */
export interface Fault extends Refusal {
  /** The file, the folder, or the option. */
  readonly file: string;
  readonly line?: number;
  readonly column?: number;
}

/** Where something stands. */
export type Place = Pick<Fault, 'file' | 'line' | 'column'>;

/** A place as people and editors write it: `k8s/web.yaml:34:5`. */
export function at({ file, line, column }: Place): string {
  return [file, ...(line === undefined ? [] : [line]), ...(column === undefined ? [] : [column])].join(':');
}

/** The sentence of a fault, behind its place. */
export function faultText(fault: Fault): string {
  return `${at(fault)} ${sentence(fault)}`;
}
