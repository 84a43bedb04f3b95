import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ApiObject, App, Chart, type Duration, Size } from 'cdk8s';
import { Cpu, k8s } from 'cdk8s-plus-27';
import {
  Checks,
  EnvironmentChart,
  imageFiles,
  NamespaceChart,
  OptOut,
  ProbedDeployment,
  reject,
  render,
  rules,
  synth,
  type ProbedDeploymentProps,
  type Quota,
  type Rendered,
  type NamedEnvironment,
} from '../lib/index';
import { application, build, staging } from './support/stack';
import { declare } from '../lib/support/declare';
import { inFolder } from '../lib/support/folder';
import { minimalDeployment } from './support/chart';
import { vary } from './support/vary';

const folder = mkdtempSync(join(tmpdir(), 'cdk8s-phoenix-'));
const outdir = join(folder, 'dist');
const printed: string[] = [];

beforeEach(() => {
  printed.length = 0;
  jest.spyOn(console, 'error').mockImplementation((line: string) => void printed.push(line));
});

afterEach(() => {
  jest.restoreAllMocks();
  // A failed synth sets it for the shell, and jest would exit with it.
  process.exitCode = undefined;
  rmSync(outdir, { recursive: true, force: true });
});

afterAll(() => rmSync(folder, { recursive: true }));

/** Everything below a folder, with its text. */
function tree(root: string): Record<string, string> {
  const files = readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = files.map((entry) => join(entry.parentPath, entry.name));
  return Object.fromEntries(paths.map((path) => [path.slice(root.length + 1), readFileSync(path, 'utf8')]));
}

/** Without the rules: what is built here is no whole environment. */
function alone(app: App): App {
  for (const { name } of rules) Checks.of(app).leaveOut(name, OptOut.because('one chart alone is no environment'));
  return app;
}

function good(app: App, value = 'yes') {
  const chart = new EnvironmentChart(alone(app), '10-settings', { namespace: 'shop', partOf: 'shop' });
  return new k8s.KubeConfigMap(chart, 'Settings', { metadata: { name: 'settings' }, data: { GOOD: value } });
}

function bad(app: App, prop: string) {
  reject(good(app), { prop, must: 'be good', got: 'bad', fix: 'make it good' });
}

const settings = `apiVersion: v1
kind: ConfigMap
metadata:
  labels:
    app.kubernetes.io/managed-by: cdk8s
    app.kubernetes.io/part-of: shop
  name: settings
  namespace: shop
data:
  GOOD: "yes"
`;

describe('synth', () => {
  test('writes one folder for each environment and one file for each chart', () => {
    const written = synth(outdir, {
      staging: (app) => good(app),
      rehearsal: (app) => {
        good(app);
        new EnvironmentChart(app, '90-empty', { namespace: 'shop', partOf: 'shop' });
      },
    });
    expect(written).toBe(true);
    expect(tree(outdir)).toEqual({
      'staging/10-settings.k8s.yaml': settings,
      'rehearsal/10-settings.k8s.yaml': settings,
    });
    expect(printed).toEqual([]);
    expect(process.exitCode).toBeUndefined();
  });

  test('writes the files of a folder into it, and removes them and the folder with the next run', () => {
    const folders = { staging: (app: App) => good(app) };
    synth(outdir, { staging: (app) => inFolder(Chart.of(good(app)), 'base') });
    expect(tree(outdir)).toEqual({ 'staging/base/10-settings.k8s.yaml': settings });
    writeFileSync(join(outdir, 'staging/base/kustomization.yaml'), 'resources: []');
    synth(outdir, folders);
    expect(Object.keys(tree(outdir)).sort()).toEqual(['staging/10-settings.k8s.yaml', 'staging/base/kustomization.yaml']);
    rmSync(join(outdir, 'staging/base/kustomization.yaml'));
    synth(outdir, { staging: (app) => inFolder(Chart.of(good(app)), 'base') });
    synth(outdir, { staging: (app) => bad(app, 'only') });
    expect(existsSync(outdir) && tree(outdir)).toEqual({});
    expect(existsSync(join(outdir, 'staging'))).toBe(false);
  });

  test('compares with what was in folders before', () => {
    const previous = join(folder, 'previous');
    synth(previous, { staging: (app) => inFolder(Chart.of(good(app)), 'base') });
    let before = 0;
    const count = (app: App): void => {
      before = Checks.of(app).previous.length;
    };
    synth(outdir, { staging: count }, { previous });
    expect(before).toBe(1);
    expect(printed).toEqual([
      `compared with ${previous}: staging`,
      'staging: kubectl apply leaves what is no longer in the output; once nobody needs it: kubectl -n shop delete configmap/settings',
    ]);
  });

  test('gives the same bytes again', () => {
    synth(outdir, { staging: (app) => good(app) });
    const before = tree(outdir);
    synth(outdir, { staging: (app) => good(app) });
    expect(tree(outdir)).toEqual(before);
  });

  test('prints the faults of all environments, each once, and writes none of them', () => {
    const written = synth(outdir, {
      staging: (app) => {
        bad(app, 'first');
        const { root } = app.node;
        reject(root, { prop: 'second', must: 'be good', got: 'bad', fix: 'make it good' });
        reject(root, { prop: 'second', must: 'be good', got: 'bad', fix: 'make it good' });
      },
      preview: (app) => good(app),
      rehearsal: (app) => bad(app, 'third'),
    });
    expect(written).toBe(false);
    expect(printed.join('\n').split('\n')).toEqual([
      'staging: [10-settings/Settings] \'first\' must be good, got "bad"; make it good',
      'staging: [app] \'second\' must be good, got "bad"; make it good',
      'rehearsal: [10-settings/Settings] \'third\' must be good, got "bad"; make it good',
      '3 faults; nothing was written',
    ]);
    expect(process.exitCode).toBe(1);
    expect(existsSync(outdir)).toBe(false);
  });

  test('takes back what it had written when a later environment is at fault', () => {
    synth(outdir, { staging: (app) => good(app) });
    synth(outdir, { staging: (app) => inFolder(Chart.of(good(app)), 'base'), rehearsal: (app) => bad(app, 'only') });
    expect(tree(outdir)).toEqual({});
    expect(existsSync(join(outdir, 'staging'))).toBe(false);
  });

  test('gives no file its name before all environments are there, and removes what a killed run left', () => {
    mkdirSync(join(outdir, 'preview'), { recursive: true });
    writeFileSync(join(outdir, 'preview', '10-settings.k8s.yaml.partial'), 'kind: ');
    let halfway: string[] = [];
    const look = (app: App): void => {
      good(app);
      halfway = Object.keys(tree(outdir));
    };
    synth(outdir, { staging: (app) => good(app), rehearsal: look });
    expect(halfway).toEqual(['staging/10-settings.k8s.yaml.partial']);
    expect(Object.keys(tree(outdir)).sort()).toEqual(['rehearsal/10-settings.k8s.yaml', 'staging/10-settings.k8s.yaml']);
  });

  test('counts one fault as one', () => {
    synth(outdir, { staging: (app) => bad(app, 'only') });
    expect(printed.join('\n')).toMatch(/\n1 fault; nothing was written$/);
  });

  test('leaves no file of an earlier run behind for anyone to apply by mistake', () => {
    synth(outdir, { staging: (app) => good(app), preview: (app) => good(app) });
    synth(outdir, { staging: (app) => good(app, 'more') });
    expect(Object.keys(tree(outdir))).toEqual(['staging/10-settings.k8s.yaml']);
    expect(existsSync(join(outdir, 'preview'))).toBe(false);
    synth(outdir, { staging: (app) => bad(app, 'only') });
    expect(tree(outdir)).toEqual({});
  });

  test('leaves files alone that it did not write', () => {
    mkdirSync(join(outdir, 'staging'), { recursive: true });
    writeFileSync(join(outdir, 'staging', '99-old.k8s.yaml'), 'kind: Job');
    writeFileSync(join(outdir, 'staging', 'kustomization.yaml'), 'resources: []');
    writeFileSync(join(outdir, 'README.md'), 'generated');
    synth(outdir, { staging: (app) => good(app) });
    expect(tree(outdir)).toEqual({
      'README.md': 'generated',
      'staging/kustomization.yaml': 'resources: []',
      'staging/10-settings.k8s.yaml': settings,
    });
  });

  test('explains what nobody foresaw in a sentence before the stack', () => {
    synth(outdir, {
      staging: () => {
        throw new TypeError("Cannot read properties of undefined (reading 'cpu')");
      },
    });
    const [first, second, ...others] = printed.join('\n').split('\n');
    expect(first).toBe(
      "staging: could not be built: Cannot read properties of undefined (reading 'cpu'); a value of the wrong type may be the cause",
    );
    expect(second).toMatch(/^TypeError: Cannot read/);
    expect(others.at(-1)).toBe('1 fault; nothing was written');
    expect(process.exitCode).toBe(1);
  });

  test('prints what was refused before it could not go on, and not the crash that followed', () => {
    synth(outdir, {
      staging: (app) => {
        bad(app, 'cause');
        throw new TypeError('consequence');
      },
    });
    expect(printed).toEqual([
      'staging: [10-settings/Settings] \'cause\' must be good, got "bad"; make it good\n1 fault; nothing was written',
    ]);
  });

  test('names a prop that plain JavaScript left out', () => {
    synth(outdir, {
      staging: (app) => {
        const chart = new EnvironmentChart(app, '30-web', { namespace: 'shop', partOf: 'shop' });
        const { probes, ...untyped } = minimalDeployment;
        expect(probes).toBeDefined();
        new ProbedDeployment(chart, 'Web', untyped as ProbedDeploymentProps);
      },
    });
    expect(printed).toEqual([
      "staging: [30-web/Web] 'probes' must be given, got nothing; pass 'probes' to ProbedDeployment\n1 fault; nothing was written",
    ]);
  });

  test.each(['Staging', 'eu/staging', '..', '', 'staging-', 'a b'])('fails when an environment is called "%s"', (name) => {
    synth(outdir, { [name]: (app) => good(app) });
    expect(printed).toEqual([
      `${name}: [app] 'name' must be lower-case letters, digits and '-', got "${name}"; rename the environment: it names a folder\n1 fault; nothing was written`,
    ]);
    expect(existsSync(outdir)).toBe(false);
  });

  test('lists what was left out on purpose, with the objects and the reason', () => {
    synth(outdir, {
      development: (app) => {
        alone(app);
        const chart = new EnvironmentChart(app, '05-secrets', { namespace: 'shop', partOf: 'shop' });
        new k8s.KubeSecret(chart, 'Secret', { metadata: { name: 'shop' }, stringData: { a: 'b' } });
      },
    });
    expect(printed).toContain('development: literal-secrets left out for 05-secrets/Secret: one chart alone is no environment');
    expect(tree(outdir)).toHaveProperty(['development/05-secrets.k8s.yaml']);
  });

  test('says what is taken for granted, once all is written', () => {
    synth(outdir, {
      development: (app) => {
        good(app);
        declare(app, { assumed: ['the image of shop is taken to read PHX_HOST'] });
      },
    });
    expect(printed).toEqual(['development: the image of shop is taken to read PHX_HOST']);
  });

  test('writes nothing for no environment', () => {
    expect(synth(outdir, {})).toBe(true);
    expect(existsSync(outdir)).toBe(false);
  });
});

describe('render', () => {
  const quota: Quota = { cpu: Cpu.units(1), memory: Size.gibibytes(1), storage: Size.gibibytes(1), pods: 5 };

  test('gives the text of each file without writing any', () => {
    const app = alone(new App());
    new NamespaceChart(app, '00-namespace', { namespace: 'shop', partOf: 'shop', quota });
    good(app);
    const { files, faults, optOuts }: Rendered = render(app);
    expect([...files.keys()]).toEqual(['00-namespace.k8s.yaml', '10-settings.k8s.yaml']);
    expect(files.get('10-settings.k8s.yaml')).toBe(settings);
    expect([faults, optOuts.filter(({ rule }) => rule === 'unique-objects')]).toEqual([[], []]);
    expect(files.get('00-namespace.k8s.yaml')?.match(/^kind: .*/gm)).toEqual([
      'kind: Namespace',
      'kind: LimitRange',
      'kind: ResourceQuota',
    ]);
  });

  test('gives no file where there is a fault', () => {
    const app = new App();
    bad(app, 'only');
    const { files, faults } = render(app);
    expect(files.size).toBe(0);
    expect(faults).toEqual(['[10-settings/Settings] \'only\' must be good, got "bad"; make it good']);
  });
});

describe('an environment that could not be built', () => {
  test('is not judged by what is missing of it', () => {
    const worker = { replicas: 1, resources: staging.web.resources, shutdown: 5 as unknown as Duration };
    synth(outdir, { staging: (app) => build(vary(staging, { workers: { worker } }), app) });
    expect(printed).toEqual([
      "staging: [app] 'workers.worker.shutdown' must be a Duration, got 5; write Duration.seconds(5) or Duration.minutes(5)\n1 fault; nothing was written",
    ]);
  });

  test('says what stopped it, before any rule does', () => {
    const amend = (): void => {
      throw new Error('no such chart');
    };
    synth(outdir, { staging: (app) => build(vary(staging, { amend }), app) });
    expect(printed.join('\n').split('\n')[0]).toBe(
      'staging: could not be built: no such chart; a value of the wrong type may be the cause',
    );
  });

  test('fails when an object holds what is no data', () => {
    const amend: NamedEnvironment['amend'] = ({ release }) => {
      new ApiObject(release, 'X', { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'x' }, spec: { at: new Date(0) } });
    };
    expect(synth(outdir, { staging: (app) => build(vary(staging, { amend }), app) })).toBe(false);
    expect(printed[0]).toMatch(/^staging: \[30-phoenix\/Release\/X\] 'Pod' must hold plain data, got "can't render .* 'Date'"; /);
    expect(existsSync(outdir)).toBe(false);
  });
});

describe('the files of an image', () => {
  const source = { elixir: '1.18.4', otp: '27.3.4', debian: 'trixie-20260803-slim' };
  const image = (more: object = {}) => ({ image: () => imageFiles({ ...application, source: { ...source, ...more } }) });
  const names = ['image/Dockerfile', 'image/Dockerfile.dockerignore'];

  test('are written beside the environments, and go with the source', () => {
    expect(synth(outdir, { staging: good }, image())).toBe(true);
    expect(Object.keys(tree(outdir)).sort()).toEqual([...names, 'staging/10-settings.k8s.yaml']);
    expect(tree(outdir)['image/Dockerfile']).toBe(imageFiles({ ...application, source }).files.get('Dockerfile'));
    expect(synth(outdir, { staging: good })).toBe(true);
    expect(Object.keys(tree(outdir))).toEqual(['staging/10-settings.k8s.yaml']);
    expect(existsSync(join(outdir, 'image'))).toBe(false);
  });

  test('say what they take for granted', () => {
    synth(outdir, { staging: good }, image());
    expect(printed).toEqual([expect.stringMatching(/^image: built from docker\.io\/hexpm\/elixir:1\.18\.4-\S+ and docker/)]);
  });

  test('are gone with all else after a fault of theirs', () => {
    synth(outdir, { staging: good }, image());
    printed.length = 0;
    expect(synth(outdir, { staging: good }, image({ elixir: '1.18' }))).toBe(false);
    expect(existsSync(outdir) && tree(outdir)).toEqual({});
    expect(printed.join('\n')).toMatch(
      /^image: \[app\] 'application\.source\.elixir' must .*\n1 fault; nothing was written, and what an earlier run has written is gone from /,
    );
  });

  test('are gone after a fault of an environment', () => {
    synth(outdir, { staging: good }, image());
    expect(synth(outdir, { staging: (app) => bad(app, 'only') }, image())).toBe(false);
    expect(existsSync(outdir) && tree(outdir)).toEqual({});
  });

  test('are checked, and neither written nor removed, where nothing is', () => {
    synth(outdir, { staging: good }, image());
    const before = tree(outdir);
    expect(synth(outdir, { staging: good }, { dry: true })).toBe(true);
    expect(synth(outdir, { staging: good }, { dry: true, ...image({ otp: '27' }) })).toBe(false);
    expect(tree(outdir)).toEqual(before);
  });

  test('take the place of no file that somebody else has written, and remove none', () => {
    const own = join(outdir, 'image');
    mkdirSync(own, { recursive: true });
    writeFileSync(join(own, 'Dockerfile'), 'FROM scratch\n');
    expect(synth(outdir, { staging: good }, image())).toBe(false);
    expect(printed.join('\n')).toContain("image: [app] 'application.source' must be written where nobody else has written, got ");
    expect(synth(outdir, { staging: good })).toBe(true);
    expect(tree(outdir)['image/Dockerfile']).toBe('FROM scratch\n');
  });

  test('leave other files in their folder alone, and no half file', () => {
    mkdirSync(join(outdir, 'image'), { recursive: true });
    writeFileSync(join(outdir, 'image/NOTES.md'), 'mine');
    writeFileSync(join(outdir, 'image/Dockerfile.partial'), '# syn');
    synth(outdir, { staging: good });
    expect(Object.keys(tree(join(outdir, 'image')))).toEqual(['NOTES.md']);
  });

  test('have the folder alone: no environment is called so', () => {
    expect(synth(outdir, { image: good })).toBe(false);
    expect(printed.join('\n')).toContain('image: [app] \'name\' must be no name of a folder for something else, got "image"');
  });

  test('are no environment of a previous output', () => {
    const previous = join(folder, 'previous-image');
    synth(previous, { staging: good }, image());
    printed.length = 0;
    expect(synth(outdir, { staging: good }, { previous })).toBe(true);
    expect(printed).toEqual([`compared with ${previous}: staging`]);
    printed.length = 0;
    expect(synth(outdir, { other: (app) => good(app, 'no') }, { previous: join(previous, 'image') })).toBe(false);
    expect(printed.join('\n')).toContain('holds no folder of an environment');
  });
});
