import { judge, rules, type FinishedObject, type World } from '../../lib/checks/index';
import { Checks, render, type NamedEnvironment } from '../../lib/index';
import { build, production, staging } from '../support/stack';
import { variants } from '../support/variants';

/** What rules read that a cluster with two environments has twice. */
const LISTS = ['externals', 'databases', 'connections', 'backingServices', 'repos', 'outside', 'dns', 'exporters'] as const;

/** The same in another namespace, with hosts and servers of its own. */
function moved<T>(value: T, home: string): T {
  const hosts = (text: string) => text.replaceAll(/\b(example|amazonaws)\.com\b/g, '$1.org');
  return JSON.parse(hosts(JSON.stringify(value).replaceAll(home, `${home}-two`))) as T;
}

/** A world, and a second one that differs from it in its namespace alone. */
function worldsOf(environment: NamedEnvironment): readonly [World, World] {
  const app = build(environment);
  expect(render(app).faults).toEqual([]);
  const { world } = Checks.of(app);
  const home = `kube-native-${environment.name}`;
  const objects = world.objects.map((object): FinishedObject => {
    const { path } = object.construct.node;
    return { ...object, construct: { node: { path: `two/${path}` } }, manifest: moved(object.manifest, home) };
  });
  const lists = Object.fromEntries(LISTS.map((list) => [list, moved(world[list] ?? [], home)]));
  return [world, { ...world, ...lists, objects }];
}

function together(one: World, two: World): World {
  const lists = Object.fromEntries(LISTS.map((list) => [list, [...(one[list] ?? []), ...(two[list] ?? [])]]));
  return { ...one, ...lists, objects: [...one.objects, ...two.objects] };
}

function foundIn(world: World): string[] {
  const found = judge(world, rules);
  return found
    .map(([{ name }, { object, field, got }]) => `${name} ${object.construct.node.path} ${field} ${String(got)}`)
    .sort();
}

describe('two namespaces in one world', () => {
  test.each([['production', production], ...Object.entries(variants).filter(([name]) => /mesh|cloudNativePg|Argo/.test(name))])(
    'have the findings of each: %s',
    (_, environment) => {
      const [one, two] = worldsOf(environment);
      expect(foundIn(together(one, two))).toEqual([...foundIn(one), ...foundIn(two)].sort());
    },
  );

  test('lend each other nothing: what is missing in one is found, whatever the other has', () => {
    const [one, two] = worldsOf(staging);
    // Where a namespace is not made, its objects are in that of the other one for all that anybody knows.
    const rest = one.objects.filter(({ manifest }) => manifest['kind'] !== 'Namespace');
    let found = 0;
    for (const gone of rest) {
      const without = { ...one, objects: one.objects.filter((object) => object !== gone) };
      const alone = foundIn(without);
      found += alone.length;
      expect(foundIn(together(without, two))).toEqual([...alone, ...foundIn(two)].sort());
    }
    expect(found).toBeGreaterThan(20);
  });
});
