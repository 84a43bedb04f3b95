import {
  promEx,
  telemetryMetrics,
  type ImageSource,
  type MetricNames,
  type PromExProps,
  type TelemetryMetricsProps,
} from '../../lib/index';
import { declaredIn } from '../../lib/support/declare';
import { build, facts, staging } from '../support/stack';

/** What an environment says of names that its application is given. */
function faultsOf(names: MetricNames): string {
  try {
    build(staging, undefined, { ...facts, application: { ...facts.application, metrics: { port: 9568, names } } });
    return '';
  } catch (error) {
    return (error as Error).message;
  }
}
const byPromEx = (props: object): string => faultsOf(promEx({ otpApp: 'shop', plugins: ['Beam'], ...props }));
const byList = (props: object): string => faultsOf(telemetryMetrics({ prefix: 'shop', ...props }));
const at = 'application.metrics.names';

test('names that a metric can begin with are taken', () => {
  expect(byPromEx({ otpApp: '_shop2', clusterNodes: 'shop:nodes{kind="visible"}' })).toBe('');
  expect(byPromEx({ prefix: 'shop_metrics', plugins: [] })).toBe('');
  expect(byList({ prefix: 'kube_native', oban: true })).toBe('');
});

describe('whoever is given names refuses', () => {
  test.each<[string, object, string]>([
    [
      'an application that PromQL reads as a subtraction',
      { otpApp: 'kube-native' },
      `'${at}.otpApp' must be what a name of a metric can begin with: lower-case letters, digits and '_', and no digit first, got ` +
        '"kube-native"; write the application of `use PromEx, otp_app: :kube_native`',
    ],
    [
      'an application with a colon of Elixir',
      { otpApp: ':shop' },
      `'${at}.otpApp' must be what a name of a metric can begin with`,
    ],
    ['a prefix that no metric has', { prefix: 'shop.prom_ex' }, `'${at}.prefix' must be what a name of a metric can begin with`],
    ['a metric of nodes that is none', { clusterNodes: 'shop.nodes' }, `'${at}.clusterNodes' must be the name of a metric`],
    ['a plugin that is misspelt', { plugins: ['Ecot'] }, `"Ecot"; write 'Ecto'`],
    ['a plugin by its module', { plugins: ['Beam', 'PromEx.Plugins.Phoenix'] }, `got "PromEx.Plugins.Phoenix"; write 'Phoenix'`],
    ['a plugin that is not known', { plugins: ['PromEx.Plugins.Broadway'] }, `leave it out, and write 'further: true'`],
    ['plugins that are no list', { plugins: 'Beam' }, `'${at}.plugins' must be an array`],
    ['a prop that there is not', { pluggins: [] }, `'${at}.pluggins' must be a prop that is known`],
    ['no application', { otpApp: undefined }, `'${at}.otpApp' must be given, got nothing; pass 'otpApp' to promEx`],
  ])('%s', (_, props, sentence) => {
    expect(byPromEx(props)).toContain(sentence);
  });

  test.each<[string, object, string]>([
    ['a prefix with a hyphen', { prefix: 'kube-native' }, `'${at}.prefix' must be what a name of a metric can begin with`],
    ['the name of a metric where a word is asked', { clusterNodes: 'shop_nodes' }, `'${at}.clusterNodes' must be`],
    ['no prefix', { prefix: undefined }, `pass 'prefix' to telemetryMetrics`],
  ])('%s', (_, props, sentence) => {
    expect(byList(props)).toContain(sentence);
  });

  test('nothing at all', () => {
    expect(faultsOf(promEx(undefined as unknown as PromExProps))).toContain('must be an object with otpApp, plugins');
    expect(faultsOf(telemetryMetrics(undefined as unknown as TelemetryMetricsProps))).toContain('must be an object with prefix');
  });
});

describe('an application of PromEx that the umbrella has not is noted', () => {
  const umbrella: ImageSource = {
    elixir: '1.20.3',
    otp: '29.0.5',
    debian: 'trixie-20260803-slim',
    apps: ['kube_native', 'kube_native_web'],
  };
  const notesOf = (props: Partial<PromExProps>, of?: ImageSource): readonly string[] => {
    const names = promEx({ otpApp: 'kube_natve', plugins: ['Beam'], ...props });
    const application = { ...facts.application, source: of, metrics: { port: 9568, names } };
    return declaredIn(build(staging, undefined, { ...facts, application })).assumed.filter((note) => note.includes('promEx'));
  };

  test('once, and not where it has it, where a prefix is given, or where nobody knows', () => {
    expect(new Set(notesOf({}, umbrella))).toEqual(
      new Set([
        "metrics are taken to begin with kube_natve, which is none of the umbrella's applications kube_native, kube_native_web: promEx is told the otp_app of 'use PromEx'",
      ]),
    );
    expect(notesOf({ otpApp: 'kube_native' }, umbrella)).toEqual([]);
    expect(notesOf({ prefix: 'shop' }, umbrella)).toEqual([]);
    expect(notesOf({})).toEqual([]);
  });
});
