import { nearest } from '../../support/nearest';
import type { Finding, FinishedObject, Rule, World } from '../rule';
import { inventoryOf } from '../world/inventory';
import { specOf } from '../world/objects';
import { once } from '../world/once';
import { readExpression, type Expression } from '../world/promql';
import { maps, scalar } from '../world/values';

/** The operator asks its webhook, where that is there; without it Prometheus goes on with the rules that it had, and says so in its log. */
export const ruleExpressions: Rule = {
  name: 'rule-expressions',
  sentence: 'Every expression of a PrometheusRule is PromQL.',
  why: 'Prometheus loads none of its new rules, those of others neither, and the old ones stay without a word in the cluster.',
  source: 'https://prometheus.io/docs/prometheus/latest/querying/basics/',
  *find(world: World): Iterable<Finding> {
    for (const { object, field, text, expression } of expressionsIn(world)) {
      if (expression.fault === undefined) continue;
      const fix = 'correct it: `promtool check rules` says more';
      yield { object, field, must: expression.fault, got: text.length > 120 ? `${text.slice(0, 120)} ...` : text, fix };
    }
  },
};

/** A metric that nobody exports is the silence of an alert. */
export const metricsKnown: Rule = {
  name: 'metrics-known',
  sentence: 'A PrometheusRule asks for no metric that looks like one of the exporter and that it does not have.',
  why: 'The alert never fires, and looks as if all were well.',
  source: 'https://hexdocs.pm/prom_ex/readme.html',
  *find(world: World): Iterable<Finding> {
    const exporters = world.exporters ?? [];
    if (exporters.length === 0) return;
    for (const { object, field, expression } of expressionsIn(world)) {
      for (const name of expression.names) {
        const exporter = exporters.find(({ prefix }) => name.startsWith(prefix));
        if (!exporter || exporter.names.includes(bare(name)) || exporter.names.includes(name)) continue;
        const near = nearest(bare(name), exporter.names);
        const fix =
          near === undefined
            ? 'correct the name, or list the plugin that has it'
            : `write ${near}, or list the plugin that has it`;
        yield { object, field, must: 'ask for a metric that the application has', got: name, fix };
      }
    }
  },
};

/** A histogram is asked for by its parts. */
function bare(name: string): string {
  return name.replace(/_(?:bucket|sum|count)$/, '');
}

interface At {
  readonly object: FinishedObject;
  readonly field: string;
  readonly text: string;
  readonly expression: Expression;
}

/** Both rules read them. */
const expressionsIn = once((world: World): readonly At[] =>
  inventoryOf(world)
    .ofKind('PrometheusRule')
    .flatMap((object) =>
      maps(specOf(object)['groups']).flatMap(({ rules }, group) =>
        maps(rules).flatMap(({ expr }, rule): At[] => {
          const text = scalar(expr);
          // What is missing another rule says.
          if (text === undefined) return [];
          return [{ object, field: `spec.groups[${group}].rules[${rule}].expr`, text, expression: readExpression(text) }];
        }),
      ),
    ),
);
