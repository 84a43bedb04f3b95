import { Duration } from 'cdk8s';
import { build, preview } from './support/stack';
import { render, slug, type Temporary } from '../lib/index';
import { objectsOf } from './support/environments';
import { vary } from './support/vary';

const IMAGE = 'registry.example.com/kube-native:pr-123';

describe('a short name', () => {
  test.each([
    ['123', '123'],
    ['main', 'main'],
    ['a-branch-of-20-chars', 'a-branch-of-20-chars'],
    ['feature/login', 'feature-login-df7c7a'],
    ['Main', 'main-eb814b'],
    ['a-branch-of-21-letters', 'a-branch-of-2-7a5ad7'],
    ['änderung', 'nderung-826227'],
    ['日本語', '77710a'],
    ['--', 'd8156b'],
  ])('of %s is %s', (text, short) => {
    expect(slug(text)).toMatch(/^[a-z0-9](?:[a-z0-9-]{0,18}[a-z0-9])?$/);
    expect(slug(text)).toBe(short);
  });

  test('is never shared by two texts', () => {
    const texts = ['feature/a', 'feature-a', 'Feature/a', 'feature_a', 'feature a', `${'x'.repeat(40)}1`, `${'x'.repeat(40)}2`];
    expect(new Set(texts.map((text) => slug(text))).size).toBe(texts.length);
  });
});

describe('a preview', () => {
  test.each([
    '123',
    'feature/Überlanger Name für einen Zweig, mit allem!',
    'x'.repeat(300),
    '-',
    'dependabot/npm_and_yarn/a-1.2.3',
  ])('of %s passes all rules', (of) => {
    const { faults, optOuts } = render(build(preview(of, IMAGE)));
    expect(faults).toEqual([]);
    expect(optOuts.map(({ rule }) => rule)).toEqual(['volumes-kept', 'image-digest']);
  });

  test('has names of its own, and a note for who tidies up', () => {
    const objects = objectsOf(preview('feature/login', IMAGE));
    const namespace = objects.find(({ kind }) => kind === 'Namespace');
    expect(namespace?.['metadata']).toMatchObject({
      name: 'kube-native-preview-feature-login-df7c7a',
      labels: { 'cdk8s-phoenix/preview': 'feature-login-df7c7a' },
      annotations: { 'cdk8s-phoenix/preview-of': 'feature/login', 'janitor/ttl': '72h' },
    });
    const config = objects.find(
      ({ kind, metadata }) => kind === 'ConfigMap' && /^kube-native-[0-9a-f]{10}$/.test(metadata.name as string),
    );
    expect(config?.['data'].PHX_HOST).toBe('feature-login-df7c7a.preview.kube-native.example.com');
    expect(objects.filter(({ kind }) => kind === 'Secret')).toEqual([]);
  });

  test('takes the number of a pull request as a number too', () => {
    expect(preview(123, IMAGE)).toEqual(preview('123', IMAGE));
  });

  test('is the same for the same pull request', () => {
    const text = () => [...render(build(preview('7', IMAGE))).files.values()].join('');
    expect(text()).toBe(text());
  });

  test.each<[string, Temporary, string]>([
    [
      'it would be gone at once',
      { of: '7', ttl: Duration.minutes(5) },
      "'temporary.ttl' must be whole seconds from 3600s to 7776000s, got 300s; a pull request of a week is served by Duration.days(7)",
    ],
  ])('fails when %s', (_, lifetime, sentence) => {
    expect(render(build(vary(preview('7', IMAGE), { lifetime }))).faults).toEqual([`[00-namespace] ${sentence}`]);
  });
});
