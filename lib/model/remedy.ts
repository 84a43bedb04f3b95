import type { Finding } from './finding';

/** What to do about something: in the YAML, and in a literal where that is done in another way. A part of one, too. */
export type Remedy = Pick<Finding, 'fix' | 'inLiteral'>;

/** Puts a remedy together: its text is for all, and what stands in it may have words of its own for a literal. */
export function remedy(texts: TemplateStringsArray, ...parts: readonly (string | number | Remedy)[]): Remedy {
  const put = (words: (part: Remedy) => string): string =>
    String.raw({ raw: texts }, ...parts.map((part) => (typeof part === 'object' ? words(part) : part)));
  return either(
    put(({ fix }) => fix),
    put(({ fix, inLiteral = fix }) => inLiteral),
  );
}

/** A part that is said in one way of YAML, and in another of a literal. */
export function either(fix: string, inLiteral: string): Remedy {
  return fix === inLiteral ? { fix } : { fix, inLiteral };
}

/** A part that is for whoever writes a literal alone. */
export function onlyInLiteral(text: string): Remedy {
  return either('', text);
}

/** That something is there without being among the objects. */
export function provided(kind: string, name?: string, what = 'it'): Remedy {
  return either(
    `say --provide ${kind}/${name ?? '<name>'}`,
    `declare ${what} with Checks.of(app).provide({ kind: '${kind}', name${name === undefined ? '' : `: '${name}'`} })`,
  );
}

/** That a rule does not hold, with the reason. */
export function leftOut(rule: string, target?: string): Remedy {
  const scope = target === undefined ? '' : `, ${target}`;
  return either(`--leave-out ${rule}=<reason>`, `Checks.of(app).leaveOut('${rule}', OptOut.because('...')${scope})`);
}

/** That the cluster is of a newer release: `33`. */
export function newerKubernetes(minor: number): Remedy {
  return either(`say --kubernetes 1.${minor} where the cluster has it`, "raise the environment's Kubernetes version");
}
