import type { IConstruct } from 'constructs';
import { nearest } from '../support/nearest';
import { reject } from '../support/reject';

/** The variables that mean nothing until the application's own configuration reads them, and the prop that sets each. */
const SET_BY = {
  PHX_SERVER: 'application.release',
  PHX_HOST: 'host',
  PORT: 'application.port',
  PHX_URL_SCHEME: 'url',
  PHX_URL_PORT: 'url',
  PHX_CHECK_ORIGIN: 'hosts',
  PHX_HTTPS_PORT: 'https',
  PHX_SSL_CERT_PATH: 'https',
  PHX_SSL_KEY_PATH: 'https',
  SECRET_KEY_BASE: 'secret',
  DATABASE_URL: 'database',
  POOL_SIZE: 'poolSize',
  ECTO_IPV6: 'ipv6',
  DATABASE_READ_URL: 'readUrl',
  DNS_CLUSTER_QUERY: 'cluster',
  LIBCLUSTER_NODE_BASENAME: 'cluster',
  LIBCLUSTER_SELECTOR: 'cluster',
  PGSSLROOTCERT: 'database',
  MYSQL_SSL_CA: 'database',
} as const;

/** Where the lines stand that read a variable, of those that no generator reads. */
const LINES: Readonly<Record<string, string>> = { PGSSLROOTCERT: 'docs/database.md', MYSQL_SSL_CA: 'docs/mysql.md' };

/** A variable that means nothing until the application's own configuration reads it. */
type Required = keyof typeof SET_BY;

/** How a link tells that the server is to be verified: the file says as much to who reads that. */
const VERIFIES = ['PGSSLMODE', 'MYSQL_SSL_MODE'] as const;

/** A variable of a release that the application's own configuration may read. */
export type RuntimeVariable = Required | (typeof VERIFIES)[number];

const both = ['PORT', 'SECRET_KEY_BASE', 'DATABASE_URL', 'POOL_SIZE', 'ECTO_IPV6', 'DNS_CLUSTER_QUERY'] as const;

/**
 * What the `config/runtime.exs` of a new application reads, for `reads`: the same in Phoenix 1.7.10 to 1.8.9.
 *
 * @see https://github.com/phoenixframework/phoenix/tree/main/installer/templates
 */
export const phxNew = {
  /** Of `mix phx.new`. */
  single: [...both, 'PHX_SERVER', 'PHX_HOST'],
  /** Of `mix phx.new --umbrella`, whose host stands in `config/prod.exs`: `example.com`. */
  umbrella: [...both],
} as const satisfies Readonly<Record<string, readonly RuntimeVariable[]>>;

/**
 * What `config/runtime.exs` reads with the lines that docs/public-url.md adds to it, for `reads`: that it serves, and where
 * browsers find it.
 */
export const publicUrlReads = [
  ...(['PHX_SERVER', 'PHX_HOST', 'PHX_URL_SCHEME', 'PHX_URL_PORT', 'PHX_CHECK_ORIGIN'] as const),
  ...(['PHX_HTTPS_PORT', 'PHX_SSL_CERT_PATH', 'PHX_SSL_KEY_PATH'] as const),
] as const satisfies readonly RuntimeVariable[];

type Reads = readonly RuntimeVariable[] | undefined;

/** Whether the application reads a variable. */
export function isRead(reads: Reads, name: RuntimeVariable): boolean {
  return reads === undefined || reads.includes(name);
}

/** What makes every endpoint of the VM serve, as `mix phx.server` does it: for an application that does not read `PHX_SERVER`. */
export const SERVE_ENDPOINTS = '-phoenix serve_endpoints true';

/** What is believed of an image of which nobody says what it reads; nothing where each generator's form reads it. */
export function assumedReads(name: string, reads: Reads, set: object): string | undefined {
  const more = (Object.keys(SET_BY) as Required[]).filter((one) => one in set && !both.some((known) => known === one));
  if (reads !== undefined || more.length === 0) return undefined;
  return `the image of ${name} is taken to read ${more.join(', ')}, of which mix phx.new --umbrella generates none; say in 'application.reads' what it reads`;
}

/** Refuses what is set and not read: it would look right in the YAML and do nothing. */
export function requireRead(scope: IConstruct, reads: Reads, set: object): void {
  if (reads === undefined) return;
  const known = [...Object.keys(SET_BY), ...VERIFIES];
  for (const word of reads.filter((name) => !known.includes(name))) {
    const near = nearest(word, known);
    const fix = near === undefined ? `leave it out; known are ${known.join(', ')}` : `did you mean ${near}?`;
    reject(scope, { prop: 'application.reads', must: 'name variables that a release sets', got: word, fix });
  }
  const meant = reads.map((word) => (known.includes(word) ? word : nearest(word, known)));
  const unread = (Object.keys(SET_BY) as Required[]).filter((name) => name in set && !meant.includes(name));
  for (const prop of new Set(unread.map((name) => SET_BY[name]))) {
    const names = unread.filter((name) => SET_BY[name] === prop).join(', ');
    const must = `be read by the application, as ${names}`;
    const lines = LINES[names] ?? 'docs/public-url.md';
    const fix = `read them in config/runtime.exs, with the lines of ${lines}, and name them in 'application.reads'`;
    reject(scope, { prop, must, got: `reads: ${reads.join(', ')}`, fix });
  }
}

/** Refuses a release that would not boot: Phoenix signs cookies and sockets with it. */
export function requireKeyBase(scope: IConstruct, reads: Reads, keys: readonly string[], set: object): void {
  if ('SECRET_KEY_BASE' in set || !isRead(reads, 'SECRET_KEY_BASE')) return;
  const near = nearest('SECRET_KEY_BASE', keys);
  const fix =
    near === undefined
      ? "add it to 'keys' of the Secret, or map the key that holds it: { 'key-of-phoenix': 'SECRET_KEY_BASE' }"
      : `rename the key ${near}, or map it: keys: { '${near}': 'SECRET_KEY_BASE' }`;
  reject(scope, { prop: 'secret', must: 'have a key for SECRET_KEY_BASE', got: keys.join(', ') || undefined, fix });
}
