/** What providers, or custom, give to poolers. */
export interface KnownPooler {
  /** What it is, for sentences. */
  readonly what: string;
  /** Whether an address is one. */
  readonly matches: (host: string, port: number) => boolean;
  /** Where the server itself is. */
  readonly server: string;
  /** Whether a client keeps its connection as long as it is there, and all that a session has with it. @default false */
  readonly sessions?: boolean;
}

const POOLERS: readonly KnownPooler[] = [
  {
    what: "Supabase's pooler in transaction mode",
    matches: (host, port) => port === 6543 && /\.supabase\.(?:com|co)$/.test(host),
    server: 'db.<project>.supabase.co with port 5432, or the session pooler with port 5432',
  },
  {
    what: "Supabase's pooler in session mode",
    matches: (host) => host.endsWith('.pooler.supabase.com'),
    sessions: true,
    server: 'db.<project>.supabase.co with port 5432',
  },
  {
    what: "Neon's pooler",
    matches: (host) => /^[^.]+-pooler\.(?:[^.]+\.)*neon\.tech$/.test(host),
    server: 'the same host without -pooler',
  },
  {
    what: "DigitalOcean's pooler",
    matches: (host, port) => port === 25061 && host.endsWith('.ondigitalocean.com'),
    server: 'the same host with port 25060',
  },
  {
    what: 'an RDS Proxy',
    matches: (host) => /\.proxy-[a-z0-9]+\.[a-z0-9-]+\.rds\.amazonaws\.com(?:\.cn)?$/.test(host),
    server: 'the endpoint of the instance or the cluster',
  },
  {
    what: 'PgBouncer, by its port',
    matches: (_, port) => port === 6432,
    server: 'the same host with port 5432, or what the provider names the direct address',
  },
];

/** The pooler that an address of PostgreSQL belongs to, as its name or its port tells. */
export function knownPooler(host: string, port: number): KnownPooler | undefined {
  return POOLERS.find(({ matches }) => matches(host.toLowerCase(), port));
}
