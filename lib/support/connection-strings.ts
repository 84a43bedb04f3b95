/** Where a connection string leads that is no URL. */
export interface ConnectionString {
  /** The host as it is written, with its port behind a colon where it has one. */
  readonly place: string;
  /** Ports that are usual where none is written. */
  readonly usual: readonly number[];
  /** The protocol, as a URL's scheme says it. */
  readonly scheme: string;
}

/** The hosts in what drivers take in place of a URL: Go's MySQL, libpq's keywords, ADO and ODBC, Oracle. */
export function connectionStrings(text: string): readonly ConnectionString[] {
  // A file in a variable is none.
  if (text.length > 2000 || (!text.includes('=') && !text.includes('@'))) return [];
  return [...ofGo(text), ...ofOracle(text), ...ofPairs(text)];
}

/** `user@tcp(db.example.com:3306)/shop`. */
function ofGo(text: string): ConnectionString[] {
  const [, place] = /(?:^|@)tcp6?\(([^()\s]+)\)\//.exec(text) ?? [];
  return place === undefined ? [] : [{ place, usual: [3306], scheme: 'mysql' }];
}

/** `jdbc:oracle:thin:@//host:1521/service`, `jdbc:oracle:thin:@host:1521:SID`, `(HOST=host)(PORT=1521)`. */
function ofOracle(text: string): ConnectionString[] {
  if (!/oracle|\(HOST/i.test(text)) return [];
  const [, short] = /\bjdbc:oracle:\w+:[^@\s]*@(?:\/\/)?([\w.-]+(?::\d+)?)(?=[:/]|$)/i.exec(text) ?? [];
  const long = [...text.matchAll(/\(\s*HOST\s*=\s*([^\s()]+)\s*\)\s*\(\s*PORT\s*=\s*(\d+)\s*\)/gi)];
  const places = [...(short === undefined ? [] : [short]), ...long.map(([, host = '', port = '']) => `${host}:${port}`)];
  return places.map((place) => ({ place, usual: [1521], scheme: 'oracle' }));
}

const PAIR = /(?:^|[;\s])\s*([a-z][a-z ]*?)\s*=\s*(?:'([^']*)'|"([^"]*)"|\{([^}]*)\}|([^;]*))/gi;
const HOSTS = ['host', 'hostaddr', 'server', 'data source', 'addr', 'address', 'network address'];
/** What a list of pairs has that says how to connect: others have a host too, such as a cookie's domain or a log's field. */
const BESIDE = [
  'dbname',
  'database',
  'initial catalog',
  'user',
  'user id',
  'uid',
  'username',
  'service name',
  'integrated security',
];

/** `host=db port=5432 dbname=shop`, `Server=tcp:db,1433;Database=shop`. */
function ofPairs(text: string): ConnectionString[] {
  if (!/(?:host|hostaddr|server|source|addr|address)\s*=/i.test(text) || text.includes('://')) return [];
  // Of keywords a blank ends the value; of pairs with semicolons it does not.
  const source = text.includes(';')
    ? text
    : text
        .trim()
        .replaceAll(/\s*=\s*/g, '=')
        .replaceAll(/\s+(?=\w+=)/g, ';');
  const pairs = new Map<string, string>();
  for (const [, key = '', ...values] of source.matchAll(PAIR)) {
    pairs.set(key.toLowerCase(), values.find((value) => value !== undefined)?.trim() ?? '');
  }
  const named = HOSTS.find((key) => pairs.has(key));
  if (named === undefined || !BESIDE.some((key) => pairs.has(key))) return [];
  const scheme = named.startsWith('host') ? 'postgres' : 'sqlserver';
  const usual = scheme === 'postgres' ? [5432] : pairs.has('uid') ? [1433, 3306] : [1433];
  const ports = (pairs.get('port') ?? '').split(',');
  const written = pairs.get(named) ?? '';
  // A comma begins the port of SQL Server, and another host to libpq.
  const places =
    scheme === 'postgres'
      ? written.split(',')
      : [
          written
            .replace(/^tcp:/i, '')
            .replace(/\\[^,]*/, '')
            .replace(/\s*,\s*/, ':'),
        ];
  return places.filter(isHost).map((place, index) => {
    const port = ports[index] ?? ports[0] ?? '';
    return { place: /^\d+$/.test(port) && !/:\d+$/.test(place) ? `${place}:${port}` : place.replace(/\/.*$/, ''), usual, scheme };
  });
}

/** A file is no host: a socket, or the database of SQLite. */
function isHost(place: string): boolean {
  return !/^$|^[./~@(]|\.(?:db|sqlite3?|mdb|accdb|mdf)$|:memory:/i.test(place);
}
