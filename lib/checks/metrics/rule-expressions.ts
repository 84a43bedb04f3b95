import { nearest } from '../../support/nearest';
import type { FinishedObject, Rule, World } from '../rule';
import { dashboardQueries, type Expression, isWholeName, readExpression, withoutVariables } from '../../model/metrics';
import { inventoryOf } from '../../model/inventory';
import { maps, once, scalar, specOf } from '../../model/values';
import { onlyInLiteral, remedy } from '../../model/remedy';

/** The operator asks its webhook, where that is there; without it Prometheus goes on with the rules that it had, and says so in its log. */
export const ruleExpressions: Rule = {
  name: 'rule-expressions',
  sentence: 'Every expression of a PrometheusRule, and of a panel of a dashboard, is PromQL.',
  why: 'Prometheus loads none of its new rules, those of others neither, and the old ones stay without a word in the cluster; a panel stays empty.',
  source: 'https://prometheus.io/docs/prometheus/latest/querying/basics/',
  *find(world) {
    for (const { object, field, text, expression, panel } of expressionsIn(world)) {
      if (expression.fault === undefined) continue;
      const fix = panel === undefined ? 'correct it: `promtool check rules` says more' : `correct it in the panel "${panel}"`;
      yield { object, field, must: expression.fault, got: text.length > 120 ? `${text.slice(0, 120)} ...` : text, fix };
    }
  },
};

export const metricsKnown: Rule = {
  name: 'metrics-known',
  sentence: 'A PrometheusRule or a dashboard asks for no metric that looks like one of the exporter and that it does not have.',
  why: 'The alert never fires, the panel is empty, and both look as if all were well.',
  source: 'https://hexdocs.pm/prom_ex/readme.html',
  severity: 'warning',
  *find(world) {
    const exporters = world.exporters ?? [];
    if (exporters.length === 0) return;
    for (const { object, field, expression, panel } of expressionsIn(world)) {
      // A colon is in the names of what rules record, and in none of an exporter.
      for (const name of expression.names.filter((one) => !one.includes(':'))) {
        const exporter = exporters.find(({ prefix }) => name.startsWith(prefix));
        if (!exporter || exporter.names.includes(bare(name)) || exporter.names.includes(name)) continue;
        const near = nearest(bare(name), exporter.names);
        const write = near === undefined ? 'correct the name' : `write ${near}`;
        const way = remedy`${write}${onlyInLiteral(', or list the plugin that has it')}`;
        const where = panel === undefined ? '' : ` in the panel "${panel}"`;
        yield { object, field, must: `ask${where} for a metric that the application has`, got: name, ...way };
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
  /** The panel of a dashboard that asks it. */
  readonly panel?: string;
}

/** Both rules read them. */
const expressionsIn = once((world: World): readonly At[] => [...rulesIn(world), ...panelsIn(world)]);

function panelsIn(world: World): At[] {
  return inventoryOf(world)
    .ofKind('ConfigMap', 'GrafanaDashboard')
    .flatMap((object) =>
      dashboardQueries(object).map(({ field, panel, expr }): At => {
        const { expr: asked, isWhole } = withoutVariables(expr);
        const { names, fault } = readExpression(asked);
        const expression = isWhole ? { names, fault } : { names: names.filter(isWholeName) };
        return { object, field, panel, text: expr, expression };
      }),
    );
}

function rulesIn(world: World): At[] {
  return inventoryOf(world)
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
    );
}
