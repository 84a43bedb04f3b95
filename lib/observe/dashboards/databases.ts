import type { MeasuredDatabase } from '../../support/facts';
import { literal } from '../../support/literal';
import type { Observed } from '../alerts/alert';
import { quoted, select } from '../promql';
import { cloudNativePg } from './cloud-native-pg';
import { mysql } from './mysql';
import { panel, type Dashboard, type Panel } from './panel';
import { postgres } from './postgres';

/** A dashboard for each database that is measured, by the names of its exporter. */
export function databaseDashboards({ application, namespace, databases }: Observed): Dashboard[] {
  const here = `namespace=${quoted(namespace)}`;
  return databases.map(({ name, engine }) => {
    const own =
      engine === 'cloud-native-pg' ? `pod=~${quoted(`${literal(name)}-[0-9]+`)}` : `job=${quoted(`${namespace}/${name}`)}`;
    const claims = engine === 'cloud-native-pg' ? `${literal(name)}-[0-9]+(-wal)?` : `data-${literal(name)}-[0-9]+`;
    const panels = [...PANELS[engine]([here, own]), volume([here, `persistentvolumeclaim=~${quoted(claims)}`])];
    return { part: name.replace(`${application}-`, ''), title: `${TITLES[engine]} ${name}`, panels };
  });
}

const TITLES: Readonly<Record<MeasuredDatabase['engine'], string>> = {
  postgresql: 'PostgreSQL',
  mysql: 'MySQL',
  'cloud-native-pg': 'CloudNativePG',
};

const PANELS: Readonly<Record<MeasuredDatabase['engine'], (own: readonly string[]) => Panel[]>> = {
  postgresql: postgres,
  mysql,
  'cloud-native-pg': cloudNativePg,
};

/** Of the kubelet, whatever fills it. */
function volume(own: readonly string[]): Panel {
  const of = (name: string): string => `max by (persistentvolumeclaim) (${select(name, ...own)})`;
  const used = `1 - ${of('kubelet_volume_stats_available_bytes')} / ${of('kubelet_volume_stats_capacity_bytes')}`;
  return panel('Volume', 'At 1 it stops. See KubePersistentVolumeFillingUp.', 'percentunit', used, '{{persistentvolumeclaim}}');
}
