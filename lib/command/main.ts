#!/usr/bin/env node
import { Command } from 'commander';
import { FORMATS } from '../plan/text';
import { inAll } from '../support/reject';
import type { CheckOptions } from './check';
import { chart, CHART_DEFAULTS, type ChartOptions } from './chart';
import { ci, CI_DEFAULTS, type CiOptions } from './ci';
import { PLATFORMS } from './ci-workflow';
import { deliver, DELIVER_DEFAULTS, type DeliverOptions } from './deliver';
import { init } from './init';
import { planned, type Options } from './planned';
import { promote, PROMOTE_DEFAULTS, type PromoteOptions } from './promote';
import { prune, PRUNE_DEFAULTS, type PruneOptions } from './prune';
import { DATABASES, DEFAULTS, ROUTES } from './starter-options';

const program = new Command('cdk8s-phoenix').description('Runs Elixir/Phoenix applications on Kubernetes');

program
  .command('init')
  .description('write a project of your own, with one literal for each environment')
  .argument('<folder>', 'where it goes; it must be empty, or not there')
  .requiredOption('--name <name>', "the application's name, as in its objects: shop")
  .option('--release <release>', 'the release of mix.exs (default: the name, with _ for -)')
  .option('--module <module>', "the application's module (default: the name, as a module)")
  .option('--port <port>', 'the port that its endpoint listens on', DEFAULTS.port)
  .option('--database <kind>', `what runs the database of production: ${DATABASES.join(', ')}`, DEFAULTS.database)
  .option('--staging-database <kind>', 'the same of staging', DEFAULTS.stagingDatabase)
  .option('--route <kind>', `what leads to it from outside: ${ROUTES.join(', ')}`, DEFAULTS.route)
  .option('--environments <names>', 'which environments it has, with commas between them', DEFAULTS.environments)
  .option('--umbrella', 'it was made by mix phx.new --umbrella', false)
  .option('--package <version>', 'what package.json says of cdk8s-phoenix: a range, or file:../cdk8s-phoenix-0.1.0.tgz')
  .action((folder: string, options: Readonly<Record<string, string | boolean>>) => {
    const { faults, files } = init(folder, options);
    if (faults.length > 0) {
      failed(faults);
      return;
    }
    process.stdout.write(
      `wrote ${files.length} files to ${folder}; next:\n  cd ${folder} && npm install && npm run synth && npm test\n`,
    );
  });

program
  .command('ci')
  .description('write the workflow that builds the image by the Dockerfile of the stack, and hands its digest to the stack')
  .argument('[repository]', "the folder of the application's repository", '.')
  .requiredOption('--image <name>', 'the image, with its registry: ghcr.io/acme/shop')
  .option('--stack <folder>', 'the folder of the stack in the repository (default: the one that you are in)')
  .option('--platforms <names>', `what it is built for, of ${Object.keys(PLATFORMS).join(', ')}`, CI_DEFAULTS.platforms)
  .option('--environments <names>', 'which environments get it', CI_DEFAULTS.environments)
  .option(
    '--deliver <repository>',
    'hand it to the workflow that deliver has written: acme/shop-stack, or here for the same repository',
  )
  .action((repository: string, options: CiOptions) => {
    const { faults, file } = ci(repository, options);
    if (faults.length === 0) process.stdout.write(`wrote ${file}; it is yours\n`);
    else failed(faults);
  });

program
  .command('deliver')
  .description('write the workflow that rolls an image out, to production once it is approved, and the script that waits for it')
  .argument('[repository]', "the folder of the stack's repository", '.')
  .option('--stack <folder>', 'the folder of the stack in the repository (default: the one that you are in)')
  .option(
    '--environments <names>',
    'the one that gets each image at once, and the one that gets it by approval',
    DELIVER_DEFAULTS.environments,
  )
  .option(
    '--artifact <repository>',
    'push the files to a registry, for Flux or Argo CD, and apply nothing: ghcr.io/acme/shop-stack',
  )
  .action((repository: string, options: DeliverOptions) => {
    const { faults, files } = deliver(repository, options);
    if (faults.length === 0)
      process.stdout.write(`wrote ${files.join(' and ')}; they are yours\nnext: the logins, in the workflow: docs/delivery.md\n`);
    else failed(faults);
  });

program
  .command('plan')
  .description('say in words what a change of the output does to what is deployed')
  .argument('[before]', 'what is deployed: a folder with an output, a revision of git, or a range such as main..')
  .argument('[after]', 'what is to be deployed (default: the end of the range, or the folder of --dist)')
  .option('--format <form>', `how to write it: ${FORMATS.join(', ')}`, 'text')
  .option('--dist <folder>', 'the folder of the output', 'dist')
  .option('--live [environment]', 'compare with what is in the cluster instead: kubectl get is asked, and nothing is written')
  .option('--from <file>', 'with --live: what kubectl get has written to a file, - for the standard input')
  .option('--context <name>', 'with --live: the context of kubectl')
  .action((before: string | undefined, after: string | undefined, options: Options) => {
    const { faults, text } = planned(before, after, options);
    if (faults.length === 0) process.stdout.write(text);
    else failed(faults);
  });

program
  .command('prune')
  .description('find what an environment has left in its namespace, and print the commands that delete it; nothing is deleted')
  .argument('<environment>', 'which one: its folder in the output')
  .option('--dist <folder>', 'the folder of the output', PRUNE_DEFAULTS.dist)
  .option('--context <name>', 'the context of kubectl')
  .option('--hashed', 'no more than ConfigMaps and Jobs with a hash in their names')
  .option('--from <file>', 'what kubectl get has written to a file, - for the standard input')
  .action((environment: string, options: PruneOptions) => {
    const { faults, text } = prune(environment, options);
    if (faults.length === 0) process.stdout.write(text);
    else failed(faults);
  });

program
  .command('promote')
  .description(
    'let an environment run the image of another one, or a former one again: one line of its file, and nothing is built',
  )
  .argument('<from>', 'the environment that has the image, or the image itself, with its digest')
  .argument('<to>', 'the environment that gets it')
  .option('--images <folder>', 'the folder with a file for each environment', PROMOTE_DEFAULTS.images)
  .option('--build <number>', 'the number of the build: one that is not above the last one handed over is refused')
  .action((from: string, to: string, options: PromoteOptions) => {
    const { faults, text } = promote(from, to, options);
    if (faults.length === 0) process.stdout.write(text);
    else failed(faults);
  });

program
  .command('chart')
  .description('write an environment that is delivered by Helm as a chart, from what was synthesized')
  .argument('<environment>', 'which one; its literal says delivery: helm')
  .option('--dist <folder>', 'the folder of the output', CHART_DEFAULTS.dist)
  .option('--out <folder>', 'the folder of the chart (default: charts/<application>-<environment>)')
  .option('--version <version>', 'the version of the chart, as SemVer (default: the tag of the image)')
  .option('--helmfile <file>', 'write a helmfile too, with a release for this chart and for those beside it')
  .action((environment: string, options: ChartOptions) => {
    const { faults, text } = chart(environment, options);
    if (faults.length === 0) process.stdout.write(text);
    else failed(faults);
  });

program
  .command('check')
  .description('judge YAML that anybody has written: manifests, and what helm template or kubectl kustomize writes')
  .argument('<input...>', 'files, folders, - for the standard input')
  .option('--kubernetes <version>', 'the oldest Kubernetes that it is applied to (default: the newest that is known)')
  .option('--namespace <namespace>', 'that of objects which name none (default: that of all others, or default)')
  .option('--previous <folder>', 'the same as it was before: changes are judged too')
  .option('--leave-out <rule=reason>', 'a rule that does not hold, with the reason; once for each', gathered)
  .option(
    '--provide <kind/name>',
    'what is in the cluster without being in the input, such as Secret/smtp; once for each',
    gathered,
  )
  .option('--beam <name>', 'what is a BEAM release: shop, shop/web, or its image; with ! before it, what is none', gathered)
  .option('--severity <severity>', 'the least that is told: error or warning (default: each error, and one warning of each rule)')
  .option('--format <form>', 'how to write it: text, json, sarif, github or junit (default: text)')
  .option('--config <file>', 'a file that says the same (default: .cdk8s-phoenix.yaml, where there is one)')
  // 1 says that something was found: a misspelt option has found nothing.
  .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : 2))
  .action(async (paths: string[], options: CheckOptions) => {
    const { check } = await import('./check.js');
    const { text, aside = '', code } = check(paths, options);
    process.exitCode = code;
    process.stderr.write(aside);
    process.stdout.write(text);
  });

// Whoever reads no further, as head does, has what was asked for.
process.stdout.on('error', ({ code, message }: NodeJS.ErrnoException) => {
  if (code === 'EPIPE') process.exit();
  process.stderr.write(`error: ${message}\n`);
  process.exit(2);
});

program.parseAsync().catch((error: unknown) => {
  process.stderr.write(`error: ${error instanceof Error ? error.message : String(error)}; this is a fault of cdk8s-phoenix\n`);
  process.exitCode = 2;
});

function gathered(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

function failed(faults: readonly string[]): void {
  process.stderr.write(`${inAll(faults)}\n`);
  process.exitCode = 1;
}
