import type { Manifest } from '../../lib/index';
import { isClusterScoped } from '../../lib/model/kinds';

/** Where the API server is, as `kubectl proxy` serves it. */
let server = 'http://127.0.0.1:8001';

/** Names another place for it. */
export function useServer(at: string): void {
  server = at;
}

/** What it answered. */
export interface Answer {
  readonly status: number;
  /** Whether it takes nothing of this kind, wherever it stands. */
  readonly refused: boolean;
  readonly said: string;
  readonly got: Manifest;
}

/** Who asks, and how it is written. */
export interface Asking {
  /** A user in whose place it is asked. @default - whoever `kubectl proxy` is */
  readonly as?: string;
  /** @default 'application/json' */
  readonly contentType?: string;
}

/** Asks it something. */
export async function send(method: string, path: string, body?: Manifest, asking: Asking = {}): Promise<Answer> {
  const { as, contentType = 'application/json' } = asking;
  const headers = { 'Content-Type': contentType, ...(as === undefined ? {} : { 'Impersonate-User': as }) };
  const answer = await fetch(`${server}${path}`, { method, headers, body: body && JSON.stringify(body) });
  // A group that it does not serve is answered in plain text.
  const isJson = answer.headers.get('content-type')?.includes('json') ?? false;
  const got = (isJson ? await answer.json() : {}) as Manifest;
  const refused = answer.status >= 400 && answer.status !== 409;
  return { status: answer.status, refused, said: got['message'] ?? '', got };
}

/** What the server serves: the plurals of kinds, by their version. */
const served = new Map<unknown, Promise<ReadonlyMap<unknown, string>>>();

function pluralsOf(apiVersion: unknown): Promise<ReadonlyMap<unknown, string>> {
  const known = served.get(apiVersion) ?? askForPlurals(apiVersion);
  served.set(apiVersion, known);
  return known;
}

async function askForPlurals(apiVersion: unknown): Promise<ReadonlyMap<unknown, string>> {
  const { status, got } = await send('GET', `/${rootOf(apiVersion)}`);
  if (status === 404) return new Map();
  const { resources = [] } = got as { readonly resources?: readonly { readonly kind: string; readonly name: string }[] };
  // Those with a slash are parts of others: `deployments/scale`.
  return new Map(resources.flatMap(({ kind, name }) => (name.includes('/') ? [] : [[kind, name]])));
}

function rootOf(apiVersion: unknown): string {
  return `${String(apiVersion).includes('/') ? 'apis' : 'api'}/${apiVersion}`;
}

/** Where objects of a kind are; undefined where the server does not serve it. */
export async function collectionOf({ apiVersion, kind }: Manifest, namespace: string): Promise<string | undefined> {
  const plural = (await pluralsOf(apiVersion)).get(kind);
  const place = isClusterScoped(kind) ? '' : `namespaces/${namespace}/`;
  return plural && `/${rootOf(apiVersion)}/${place}${plural}`;
}

/** Where one object is. */
export async function placeOf(manifest: Manifest): Promise<string> {
  const { name, namespace } = manifest['metadata'];
  return `${await collectionOf(manifest, namespace)}/${name}`;
}
