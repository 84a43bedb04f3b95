import { plansOf, type Sides } from '../../lib/plan/plans';
import { planText } from '../../lib/plan/text';
import type { NamedEnvironment } from '../../lib/index';
import { development, production, staging } from '../support/stack';
import { vary } from '../support/vary';
import { side } from './report';

function sides(...environments: readonly NamedEnvironment[]): Sides {
  const read = new Map(environments.map((environment) => [environment.name, environment]));
  return { names: [...read.keys()], read: (name) => side(read.get(name) ?? staging) };
}

const image = 'registry.example.com/kube-native:1.1.0@sha256:7c2b0e9a6c5b38277f1d2e3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a6978';

describe('what is said of all environments', () => {
  test('nothing in one line where nothing changes', () => {
    const same = sides(production, staging, development);
    expect(planText(plansOf(same, same), 'text')).toBe('nothing changes in production, staging and development\n');
  });

  test('an environment that is new', () => {
    expect(planText(plansOf(sides(production), sides(production, staging)), 'text')).toMatchSnapshot();
  });

  test('an environment that is gone, with the reason', () => {
    const reasons = { staging: 'production is rehearsed in previews now' };
    expect(planText(plansOf(sides(production, staging), sides(production), reasons), 'text')).toBe(`staging
  Refused or dangerous
    is gone from the output: kubectl apply leaves all of it, and it runs on
      retired: production is rehearsed in previews now
      once nobody needs it: kubectl delete namespace kube-native-staging, which deletes its volumes too

nothing changes in production
`);
  });

  test('an environment with another name and its namespace', () => {
    expect(planText(plansOf(sides(staging), sides({ ...staging, name: 'rehearsal' })), 'text')).toBe(`rehearsal
  Refused or dangerous
    was called staging, and has its namespace
      point what applies the folder staging to this one first, or it may delete all of it
`);
  });

  test('what two of them share from then on, and did not before', () => {
    const shared = vary(staging, { web: { host: production.web.host } });
    const text = planText(
      plansOf(sides(vary(production, { cluster: undefined }), staging), sides(vary(production, { cluster: undefined }), shared)),
      'text',
    );
    expect(text).toContain(
      'HTTPRoute kube-native: spec.hostnames[0] must not be claimed by production too, got "kube-native.example.com/"',
    );
    expect(planText(plansOf(sides(production, shared), sides(production, shared)), 'text')).toBe(
      'nothing changes in production and staging\n',
    );
  });

  test('once what is the same in several, apart from what is not', () => {
    const labels = { 'example.com/owner': 'shop' };
    const before = sides(production, staging);
    expect(
      planText(plansOf(before, sides(vary(production, { labels }), vary(staging, { labels, image }))), 'text'),
    ).toMatchSnapshot();
  });

  test('the same text of the same input', () => {
    const [before, now] = [sides(production, staging), sides(vary(production, { image }), staging)];
    expect(planText(plansOf(before, now), 'json')).toBe(planText(plansOf(before, now), 'json'));
  });

  test.each(['markdown', 'json'] as const)('as %s', (format) => {
    const now = vary(production, { image, web: { poolSize: 8 }, labels: { 'example.com/owner': 'shop' } });
    expect(planText(plansOf(sides(production, staging), sides(now, staging)), format)).toMatchSnapshot();
  });
});
