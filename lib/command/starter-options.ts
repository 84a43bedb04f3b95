/** What can run the database of an environment. */
export const DATABASES = ['managed', 'single', 'cloudNativePg'] as const;
/** What can lead to the application. */
export const ROUTES = ['gateway', 'traefik', 'nginx-inc', 'ingress-nginx', 'haproxy', 'none'] as const;
/** What there can be in the order of promotion. */
export const ENVIRONMENTS = ['development', 'staging', 'production', 'preview'] as const;

/** What a starter is made for where nothing else is said, as options of the command. */
export const DEFAULTS = {
  port: '4000',
  database: 'managed',
  stagingDatabase: 'single',
  route: 'gateway',
  environments: 'development,staging,production',
} as const;

/** What a starter is made for. */
export interface StarterOptions {
  readonly name: string;
  readonly release: string;
  readonly module: string;
  readonly port: number;
  readonly umbrella: boolean;
  /** What runs the database of production. */
  readonly database: (typeof DATABASES)[number];
  readonly stagingDatabase: (typeof DATABASES)[number];
  readonly route: (typeof ROUTES)[number];
  readonly environments: readonly (typeof ENVIRONMENTS)[number][];
  readonly package: string | undefined;
}

/** A passage of a file and what stands in its place. */
export type Edit = readonly [passage: RegExp, text: string];
