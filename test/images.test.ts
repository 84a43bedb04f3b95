import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promote } from '../lib/command/promote';
import { OptOut, synthStack, type Environment, type StackRun } from '../lib/index';
import { facts, staging as rehearsal } from './support/stack';

let folder: string;
const printed: string[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'images-'));
  mkdirSync(join(folder, 'images'));
  printed.length = 0;
  jest.spyOn(console, 'error').mockImplementation((line: string) => void printed.push(...line.split('\n')));
  jest.spyOn(process.stdout, 'write').mockReturnValue(true);
});
afterEach(() => {
  jest.restoreAllMocks();
  process.exitCode = undefined;
  rmSync(folder, { recursive: true });
});

const { image: own, name: _name, ...literal } = rehearsal;
const environments: Record<string, Environment> = {
  staging: { ...literal },
  next: { ...literal, image: own, namespace: 'next' },
};
const shop = (digit: string): string => `registry.example.com/kube-native:2.0.0@sha256:${digit.repeat(64)}`;
const write = (name: string, text: string): void => writeFileSync(join(folder, 'images', name), text);

/** Whether all was written, and what was printed without the notes that are always there. */
function run(more: StackRun = {}, of = environments): readonly [boolean, readonly string[]] {
  const options = { outdir: join(folder, 'dist'), images: join(folder, 'images'), only: 'staging', ...more };
  const written = synthStack({ ...facts, environments: of }, options);
  const lines = printed.splice(0).filter((line) => !/ needs \d| left out for |^image: /.test(line));
  return [written, lines.map((line) => line.replaceAll(`${folder}/`, ''))];
}
/** Each image of the application in the files of an environment. */
const imagesIn = (name: string): readonly string[] => {
  const files = ['20-migrate', '30-phoenix'].map((chart) =>
    readFileSync(join(folder, 'dist', name, `${chart}.k8s.yaml`), 'utf8'),
  );
  return [...new Set(files.join('\n').match(/registry\.example\.com\/kube-native\S*/g))];
};

test('an environment runs the image of its file, in all of its pods and jobs', () => {
  write('staging.yaml', `# What staging runs.\nimage: ${shop('a')} # {"$imagepolicy": "flux-system:shop"}\nbuild: 7\n`);
  expect(run()).toEqual([true, []]);
  expect(imagesIn('staging')).toEqual([shop('a')]);
});

test('a file comes to the same as a literal, to the byte', () => {
  const read = (): string => readFileSync(join(folder, 'dist/staging/30-phoenix.k8s.yaml'), 'utf8');
  write('staging.yaml', `image: ${own}\n`);
  expect(run()).toEqual([true, []]);
  const byFile = read();
  rmSync(join(folder, 'images'), { recursive: true });
  expect(run({}, { staging: { ...literal, image: own } })).toEqual([true, []]);
  expect(read()).toBe(byFile);
});

test('of two images, the one that is not taken is told', () => {
  write('next.yaml', `image: ${shop('a')}\n`);
  expect(run({ only: 'next' })).toEqual([
    true,
    [`next: images/next.yaml is in the place of 'image' in the literal, ${own}: leave that out`],
  ]);
  expect(imagesIn('next')).toEqual([shop('a')]);
  expect(run({ only: 'next', image: shop('b') })).toEqual([
    true,
    [`next: IMAGE is in the place of images/next.yaml, which says ${shop('a')}`],
  ]);
  expect(imagesIn('next')).toEqual([shop('b')]);
  write('next.yaml', `image: ${own}\n`);
  expect(run({ only: 'next' })).toEqual([true, []]);
});

test('an image that neither says is one fault, and all other faults are told too', () => {
  const web = { ...literal.web, replicas: -1 };
  const [written, lines] = run({}, { staging: { ...literal, web } });
  expect(written).toBe(false);
  expect(lines).toEqual([
    expect.stringContaining("'web.replicas' must"),
    "staging: [app] 'image' must be given, got nothing; write it into the literal, or image: <image> into images/staging.yaml",
    '2 faults; nothing was written',
  ]);
  // The folder need not be there where literals say it.
  expect(run({ only: 'next', images: join(folder, 'none') })).toEqual([true, []]);
});

const form = 'write it as registry.example.com/team/app:1.4.2@sha256:<64 hex digits>';
const shape = "'image' or 'build', with its value in the same line";
test.each([
  ['', `'image' must be given, got nothing; ${form}`],
  ['# nothing yet\nimage:\n', `'image' must be given, got nothing; ${form}`],
  ['image: registry.example.com/kube-native\n', `'image' must name one version, got "registry.example.com/kube-native"; ${form}`],
  ['image: "Registry/Kube Native"\n', `'image' must be an image reference in lower case, got "Registry/Kube Native"; ${form}`],
  [`image: ${shop('a')}\nimage: ${shop('b')}\n`, `'image' must stand there once, got "${shop('b')}"; take one of the two out`],
  [`image: ${shop('a')}\n---\nimage: ${shop('b')}\n`, "'image' must stand there once"],
  [`imgae: ${shop('a')}\n`, `'imgae' must be ${shape}, got "imgae"; did you mean 'image'?`],
  [`image: >-\n  ${shop('a')}\n`, `'line 2' must be ${shape}, got nothing; write image: <image> in one line, and nothing else`],
  [`- ${shop('a')}\n`, `'line 1' must be ${shape}`],
  [`{ image: '${shop('a')}' }\n`, `'line 1' must be ${shape}`],
  [`image: ${shop('a')}#1\n`, "'image' must be an image reference"],
  [`image: ${shop('a')}\nbuild: soon\n`, `'build' must be the number of a build, got "soon"`],
  [
    'image: registry.example.com/kube-native:2.0.0\n',
    `'image' must name a digest, got "registry.example.com/kube-native:2.0.0"; append the digest that the registry printed at the push: name:1.4.2@sha256:<64 hex digits>`,
  ],
])('fails with the file %j', (text, said) => {
  write('staging.yaml', text);
  const [written, lines] = run();
  expect([written, lines.length]).toEqual([false, 2]);
  expect(lines[0]).toContain(`staging: [images/staging.yaml] ${said}`);
  expect(existsSync(join(folder, 'dist/staging/30-phoenix.k8s.yaml'))).toBe(false);
});

test('a digest is wanted where the rule wants one', () => {
  write('staging.yaml', 'image: registry.example.com/kube-native:2.0.0\r\n');
  const optOuts = { 'image-digest': OptOut.because('built on this machine') };
  expect(run({}, { staging: { ...literal, optOuts } })[0]).toBe(true);
  expect(imagesIn('staging')).toEqual(['registry.example.com/kube-native:2.0.0']);
});

test.each([
  ['stagin.yaml', "did you mean 'staging.yaml'?"],
  ['staging.yml', "did you mean 'staging.yaml'?"],
  ['production.yaml', 'it may be one of staging, next'],
])('fails with the file %s, which is of no environment', (name, fix) => {
  write('staging.yaml', `image: ${shop('a')}\n`);
  write(name, `image: ${shop('a')}\n`);
  write('README.md', 'Who writes these files.');
  expect(run()).toEqual([
    false,
    [
      `images: [images/${name}] 'file' must have the name of an environment, and .yaml, got "${name}"; ${fix}`,
      '1 fault; nothing was written',
    ],
  ]);
});

test('fails with a folder in the place of a file, and with a file in the place of the folder', () => {
  mkdirSync(join(folder, 'images/staging.yaml'));
  expect(run()[1][0]).toContain('staging: [images/staging.yaml] \'file\' must be a file, got "a folder"');
  rmSync(join(folder, 'images'), { recursive: true });
  writeFileSync(join(folder, 'images'), '');
  expect(run({ only: 'next' })[1][0]).toContain("[images] 'images' must be a folder");
});

describe('the mark by which Flux writes the image', () => {
  const mark = '# {"$imagepolicy": "flux-system:kube-native-staging"}';
  const updates = (change: Partial<Environment> = {}): Record<string, Environment> => ({
    staging: { ...literal, imageUpdates: { policy: { semver: '2.x' } }, ...change },
  });
  const told = (): string => readFileSync(join(folder, 'dist/flux/staging.yaml'), 'utf8');

  test('is behind the image, and what Flux is told is beside the environment', () => {
    write('staging.yaml', `image: ${shop('a')} ${mark}\n`);
    expect(run({}, updates())).toEqual([true, []]);
    expect(told()).toMatch(/^# No part of the environment: who administers Flux applies it whenever it changes\.\n/);
    expect(told()).toContain('image: registry.example.com/kube-native\n');
    // Another run without it takes its file away.
    expect(run()).toEqual([true, []]);
    expect(existsSync(join(folder, 'dist/flux'))).toBe(false);
  });

  test.each([
    ['no mark', ''],
    ['that of another policy', '# {"$imagepolicy": "flux-system:kube-native-production"}'],
    ['that of another namespace', '# {"$imagepolicy": "delivery:kube-native-staging"}'],
    ['one of the tag alone', '# {"$imagepolicy": "flux-system:kube-native-staging:tag"}'],
    ['one in a line of its own', `\n${mark}`],
  ])('fails with %s', (_, behind) => {
    write('staging.yaml', `image: ${shop('a')} ${behind}\n`);
    const [written, lines] = run({}, updates());
    expect(written).toBe(false);
    expect(lines.join('\n')).toContain(`staging: [app] 'imageUpdates' must have its mark in the file`);
    expect(lines.join('\n')).toContain(`write ${mark} behind the image, in the same line`);
  });

  test('fails without a file, of which a literal is none', () => {
    for (const more of [{}, { images: undefined }]) {
      const [written, lines] = run(more, updates({ image: own }));
      expect([written, lines.join('\n')]).toEqual([
        false,
        expect.stringContaining("'imageUpdates' must have a file that it writes to"),
      ]);
    }
  });

  test('is told together with what is no object', () => {
    write('staging.yaml', `image: ${shop('a')} ${mark}\n`);
    const [written, lines] = run({}, updates({ imageUpdates: null as never }));
    expect([written, lines.join('\n')]).toEqual([false, expect.stringContaining("'imageUpdates' must be an object")]);
  });

  test('is in no file of another environment', () => {
    write('staging.yaml', `image: ${shop('a')} ${mark}\n`);
    const of = (file: string) => run({}, updates({ imageUpdates: { policy: { semver: '2.x' }, file } }));
    expect(of('deploy/images/staging.yaml')).toEqual([true, []]);
    expect(of('images/production.yaml')[1].join('\n')).toContain(
      '\'imageUpdates.file\' must be the file of this environment, got "images/production.yaml"',
    );
  });

  test('is of the namespace that it says', () => {
    write('staging.yaml', `image: ${shop('a')} # {"$imagepolicy": "delivery:kube-native-staging"}\n`);
    expect(run({}, updates({ imageUpdates: { policy: { semver: '2.x' }, namespace: 'delivery' } }))).toEqual([true, []]);
  });

  test('is nothing that a preview has', () => {
    const stack = {
      ...facts,
      environments,
      preview: (of: string, image: string) => ({ ...updates()['staging'], name: of, image }),
    };
    expect(synthStack(stack as never, { outdir: join(folder, 'dist'), pullRequest: 'pr-7', image: shop('b') })).toBe(false);
    expect(printed.join('\n')).toContain("'imageUpdates' must be left out of a preview");
  });

  test('stays where it is when somebody promotes, and goes nowhere else', () => {
    write('staging.yaml', `image: ${shop('a')} ${mark}\n`);
    write('production.yaml', `image: ${shop('b')}\n`);
    const images = join(folder, 'images');
    promote('staging', 'production', { images });
    expect(readFileSync(join(images, 'production.yaml'), 'utf8')).toBe(`image: ${shop('a')}\n`);
    promote(shop('c'), 'staging', { images });
    expect(readFileSync(join(images, 'staging.yaml'), 'utf8')).toBe(`image: ${shop('c')} ${mark}\n`);
  });
});
