import { Duration } from 'cdk8s';
import { k8s } from 'cdk8s-plus-27';
import type { IConstruct } from 'constructs';
import { type OptOut } from '../support/opt-out';
import { keepFaults } from '../support/made';
import { wrongProps } from '../support/props';
import { reject } from '../support/reject';
import { requireInteger, requireReason, requireSeconds } from '../support/values';
import { secondsOf } from '../support/quantity';
import { propClass } from '../support/classes';

/** How often a probe asks, and when it believes the answer. */
export interface ProbeTiming {
  /** Time between two questions: `periodSeconds`. @default - 5 seconds, 30 seconds for liveness */
  readonly period?: Duration;
  /** Time until silence counts as a failure, at most the period: `timeoutSeconds`. @default - 4 seconds */
  readonly timeout?: Duration;
  /** Failures in a row before Kubernetes acts: `failureThreshold`. Of startup it is computed. @default - 6, 3 for liveness */
  readonly failures?: number;
}

/** An HTTP request that must be answered with 200 to 399. */
export interface HttpProbe extends ProbeTiming {
  /** Path, with query if need be, starting with `/`: `httpGet.path`. */
  readonly path: string;
  /** Name of a container port: `httpGet.port`. @default 'http' */
  readonly port?: string;
  /** Headers to send: `httpGet.httpHeaders`. @default {} */
  readonly headers?: Readonly<Record<string, string>>;
  /** `httpGet.scheme`; the kubelet does not verify certificates. @default 'HTTP' */
  readonly scheme?: 'HTTP' | 'HTTPS';
}

/** A connection that must be accepted, or a gRPC health check that must serve. */
export interface PortProbe extends ProbeTiming {
  /** Name of a container port. */
  readonly port: string;
}

/** A command that must exit with 0. */
export interface ExecProbe extends ProbeTiming {
  /** Program and arguments, no shell: `exec.command`. Never one that starts a BEAM: each run costs a whole VM. */
  readonly command: readonly string[];
}

/** The three questions that Kubernetes asks a container. Each is answered or left out with a reason. */
export interface Probes {
  /**
   * Has it booted? Until then the other two are not asked, and a container that does not answer in its `bootTime` is killed. So
   * it depends on the database no more than liveness does. @default - the handler of `liveness`, without one that of `readiness`
   */
  readonly startup?: Probe | OptOut;
  /** Should it get traffic? May depend on the database: a pod that is not ready is left alone. */
  readonly readiness: Probe | OptOut;
  /** Must it be restarted? Never depends on the database: its outage would restart every pod at once. */
  readonly liveness: Probe | OptOut;
}

type Handler = Pick<k8s.Probe, 'httpGet' | 'tcpSocket' | 'exec'> | { readonly grpc: { readonly portName: string } };

/** Between two questions, where an answer is waited for. */
const USUAL = Duration.seconds(5);

/** One question that the kubelet asks a container, and its rhythm. */
export class Probe {
  static {
    propClass('Probe', this);
  }

  /** Asks by HTTP. */
  static http(props: HttpProbe): Probe {
    const { path, port = 'http', headers = {}, scheme, ...timing } = { ...props };
    const httpHeaders = Object.entries(headers).map(([name, value]) => ({ name, value }));
    const httpGet = {
      path,
      port: k8s.IntOrString.fromString(port),
      ...(httpHeaders.length > 0 ? { httpHeaders } : {}),
      ...(scheme === 'HTTPS' ? { scheme } : {}),
    };
    return keepFaults(new Probe({ httpGet }, port, timing), wrongProps(props, 'HttpProbe', ' to Probe.http'));
  }

  /** Opens a connection and closes it. */
  static tcp(props: PortProbe): Probe {
    const { port, ...timing } = { ...props };
    const tcpSocket = { port: k8s.IntOrString.fromString(port) };
    return keepFaults(new Probe({ tcpSocket }, port, timing), wrongProps(props, 'PortProbe', ' to Probe.tcp'));
  }

  /** Asks by the gRPC health checking protocol. */
  static grpc(props: PortProbe): Probe {
    const { port, ...timing } = { ...props };
    return keepFaults(new Probe({ grpc: { portName: port } }, port, timing), wrongProps(props, 'PortProbe', ' to Probe.grpc'));
  }

  /** Runs a command in the container. */
  static exec(props: ExecProbe): Probe {
    const { command, ...timing } = { ...props };
    const exec = { command: Array.isArray(command) ? [...(command as string[])] : [] };
    return keepFaults(new Probe({ exec }, undefined, timing), wrongProps(props, 'ExecProbe', ' to Probe.exec'));
  }

  private constructor(
    private readonly handler: Handler,
    /** The container port that it asks, by name. */
    readonly port: string | undefined,
    private readonly timing: ProbeTiming,
  ) {}

  /** Whether both ask the same question, however often and with whatever headers. */
  asksLike(other: Probe): boolean {
    return this.question === other.question;
  }

  /** Whether it only opens a connection, which depends on nothing but the program itself. */
  get connects(): boolean {
    return 'tcpSocket' in this.handler;
  }

  /** The same question, while the container boots: as often as usual there, and with as much time for the answer. */
  asStartup(): Probe {
    const { period = USUAL, timeout } = this.timing;
    const often = Math.max(Math.min(secondsOf(period), secondsOf(USUAL)), timeout ? secondsOf(timeout) : 0);
    return new Probe(this.handler, this.port, { period: Duration.seconds(often), ...(timeout ? { timeout } : {}) });
  }

  /** The YAML of a readiness probe: `readinessProbe`. */
  readiness(ports: Readonly<Record<string, number>>): k8s.Probe {
    return this.render(ports, { period: USUAL, failures: 6 });
  }

  /** The YAML of a liveness probe: `livenessProbe`. */
  liveness(ports: Readonly<Record<string, number>>): k8s.Probe {
    return this.render(ports, { period: Duration.seconds(30), failures: 3 });
  }

  /** The YAML of a startup probe that waits for `bootTime`: `startupProbe`. */
  startup(ports: Readonly<Record<string, number>>, bootTime: Duration): k8s.Probe {
    const { period = USUAL } = this.timing;
    // The threshold is computed, so that the boot time is the only number that anyone edits.
    const failureThreshold = Math.ceil(bootTime.toMilliseconds() / period.toMilliseconds());
    return { ...this.render(ports, { period, failures: failureThreshold }), failureThreshold };
  }

  /** Refuses under `scope` what the API server would, and a port that the container does not have. */
  require(scope: IConstruct, prop: string, ports: Readonly<Record<string, number>>): void {
    const { period, timeout, failures } = this.timing;
    const path = 'httpGet' in this.handler ? this.handler.httpGet?.path : undefined;
    if (path !== undefined && !/^\/[^\s#]*$/.test(path)) {
      reject(scope, { prop: `${prop}.path`, must: "start with '/' and hold no space", got: path, fix: 'write it as /health' });
    }
    if ('exec' in this.handler && this.handler.exec?.command?.length === 0) {
      const fix = 'write the program and its arguments';
      reject(scope, { prop: `${prop}.command`, must: 'name a program', got: [], fix });
    }
    if (prop.endsWith('probes.startup') && failures !== undefined) {
      const fix = "remove it, and set 'bootTime'";
      reject(scope, { prop: `${prop}.failures`, must: 'be left to the boot time', got: failures, fix });
    }
    if (this.port !== undefined && ports[this.port] === undefined) {
      const known = Object.keys(ports)
        .map((name) => `'${name}'`)
        .join(', ');
      reject(scope, {
        prop: `${prop}.port`,
        must: 'be the name of a TCP port of the container',
        got: this.port,
        fix: `use ${known || 'a port that you add'}`,
      });
    }
    if (period) requireSeconds(scope, `${prop}.period`, period, { minimum: 1, fix: 'omit it to use the default' });
    if (timeout) {
      const maximum = secondsOf(period ?? (prop.endsWith('probes.liveness') ? Duration.seconds(30) : USUAL));
      requireSeconds(scope, `${prop}.timeout`, timeout, { minimum: 1, maximum, fix: 'keep it within the period' });
    }
    if (failures !== undefined)
      requireInteger(scope, `${prop}.failures`, failures, { minimum: 1, fix: 'omit it to use the default' });
  }

  private get question(): string {
    return JSON.stringify(this.handler, (key, value: unknown) => (key === 'httpHeaders' ? undefined : value));
  }

  private render(ports: Readonly<Record<string, number>>, defaults: { period: Duration; failures: number }): k8s.Probe {
    const { period = defaults.period, timeout, failures = defaults.failures } = this.timing;
    const seconds = secondsOf(period);
    return {
      ...('grpc' in this.handler ? { grpc: { port: ports[this.handler.grpc.portName] ?? 0 } } : this.handler),
      periodSeconds: seconds,
      timeoutSeconds: timeout ? secondsOf(timeout) : Math.min(4, seconds),
      failureThreshold: failures,
    };
  }
}

/** Refuses probes that the API server would, or that ask readiness and liveness the same question. */
export function requireProbes(
  scope: IConstruct,
  probes: Partial<Probes>,
  ports: Readonly<Record<string, number>>,
  at = 'probes',
): void {
  for (const [prop, probe] of Object.entries(probes) as [string, Probe | OptOut | undefined][]) {
    if (probe instanceof Probe) probe.require(scope, `${at}.${prop}`, ports);
    else requireReason(scope, `${at}.${prop}`, probe);
  }
  const { readiness, liveness } = probes;
  if (readiness instanceof Probe && liveness instanceof Probe && readiness.asksLike(liveness) && !liveness.connects) {
    reject(scope, {
      prop: `${at}.liveness`,
      must: 'ask something else than readiness',
      got: 'the same handler',
      fix: 'use a path that touches no database, or Probe.tcp: else an outage of the database restarts every pod',
    });
  }
}
