import type { Observed } from '../alerts/alert';
import type { Objective } from '../alerts/settings';
import { liveViews, queues } from './application';
import { databaseDashboards } from './databases';
import { machine, repositories } from './machine';
import { overview } from './overview';
import type { Dashboard } from './panel';

/** The dashboards of what is measured. Those of which nothing is are left out. */
export function dashboardsOf(observed: Observed, objective?: Objective): Dashboard[] {
  const { beam, repo, live, oban } = observed.names;
  const all = [
    { part: 'overview', title: 'overview', panels: overview(observed, objective) },
    { part: 'beam', title: 'BEAM', panels: beam ? machine(observed, beam) : [] },
    { part: 'ecto', title: 'Ecto', panels: repo ? repositories(observed, repo) : [] },
    { part: 'live', title: 'LiveView', panels: live ? liveViews(observed, live) : [] },
    { part: 'oban', title: 'Oban', panels: oban ? queues(observed, oban) : [] },
    ...databaseDashboards(observed),
  ];
  return all.filter(({ panels }) => panels.length > 0);
}
