import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Duration } from 'cdk8s';
import { staging } from '../../support/stack';
import { dashboardsIn, queriesOf } from '../queries';
import { groupsIn, observe, tried, watched } from '../watched';

// What a Prometheus is given that looks at one machine: the rules of the environment, with less patience, and a target with the
// labels that a PodMonitor gives it.
const [folder = 'live', port = '9568'] = process.argv.slice(2);
const alerts = { ErrorBudgetBurnsFast: { after: Duration.seconds(5) }, MetricsMissing: { after: Duration.seconds(5) } };
// No database answers there.
const unmeasured = { database: staging.database, existing: undefined, amend: undefined };
const { objects } = tried(watched, { ...unmeasured, observe: { ...observe, alerts } });
const labels = {
  namespace: 'kube-native-staging',
  job: 'kube-native-staging/kube-native',
  pod: 'kube-native-0',
  container: 'web',
  app_kubernetes_io_component: 'web',
  app_kubernetes_io_version: '1.0.0',
};
const config = {
  global: { scrape_interval: '1s', evaluation_interval: '1s' },
  rule_files: ['rules.yaml'],
  scrape_configs: [{ job_name: 'pods', honor_labels: false, static_configs: [{ targets: [`127.0.0.1:${port}`], labels }] }],
};
mkdirSync(folder, { recursive: true });
writeFileSync(
  join(folder, 'rules.yaml'),
  JSON.stringify({ groups: groupsIn(objects).map(({ interval: _, ...group }) => group) }),
);
writeFileSync(join(folder, 'prometheus.yaml'), JSON.stringify(config));
writeFileSync(join(folder, 'queries.json'), JSON.stringify(Object.values(dashboardsIn(objects)).flatMap(queriesOf), null, 2));
