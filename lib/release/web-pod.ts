import { Duration } from 'cdk8s';
import type { IConstruct } from 'constructs';
import type { Drain } from '../pod/drain';
import { Probe, type Probes } from '../pod/probe';
import { declare } from '../support/declare';
import { OptOut } from '../support/opt-out';
import { reject } from '../support/reject';
import { requireInteger, requireSeconds, requireSentence } from '../support/values';
import type { PhoenixApplication, SocketDrain } from './application';
import { secondsOf } from '../support/quantity';

/** Name of the port of a listener for health alone. */
export const HEALTH = 'health';

/** The sleep before SIGTERM: proxies and load balancers need some seconds to learn that a pod is gone. */
export const PRE_STOP = Duration.seconds(10);
/** A socket that drains is killed after this time (https://hexdocs.pm/phoenix/Phoenix.Endpoint.html#socket/3). */
const SOCKET_SHUTDOWN = Duration.seconds(30);
/** Bandit and Cowboy wait this long for requests under way (https://hexdocs.pm/thousand_island/ThousandIsland.html). */
export const HTTP_DRAIN = Duration.seconds(15);

/**
 * Probes that work on an unchanged application. A production endpoint redirects plain HTTP to its public name: a
 * probe that follows goes astray, one that does not never asks the application. The header says what a proxy would.
 */
export function webProbes({ ready, live, port }: PhoenixApplication['health']): Probes {
  // Behind a listener of its own there is no endpoint that redirects.
  if (port !== undefined) return healthProbes({ ready, live }, 'http');
  const headers = { 'X-Forwarded-Proto': 'https' };
  return {
    readiness: Probe.http({ path: ready, headers }),
    liveness: live === undefined ? Probe.tcp({ port: 'http' }) : Probe.http({ path: live, headers }),
  };
}

/** Probes of a listener for nothing else, and of the port that answers clients where nothing says whether the VM works. */
export function healthProbes({ ready, live }: PhoenixApplication['health'], main: string): Probes {
  return {
    readiness: Probe.http({ path: ready, port: HEALTH }),
    liveness: live === undefined ? Probe.tcp({ port: main }) : Probe.http({ path: live, port: HEALTH }),
  };
}

/** The supervisor stops the endpoint's parts one after the other: each socket, each HTTP server, then the queues. */
export function webDrain({ sockets, queueShutdown = Duration.seconds(0) }: PhoenixApplication, servers = 1): Drain {
  const drains = typeof sockets === 'number' ? Math.max(0, sockets) * secondsOf(SOCKET_SHUTDOWN) : sum(sockets.map(socketTime));
  return { preStop: PRE_STOP, shutdown: Duration.seconds(drains + servers * secondsOf(HTTP_DRAIN) + secondsOf(queueShutdown)) };
}

/** Name of the port of a Service on which proxies speak HTTP/2 without TLS. */
export const H2C = 'h2c';

/** What says so, to Gateways (https://gateway-api.sigs.k8s.io/guides/user-guides/backend-protocol/). */
export const H2C_PROTOCOL = 'kubernetes.io/h2c';

/**
 * A port of the Service for HTTP/2, to the very port that speaks HTTP/1.1 too: Bandit and Cowboy tell the two apart by the
 * first bytes. It is a port of its own because a connection that becomes a websocket begins as HTTP/1.1.
 */
export function http2Port(http2 = false): Readonly<Record<string, { port: number; target: string; appProtocol: string }>> {
  return http2 ? { [H2C]: { port: 8080, target: 'http', appProtocol: H2C_PROTOCOL } } : {};
}

/** Refuses a port for proxies where a load balancer would open it to its own clients, past everything that knows requests. */
export function requireNoBalancer(scope: IConstruct, http2 = false, balanced = false): void {
  if (!http2 || !balanced) return;
  const must = 'be false beside a load balancer, which would open port 8080 in clear text to all of its clients';
  const fix = 'leave it out, or reach the release by a Gateway, which speaks HTTP/2 with browsers and with pods';
  reject(scope, { prop: 'http2', must, got: http2, fix });
}

/** Refuses sockets that nobody counted, or that cannot tell all of their clients before they are killed. */
export function requireSockets(scope: IConstruct, sockets: PhoenixApplication['sockets']): void {
  const prop = 'application.sockets';
  if (typeof sockets === 'number') {
    requireInteger(scope, prop, sockets, { minimum: 0, maximum: 100, fix: "count the 'socket' lines of the endpoint" });
    return;
  }
  for (const socket of sockets) {
    const { clients, batchSize, shutdown } = drainOf(socket);
    requireInteger(scope, `${prop}.clients`, clients, { minimum: 1, fix: 'name the most that one pod serves' });
    requireInteger(scope, `${prop}.batchSize`, batchSize, { minimum: 1, fix: 'omit it to use 10000' });
    requireSeconds(scope, `${prop}.shutdown`, shutdown, {
      minimum: Math.ceil(batchesTime(socket)),
      fix: `allow the ${batchesTime(socket)}s that telling ${clients} clients takes, or tell more of them at a time`,
    });
  }
}

function drainOf(socket: SocketDrain): Required<SocketDrain> {
  const { clients, batchSize = 10000, batchInterval = Duration.seconds(2), shutdown = SOCKET_SHUTDOWN } = socket;
  return { clients, batchSize, batchInterval, shutdown };
}

/** Phoenix tells one batch of clients after the other, and waits between two, not after the last. */
function batchesTime(socket: SocketDrain): number {
  const { clients, batchSize, batchInterval } = drainOf(socket);
  return Math.floor(Math.max(0, clients - 1) / batchSize) * secondsOf(batchInterval);
}

/** Then it waits for them to go, until it is killed. */
function socketTime(socket: SocketDrain): number {
  return secondsOf(drainOf(socket).shutdown);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** Refuses a reason for what is not done; one for the front page keeps the rule about it away. */
export function requireHealth(scope: IConstruct, { ready, frontPage }: PhoenixApplication['health']): void {
  if (!(frontPage instanceof OptOut)) return;
  const prop = 'application.health.frontPage';
  requireSentence(scope, prop, frontPage.reason);
  if (ready === '/') {
    declare(scope, { leftOut: [{ rule: 'readiness-own-path', optOut: frontPage, target: scope }] });
    return;
  }
  reject(scope, { prop, must: "be left out where 'ready' is another path", got: ready, fix: 'remove it' });
}
