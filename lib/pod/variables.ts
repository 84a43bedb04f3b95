import type { k8s } from 'cdk8s-plus-27';
import type { IConstruct } from 'constructs';
import { isVariableName, REFERENCES } from '../support/forms';
import { nearest } from '../support/nearest';
import { abort, reject, type Refusal } from '../support/reject';

/**
 * Where a variable gets its value: text, or a `valueFrom` such as a Secret's key or a field of the pod.
 * @write { fieldRef: { fieldPath: 'status.podIP' } }, or a text in quotes
 */
export type Variable = string | k8s.EnvVarSource;

/**
 * Environment variables in the order in which the container gets them. `$(NAME)` in a text stands for a variable
 * further up; one further down stays as it is written (https://github.com/kubernetes/kubernetes/issues/90466).
 */
export type Variables = Readonly<Record<string, Variable>>;

/** The container's `env`. */
export function env(variables: Variables): k8s.EnvVar[] {
  return Object.entries(variables).map(([name, variable]) =>
    typeof variable === 'string' ? { name, value: variable } : { name, valueFrom: whole(variable) },
  );
}

/**
 * References are one value to the API server, which fills in what is missing: `kubectl apply --server-side` after a plain
 * `kubectl apply` would write another value than the one that is there, and is refused as a conflict.
 */
function whole(source: k8s.EnvVarSource): k8s.EnvVarSource {
  return source?.fieldRef ? { ...source, fieldRef: { apiVersion: 'v1', ...source.fieldRef } } : source;
}

/** Texts for `env` that mean what they mean in a ConfigMap, where `$(NAME)` stands for nothing else. */
export function literally(texts: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, text.replace(/\$(?=[$(])/g, '$$$$')]));
}

/** Refuses names that the API server would, and references to variables that are not above. */
export function requireVariables(scope: IConstruct, prop: string, variables: Variables): void {
  const above = new Set<string>();
  for (const [name, variable] of Object.entries(variables)) {
    requireVariableName(scope, prop, name);
    const wanted = typeof variable === 'string' ? [...variable.matchAll(REFERENCES)] : [];
    for (const [, other] of wanted) {
      if (other !== undefined && !above.has(other)) {
        const fix = `put ${other} above ${name}, or write $$(${other}) for the text itself`;
        reject(scope, { prop: `${prop}.${name}`, must: 'refer only to variables above it', got: variable, fix });
      }
    }
    above.add(name);
  }
}

/** Refuses a name that the API server would. */
export function requireVariableName(scope: IConstruct, prop: string, name: string): void {
  const fault = variableNameFault(prop, name);
  if (fault) reject(scope, fault);
}

/** Why the API server takes no variable of a name; undefined where it does. */
export function variableNameFault(prop: string, name: string): Refusal | undefined {
  if (isVariableName(name)) return undefined;
  const must = 'hold names of letters, digits, "_", "-" and ".", none starting with a digit';
  return { prop, must, got: name, fix: 'rename the variable' };
}

const SOURCES = ['configMapKeyRef', 'fieldRef', 'fileKeyRef', 'resourceFieldRef', 'secretKeyRef'];

/** Stops at what is neither a text nor a source: every pod that gets it would be refused by the API server. */
export function requireSources(scope: IConstruct, prop: string, variables: Variables): void {
  const wrong = Object.entries<unknown>(variables).flatMap(([name, variable]): Refusal[] => {
    if (typeof variable === 'string' || variable === undefined || variable === null) return [];
    const keys = typeof variable === 'object' ? Object.keys(variable) : [];
    if (keys.length === 1 && SOURCES.includes(keys[0] ?? '')) return [];
    const must = `be a text, or have one of ${SOURCES.join(', ')}`;
    const meant = nearest(keys[0] ?? '', SOURCES);
    const fix =
      keys[0] === 'value' ? 'write the text itself' : keys[0] === 'valueFrom' ? 'write what stands under valueFrom' : undefined;
    const example = "write { fieldRef: { fieldPath: 'status.podIP' } }, or a text in quotes";
    const got = keys.length > 0 ? keys.join(', ') : variable;
    return [{ prop: `${prop}.${name}`, must, got, fix: fix ?? (meant === undefined ? example : `did you mean '${meant}'?`) }];
  });
  if (wrong.length > 0) abort(scope, wrong);
}
