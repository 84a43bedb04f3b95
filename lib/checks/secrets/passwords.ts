import { oncePerPlace } from '../each';
import type { FinishedObject, World } from '../rule';
import { addressIn, type DatabaseAddress, serverOf } from '../../model/databases';
import { type Inventory, inventoryOf } from '../../model/inventory';
import type { Container, Pod } from '../../model/pods';
import { map, nameIn, namespaceOf, placesOf, scalar } from '../../model/values';
import type { ContainerVariable } from '../../model/variables';
import { leftOut, onlyInLiteral, remedy } from '../../model/remedy';

export const passwordForm = oncePerPlace({
  name: 'password-form',
  sentence:
    'A password of a database that stands in the code ends with its last character, and has one form for all clients of PostgreSQL.',
  why: 'A line end behind it is sent along, and the server knows none; PostgreSQL compares the simple form (SASLprep), and Postgrex sends what it was given: the Repo is refused for ever.',
  source: 'https://www.postgresql.org/docs/current/sasl-authentication.html',
  *find(world) {
    const inventory = inventoryOf(world);
    for (const literal of [...ofContainers(inventory), ...ofOperators(inventory)]) {
      const { object, field, value } = literal;
      const misuse = misuseOf(literal);
      if (misuse) yield { object, field, must: misuse, got: `${value.length} characters`, fix: FIXES[misuse] };
    }
  },
});

const ENDS = 'not end in a line end, which clients send along';
const FORMS = 'have no ligatures, wide letters, accents apart from their letters, or blanks other than the space';
const FIXES = {
  [ENDS]: 'take it off: of what is read from a file, with trimEnd()',
  [FORMS]: 'take another password',
};

/** A secret of a database that stands in the YAML. */
interface Literal {
  readonly object: FinishedObject;
  readonly field: string;
  readonly value: string;
  readonly forPostgres: boolean;
}

function misuseOf({ value, forPostgres }: Literal): keyof typeof FIXES | undefined {
  if (endsLine(value)) return ENDS;
  return forPostgres && !hasOneForm(value) ? FORMS : undefined;
}

function endsLine(value: string): boolean {
  return value.endsWith('\n') || value.endsWith('\r');
}

/** What variables of clients and servers are called that a database's password is in. */
const PASSWORD =
  /^(?:PGPASSWORD|MYSQL_PWD)$|(?:^|_)(?:DATABASE|DB|REPO|ECTO|POSTGRES(?:QL)?|PG|MYSQL|MARIADB|REDIS|VALKEY|MONGO(?:DB)?|CLICKHOUSE|MSSQL)_(?:\w+_)?PASS(?:WORD|WD)?$/;
const URL =
  /^(?:ecto|postgres(?:ql)?|postgis|mysql2?|mariadb|mssql|sqlserver|rediss?|valkeys?|mongodb(?:\+srv)?|clickhouse|jdbc:\w+):/i;

function* ofContainers(inventory: Inventory): Iterable<Literal> {
  for (const { containers, namespace } of inventory.pods) {
    for (const { variables } of containers) {
      for (const variable of variables.byName.values()) {
        const { name, value } = variable;
        if (value === undefined || value === '') continue;
        const forPostgres = name === 'PGPASSWORD' && variable.secret !== undefined;
        if (!forPostgres && !(endsLine(value) && (PASSWORD.test(name) || URL.test(value)))) continue;
        const place = placeOf(variable, namespace, inventory);
        if (place) yield { ...place, value, forPostgres };
      }
    }
  }
}

/** Where the text stands: the Secret that a variable comes from, rather than the variable. */
function placeOf({ secret, object, field }: ContainerVariable, namespace: string, inventory: Inventory) {
  if (secret === undefined) return { object, field };
  const [name = '', key = ''] = secret.split('/');
  const found = inventory.find('Secret', name, namespace)?.object;
  return found && { object: found, field: fieldOf(found, key) };
}

function fieldOf({ manifest }: FinishedObject, key: string): string {
  return `${Object.hasOwn(map(manifest['stringData']), key) ? 'stringData' : 'data'}.${key}`;
}

/** Where CloudNativePG takes names and passwords from. */
const SECRETS = ['bootstrap.initdb.secret', 'bootstrap.recovery.secret', 'superuserSecret', 'managed.roles[].passwordSecret'];

function* ofOperators(inventory: Inventory): Iterable<Literal> {
  for (const cluster of inventory.ofKind('Cluster')) {
    for (const { value: reference } of SECRETS.flatMap((path) => placesOf(cluster.manifest, `spec.${path}`))) {
      const name = nameIn(map(reference)['name']) ?? '';
      const object = inventory.find('Secret', name, namespaceOf(cluster.manifest))?.object;
      for (const key of object ? ['username', 'password'] : []) {
        const { data, stringData } = object?.manifest ?? {};
        const plain = scalar(map(stringData)[key]);
        const value = plain ?? Buffer.from(scalar(map(data)[key]) ?? '', 'base64').toString();
        if (object) yield { object, field: fieldOf(object, key), value, forPostgres: key === 'password' };
      }
    }
  }
}

/** Spaces that become the usual one, and characters that become nothing (https://www.rfc-editor.org/rfc/rfc3454#appendix-B.1). */
const MAPPED =
  /[\u00a0\u1680\u2000-\u200b\u202f\u205f\u3000]|[\u00ad\u034f\u1806\u180b-\u180d\u200c\u200d\u2060\ufe00-\ufe0f\ufeff]/u;

function hasOneForm(password: string): boolean {
  return password.normalize('NFKC') === password && !MAPPED.test(password);
}

/** Drivers take these for any connection that is told no password. */
export const passwordOfOneServer = oncePerPlace({
  name: 'password-of-one-server',
  sentence:
    'Of several database servers in one container, PGPASSWORD and MYSQL_PWD are the password of one: the URLs of the others have theirs elsewhere.',
  why: 'The driver reads the variable for every connection without a password of its own: the other server is sent a password that is not meant for it, and refuses it.',
  source: 'https://hexdocs.pm/postgrex/Postgrex.html#start_link/1',
  *find(world) {
    const inventory = inventoryOf(world);
    const found = inventory.pods.flatMap((workload) =>
      workload.containers.flatMap((container) => strangers(container, workload, inventory, world)),
    );
    for (const { password, variable, address } of found) {
      const { object, field, name } = variable;
      const word = name.replace(/_?(?:DATABASE_)?UR[LI]$/, '');
      const own = `give it a variable of its own, from its Secret, such as ${word}_PASSWORD, and read it in config/runtime.exs: password: System.fetch_env!("${word}_PASSWORD")`;
      const link = onlyInLiteral("or pass its link in 'databases' of the release; ");
      const way = remedy`${own}; ${link}where both servers take one password: ${leftOut('password-of-one-server')}`;
      const must = `have a password of its own: ${password} is that of another server`;
      yield { object, field, must, got: `${address.host}:${address.port}`, ...way };
    }
  },
});

/** A variable with the URL of a database that has no password in it. */
interface Url {
  readonly variable: ContainerVariable;
  readonly address: DatabaseAddress;
  /** The server, and who asks it for what. */
  readonly server: string;
  readonly rest: string;
}

const SCHEME = /^(?:ecto|postgres(?:ql)?|postgis|mysql2?|myxql|mariadb)(?:\+\w+)?:\/\//i;
/** Another way to the same server, with the same role and database. */
const OTHER_WAY = /READ|REPLICA|DIRECT|UNPOOLED|NON_POOLING|POOL|MIGRAT/;
const POOLER = /pool|bouncer|pgcat|odyssey|proxy/i;

/** A URL that would be used with the password of another server. */
interface Stranger extends Url {
  readonly password: string;
}

/** The URLs of a container that are of another server than the password is that they would be used with. */
function strangers(container: Container, { namespace }: Pod, inventory: Inventory, world: World): Stranger[] {
  const { byName } = container.variables;
  const urls = [...byName.values()].flatMap((variable) => urlOf(variable, namespace, inventory) ?? []);
  return (['PGPASSWORD', 'MYSQL_PWD'] as const).flatMap((password): Stranger[] => {
    if (!byName.has(password)) return [];
    const taken = urls.filter((url) => isMysql(url.address, byName) === (password === 'MYSQL_PWD'));
    const owner = taken.find(({ variable }) => variable.name === 'DATABASE_URL') ?? taken[0];
    const others = taken.filter((url) => owner && isStranger(url, owner) && !hasOwn(url, container, world));
    return others.map((url) => ({ ...url, password }));
  });
}

function urlOf(variable: ContainerVariable, namespace: string, inventory: Inventory): Url | undefined {
  const { value = '' } = variable;
  if (!SCHEME.test(value)) return undefined;
  const address = addressIn(value.replace(/^(\w+)\+\w+:/, '$1:'));
  const [, user = '', password, rest = ''] = /^[\w+]+:\/\/(?:([^/:@]*)(:[^/@]*)?@)?[^/?#]*([^?#]*)/.exec(value) ?? [];
  if (!address || password !== undefined || /[<$]/.test(address.host)) return undefined;
  const { server, inside } = serverOf(address.host, namespace, inventory);
  return { variable, address, server: inside ? server : `${server}:${address.port}`, rest: `${user}${rest}` };
}

/** What its scheme does not tell, as of `ecto`, the usual port does. */
function isMysql({ scheme, port }: DatabaseAddress, byName: ReadonlyMap<string, unknown>): boolean {
  if (/^(?:mysql|myxql|mariadb)/.test(scheme)) return true;
  return scheme === 'ecto' && (port === 3306 || (byName.has('MYSQL_PWD') && !byName.has('PGPASSWORD')));
}

function isStranger(url: Url, owner: Url): boolean {
  if (url.server === owner.server) return false;
  const otherWay = [url, owner].some(({ variable, address }) => OTHER_WAY.test(variable.name) || POOLER.test(address.host));
  return !otherWay || url.rest !== owner.rest;
}

/** Whether a repository of its own is told its password, or a variable that is called after it has one. */
function hasOwn({ variable: { name } }: Url, { variables: { byName } }: Container, { repos = [] }: World): boolean {
  const declared = repos.find(({ url }) => url === name)?.password;
  if (declared !== undefined) return byName.has(declared);
  const [word = ''] = name.split('_');
  return [...byName.keys()].some((one) => one.startsWith(`${word}_`) && /PASS|PWD|SECRET/.test(one) && one !== 'MYSQL_PWD');
}
