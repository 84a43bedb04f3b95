import type { Manifest } from '../support/edit';
import { parseImage } from '../support/image';
import { parseQuantity } from '../support/parse-quantity';
import { grouped, map, once, text } from './values';

/** What the API server fills in below containers and volumes, wherever a pod's template stands: by the end of the path. */
export const FILLED_IN_BELOW: readonly (readonly [end: RegExp, value: unknown])[] = [
  [/\.terminationMessagePath$/, '/dev/termination-log'],
  [/\.terminationMessagePolicy$/, 'File'],
  [/Probe\.(?:timeoutSeconds|successThreshold)$/, 1],
  [/Probe\.periodSeconds$/, 10],
  [/Probe\.failureThreshold$/, 3],
  [/\.httpGet\.scheme$/, 'HTTP'],
  [/\.(?:configMap|secret|projected|downwardAPI)\.defaultMode$/, 420],
  [/\.fieldRef\.apiVersion$/, 'v1'],
];

/**
 * What the API server fills in where a pod's template leaves it out, by the end of the path. Who writes it has changed nothing.
 *
 * @see https://github.com/kubernetes/kubernetes/blob/master/pkg/apis/core/v1/defaults.go
 */
const FILLED_IN: readonly (readonly [end: RegExp, value: unknown])[] = [
  ...FILLED_IN_BELOW,
  [/^spec\.restartPolicy$/, 'Always'],
  [/^spec\.dnsPolicy$/, 'ClusterFirst'],
  [/^spec\.schedulerName$/, 'default-scheduler'],
  [/^spec\.terminationGracePeriodSeconds$/, 30],
  [/\.ports\[\]\.protocol$/, 'TCP'],
  [/\.httpGet\.path$/, '/'],
  [/\.serviceAccountToken\.expirationSeconds$/, 3600],
  [/\.resourceFieldRef\.divisor$/, '0'],
  // A number that is no pointer is not given where it is 0.
  [/\.(?:divisor|initialDelaySeconds|hostPort)$|Probe\.(?:timeoutSeconds|periodSeconds|successThreshold|failureThreshold)$/, 0],
];

/** The ends of the paths by the value that is filled in: of most values there are none. */
const USUAL = grouped(FILLED_IN, ([, value]) => value);

/** Switches that are off where nothing is written; of others, such as `privileged`, the API server keeps that it was said. */
const OFF = /\.(?:hostNetwork|hostPID|hostIPC|readOnly|stdin|stdinOnce|tty)$/;
/** Texts of which the API server keeps that they were given, though nothing is in them: those of labels and such, and pointers. */
const KEPT =
  /(?:^|\.)(?:labels|annotations|nodeSelector|matchLabels|volumeAttributes)\.|(?:(?:runtime|storage|volumeAttributes)ClassName|localhostProfile|preemptionPolicy|options\[\]\.value)$/;
/** Mappings of which it keeps that they were given: without a selector no pod is meant, with an empty one all are. */
const POINTER =
  /(?:^spec\.(?:affinity|dnsConfig|resources)|ffinity|ontainers\[\]\.(?:securityContext|lifecycle)|capabilities|Options|labelSelector|namespaceSelector)$/;
const QUANTITY = /\.(?:limits|requests)\.|\.sizeLimit$|\.divisor$/;

/** A pod's template as the API server keeps it, with what it would fill in left out and each quantity written in one way. */
export const asServed = once((template: Manifest): Manifest => map(served(template, '')));

function served(value: unknown, path: string): unknown {
  if (Array.isArray(value)) return value.map((item) => served(item, `${path}[]`));
  if (map(value) !== value) return QUANTITY.test(path) ? canonical(value) : value;
  if (POINTER.test(path) && isBlank(value)) return '{}';
  const entries = Object.entries(map(value)).flatMap(([key, inner]): [string, unknown][] => {
    const own = path === '' ? key : `${path}.${key}`;
    if (isFilledIn(own, inner, map(value))) return [];
    return [[own === 'spec.serviceAccount' ? 'serviceAccountName' : key, served(inner, own)]];
  });
  return Object.fromEntries(entries);
}

function isBlank(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.values(value).every(isBlank);
}

const UNITS = [
  ['Gi', 2 ** 30],
  ['Mi', 2 ** 20],
  ['Ki', 2 ** 10],
] as const;

/** A quantity in one of the many ways in which it may be written. */
function canonical(quantity: unknown): unknown {
  const number = parseQuantity(quantity);
  if (number === undefined) return quantity;
  const [unit, size] = UNITS.find(([, one]) => number >= one && number % one === 0) ?? ['', 1];
  return Number.isInteger(number) ? `${number / size}${unit}` : `${number * 1000}m`;
}

function isFilledIn(path: string, value: unknown, beside: Manifest): boolean {
  if (value === false && OFF.test(path)) return true;
  if (value === '' && !KEPT.test(path)) return true;
  if (path.endsWith('.imagePullPolicy')) return value === usualPull(text(beside['image']) ?? '');
  if (path === 'spec.serviceAccount') return value === beside['serviceAccountName'];
  return (USUAL.get(value) ?? []).some(([end]) => end.test(path));
}

function usualPull(image: string): string {
  const { tag, digest } = parseImage(image) ?? {};
  return digest === undefined && (tag === undefined || tag === 'latest') ? 'Always' : 'IfNotPresent';
}
