import type { Finding, Rule, World } from '../rule';
import { addressIn, type DatabaseAddress, serverOf } from '../world/databases';
import { type Inventory, inventoryOf } from '../world/inventory';
import type { ContainerVariable } from '../world/variables';
import type { Pod, Container } from '../world/pods';

/** Drivers take these for any connection that is told no password. */
export const passwordOfOneServer: Rule = {
  name: 'password-of-one-server',
  sentence:
    'Of several database servers in one container, PGPASSWORD and MYSQL_PWD are the password of one: the URLs of the others have theirs elsewhere.',
  why: 'The driver reads the variable for every connection without a password of its own: the other server is sent a password that is not meant for it, and refuses it.',
  source: 'https://hexdocs.pm/postgrex/Postgrex.html#start_link/1',
  *find(world: World): Iterable<Finding> {
    const inventory = inventoryOf(world);
    const found = inventory.pods.flatMap((workload) =>
      workload.containers.flatMap((container) => strangers(container, workload, inventory, world)),
    );
    const told = new Set<string>();
    for (const { password, variable, address } of found) {
      const { object, field, name } = variable;
      const place = `${object.construct.node.path} ${field}`;
      if (told.has(place)) continue;
      told.add(place);
      const word = name.replace(/_?(?:DATABASE_)?UR[LI]$/, '');
      const fix =
        `give it a variable of its own, from its Secret, such as ${word}_PASSWORD, and read it in config/runtime.exs: password: System.fetch_env!("${word}_PASSWORD"); ` +
        "or pass its link in 'databases' of the release; where both servers take one password: Checks.of(app).leaveOut('password-of-one-server', OptOut.because('...'))";
      const must = `have a password of its own: ${password} is that of another server`;
      yield { object, field, must, got: `${address.host}:${address.port}`, fix };
    }
  },
};

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
