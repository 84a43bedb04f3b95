import { ENVIRONMENTS, type Edit, type StarterOptions } from './starter-options';

/** What one's own project says otherwise than the package's stack, file by file. */
export function edits(path: string, options: StarterOptions): Edit[] {
  const { route, database, stagingDatabase } = options;
  switch (path) {
    case 'test/stack/environments.test.ts':
      return [[/'\.\.\/\.\.\/lib\/environments'/, "'../lib/environments'"]];
    case 'lib/application.ts':
      return applicationEdits(options);
    case 'lib/environments/index.ts':
      return indexEdits(options);
    case 'lib/environments/route.ts':
      return route === 'gateway' || route === 'none' ? [] : ingressEdits(route);
    case 'lib/environments/staging.ts':
      return [NO_WORKERS, NO_DURATION, NO_QUOTA, ...(route === 'none' ? NO_ROUTE : []), ...stagingEdits(stagingDatabase)];
    case 'lib/environments/production.ts':
      return [NO_WORKERS, NO_WORKER, NO_DURATION, NO_QUOTA, ...(route === 'none' ? NO_ROUTE : []), ...databaseEdits(database)];
    case 'lib/environments/preview.ts':
      return route === 'none' ? [...NO_ROUTE] : [];
    default:
      return path.startsWith('images/') ? [[/docs\/delivery\.md/, 'node_modules/cdk8s-phoenix/docs/delivery.md']] : [];
  }
}

function applicationEdits({ port, umbrella, database, stagingDatabase }: StarterOptions): Edit[] {
  // The certificate of a database beside the cluster, or of CloudNativePG.
  const verified = database === 'single' && stagingDatabase === 'single' ? '' : ", 'PGSSLROOTCERT'";
  const reads: Edit[] = umbrella
    ? [[/reads: \[\s*\.\.\.phxNew\.umbrella[^\]]*\],/, `reads: [...phxNew.umbrella, ...publicUrlReads${verified}],`]]
    : [
        [
          / {2}\/\/ Its runtime\.exs[^]*?\n {2}reads: \[[^\]]*\],/,
          verified === ''
            ? '  reads: phxNew.single, // what the runtime.exs of `mix phx.new` reads'
            : `  // What the runtime.exs of \`mix phx.new\` reads, and the lines of docs/application.md for the database's certificate.\n  reads: [...phxNew.single${verified}],`,
        ],
        [/, publicUrlReads/, ''],
        [/, apps: \[[^\]]*\]/, ''],
      ];
  const docs: Edit = [/docs\/images\.md/, 'node_modules/cdk8s-phoenix/docs/images.md'];
  return [[/: an umbrella of[^\n]*`\. \*\//, '. */'], docs, [/port: 4000,/, `port: ${port},`], ...reads];
}

function indexEdits({ environments }: StarterOptions): Edit[] {
  const gone = ENVIRONMENTS.filter((name) => !environments.includes(name));
  const order = ENVIRONMENTS.filter((name) => name !== 'preview' && environments.includes(name));
  return [
    ...gone.map((name): Edit => [new RegExp(`import \\{ ${name} \\} from '\\./${name}';\\n`), '']),
    [/environments: \{[^}]*\}/, `environments: { ${order.join(', ')} }`],
    ...(gone.includes('preview') ? [[/ {2}preview,\n/, ''] as const] : []),
  ];
}

// A new application has no queue that pods of their own work off.
const NO_WORKERS: Edit = [/ {2}workers: \{[^]*?\n {2}\},\n/, ''];
const NO_WORKER: Edit = [/const worker = [^]*?;\n\n/, ''];
// What it comes to follows from the rest.
const NO_QUOTA: Edit = [/ {2}quota: [^\n]*\n/, ''];
const NO_DURATION: Edit = [/Duration, /, ''];
const NO_ROUTE: readonly Edit[] = [
  [/import \{ publicRoute \} from '\.\/route';\n/, ''],
  [/ +route: publicRoute,\n/, ''],
];

/** What the starter says of a controller: its name in the literal, its class, and the namespace of its chart. */
const CONTROLLERS: Readonly<Record<string, readonly [controller: string, className: string, namespace: string]>> = {
  traefik: ["'traefik'", 'traefik', 'traefik'],
  haproxy: ["'haproxy'", 'haproxy', 'haproxy-controller'],
  'nginx-inc': ["'nginx-inc'", 'nginx', 'nginx-ingress'],
  'ingress-nginx': [
    "{ 'ingress-nginx': OptOut.because('the cluster has it still, though it is retired') }",
    'nginx',
    'ingress-nginx',
  ],
};

/** An Ingress, with a certificate that cert-manager keeps. */
function ingressEdits(route: string): Edit[] {
  const [controller, className, namespace] = CONTROLLERS[route] ?? ['', '', ''];
  const text = `export const publicRoute: WebRoute = {
  ingress: { controller: ${controller} },
  // cert-manager answers Let's Encrypt by the same way; a ClusterIssuer with dns01 is { kind: 'ClusterIssuer', name, challenge: 'dns01' }.
  certificate: { acme: { server: 'production', email: 'ops@example.com', challenge: { http01: { ingressClass: '${className}' } } } },
  proxies: [{ namespace: '${namespace}' }], // where the controller's pods are
};
`;
  return [
    [/export const publicRoute[^]*/, text],
    [/The Gateway that[^\n]*tenants\./, 'The way in for all environments.'],
    ...(controller.includes('OptOut') ? [] : [[/OptOut, type WebRoute/, 'type WebRoute'] as const]),
  ];
}

const ENGINES: Readonly<Record<string, readonly [fields: string, names: string]>> = {
  single: [
    `  database: {
    single: {
      image: postgres,
      storage: Size.gibibytes(20),
      resources: Resources.guaranteed({ cpu: Cpu.units(1), memory: Size.gibibytes(2) }),
    },
  },
  backup: {
    image: postgres,
    target: { claim: { name: 'kube-native-dumps', storage: Size.gibibytes(20) } },
    schedule: '30 3 * * *',
    drill: { schedule: '30 6 * * 0' }, // restores the newest dump, to prove it
    resources: Resources.guaranteed({
      cpu: Cpu.millis(500),
      memory: Size.mebibytes(512),
      ephemeralStorage: Size.gibibytes(10),
    }),
  },
`,
    '',
  ],
  cloudNativePg: [
    `  database: {
    cloudNativePg: {
      instances: 3,
      image: 'ghcr.io/cloudnative-pg/postgresql:17.6-system-trixie',
      storage: Size.gibibytes(20),
      resources: Resources.guaranteed({ cpu: Cpu.units(1), memory: Size.gibibytes(2) }),
      backup: {
        destination: 's3://kube-native-backups/production',
        credentials: CloudIdentity.aws({ roleArn: 'arn:aws:iam::123456789012:role/kube-native-backups' }),
        schedule: '0 1 * * *',
        retention: Duration.days(30),
      },
    },
  },
`,
    'CloudIdentity, ',
  ],
};

function databaseEdits(database: StarterOptions['database']): Edit[] {
  const engine = ENGINES[database];
  if (!engine) return [];
  const [fields, names] = engine;
  return [
    [/ {2}database: \{[^]*?\n {2}\},\n/, fields],
    [/ The provider runs the database[^*]*\*/, ' *'],
    ...(names
      ? [
          [/import \{ Resources/, `import { ${names}Resources`] as const,
          [/import \{ Size \}/, 'import { Duration, Size }'] as const,
        ]
      : []),
    ...(fields.includes('postgres,') ? [[/\n\n\/\*\*/, "\nimport { postgres } from './images';\n\n/**"] as const] : []),
  ];
}

/** Rehearsals on the engine of production: what may be lost, and the image and the sizes of the pod in its place. */
const REHEARSALS: Readonly<Record<string, string>> = {
  managed: `  database: {
    managed: {
      host: 'kube-native-staging.cluster-example.eu-central-1.rds.amazonaws.com', // never that of production
      connections: 90, // max_connections of 100, less those for administrators and the provider
      cidr: '10.1.0.0/16', // the database's subnets
      tls: { authority: { configMap: 'database-ca', key: 'ca.pem' } }, // the provider signs with an authority of its own
    },
  },
`,
  cloudNativePg: `  database: {
    cloudNativePg: {
      instances: 2, // the smallest number that has one to take over
      image: 'ghcr.io/cloudnative-pg/postgresql:17.6-system-trixie',
      storage: Size.gibibytes(10),
      resources: database,
      backup: OptOut.because('it is a rehearsal, and may be lost'),
    },
  },
`,
};

function stagingEdits(database: StarterOptions['stagingDatabase']): Edit[] {
  const text = REHEARSALS[database];
  if (text === undefined) return [];
  return [
    [/ {2}database: \{[^\n]*\},\n {2}backup: [^\n]*\n/, text],
    [/import \{ postgres \} from '\.\/images';\n/, ''],
    ...(database === 'managed'
      ? [
          [/const database = [^\n]*\n/, ''] as const,
          [/OptOut, /, ''] as const,
          [
            /, with a database of its own that may be lost\. \*/,
            ', with a database of its own that the provider runs. *',
          ] as const,
        ]
      : []),
  ];
}
