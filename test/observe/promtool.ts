import type { Manifest } from '../../lib/index';
import type { AlertCases, Case } from './alert-cases';
import { alertsIn, groupsIn } from './watched';

/**
 * Rules and what they must say, as `promtool check rules` and `promtool test rules` read them: JSON is YAML too. Each alert is tried
 * with what it is computed from alone: all rules each minute of eight days take longer than anyone waits.
 */
export function promtoolFiles(
  objects: readonly Manifest[],
  cases: Readonly<Record<string, AlertCases>>,
  all: string,
): Readonly<Record<string, string>> {
  const groups = groupsIn(objects);
  const alerts = alertsIn(objects);
  const files = Object.entries(cases).flatMap(([name, { fires, silent }]) => {
    const rule = alerts[name];
    if (rule === undefined) return [];
    const expected = fires.map(({ labels, summary, ...given }) => ({
      given,
      alerts: [{ exp_labels: { ...rule['labels'], ...labels }, exp_annotations: { ...rule['annotations'], summary } }],
    }));
    const tests = [...expected, ...silent.map((given) => ({ given, alerts: [] }))].map((one) =>
      testOf(name, one.given, one.alerts),
    );
    const needed = groups.flatMap(({ rules, ...group }) => {
      const used = rules.filter(
        (one) => one === rule || (one['record'] !== undefined && rule.expr.includes(`${one['record']}{`)),
      );
      return used.length === 0 ? [] : [{ ...group, rules: used }];
    });
    return [
      [`${name}.rules.yaml`, text({ groups: needed })],
      [`${name}.test.yaml`, text({ rule_files: [`${name}.rules.yaml`], evaluation_interval: '1m', tests })],
    ];
  });
  return { [all]: text({ groups }), ...Object.fromEntries(files) };
}

function testOf(alertname: string, { series, at }: Case, expected: readonly object[]): object {
  return {
    interval: '1m',
    input_series: Object.entries(series).map(([name, values]) => ({ series: name, values })),
    alert_rule_test: [{ eval_time: at, alertname, exp_alerts: expected }],
  };
}

function text(value: object): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
