import type { BeamContainer } from '../world/beam';
import { once } from '../world/values';

/** A flag of the VM with its values, and the variable that brings it. */
export interface VmFlag {
  readonly variable: string;
  /** `-name`, `+S`, or `-kernel <parameter>`. */
  readonly name: string;
  readonly value: string;
}

/** Flags of the emulator that are a letter with a number behind it, with a space or without. */
const GLUED = /^\+([A-Za-z])(\d\S*)$/;

/** The flags that the YAML gives a VM, in the order in which it reads them. */
export const vmFlags = once(({ flagSources }: BeamContainer): readonly VmFlag[] =>
  flagSources.flatMap(({ variable, text }) => {
    const words = text.split(/\s+/).filter((word) => word !== '');
    const starts = words.flatMap((word, index) => (/^[-+][A-Za-z]/.test(word) ? [index] : []));
    return starts.flatMap((start, nth): VmFlag[] => {
      const [first = '', ...values] = words.slice(start, starts[nth + 1]);
      const [, letter, number] = GLUED.exec(first) ?? [];
      if (letter !== undefined) return [{ variable, name: `+${letter}`, value: number ?? '' }];
      return first === '-kernel' ? parameters(variable, values) : [{ variable, name: first, value: values.join(' ') }];
    });
  }),
);

function parameters(variable: string, words: readonly string[]): VmFlag[] {
  return words.flatMap((word, index) =>
    index % 2 === 0 ? [{ variable, name: `-kernel ${word}`, value: words[index + 1] ?? '' }] : [],
  );
}

/** The value that a flag of the emulator has in the end: of several, the last. */
export function emulatorValue(flags: readonly VmFlag[], name: string): VmFlag | undefined {
  return flags.filter((flag) => flag.name === name).at(-1);
}
