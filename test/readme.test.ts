import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { preview } from './support/stack';
import { documents, expected, read } from './support/documents';
import { objectsOf } from './support/environments';
import { routePicture } from './support/route-picture';

const guides = readdirSync('docs', { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.md'));
const texts = ['README.md', ...guides.map((file) => `docs/${file}`)].map((name) => ({ name, text: read(name) }));

test.each(Object.keys(documents))('%s says what the code says, or is to be written by `npm run docs`', (name) => {
  expect(read(name)).toBe(expected(name));
});

test('the picture of a request ends at what its pods may call', () => {
  const picture = routePicture(objectsOf(preview('7', 'registry.example.com/kube-native:pr-7'))).split('\n');
  expect(picture).toContain('  n1 -- "7.preview.kube-native.example.com" --> n2');
  expect(picture).toContain('  n7["database kube_native<br>pods of kube-native-postgresql"]');
  expect(picture).toContain('  n6 -- "port 5432" --> n7');
  expect(picture.join()).not.toContain('nodes of');
});

test('every link of the documents leads somewhere', () => {
  const anchors = (name: string) => [...read(name).matchAll(/^#+ (.*)$/gm)].map(([, title = '']) => anchorOf(title));
  const dead = texts.flatMap(({ name, text }) =>
    [...text.matchAll(/\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)/g)].filter(([, path = '', anchor]) => {
      const file = path === '' ? name : join(dirname(name), path);
      return !existsSync(file) || (anchor !== undefined && !anchors(file).includes(anchor));
    }),
  );
  expect(guides.length).toBeGreaterThan(20);
  expect(dead.map(([link]) => link)).toEqual([]);
});

/** As GitHub makes them. */
const anchorOf = (title: string): string =>
  title
    .toLowerCase()
    .replace(/[^\w\s-]/g, '')
    .replace(/\s/g, '-');

test('every npm script that the documents name exists', () => {
  const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
  const named = texts.flatMap(({ text }) => [...text.matchAll(/npm run ([a-z:]+)/g)].map(([, script]) => script ?? ''));
  expect(named.length).toBeGreaterThan(0);
  expect(named.filter((script) => scripts[script] === undefined)).toEqual([]);
});

test('where the documents stop a release, they wait until its pods are gone, which hold their connections until then', () => {
  const stops = texts.flatMap(({ name, text }) =>
    [...text.matchAll(/--replicas=0/g)].map(({ index }) => ({ name, then: text.slice(index, index + 300) })),
  );
  expect(stops.length).toBeGreaterThan(0);
  expect(stops.filter(({ then }) => !/kubectl (?:-n \S+ )?wait --for=delete pod /.test(then))).toEqual([]);
});

test('the lock file names no registry', () => {
  expect(read('package-lock.json')).not.toMatch(/"resolved"|https?:\/\/[^"]*\.tgz/);
});

test('nothing under lib/ reads the environment, the clock or chance', () => {
  const folder = join(__dirname, '../lib');
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
  const reads = /process\.(env|cwd|argv)|Date\.now|new Date\(|Math\.random|randomUUID|randomBytes/;
  expect(files.length).toBeGreaterThan(30);
  expect(files.filter((file) => reads.test(readFileSync(join(folder, file), 'utf8')))).toEqual([]);
});
