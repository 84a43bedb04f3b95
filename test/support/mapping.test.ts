import { ApiObject, App, Chart, Duration, JsonPatch, Lazy, type ResolutionContext } from 'cdk8s';
import { k8s } from 'cdk8s-plus-27';
import { edit, finished, nameByContent, together, type Manifest } from '../../lib/support/edit';
import { mapping } from '../../lib/support/mapping';
import { render } from '../../lib/index';
import { build } from './stack';
import { variants } from './variants';

/** What cdk8s makes of an object, whatever was edited since. */
function byCdk8s(object: ApiObject): unknown {
  return (object.constructor.prototype as ApiObject).toJson.call(object);
}

/** The same in one pass, without what was edited. */
function byUs(object: ApiObject): Manifest {
  const edited = Object.getOwnPropertyDescriptor(object, 'toJson');
  Reflect.deleteProperty(object, 'toJson');
  const made = mapping(object);
  if (edited) Object.defineProperty(object, 'toJson', edited);
  return made();
}

function objectsIn(app: App): ApiObject[] {
  return app.node.findAll().filter((one): one is ApiObject => ApiObject.isApiObject(one));
}

/** A ConfigMap, and how often cdk8s is asked for it. */
function tried(data: unknown, app = new App()): { object: ApiObject; asked: () => number } {
  const object = new k8s.KubeConfigMap(new Chart(app, 'chart'), 'Config', { data: data as Record<string, string> });
  const spy = jest.spyOn(ApiObject.prototype, 'toJson');
  return { object, asked: () => spy.mock.calls.length };
}

afterEach(() => jest.restoreAllMocks());

describe('an object in one pass', () => {
  test.each(Object.entries(variants))('is what cdk8s makes of it: %s', (_, environment) => {
    const app = build(environment);
    expect(render(app).faults).toEqual([]);
    const objects = objectsIn(app);
    const cdk8s = objects.map((object) => JSON.stringify(byCdk8s(object)));
    const asked = jest.spyOn(ApiObject.prototype, 'toJson');
    expect(objects.map((object) => JSON.stringify(byUs(object)))).toEqual(cdk8s);
    const generated = objects.filter(({ constructor }) => constructor !== ApiObject).length;
    expect(asked).toHaveBeenCalledTimes(objects.length - generated);
  });

  test.each<[string, unknown, unknown]>([
    ['what is known late, within another', Lazy.any({ produce: () => ({ a: Lazy.any({ produce: () => 'b' }) }) }), { a: 'b' }],
    ['a token of its own', { a: { resolve: () => ({ resolve: () => 'b' }) } }, { a: 'b' }],
    [
      'a number or a text',
      { a: k8s.IntOrString.fromNumber(5), b: k8s.Quantity.fromString('1Gi') },
      { a: { value: 5 }, b: { value: '1Gi' } },
    ],
    ['names in order, nothing left out', { b: '', c: null, a: 0, d: undefined, e: [], f: {} }, { a: 0, b: '', e: [], f: {} }],
    ['lists', { a: ['b', { d: 1, c: undefined }, Lazy.any({ produce: () => [true] })] }, { a: ['b', { d: 1 }, [true]] }],
    ['a name like a class', { constructor: 'b' }, 'refused'],
    ['an instance of a class', { a: Duration.seconds(1) }, 'refused'],
    ['what fails', { a: Lazy.any({ produce: () => (undefined as unknown as { b: string }).b }) }, 'refused'],
  ])('has %s', (_, data, expected) => {
    const { object } = tried(data);
    const said = (make: (object: ApiObject) => unknown): unknown => {
      try {
        return (make(object) as { data: unknown }).data;
      } catch (error) {
        return String(error);
      }
    };
    expect(said(byUs)).toEqual(said(byCdk8s));
    if (expected === 'refused') expect(said(byUs)).toMatch("Error: Failed serializing construct at path 'chart/Config'");
    else expect(JSON.stringify(said(byUs))).toBe(JSON.stringify(expected));
  });

  test('is left to cdk8s where an App has a resolver of its own', () => {
    const loud = (context: ResolutionContext): void => {
      if (context.value === 'a') context.replaceValue('A');
    };
    const { object, asked } = tried({ key: 'a' }, new App({ resolvers: [{ resolve: loud }] }));
    expect(mapping(object)()).toMatchObject({ data: { key: 'A' } });
    expect(asked()).toBe(1);
  });

  test('is left to cdk8s where it has a patch', () => {
    const { object, asked } = tried({ key: 'a' });
    object.addJsonPatch(JsonPatch.replace('/data/key', 'b'));
    expect(mapping(object)()).toMatchObject({ data: { key: 'b' } });
    expect(asked()).toBe(1);
  });

  test('is left to a class of its own', () => {
    class Marked extends k8s.KubeConfigMap {
      override toJson(): unknown {
        return { ...(super.toJson() as object), marked: true };
      }
    }
    const object = new Marked(new Chart(new App(), 'chart'), 'Config');
    expect(mapping(object)()).toHaveProperty('marked', true);
  });
});

describe('objects that are finished together', () => {
  test('are finished once each, also for those that ask for their names', () => {
    let asked = 0;
    const counted = Lazy.any({ produce: () => `${(asked += 1)}` });
    const { object } = tried({ key: counted });
    const name = nameByContent(object, ({ data }) => data as unknown);
    const again = together(() => [name(), finished(object)['metadata'].name, name()]);
    expect(new Set(again).size).toBe(1);
    expect(asked).toBe(1);
  });

  test('are finished anew afterwards, with what was edited since', () => {
    const { object } = tried({ key: 'a' });
    const name = nameByContent(object, ({ data }) => data as unknown);
    const before = together(name);
    edit(object, (manifest) => ({ ...manifest, data: { key: 'b' } }));
    expect(name()).not.toBe(before);
    expect(together(() => finished(object))).toMatchObject({ data: { key: 'b' }, metadata: { name: name() } });
  });

  test('are finished anew after a fault', () => {
    const { object } = tried({ key: 'a' });
    expect(() =>
      together(() => {
        finished(object);
        throw new Error('a fault');
      }),
    ).toThrow('a fault');
    edit(object, (manifest) => ({ ...manifest, data: { key: 'b' } }));
    expect(finished(object)).toMatchObject({ data: { key: 'b' } });
  });
});
