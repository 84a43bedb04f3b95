import type { ImageSource } from '../../lib/index';
import { NOBODY } from '../../lib/pod/hardened-pod';
import { digests, fileOf, plain, rebuilt, shop, stagesOf, umbrella, variants, wordsOf } from './built';

const each = Object.entries(variants);

/** Values of an instruction in a stage. */
function valuesOf(text: string, stage: string, keyword: string): string[] {
  const found = stagesOf(text).find(({ name }) => name === stage);
  return (found?.instructions ?? []).filter((one) => one.getKeyword() === keyword).map((one) => wordsOf(one).join(' '));
}

describe.each(each)('the Dockerfile of an %s', (_name, application) => {
  const text = fileOf(application);
  const stages = stagesOf(text);

  test('is exactly this text', () => {
    expect(text).toMatchSnapshot();
    expect(fileOf(application, 'Dockerfile.dockerignore')).toMatchSnapshot();
  });

  test('has five stages, in this order', () => {
    expect(stages.map(({ name }) => name)).toEqual(['builder', 'deps', 'assets', 'releaser', 'runner']);
  });

  test('names one version of each base', () => {
    const own = new Set(stages.map(({ name }) => name));
    for (const { from } of stages.filter((stage) => !own.has(stage.from)))
      expect(from).toMatch(/^[\w.]+(?:\/[\w.-]+)+:[\w.-]*\d[\w.-]*(@sha256:[0-9a-f]{64})?$/);
  });

  test('has the release where the commands of the pods look for it, and their user', () => {
    const { start, migrate, release } = application.release;
    const [root] = valuesOf(text, 'runner', 'WORKDIR');
    for (const [program] of [start, migrate]) expect(program).toBe(`${root}/bin/${release}`);
    expect(valuesOf(text, 'runner', 'USER')).toEqual([`${NOBODY}:${NOBODY}`]);
    expect(JSON.parse(valuesOf(text, 'runner', 'CMD').join())).toEqual(start);
    expect(valuesOf(text, 'runner', 'EXPOSE').join().split(' ')).toContain(`${application.port}`);
  });

  test('copies into the image nothing but the release', () => {
    expect(valuesOf(text, 'runner', 'COPY')).toEqual([expect.stringMatching(/^--from=releaser \/src\/\S+ \.\/$/)]);
  });

  test('builds the dependencies again for no change of code, configuration at run time or static files', () => {
    const apps = application.source?.apps;
    const web = apps ? `apps/${application.source?.web ?? 'book_shop_web'}/` : '';
    const controller = `${web}lib/book_shop_web/controllers/page_controller.ex`;
    for (const changed of [
      controller,
      'config/runtime.exs',
      `${web}assets/js/app.js`,
      'rel/env.sh.eex',
      `${web}priv/gettext/a.po`,
    ]) {
      const again = rebuilt(text, changed);
      expect([...again.keys()]).not.toContain('builder');
      expect([...again.keys()]).not.toContain('deps');
      expect([...again.keys()]).toContain('releaser');
    }
    const templates = typeof application.source?.assets === 'object' && application.source.assets.templates;
    expect([...rebuilt(text, controller).keys()]).toEqual(templates ? ['assets', 'releaser', 'runner'] : ['releaser', 'runner']);
    // No package of the system either.
    expect(rebuilt(text, controller).get('runner')).toMatch(/^COPY --from=releaser /);
  });

  test('builds the dependencies again where they are others', () => {
    const mixes = ['mix.exs', 'mix.lock', ...(application.source?.apps ?? []).map((app) => `apps/${app}/mix.exs`)];
    for (const changed of [...mixes, 'config/config.exs']) expect([...rebuilt(text, changed).keys()]).toContain('deps');
  });

  test('ends with what each commit changes', () => {
    const keywords = stages.at(-1)?.instructions.map((one) => one.toString()) ?? [];
    expect(keywords.slice(-3)).toEqual([
      'ARG GIT_SHA=unknown',
      'ENV GIT_SHA=${GIT_SHA}',
      'LABEL org.opencontainers.image.revision=${GIT_SHA}',
    ]);
    expect(keywords.slice(0, -3).join('\n')).not.toContain('GIT_SHA');
  });

  test('takes nothing secret from arguments or variables', () => {
    const given = stages.flatMap(({ instructions }) => instructions.filter((one) => ['ARG', 'ENV'].includes(one.getKeyword())));
    const names = given.flatMap((one) => [...(one.getArgumentsContent() ?? '').matchAll(/(\w+)=/g)].map(([, name]) => name));
    expect(new Set(names)).toEqual(new Set(['LANG', 'MIX_ENV', 'GIT_SHA']));
  });

  test('has a reason for each finding of hadolint that it passes over', () => {
    const lines = text.split('\n');
    const ignored = lines.flatMap((line, index) => (line.startsWith('# hadolint ignore=') ? [lines[index - 1]] : []));
    expect(ignored.length).toBeGreaterThan(0);
    for (const before of ignored) expect(before).toMatch(/^# .*\.$/);
  });
});

test('a release is called by its name where mix.exs must have it: Mix refuses the name that it would take itself', () => {
  const release = (text: string): readonly string[] => text.match(/(?<=mix )release.*(?= \\)/g) ?? [];
  expect(release(fileOf({ ...shop, source: plain }))).toEqual(['release']);
  expect(release(fileOf({ ...shop, source: umbrella }))).toEqual(['release book_shop']);
});

test('the static files of each application of an umbrella get digests, those of a single one by its alias', () => {
  const tasks = (source: ImageSource): readonly string[] =>
    fileOf({ ...shop, source }).match(/(?<=mix )\S+\.(?:deploy|digest)/g) ?? [];
  expect(tasks(plain)).toEqual(['assets.deploy']);
  expect(tasks(umbrella)).toEqual(['assets.deploy', 'phx.digest']);
  expect(tasks({ ...umbrella, assets: { node: '22.19.0' } })).toEqual(['phx.digest']);
  expect(tasks({ ...umbrella, assets: 'none' })).toEqual([]);
});

test('what mix.exs reads is there before the first task of Mix that reads it, and changes the dependencies', () => {
  const text = fileOf({
    ...shop,
    source: { ...umbrella, mixFiles: ['VERSION', 'apps/book_shop/version.txt', 'mix_shared.exs'] },
  });
  const before = text.slice(0, text.indexOf('mix deps.get'));
  expect(before).toContain(
    '\nCOPY mix.exs mix.lock VERSION mix_shared.exs ./\nCOPY apps/book_shop/version.txt apps/book_shop/\n',
  );
  expect([...rebuilt(text, 'VERSION').keys()]).toContain('deps');
  expect(fileOf({ ...shop, source: { ...plain, mixFiles: ['VERSION'] } }, 'Dockerfile.dockerignore')).toMatch(/^!VERSION$/m);
});

test.each([
  ['6.17.1', 'COPY assets/package.json ./', 'npm install'],
  ['8.11.4', 'COPY assets/package.json assets/package-lock.json ./', 'npm install'],
  ['8.12.0', 'COPY assets/package.json assets/package-lock.json ./', 'npm ci'],
  ['22.19.0', 'COPY assets/package.json assets/package-lock.json ./', 'npm ci'],
])('the packages of Node %s are installed as its npm knows it', (node, copied, command) => {
  const text = fileOf({ ...shop, source: { ...plain, assets: { node }, buildKit: false } });
  expect(text).toContain(`${copied}\nRUN ${command}\n`);
});

test('npm reads the settings that are named', () => {
  const text = fileOf({ ...shop, source: { ...plain, assets: { node: '22.19.0' }, include: ['assets/.npmrc'] } });
  expect(text).toContain('COPY assets/package.json assets/package-lock.json assets/.npmrc ./');
});

test('the bases have their digests', () => {
  const [builder, , , , runner] = stagesOf(fileOf({ ...shop, source: { ...umbrella, bases: digests } }));
  expect(builder?.from).toBe(`docker.io/hexpm/elixir:1.18.4-erlang-27.3.4-debian-trixie-20260803-slim@${digests.builder.digest}`);
  expect(runner?.from).toBe(`docker.io/library/debian:trixie-20260803-slim@${digests.runner.digest}`);
});

test('what is BuildKit alone stays out where another builder is asked for', () => {
  const own = /# syntax|--mount|--parents|--link|<</;
  expect(fileOf({ ...shop, source: plain })).toMatch(own);
  expect(fileOf({ ...shop, source: { ...plain, buildKit: false } })).not.toMatch(own);
});

test('a cache is locked by one instruction alone, because Podman 4.3 waits for itself else', () => {
  const text = fileOf({ ...shop, source: umbrella });
  const locks = [...text.matchAll(/--mount=type=cache,(?:id=([\w-]+),)?target=([\w./-]+),sharing=locked/g)].map(
    ([, id, target]) => id ?? target,
  );
  expect(locks.length).toBeGreaterThan(4);
  expect(new Set(locks).size).toBe(locks.length);
});
