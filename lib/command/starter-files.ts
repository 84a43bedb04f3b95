import type { StarterOptions } from './starter-options';

/** What is read of the package's own package.json. */
interface OwnManifest {
  readonly version: string;
  readonly scripts: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
  readonly jest: object;
}

const SCRIPTS = ['synth', 'needs', 'environments', 'plan'];
const TOOLS = ['@swc/core', '@swc/jest', '@types/jest', '@types/node', 'esbuild', 'jest', 'typescript'];
const LIBRARIES = ['cdk8s', 'cdk8s-plus-27', 'constructs'];

/** The package.json of a project: the package's own scripts, and the versions that it is tested with. */
export function manifestOf(own: OwnManifest, { name, package: range = `^${own.version}` }: StarterOptions): string {
  const of = (from: Readonly<Record<string, string>>, keys: readonly string[]): object =>
    Object.fromEntries(keys.map((key) => [key, from[key]]));
  const manifest = {
    name: `${name}-kubernetes`,
    private: true,
    engines: { node: '>=20' },
    scripts: { ...of(own.scripts, SCRIPTS), types: 'tsc -p .', test: 'jest' },
    dependencies: { 'cdk8s-phoenix': range, ...of(own.devDependencies, LIBRARIES) },
    devDependencies: of(own.devDependencies, TOOLS),
    jest: own.jest,
  };
  return `${JSON.stringify(manifest, null, 2)}\n`;
}

export const WORKFLOW = `name: ci
on:
  push:
    branches: [main]
  pull_request:
permissions:
  contents: read
jobs:
  check:
    runs-on: ubuntu-latest
    timeout-minutes: 10
    steps:
      - uses: actions/checkout@v5
      - uses: actions/setup-node@v5
        with:
          node-version: 22
          cache: npm
      - run: npm ci
      - run: npm run types
      - run: npm test -- --ci # fails when the YAML is another: read the change, then npm test -- -u
      - run: npm run synth
`;

export const README = (name: string, environment: string): string => `# ${name} on Kubernetes

What runs is described in \`lib/application.ts\`, and where in \`lib/environments/\`: one literal for each environment, whose fields your editor knows.

\`\`\`sh
npm install
npm run synth         # writes dist/, or says what is wrong and writes nothing
npm test              # locks the YAML in; after a change that you have read: npm test -- -u
npm run types
npm run needs         # what the cluster must have first, with the commands that make it
npm run environments  # what the environments come to, side by side
PREVIOUS=../main/dist npm run plan   # what a change does, beside the output of another checkout
\`\`\`

The image is built from \`source\` in \`lib/application.ts\`: \`docker build -f dist/image/Dockerfile -t <image> ..\`, where the folder above is the application's;
\`node_modules/cdk8s-phoenix/docs/images.md\` says the rest.

Before the first apply: put your own image into \`images/\`, host and database into the literals, then what \`npm run needs\` lists into the cluster. Then

\`\`\`sh
kubectl apply -f dist/${environment}/00-namespace.k8s.yaml   # before the Secrets
kubectl apply -f dist/${environment}/                        # new pods wait for the migrations
kubectl -n ${name}-${environment} rollout status deployment/${name} --timeout=36m
\`\`\`

What an application may have, and where it is said:

| the application has           | in its literal, unless another file is named                                                                       |
| ----------------------------- | ------------------------------------------------------------------------------------------------------------------ |
| another variable              | \`config: { LOG_LEVEL: 'info' }\`; of web pods alone \`web.config\`, of a worker its own                             |
| another secret                | a key in \`secretKeys\` of \`lib/environments/index.ts\`; then \`npm run needs\`                                     |
| queues of Oban                | \`workers: { jobs: { replicas: 2, config: { OBAN_QUEUES: 'default,mailers' } } }\`                                  |
| a command every night         | \`tasks: { nightly: { schedule: '30 4 * * *', timeZone: 'Europe/Berlin', run: 'Shop.Nightly.run()' } }\`            |
| Redis, S3, a mail server      | \`backingServices: { SMTP_HOST: { host: 'smtp.example.com', port: 587, cidrs: 'everyone' } }\`                      |
| a role of the cloud           | \`identity: CloudIdentity.aws({ roleArn })\`                                                                       |
| a private registry            | \`pods: { imagePullSecrets: ['registry'] }\`                                                                       |
| nodes of its own              | \`pods: { nodeSelector: { pool: 'apps' }, tolerations: [{ key: 'dedicated', value: 'apps', effect: 'NoSchedule' }] }\` |
| hosts that redirect           | \`redirects\` of the route, in \`lib/environments/route.ts\`                                                         |

\`node_modules/cdk8s-phoenix/docs/example.md\` is an application that has nearly all of it, and \`docs/README.md\` beside it the index.

\`npx cdk8s-phoenix promote staging production\` lets production run what staging runs, and \`npx cdk8s-phoenix deliver\` writes the workflow from a pushed image to both:
\`node_modules/cdk8s-phoenix/docs/delivery.md\`.

On a pull request \`.github/workflows/plan.yaml\` says in a comment what it does to each environment.

Commit \`package-lock.json\` and the snapshot in \`test/\` with the rest.
`;
