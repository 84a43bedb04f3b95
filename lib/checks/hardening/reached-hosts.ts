import type { Manifest } from '../../support/edit';

/** A host that a variable names. */
export interface ReachedHost {
  readonly host: string;
  /** As the variable says, or as is usual for the protocol. */
  readonly port?: number;
}

const USUAL: Readonly<Record<string, number>> = {
  ...{ ecto: 5432, postgres: 5432, postgresql: 5432, mysql: 3306, redis: 6379, rediss: 6379, amqp: 5672, amqps: 5671 },
  ...{ http: 80, https: 443, nats: 4222, mongodb: 27017 },
};

const URL_HOST = /([a-z][a-z0-9+.-]{0,20}):\/\/(?:[^\s/@]*@)?([A-Za-z0-9][A-Za-z0-9.-]*)(?::(\d+))?/g;
const SERVICE_HOST = /(?<![A-Za-z0-9.@/-]|\/\/)([a-z0-9][a-z0-9-]*(?:\.[a-z0-9-]+)+\.svc(?:\.[a-z0-9-]+)*)\.?(?::(\d+))?/g;

/** The hosts that a variable's text names: those of URLs, and names of Services in full. */
export function reachedHosts(text: string): ReachedHost[] {
  const urls = text.includes('://') ? [...text.matchAll(URL_HOST)] : [];
  const names = text.includes('.svc') ? [...text.matchAll(SERVICE_HOST)] : [];
  return [
    ...urls.map(([, scheme = '', host = '', port]) => reached(host, port, USUAL[scheme])),
    ...names.map(([, host = '', port]) => reached(host, port)),
  ];
}

function reached(host: string, port: string | undefined, usual?: number): ReachedHost {
  const number = port === undefined ? usual : Number(port);
  return { host: host.replace(/\.$/, ''), ...(number === undefined ? {} : { port: number }) };
}

/** The Service that a host name stands for in a namespace, if it is one of the cluster's names. */
export function serviceOf(host: string, from: string): { readonly name: string; readonly namespace: string } | undefined {
  const labels = host.split('.');
  const svc = labels.indexOf('svc');
  // A pod behind a headless Service has its own name in front.
  const [name, namespace = from] = svc >= 0 ? labels.slice(svc - 2, svc) : labels;
  if (name === undefined || (svc >= 0 ? svc < 2 : labels.length > 2)) return undefined;
  return { name, namespace };
}

/** The port of the pods that a client reaches through a port of the Service: a number, or a name of theirs. */
export function targetOf({ clusterIP }: Manifest, { port, targetPort = port }: Manifest): unknown {
  // The names of a headless Service are addresses of pods: nothing translates a port on the way.
  return clusterIP === 'None' ? port : targetPort;
}
