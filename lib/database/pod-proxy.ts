import { Size } from 'cdk8s';
import { Cpu } from 'cdk8s-plus-27';
import { Resources } from '../pod/resources';

/** What a proxy is asked to reach. */
export interface ProxiedServer {
  /** The usual port of its kind. */
  readonly usual: number;
  /** Where it is, for a proxy that does not find it itself. */
  readonly host?: string;
  readonly port: number;
  readonly cidr: string;
  /** Whether it is a second one in the pods, in front of read replicas. @default false */
  readonly replicas?: boolean;
}

/** Where pods find a proxy that is in each of them. */
export const IN_THE_POD = '127.0.0.1';

/** Name of the port of a proxy: a pod may have proxies of several servers, and one port of a name. */
export const proxyPort = (port: number): string => `database-${port}`;

/** Go programs start with little. The pod stays guaranteed where it is. */
export const PROXY_RESOURCES = Resources.guaranteed({
  cpu: Cpu.millis(200),
  memory: Size.mebibytes(128),
  ephemeralStorage: Size.mebibytes(128),
});
