import { Chart } from 'cdk8s';
import type { IConstruct } from 'constructs';
import { isClusterScoped, kindOf } from '../model/kinds';
import { namespaceOf } from '../model/values';
import type { FinishedObject, World } from '../model/world';
import type { Declared } from '../support/facts';
import { kubernetesOf } from '../support/kubernetes';
import { nearestKubernetes } from '../support/kubernetes-versions';
import { scopeOf, type Scope } from '../support/scope';
import type { AppChecks } from './app-checks';
import { constructOf } from './finished';

/** What rules look at. Objects of others come first: what two have in common is told of the later one. */
export function worldIn({ root, operators, previous }: AppChecks, objects: readonly FinishedObject[], declared: Declared): World {
  const scope = scopeOf(root);
  const theirs = scope.isWhole ? [] : objects.filter((object) => !scope.has(constructOf(object)));
  // One that is not known is refused where it was given.
  const kubernetes = nearestKubernetes(kubernetesOf(root));
  const homes = scope.hasNamespaces ? { homes: namespacesIn(root, objects, scope) } : {};
  const facts = { ...declared, ...homes, kubernetes, operators, previous };
  if (theirs.length === 0) return { ...facts, objects };
  const rest = new Set(theirs);
  const ordered = [...theirs, ...objects.filter((object) => !rest.has(object))];
  return { ...facts, objects: ordered, theirs: new Set(theirs.map(constructOf)) };
}

/** The namespaces of the charts of an App, ours first; of a chart that has none, that of its first object. */
function namespacesIn(root: IConstruct, objects: readonly FinishedObject[], { has }: Scope): readonly string[] {
  const all = root.node.findAll().filter((one) => Chart.isChart(one));
  const charts = [...all.filter(has), ...all.filter((one) => !has(one))];
  const first = new Map<Chart, string>();
  for (const object of objects) {
    const chart = Chart.of(constructOf(object));
    const namespace = namespaceOf(object.manifest);
    if (!first.has(chart) && namespace !== '' && !isClusterScoped(kindOf(object.manifest))) first.set(chart, namespace);
  }
  return [...new Set(charts.flatMap((chart) => chart.namespace ?? first.get(chart) ?? []))];
}
