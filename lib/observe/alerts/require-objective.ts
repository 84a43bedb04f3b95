import type { IConstruct } from 'constructs';
import type { PhoenixApplication } from '../../release/application';
import { reject } from '../../support/reject';
import { inUnit } from '../promql';
import type { Objective } from './settings';

/** Refuses a promise that no alert could watch. */
export function requireObjective(scope: IConstruct, { metrics }: PhoenixApplication, { availability, latency }: Objective): void {
  const requests = metrics?.names?.requests;
  const promised = availability !== undefined || latency !== undefined;
  if (promised && !requests) {
    const fix =
      "say how they are called: metrics: { port, names: promEx({ otpApp: 'shop', plugins: ['Phoenix'] }) } of the application";
    reject(scope, { prop: 'objective', must: 'be promised of requests that are measured', got: { availability, latency }, fix });
    return;
  }
  if (availability !== undefined) requirePercent(scope, 'objective.availability', availability);
  if (!latency || !requests) return;
  requirePercent(scope, 'objective.latency.share', latency.share);
  const { buckets } = requests.duration;
  const limit = inUnit(requests.duration, latency.within.toMilliseconds());
  if (buckets.includes(limit)) return;
  const fix = 'write one of them: what lies between two bounds is not measured';
  const bounds = buckets.map((bound) => (requests.duration.unit === 'seconds' ? bound * 1000 : bound)).join(', ');
  reject(scope, {
    prop: 'objective.latency.within',
    must: `be a bound of the histogram ${requests.duration.name}: ${bounds} milliseconds`,
    got: latency.within,
    fix,
  });
}

function requirePercent(scope: IConstruct, prop: string, value: number): void {
  if (value >= 95 && value <= 99.999) return;
  const must = 'be percent, 95 to 99.999: of less the fast alert could never fire, of more it fires at a single request';
  reject(scope, { prop, must, got: value, fix: 'write 99.9' });
}
