import { App, Chart } from 'cdk8s';
import { ConfigMap } from 'cdk8s-plus-27';
import { buildSync } from 'esbuild';
import { join } from 'node:path';
import * as door from '../../lib/checks/index';
import { Checks, render } from '../../lib/index';
import { faultsOf } from '../support/environments';
import { staging } from '../support/alone';

/** A rule of one's own, by the names of the door alone. */
const named: door.Rule = {
  name: 'named-by-team',
  sentence: 'Every workload says whose it is.',
  why: 'Nobody knows whom to call.',
  source: 'https://example.com/teams',
  severity: 'warning',
  *find(world) {
    for (const { object, name } of door.inventoryOf(world).pods) {
      const { labels } = door.mappingOf(object.manifest['metadata']);
      const team = door.mappingOf(labels)['team'];
      if (team === undefined)
        yield { object, field: 'metadata.labels.team', must: 'be given', got: team, fix: `say who runs ${name}` };
    }
  },
};

const pod = (name: string, labels: object = {}): door.Manifest => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'shop', labels },
  spec: { containers: [{ name: 'web', image: 'shop:1.0.0', command: ['/app/bin/shop', 'start'] }] },
});

describe('the door to the rules', () => {
  test('judges plain objects by rules of anybody', () => {
    const world = door.worldOf(door.objectsOf([pod('one', { team: 'a' }), pod('two')]), { kubernetes: '1.33' });
    const found = door.judge(world, [...door.rules, named]).filter(([rule]) => rule === named);
    expect(found.map(([, { object, must }]) => [object.construct.node.path, must])).toEqual([['shop/Pod/two', 'be given']]);
    expect(door.beamContainers(world).map(({ workload, path }) => [workload.name, path])).toEqual([
      ['one', 'spec.containers[0]'],
      ['two', 'spec.containers[0]'],
    ]);
  });

  test('takes those out that are passed over', () => {
    const world = door.worldOf(door.objectsOf([pod('one'), pod('two')]));
    const found = door.judge(world, [named], (rule, { object }) => door.nameOf(object.manifest) === 'one' && rule === named);
    expect(found.map(([, { object }]) => door.nameOf(object.manifest))).toEqual(['two']);
  });

  test('has a fault where a rule breaks, and the others all the same', () => {
    const broken: door.Rule = {
      ...named,
      name: 'broken',
      find: () => {
        throw new Error('no such thing');
      },
    };
    const world = door.worldOf(door.objectsOf([pod('one')]));
    expect(door.judge(world, [broken, named]).map(([{ name }, { got }]) => [name, got])).toEqual([
      ['broken', 'no such thing'],
      ['named-by-team', undefined],
    ]);
  });

  test('says how bad each is, errors by default', () => {
    const severity = (name: string) => door.rules.find((rule) => rule.name === name)?.severity ?? 'error';
    expect(['secret-reference', 'image-digest', 'network-fenced', 'field-types'].map(severity)).toEqual([
      ...['error', 'warning', 'warning', 'error'],
    ]);
  });

  test('needs neither constructs nor their models, nor does the command', () => {
    for (const entry of ['checks/index.ts', 'check/check.ts', 'command/check.ts']) {
      const { metafile } = buildSync({
        entryPoints: [join(__dirname, '../../lib', entry)],
        bundle: true,
        write: false,
        metafile: true,
        platform: 'node',
        packages: 'external',
        outdir: 'nowhere',
        loader: { '.json': 'empty' },
        logLevel: 'error',
      });
      const packages = Object.values(metafile.inputs).flatMap(({ imports }) => imports.filter(({ external }) => external));
      const names = new Set(packages.map(({ path }) => path).filter((path) => !path.startsWith('node:')));
      expect([...names].filter((name) => !['@prometheus-io/lezer-promql', 'js-yaml'].includes(name))).toEqual([]);
    }
  });
});

describe('warnings', () => {
  const latest = { ...staging, image: 'registry.example.com/kube-native:1.0.1' };

  test('stop a synth like errors, unless they are to be printed', () => {
    expect(faultsOf(latest)).toEqual([expect.stringContaining('(image-digest)')]);
    expect(faultsOf({ ...latest, warnings: 'print' })).toEqual([]);
  });

  test('that are printed are told, and errors stop all the same', () => {
    const app = new App();
    const chart = new Chart(app, 'shop', { namespace: 'shop', disableResourceNameHashes: true });
    new ConfigMap(chart, 'Config', { metadata: { name: 'shop' }, data: { API_KEY: 'kRb3Vn8sQ2mXp7Lw4Tz9' } });
    const warning: door.Rule = { ...named, find: ({ objects }) => objects.map((object) => ({ ...FOUND, object })) };
    Checks.of(app).add(warning).warnings = 'print';
    const { faults, assumed } = render(app);
    expect(faults).toEqual([expect.stringContaining('(secret-in-plain-text)')]);
    expect(assumed).toEqual([`warning: [shop/Config/Resource] 'kind' must be another, got nothing; change it (named-by-team)`]);
  });

  test.each([
    ['prnt', "[app] 'warnings' must be refuse or print, got \"prnt\"; did you mean 'print'?"],
    [false, "[app] 'warnings' must be refuse or print, got false; leave it out: warnings are refused then"],
  ])('that are to be %p are refused', (word, fault) => {
    const app = new App();
    Checks.of(app).warnings = word as never;
    expect(render(app).faults).toEqual([fault]);
  });
});

const FOUND = { field: 'kind', must: 'be another', got: undefined, fix: 'change it' };

describe('an App of several teams', () => {
  const shared = () => {
    const app = new App();
    const ours = new Chart(app, 'ours', { namespace: 'shop', disableResourceNameHashes: true });
    const theirs = new Chart(app, 'theirs', { namespace: 'search', disableResourceNameHashes: true });
    for (const chart of [theirs, ours]) new ConfigMap(chart, 'Config', { metadata: { name: 'config' }, data: { 'a b': '1' } });
    return { app, ours };
  };

  test('is judged as a whole where none of it is made by ours, and its namespaces are no fault', () => {
    const { app } = shared();
    Checks.of(app);
    const { faults } = render(app);
    expect(faults).toEqual([expect.stringMatching(/^\[ours\/Config\/Resource, theirs\/Config\/Resource\] .*\(data-size\)$/)]);
  });

  test('is judged below what is said, each chart in its own namespace', () => {
    const { app, ours } = shared();
    Checks.of(app).only(ours);
    expect(render(app).faults).toEqual([expect.stringMatching(/^\[ours\/Config\/Resource\] .*\(data-size\)$/)]);
  });
});
