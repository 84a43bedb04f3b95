import type { Finding, FinishedObject, Rule, World } from '../rule';
import type { ContainerVariable } from '../world/variables';
import { type Inventory, inventoryOf } from '../world/inventory';
import { map, nameIn, namespaceOf, placesOf, scalar } from '../world/values';

/** A password that was copied from a file, or typed with a character too many, is another one than the server has. */
export const passwordForm: Rule = {
  name: 'password-form',
  sentence:
    'A password of a database that stands in the code ends with its last character, and has one form for all clients of PostgreSQL.',
  why: 'A line end behind it is sent along, and the server knows none; PostgreSQL compares the simple form (SASLprep), and Postgrex sends what it was given: the Repo is refused for ever.',
  source: 'https://www.postgresql.org/docs/current/sasl-authentication.html',
  *find(world: World): Iterable<Finding> {
    const inventory = inventoryOf(world);
    const said = new Set<string>();
    for (const literal of [...ofContainers(inventory), ...ofOperators(inventory)]) {
      const { object, field, value } = literal;
      const misuse = misuseOf(literal);
      const place = `${object.construct.node.path} ${field}`;
      if (!misuse || said.has(place)) continue;
      said.add(place);
      yield { object, field, must: misuse, got: `${value.length} characters`, fix: FIXES[misuse] };
    }
  },
};

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
