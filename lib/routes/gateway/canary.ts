import type { Construct } from 'constructs';
import { type PhoenixRelease } from '../../constructs/phoenix-release';
import { reject } from '../../support/reject';
import { requireInteger } from '../../support/values';
import { openPorts } from './service-port';

/** A second release that gets a share of the requests. */
export interface GatewayCanary {
  /** The release, of another application name and so with a Service of its own. It shares host, SECRET_KEY_BASE and database. */
  readonly release: PhoenixRelease;
  /** Percent of the requests that it gets, 0 to 100: `weight`. */
  readonly weight: number;
}

/** Refuses a second release that could not stand in for the first. */
export function requireCanary(scope: Construct, release: PhoenixRelease, canary: GatewayCanary, affinity: boolean): void {
  const { release: second, weight } = canary;
  requireInteger(scope, 'canary.weight', weight, { minimum: 0, maximum: 100, fix: 'write the percent that it gets, as in 5' });
  const refuse = (prop: string, must: string, got: unknown, fix: string) => reject(scope, { prop, must, got, fix });
  if (second.application.name === release.application.name) {
    const fix = 'give its application another name, such as shop-canary';
    refuse('canary.release', 'have a Service of its own', second.application.name, fix);
  }
  if (second.host !== release.host) {
    const must = `have the host of the release, ${release.host}`;
    refuse('canary.release.host', must, second.host, 'write the same: Phoenix refuses sockets of any other');
  }
  if ((second.cluster === undefined) !== (release.cluster === undefined)) {
    const must = 'be in a cluster where the release is in one, and in none otherwise';
    const got = second.cluster ? 'a cluster' : 'no cluster';
    refuse('canary.release.cluster', must, got, 'give both the same cluster: a broadcast reaches the browsers of both then');
  }
  const ports = (of: PhoenixRelease) =>
    openPorts(of.web)
      .map(({ name }) => name)
      .join(', ');
  if (ports(second) !== ports(release)) {
    const must = `have a Service with the ports of the release, ${ports(release)}`;
    refuse('canary.release', must, ports(second), 'give both the same https and http2');
  }
  if (!affinity) return;
  const must = 'be false beside a canary: each request is dealt out anew';
  refuse('affinity', must, affinity, 'leave out one of the two');
}
