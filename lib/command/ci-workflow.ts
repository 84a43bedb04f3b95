import { inStack } from './stack-folder';

/** Runners that have an architecture themselves: emulated, the JIT of Erlang needs a flag of its own, and many times as long. */
export const PLATFORMS: Readonly<Record<string, string>> = {
  'linux/amd64': 'ubuntu-24.04',
  'linux/arm64': 'ubuntu-24.04-arm',
};

/** What the workflow is written of. */
export interface WorkflowFacts {
  readonly image: string;
  readonly stack: string;
  readonly platforms: readonly string[];
  readonly environments: readonly string[];
  /** The repository that delivers it, or `here`. */
  readonly deliver?: string;
}

/** The workflow that builds an image and synthesizes the stack with its digest. */
export function imageWorkflow(facts: WorkflowFacts): string {
  return `${HEAD}env:
  REPOSITORY: ${facts.image} # not IMAGE, which synth reads
jobs:
${buildJob(facts)}${pushJob(facts)}${facts.deliver === undefined ? synthJob(facts) : handOver(facts.deliver)}`;
}

const HEAD = `# Builds the image by the Dockerfile that the stack writes, and synthesizes the stack with its digest.
# Written once by cdk8s-phoenix ci: it is yours.
name: image
on:
  push:
    branches: [main]
    tags: ['v*']
  pull_request: # builds, and pushes nothing
permissions:
  contents: read
concurrency:
  group: image-\${{ github.ref }}
  cancel-in-progress: \${{ github.event_name == 'pull_request' }}
`;

/** Those of GitHub for its own registry; of others a robot's, which may push this image alone. */
function login({ image }: WorkflowFacts): string {
  const [registry = ''] = image.split('/');
  const own = registry === 'ghcr.io';
  return `      - uses: docker/login-action@v4
        if: github.event_name != 'pull_request'
        with:
          registry: ${registry}
          username: \${{ ${own ? 'github.actor' : 'secrets.REGISTRY_USER'} }}
          password: \${{ ${own ? 'github.token' : 'secrets.REGISTRY_PASSWORD'} }}
`;
}

function permissions({ image }: WorkflowFacts): string {
  return image.startsWith('ghcr.io/') ? '    permissions:\n      contents: read\n      packages: write\n' : '';
}

function node(stack: string): string {
  return `      - uses: actions/setup-node@v5
        with:
          node-version: 22
          cache: npm
          cache-dependency-path: ${inStack(stack, 'package-lock.json')}
`;
}

function buildJob(facts: WorkflowFacts): string {
  const { platforms, stack } = facts;
  const matrix = platforms.map(
    (one) =>
      `          - platform: ${one}\n            runner: ${PLATFORMS[one]}\n            arch: ${one.replace('linux/', '')}\n`,
  );
  return `  build:
    strategy:
      matrix:
        include:
${matrix.join('')}    runs-on: \${{ matrix.runner }}
    timeout-minutes: 30
${permissions(facts)}    steps:
      - uses: actions/checkout@v5
${node(stack)}      - name: Write the Dockerfile
        working-directory: ${stack}
        run: |
          npm ci
          npm run synth
      - uses: docker/setup-buildx-action@v4
${login(facts)}      - id: build
        uses: docker/build-push-action@v7
        with:
          context: .
          file: ${inStack(stack, 'dist/image/Dockerfile')}
          platforms: \${{ matrix.platform }}
          build-args: GIT_SHA=\${{ github.sha }}
          # By its digest alone: the tag is given once all of them are there.
          outputs: type=image,name=\${{ env.REPOSITORY }},push-by-digest=true,name-canonical=true,push=\${{ github.event_name != 'pull_request' }}
          # All stages, not the last one alone: that of the dependencies is what takes its time.
          cache-from: type=registry,ref=\${{ env.REPOSITORY }}:buildcache-\${{ matrix.arch }}
          cache-to: \${{ github.event_name != 'pull_request' && format('type=registry,ref={0}:buildcache-{1},mode=max', env.REPOSITORY, matrix.arch) || '' }}
          provenance: mode=max
          sbom: true
${KEEP}`;
}

/** One job cannot read the outputs of several of a matrix. */
const KEEP = `      - name: Keep the digest
        if: github.event_name != 'pull_request'
        env:
          DIGEST: \${{ steps.build.outputs.digest }}
        run: |
          mkdir -p "$RUNNER_TEMP/digests"
          touch "$RUNNER_TEMP/digests/\${DIGEST#sha256:}"
      - uses: actions/upload-artifact@v6
        if: github.event_name != 'pull_request'
        with:
          name: digest-\${{ matrix.arch }}
          path: \${{ runner.temp }}/digests/*
          if-no-files-found: error
          retention-days: 1
`;

function pushJob(facts: WorkflowFacts): string {
  return `  push:
    if: github.event_name != 'pull_request'
    needs: build
    runs-on: ubuntu-24.04
    timeout-minutes: 10
${permissions(facts)}    outputs:
      image: \${{ steps.tag.outputs.image }}
    steps:
      - uses: actions/download-artifact@v7
        with:
          path: \${{ runner.temp }}/digests
          pattern: digest-*
          merge-multiple: true
      - uses: docker/setup-buildx-action@v4
${login(facts)}      - id: tag
        name: Give all architectures one tag
        run: |
          tag=$GITHUB_SHA
          case "$GITHUB_REF" in refs/tags/v*) tag=\${GITHUB_REF#refs/tags/v} ;; esac
          cd "$RUNNER_TEMP/digests"
          images=()
          for digest in *; do images+=("$REPOSITORY@sha256:$digest"); done
          docker buildx imagetools create --tag "$REPOSITORY:$tag" "\${images[@]}"
          # Of the index: an architecture's own would run on that one alone.
          digest=$(docker buildx imagetools inspect "$REPOSITORY:$tag" --format '{{.Manifest.Digest}}')
          echo "image=$REPOSITORY:$tag@$digest" >> "$GITHUB_OUTPUT"
`;
}

function synthJob({ stack, environments }: WorkflowFacts): string {
  return `  synth:
    needs: push
    runs-on: ubuntu-24.04
    timeout-minutes: 10
    steps:
      - uses: actions/checkout@v5
${node(stack)}      - name: Synthesize the stack with the image
        working-directory: ${stack}
        env:
          IMAGE: \${{ needs.push.outputs.image }}
          ENVIRONMENTS: ${environments.join(',')}
        run: |
          npm ci
          npm run synth
      # What applies it, or commits it for Argo CD or Flux, takes it from here.
      - uses: actions/upload-artifact@v6
        with:
          name: dist
          path: ${inStack(stack, 'dist')}
          if-no-files-found: error
`;
}

/** The workflow of the stack is told which image there is, and decides what becomes of it. */
function handOver(repository: string): string {
  const here = repository === 'here';
  const [owner, name] = repository.split('/');
  const token = `      # A GitHub App that is installed there, with the right "Actions: write" and no other: its token lives for an hour.
      - uses: actions/create-github-app-token@v2
        id: app
        with:
          app-id: \${{ vars.DELIVER_APP_ID }}
          private-key: \${{ secrets.DELIVER_APP_KEY }}
          owner: ${owner}
          repositories: ${name}
          permission-actions: write
`;
  return `  deliver:
    if: github.event_name != 'pull_request' && github.ref == 'refs/heads/main'
    needs: push
    runs-on: ubuntu-24.04
    timeout-minutes: 5
    permissions:${here ? '\n      actions: write # begins the workflow, nothing else' : ' {}'}
    steps:
${here ? '' : token}      - name: Hand the image to the stack
        env:
          GH_TOKEN: \${{ ${here ? 'github.token' : 'steps.app.outputs.token'} }}
          REPOSITORY: ${here ? '${{ github.repository }}' : repository}
          IMAGE: \${{ needs.push.outputs.image }}
          BUILD: \${{ github.run_number }}
        run: gh workflow run deliver.yaml --repo "$REPOSITORY" --field image="$IMAGE" --field build="$BUILD"
`;
}
