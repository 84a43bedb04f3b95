import type { parser as Parser } from '@prometheus-io/lezer-promql';

/** What an expression of PromQL says. */
export interface Expression {
  /** What is wrong with it, as it continues after "must"; undefined where nothing is. */
  readonly fault?: string;
  /** The names of the series that it asks for. */
  readonly names: readonly string[];
}

let loaded: typeof Parser | undefined;

/** An expression as Prometheus' own grammar reads it. The grammar is loaded when there is one to be read. */
export function readExpression(text: string): Expression {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- most environments have no rules of Prometheus
  loaded ??= (require('@prometheus-io/lezer-promql') as { parser: typeof Parser }).parser;
  const names = new Set<string>();
  let fault: string | undefined;
  loaded.parse(text).iterate({
    enter: ({ type, from, to, node }) => {
      if (type.isError && fault === undefined) {
        const rest = text.slice(from, Math.max(to, from + 20)).trim();
        fault = `be an expression of PromQL, which ends at character ${from}${rest === '' ? '' : `, before ${JSON.stringify(rest)}`}`;
      }
      if (type.name === 'Identifier' && node.parent?.name === 'VectorSelector') names.add(text.slice(from, to));
    },
  });
  if (text.trim() === '') return { fault: 'be an expression of PromQL', names: [] };
  return { ...(fault === undefined ? {} : { fault }), names: [...names] };
}
