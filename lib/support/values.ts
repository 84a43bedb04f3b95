import { isIP } from 'node:net';
import type { Duration, Size } from 'cdk8s';
import type { IConstruct } from 'constructs';
import { isHost, isKey, isLabelValue, isQualifiedName, LETTER_FIRST, rangeIn } from './forms';
import { declare } from './declare';
import { OptOut } from './opt-out';
import { bytes } from './quantity';
import { KUBERNETES_VERSIONS, nearestKubernetes } from './kubernetes-versions';
import { asWritten, reject } from './reject';

/** Refuses what is no release of Kubernetes that we know. */
export function requireKubernetes(scope: IConstruct, version: string): void {
  if (KUBERNETES_VERSIONS.some((known) => known === version)) return;
  const must = `be a minor release of Kubernetes from ${KUBERNETES_VERSIONS[0]} to ${KUBERNETES_VERSIONS.at(-1)}`;
  reject(scope, { prop: 'kubernetes', must, got: version, fix: `write '${nearestKubernetes(version)}'` });
}

/**
 * Refuses what is no object name: lower-case letters, digits and `-`, a letter first, and short enough for what
 * Kubernetes derives from it.
 */
export function requireName(scope: IConstruct, name: string, maximum = 63, prop = 'name'): void {
  if (typeof name === 'string' && LETTER_FIRST.test(name) && name.length <= maximum) return;
  reject(scope, {
    prop,
    must: `be lower-case letters, digits and '-', start with a letter, end with a letter or digit and have at most ${maximum} characters`,
    got: name,
    fix: `rename it, for example "${suggestName(name, maximum)}"`,
  });
}

/** Refuses what makes no name behind that of the application, `shop-mailer`, which may have 52 characters together. */
export function requirePartName(scope: IConstruct, part: string, application: string, prop: string): void {
  const room = 51 - application.length;
  // Where the application takes all of it, its own name is at fault.
  requireName(scope, part, room < 1 ? 51 : room, prop);
}

/** Refuses what is no value of a label. */
export function requireLabelValue(scope: IConstruct, prop: string, value: string): void {
  if (typeof value === 'string' && isLabelValue(value)) return;
  const must = "be at most 63 letters, digits, '-', '_' and '.', with a letter or digit at both ends";
  reject(scope, { prop, must, got: value, fix: 'shorten or rename it' });
}

/** Refuses labels that the API server would. */
export function requireLabels(scope: IConstruct, prop: string, labels: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(labels)) {
    requireLabelValue(scope, `${prop}["${name}"]`, value);
    if (isQualifiedName(name)) continue;
    const must = "have names of at most 63 letters, digits, '-', '_' and '.', after a domain and '/' if need be";
    reject(scope, { prop, must, got: name, fix: 'write it as example.com/owner' });
  }
}

/** Refuses what is no key of a ConfigMap or a Secret. */
export function requireKey(scope: IConstruct, prop: string, key: string): void {
  if (typeof key === 'string' && isKey(key)) return;
  const must = "hold keys of at most 253 letters, digits, '-', '_' and '.'";
  reject(scope, { prop, must, got: key, fix: 'rename the key' });
}

/** Refuses what is no whole number between `minimum` and `maximum`. */
export function requireInteger(
  scope: IConstruct,
  prop: string,
  value: number,
  { minimum, maximum = 2147483647, fix }: { minimum: number; maximum?: number; fix: string },
): void {
  if (Number.isInteger(value) && value >= minimum && value <= maximum) return;
  const range = maximum === 2147483647 ? `of ${minimum} or more` : `from ${minimum} to ${maximum}`;
  reject(scope, { prop, must: `be a whole number ${range}`, got: value, fix });
}

/** Refuses a duration that is not a whole number of seconds in the range. */
export function requireSeconds(
  scope: IConstruct,
  prop: string,
  value: Duration,
  { minimum, maximum = 86400 * 365, fix }: { minimum: number; maximum?: number; fix: string },
): void {
  const seconds = value.toMilliseconds() / 1000;
  if (Number.isInteger(seconds) && seconds >= minimum && seconds <= maximum) return;
  reject(scope, { prop, must: `be whole seconds from ${minimum}s to ${maximum}s`, got: value, fix });
}

/** Refuses what is no DNS host name, such as an address, a URL or a name with a port. */
export function requireHost(scope: IConstruct, host: string, prop = 'host'): void {
  if (typeof host === 'string' && isHost(host)) return;
  reject(scope, {
    prop,
    must: 'be a DNS host name in lower case, without scheme, port or path',
    got: host,
    fix: 'write it as app.example.com',
  });
}

/** Refuses what is neither a host name nor a wildcard for those of one domain, `*.example.com`. */
export function requireHostOrWildcard(scope: IConstruct, host: string, prop: string): void {
  requireHost(scope, typeof host === 'string' ? host.replace(/^\*\./, '') : host, prop);
}

/** Refuses a volume that nothing fits into. */
export function requireSize(scope: IConstruct, prop: string, size: Size, example = 'Size.gibibytes(10)'): void {
  if (bytes(size) > 0) return;
  reject(scope, { prop, must: 'be more than nothing', got: size, fix: `write ${example}` });
}

/** Refuses what is no range of addresses. */
export function requireCidr(scope: IConstruct, prop: string, cidr: unknown): void {
  if (typeof cidr === 'string' && rangeIn(cidr)) return;
  const [address = '', prefix = ''] = typeof cidr === 'string' ? cidr.split('/') : [];
  const most = isIP(address) === 6 ? 128 : 32;
  const network = most === 128 ? '/64' : '/16';
  const fix =
    isIP(address) !== 0 && prefix === ''
      ? `write ${address}/${most} for this address alone, or how much of it is the network, such as ${network}`
      : 'write it as 10.0.0.0/16, or 203.0.113.7/32 for one address';
  reject(scope, { prop, must: 'be a range of addresses', got: cidr, fix });
}

/** Refuses an opt-out that gives no reason. A reason stands in the YAML, at the object that it concerns. */
export function requireReason(scope: IConstruct, prop: string, value: unknown): void {
  if (!(value instanceof OptOut)) return;
  requireSentence(scope, prop, value.reason);
  if (isSentence(value.reason))
    declare(scope, { reasons: [{ prop: asWritten(scope, prop), reason: value.reason, target: scope }] });
}

/** Refuses a reason that tells a reviewer nothing. */
export function requireSentence(scope: IConstruct, prop: string, reason: string): void {
  if (isSentence(reason)) return;
  const fix = 'write one sentence that a reviewer would accept';
  reject(scope, { prop, must: 'give a reason of 10 or more characters', got: reason, fix });
}

function isSentence(reason: unknown): boolean {
  return typeof reason === 'string' && reason.trim().length >= 10;
}

function suggestName(name: unknown, maximum: number): string {
  const parts =
    String(name ?? '')
      .toLowerCase()
      .match(/[a-z0-9]+/g) ?? [];
  return (
    parts
      .join('-')
      .replace(/^[0-9-]+/, '')
      .slice(0, maximum)
      .replace(/-+$/, '') || 'my-app'
  );
}
