import type { App } from 'cdk8s';
import { scopeOf } from '../support/scope';

/** Which charts of an App are taken for those of others, where nobody has said so. */
export function passedOver(app: App): string[] {
  const charts = scopeOf(app)
    .passedOver()
    .map(({ node }) => node.path);
  if (charts.length === 0) return [];
  const names = charts.length > 6 ? `${charts.slice(0, 5).join(', ')} and ${charts.length - 5} more` : charts.join(', ');
  return [`charts without a construct of cdk8s-phoenix are not judged: ${names}; Checks.of(app).only(app) judges them too`];
}
