import { ApiObject, App, Chart } from 'cdk8s';
import type { Finding, Manifest, Rule, World } from '../../lib/index';

/** What a rule finds in objects written by hand. */
export function foundIn(rule: Rule, manifests: readonly Manifest[], more: Partial<World> = {}): Finding[] {
  const scope = new Chart(new App(), 'chart');
  const objects = manifests.map((manifest, index) => {
    const construct = new ApiObject(scope, `object-${index}`, { apiVersion: 'v1', kind: 'Raw' });
    return { construct, manifest };
  });
  return [...rule.find({ objects, kubernetes: '1.30', externals: [], databases: [], previous: [], ...more })];
}
