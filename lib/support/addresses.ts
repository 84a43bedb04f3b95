import { isIP } from 'node:net';
import { connectionStrings } from './connection-strings';

/** A host that a text names. */
export interface NamedAddress {
  /** In lower case, without brackets and the dot at the end. `<status.hostIP>` stands for the pod's node. */
  readonly host: string;
  /** The ports that may be meant, any of which will do: the one that is written, or those usual for the protocol. Empty where nothing tells. */
  readonly ports: readonly number[];
  /** How its URL begins, where it is one. */
  readonly scheme?: string;
}

const ports = (table: Readonly<Record<string, number | readonly number[]>>): ReadonlyMap<string, readonly number[]> =>
  new Map(
    Object.entries(table)
      .map(([words, one]) => [words, [one].flat()] as const)
      .flatMap(([words, list]) => words.split(' ').map((word) => [word, list] as const)),
  );

/** Ports that a protocol has where a URL names none: of several, any is usual. Ecto leaves it to its adapter. */
const USUAL = ports({
  ecto: [5432, 3306],
  'postgres postgresql postgis': 5432,
  'mysql mysql2 mariadb': 3306,
  'mssql sqlserver tds': 1433,
  oracle: 1521,
  sentinel: 26379,
  'elasticsearch opensearch': 9200,
  'cassandra scylla': 9042,
  etcd: 2379,
  zookeeper: 2181,
  statsd: 8125,
  'redis rediss valkey valkeys': 6379,
  'amqp rabbitmq': 5672,
  amqps: 5671,
  'http ws': 80,
  'https wss': 443,
  nats: 4222,
  'mongodb mongodb+srv': 27017,
  smtp: [587, 25, 465, 2525],
  smtps: [465, 587],
  ldap: 389,
  ldaps: 636,
  kafka: 9092,
  'memcached memcache': 11211,
  mqtt: 1883,
  mqtts: 8883,
  clickhouse: [9000, 8123, 9440, 8443],
  'bolt neo4j': 7687,
  ftp: 21,
  'sftp ssh': 22,
  imap: 143,
  imaps: 993,
  pulsar: 6650,
  'pulsar+ssl': 6651,
  stomp: 61613,
  git: 9418,
});

/** What follows these is a bucket, a file or an address to write to. */
const NO_HOST: ReadonlySet<string> = new Set('file s3 s3a gs gcs az abfs abfss wasbs oci docker unix arn urn data'.split(' '));

const HOST = String.raw`(?:[a-z0-9](?:[\w.-]{0,252}\w)?\.?|\[[0-9a-f:.]+\]|<status\.hostIP>)`;
const END = String.raw`(?=[/?#,;\s"'&)\]}|\\<>]|$)`;
const MORE = `(?:,${HOST}(?::\\d{1,5})?${END})*`;
// What stands behind the hosts belongs to the URL: others in its query are not connected to.
const REST = String.raw`(?:[/?#](?:(?!,[a-z][a-z0-9+.-]{0,20}:\/\/)[^\s"'<>|;])*)?`;
const URL = new RegExp(`([a-z][a-z0-9+.-]{0,20})://(?:[^\\s/@]*@)?(${HOST}(?::\\d{1,5})?${END}${MORE})${REST}`, 'gi');
const PLACE = new RegExp(`^(${HOST})(?::(\\d{1,5}))?$`, 'i');
const PLACES = new RegExp(`^${HOST}:\\d{1,5}(?:(?:\\s*,\\s*|\\s*;\\s*|\\s+)${HOST}:\\d{1,5})*$`, 'i');
const SERVICE = /(?<![A-Za-z0-9.@/-]|\/\/)([a-z0-9][a-z0-9-]*(?:\.[a-z0-9-]+)+\.svc(?:\.[a-z0-9-]+)*)\.?(?::(\d{1,5}))?/g;

/** One of these is in each text that names a host and a port, or a Service. */
const MARK = /[:=@]|\.svc/;

/** The hosts that a text names: in URLs, in lists such as `a:9092,b:9092`, and names of Services in full. */
export function addressesIn(text: string): NamedAddress[] {
  if (!MARK.test(text)) return [];
  const found = text.includes('://') ? [...text.matchAll(URL)].flatMap(([, scheme = '', list = '']) => inUrl(scheme, list)) : [];
  if (found.length > 0) return [...found, ...servicesIn(text)];
  const strings = connectionStrings(text).flatMap(({ place, usual, scheme }) => placeOf(place, usual, scheme) ?? []);
  if (strings.length > 0) return strings;
  if (text.includes(':') && PLACES.test(text.trim())) {
    return text
      .trim()
      .split(/[\s,;]+/)
      .flatMap((place) => placeOf(place, []) ?? []);
  }
  return servicesIn(text);
}

function servicesIn(text: string): NamedAddress[] {
  const named = text.includes('.svc') ? [...text.matchAll(SERVICE)] : [];
  return named.map(([, host = '', port]) => address(host, port, []));
}

/** The hosts of a list of which not all have a port, and nothing else: `a:9092,b`. */
export function listedIn(text: string, usual: readonly number[]): NamedAddress[] {
  const places = text.trim().split(/\s*[,;]\s*/);
  const named = places.map((place) => (NO_NAME.test(place) ? undefined : placeOf(place, usual)));
  return named.includes(undefined) ? [] : named.flatMap((one) => one ?? []);
}

/** Words that a setting has where nothing is meant. */
const NO_NAME = /^(?:true|false|yes|no|on|off|none|null|nil|auto|default|disabled|enabled)$/i;

function inUrl(written: string, list: string): NamedAddress[] {
  const scheme = written.toLowerCase();
  if (NO_HOST.has(scheme)) return [];
  const usual = USUAL.get(scheme) ?? [];
  return list.split(',').flatMap((place) => placeOf(place, usual, scheme) ?? []);
}

/** The address that a text is, and nothing beside it. */
export function placeOf(text: string, usual: readonly number[] = [], scheme?: string): NamedAddress | undefined {
  const [, host, port] = PLACE.exec(text) ?? [];
  // Numbers alone are a time, a ratio, a version: an address of IPv4 has four.
  if (host === undefined || (/^[\d._]+$/.test(host) && isIP(host) === 0)) return undefined;
  return address(host, port, usual, scheme);
}

function address(host: string, port: string | undefined, usual: readonly number[], scheme?: string): NamedAddress {
  const bare = host.startsWith('<')
    ? host
    : host
        .replace(/\.$/, '')
        .replace(/^\[|\]$/g, '')
        .toLowerCase();
  return { host: bare, ports: port === undefined ? usual : [Number(port)], ...(scheme === undefined ? {} : { scheme }) };
}

/** The ports of a protocol, by its name: `redis`. */
export function usualPorts(protocol: string): readonly number[] {
  return USUAL.get(protocol) ?? [];
}

/** Whether a host is the pod itself, or stands for all of its own addresses. */
export function isLocal(host: string): boolean {
  return /^(?:localhost|.*\.localhost|127\.[\d.]+|0\.0\.0\.0|0|::|::1|::ffff:127\.[\d.]+)$/.test(host);
}

/** The Service that a host name stands for in a namespace, if it is one of the cluster's names. */
export function serviceOf(host: string, from: string): { readonly name: string; readonly namespace: string } | undefined {
  const labels = host.split('.');
  const svc = labels.indexOf('svc');
  // A pod behind a headless Service has its own name in front.
  const [name, namespace = from] = svc >= 0 ? labels.slice(svc - 2, svc) : labels;
  if (name === undefined || isIP(host) !== 0 || (svc >= 0 ? svc < 2 : labels.length > 2)) return undefined;
  return { name, namespace };
}

const PUBLIC = new Set(
  'com org net dev app cloud info biz edu gov mil int online site tech xyz systems solutions email live arpa internal local lan home corp'.split(
    ' ',
  ),
);

/** Whether a name ends as those of the internet, or of a company's own network, do: no namespace is called so. */
export function endsPublicly(host: string): boolean {
  const last = host.slice(host.lastIndexOf('.') + 1);
  return host.includes('.') && (/^[a-z]{2}$/.test(last) || PUBLIC.has(last));
}
