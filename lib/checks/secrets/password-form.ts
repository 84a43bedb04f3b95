import type { Finding, Rule, World } from '../rule';
import { inventoryOf } from '../world/inventory';

/** PostgreSQL stores the simple form of a password, and not every client sends it. */
export const passwordForm: Rule = {
  name: 'password-form',
  sentence: 'A password of PostgreSQL that stands in the code has one form for all clients.',
  why: 'The server and psql put the characters into their simple form (SASLprep) before they compare; Postgrex sends them as they are, and is refused for ever.',
  source: 'https://www.postgresql.org/docs/current/sasl-authentication.html',
  *find(world: World): Iterable<Finding> {
    const inventory = inventoryOf(world);
    const said = new Set<string>();
    for (const { containers, namespace } of inventory.workloads) {
      for (const { variables } of containers) {
        const { value, secret } = variables.byName.get('PGPASSWORD') ?? {};
        if (value === undefined || secret === undefined || hasOneForm(value)) continue;
        const [name = '', key = ''] = secret.split('/');
        const object = inventory.find('Secret', name, namespace)?.object;
        if (!object || said.has(`${namespace}/${secret}`)) continue;
        said.add(`${namespace}/${secret}`);
        const must = 'have no ligatures, wide letters, accents apart from their letters, or blanks other than the space';
        const field = `${'data' in object.manifest ? 'data' : 'stringData'}.${key}`;
        yield { object, field, must, got: `${value.length} characters`, fix: 'take another password' };
      }
    }
  },
};

/** Spaces that become the usual one, and characters that become nothing (https://www.rfc-editor.org/rfc/rfc3454#appendix-B.1). */
const MAPPED =
  /[\u00a0\u1680\u2000-\u200b\u202f\u205f\u3000]|[\u00ad\u034f\u1806\u180b-\u180d\u200c\u200d\u2060\ufe00-\ufe0f\ufeff]/u;

function hasOneForm(password: string): boolean {
  return password.normalize('NFKC') === password && !MAPPED.test(password);
}
