import { usualPorts } from '../../support/addresses';
import { wordSet, wordsOf } from '../../support/name-words';

/** Names of what a program reads and connects to nobody by: where it is itself, and whom a proxy is not asked for. */
export function isOwnSetting(name: string): boolean {
  return /^(?:PHX|RELEASE|ERL|ELIXIR|KUBERNETES)_|^NO_PROXY$|^HOST(?:NAME)?$/i.test(name);
}

/** Words of names for what a browser opens: pages, files of a page, ways back from another site. */
const LINK = wordSet(`
  doc docs documentation help support terms tos privacy legal policy csp imprint about home homepage website site landing blog
  page pages faq guide wiki news newsletter press careers roadmap changelog survey portal social twitter facebook linkedin
  youtube instagram mastodon calendly appstore playstore favicon sitemap feedback contact community forum origin origins cors callback redirect return success cancel canonical public asset
  assets static cdn font fonts image images img avatar logo icon frontend browser unsubscribe invite invitation link links
  embed referrer referer login logout signin signup authorize pricing github`);
/** Words for what a program calls, whatever else the name says. */
const CALLED = wordSet(`
  api endpoint hook webhook webhooks exporter collector otlp backend service internal server broker brokers grpc upstream proxy
  database db cache queue token introspection userinfo jwks`);
/** The first label of hosts that have pages for people. */
const PAGES = wordSet('docs help support status blog forum community faq news wiki careers learn academy');

/** Whether a URL on the web is that of a page: what stands behind `#` is never sent, and files of a page are for browsers. */
export function isPage(value: string, host: string): boolean {
  return PAGES.has(host.slice(0, host.indexOf('.'))) || /#\S*$|\.(?:html?|pdf|png|jpe?g|gif|svg|ico|webp|css|js)$/i.test(value);
}

/** Whether a name says that its program is called by the pods. */
export function saysCalled(name: string): boolean {
  return protocolOf(name) !== undefined || wordsOf(name).some((word) => CALLED.has(word));
}

/** A name of these alone is that of the application itself. */
const OWN = wordSet(
  'app application site root base public frontend external canonical web http https host url uri urls domain self',
);

/** Whether what has this name is opened by browsers, if at all: the application prints it. */
export function isLinkName(name: string): boolean {
  if (saysCalled(name)) return false;
  const all = wordsOf(name);
  return all.some((word) => LINK.has(word)) || all.every((word) => OWN.has(word));
}

const PLACE = wordSet(
  'url urls uri uris dsn host hosts server servers addr address endpoint endpoints broker brokers node nodes seeds peers target upstream',
);
const LOCATION = wordSet('url urls uri uris dsn endpoint endpoints brokers');

/** Whether a name says that its value is where something else is found. */
export function saysPlace(name: string): boolean {
  return wordsOf(name).some((word) => PLACE.has(word)) || protocolOf(name) !== undefined;
}

/** Whether a name says that its value is a list of hosts of one kind: `KAFKA_BROKERS`, `REDIS_SENTINELS`. */
export function saysHosts(name: string): boolean {
  if (!/[Ss]$/.test(name)) return false;
  return (
    !/ALLOW|TRUST|DENY|BLOCK/i.test(name) &&
    /(?:HOSTS|SERVERS|NODES|BROKERS|SENTINELS|SEEDS|PEERS|ENDPOINTS|CONTACT_POINTS)$/i.test(name)
  );
}

/** Whether a name says that its value leads to another program: `DATABASE_URL`, `SENTRY_DSN`, `REDIS_HOST`. */
export function saysUrl(name: string): boolean {
  const all = wordsOf(name);
  while (all.length > 1 && /^\d+$/.test(all.at(-1) ?? '')) all.pop();
  const last = all.at(-1) ?? '';
  if (isOwnSetting(name) || isLinkName(name)) return false;
  return (
    LOCATION.has(last) ||
    /connection_?string$/i.test(name) ||
    (/^host(?:name)?$|^pghost$/.test(last) && protocolOf(name) !== undefined)
  );
}

/** A protocol that names speak of, and further ports where providers have it. */
interface Protocol {
  readonly words: ReadonlySet<string>;
  readonly ports: readonly number[];
  readonly web?: boolean;
}

const protocol = (text: string, of: string, more: readonly number[] = []): Protocol => ({
  words: wordSet(text),
  ports: [...usualPorts(of), ...more],
});

/** The more special ones first: `CLICKHOUSE_DATABASE_URL` is ClickHouse's. */
const PROTOCOLS: readonly Protocol[] = [
  protocol('clickhouse', 'clickhouse'),
  protocol('sentinel sentinels', 'sentinel'),
  protocol('redis valkey', 'redis', [6380, 25061]),
  protocol('rabbitmq rabbit amqp cloudamqp', 'amqp', [5671]),
  protocol('kafka redpanda', 'kafka', [9093, 9094, 9096]),
  protocol('mongo mongodb', 'mongodb'),
  protocol('memcached memcache', 'memcached'),
  protocol('mysql mariadb', 'mysql', [25060]),
  protocol('mssql sqlserver', 'mssql'),
  protocol('nats', 'nats'),
  protocol('elasticsearch opensearch', 'elasticsearch'),
  protocol('cassandra scylla', 'cassandra'),
  protocol('etcd', 'etcd'),
  protocol('zookeeper', 'zookeeper'),
  protocol('statsd dogstatsd', 'statsd'),
  protocol('mqtt', 'mqtt', [8883]),
  protocol('ldap', 'ldap', [636]),
  protocol('smtp mailer', 'smtp'),
  {
    words: wordSet('sentry slack webhook stripe bugsnag honeybadger appsignal rollbar discord telegram'),
    ports: [443, 80],
    web: true,
  },
  protocol(
    'postgres postgresql postgis timescale pg pghost database db repo ecto',
    'ecto',
    [5433, 6432, 6543, 25060, 25061, 1433],
  ),
];

/** The protocol that a name speaks of, if of any. */
export function protocolOf(name: string): Protocol | undefined {
  const all = wordsOf(name);
  return PROTOCOLS.find((one) => all.some((word) => one.words.has(word)));
}

/** The transports that what has this name may use: metrics and logs go by UDP as often as by TCP. The usual one is first. */
export function transportsOf(name: string, scheme?: string): readonly string[] {
  if (scheme !== undefined) return /^(?:udp|statsd|syslog|gelf)/.test(scheme) ? ['UDP', 'TCP'] : ['TCP'];
  if (/STATSD|SYSLOG|GELF|JAEGER_AGENT|SNMP|NTP|RADIUS/i.test(name)) return ['UDP', 'TCP'];
  return /JAEGER|AGENT/i.test(name) ? ['TCP', 'UDP'] : ['TCP'];
}
