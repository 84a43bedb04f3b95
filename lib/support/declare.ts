import { Chart } from 'cdk8s';
import type { IConstruct } from 'constructs';
import type { DatabaseLimit, Declared } from './facts';

/** Under which a construct's metadata has what it declares. */
const DECLARES = 'cdk8s-phoenix/declares';

/**
 * Says what stands in none of a construct's objects: what its pods connect to, what must be in the cluster. It is kept with
 * the construct, among its `node.metadata`, and read by those who summarize once the tree is whole.
 *
 * @example declare(deployment, { traffic: [{ pods: 'search', labels: {}, sends: [{ port: 443 }], reachesOut: false }] });
 */
export function declare(construct: IConstruct, declared: Partial<Declared>): void {
  construct.node.addMetadata(DECLARES, declared);
}

/**
 * Says which props fields of an object are written from as they stand. What the API wants of them is for rules alone to ask, and a
 * fault in such a field, or below it, names the prop.
 *
 * @example writtenFrom(this, this.cronJob, { 'spec.schedule': 'schedule' });
 */
export function writtenFrom(construct: IConstruct, object: IConstruct, props: Readonly<Record<string, string>>): void {
  declare(construct, { fields: Object.entries(props).map(([field, prop]) => ({ construct, prop, object, field })) });
}

/**
 * All that the constructs of an App declare as far as they are there now: in the order of their paths, whatever order they were
 * made in.
 *
 * @param scope any construct of the App
 * @param namespace what is declared for another one is left out @default - for all of them
 */
export function declaredIn(scope: IConstruct, namespace?: string): Declared {
  const parts: { readonly path: string; readonly declared: readonly Partial<Declared>[] }[] = [];
  for (const construct of scope.node.root.node.findAll()) {
    const declared = declaredBy(construct);
    if (declared.length === 0) continue;
    if (namespace !== undefined && (namespaceOf(construct) ?? namespace) !== namespace) continue;
    parts.push({ path: construct.node.path, declared });
  }
  const found: Record<string, unknown[]> = Object.fromEntries(KINDS.map((kind) => [kind, []]));
  for (const { declared } of parts.sort(({ path: one }, { path: other }) => (one < other ? -1 : 1)))
    for (const part of declared) for (const kind of Object.keys(part)) found[kind]?.push(...(part[kind as keyof Declared] ?? []));
  const { databases, ...all } = found as unknown as Declared;
  return { ...all, databases: [...databases, ...unknown(all.poolers, databases)] };
}

/** What one construct declares. */
export function declaredBy({ node }: IConstruct): readonly Partial<Declared>[] {
  return node.metadata.filter(({ type }) => type === DECLARES).map(({ data }) => data as Partial<Declared>);
}

/** The namespace that a construct's objects are in; undefined where its chart leaves that to whoever applies it. */
export function namespaceOf({ node }: IConstruct): string | undefined {
  return node.scopes.findLast((scope): scope is Chart => Chart.isChart(scope))?.namespace;
}

/** Poolers that nobody made here, each once. */
function unknown(poolers: readonly DatabaseLimit[], databases: readonly DatabaseLimit[]): DatabaseLimit[] {
  const isMade = (pooler: DatabaseLimit): boolean =>
    databases.some(({ host, port = pooler.port }) => host === pooler.host && port === pooler.port);
  const others = poolers.filter((pooler) => !isMade(pooler));
  return [...new Map(others.map((pooler) => [`${pooler.host}:${pooler.port}`, pooler])).values()];
}

const NOTHING: Declared = {
  externals: [],
  databases: [],
  poolers: [],
  connections: [],
  traffic: [],
  backingServices: [],
  repos: [],
  outside: [],
  visitors: [],
  proxies: [],
  fences: [],
  sidecars: [],
  dns: [],
  leftOut: [],
  reasons: [],
  assumed: [],
  jobs: [],
  restores: [],
  longPolls: [],
  origins: [],
  fields: [],
  podSettings: [],
  others: [],
  cookieVariables: [],
  exporters: [],
  measured: [],
  namespaceLabels: [],
  images: [],
  encrypted: [],
};

const KINDS = Object.keys(NOTHING) as (keyof Declared)[];
