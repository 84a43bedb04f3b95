import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { onCloudNativePg } from '../support/variants';
import { facts } from '../support/stack';
import { ALERT_CASES } from './alert-cases';
import { CLUSTER_CASES } from './cluster-cases';
import { promtoolFiles } from './promtool';
import { tried, watched } from './watched';

const [folder = 'rules'] = process.argv.slice(2);
mkdirSync(folder, { recursive: true });
const files = {
  ...promtoolFiles(tried(watched).objects, ALERT_CASES, 'all.rules.yaml'),
  ...promtoolFiles(tried(onCloudNativePg, {}, facts).objects, CLUSTER_CASES, 'cluster.rules.yaml'),
};
for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
