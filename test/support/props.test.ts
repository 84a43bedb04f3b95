import { Duration, Size } from 'cdk8s';
import { Cpu } from 'cdk8s-plus-27';
import { Construct } from 'constructs';
import * as library from '../../lib/index';
import { classNamed } from '../../lib/support/classes';
import { propsNamed, requireProps, wrongProps, type PropsName } from '../../lib/support/props';
import table from '../../lib/support/props.json';
import type { Props, Shape, Shapes } from '../../lib/support/shape';
import { build, production } from './stack';
import { chart } from './chart';
import { vary } from './vary';

const AMOUNTS: Readonly<Record<string, unknown>> = { Duration: Duration.seconds(1), Size: Size.gibibytes(1), Cpu: Cpu.units(1) };

/** A value that fits a shape, with every prop set. */
function sample(shape: Shape): unknown {
  if ('word' in shape) return shape.word;
  if ('instanceOf' in shape)
    return AMOUNTS[shape.instanceOf] ?? (Object.create(classNamed(shape.instanceOf).prototype) as unknown);
  if ('list' in shape) return [first(shape.list)];
  if ('each' in shape) return { one: first(shape.each) };
  if ('props' in shape) return whole(shape.props);
  return { string: 'text', number: 1, boolean: true, object: {}, function: () => undefined, any: 0 }[String(shape.is)];
}

function first(shapes: Shapes): unknown {
  return shapes[0] && sample(shapes[0]);
}

function whole(props: Props): Record<string, unknown> {
  return Object.fromEntries([...props].map(([name, { shapes }]) => [name, first(shapes)]));
}

/** A value with one mistake, where that is, and the name that was meant. */
interface Mistake {
  readonly value: unknown;
  readonly path: string;
  readonly meant?: string;
}

const WRONG = Symbol('wrong');

/** Every prop misspelt by a letter, and every prop with a value of no type that any may have, at every level. */
function* mistakes(shape: Shape, path = ''): Generator<Mistake> {
  if ('list' in shape) {
    for (const one of shape.list) for (const each of mistakes(one, path)) yield { ...each, value: [each.value] };
  } else if ('each' in shape) {
    for (const one of shape.each)
      for (const each of mistakes(one, path === '' ? 'one' : `${path}.one`)) yield { ...each, value: { one: each.value } };
  } else if ('props' in shape) {
    const base = whole(shape.props);
    for (const [name, { shapes }] of shape.props) {
      const at = path === '' ? name : `${path}.${name}`;
      const { [name]: given, ...others } = base;
      yield { value: { ...others, [`${name}x`]: given }, path: `${at}x`, meant: name };
      if (!shapes.some((one) => 'is' in one && one.is === 'any')) yield { value: { ...base, [name]: WRONG }, path: at };
      for (const one of shapes) for (const each of mistakes(one, at)) yield { ...each, value: { ...base, [name]: each.value } };
    }
  }
}

const names = Object.keys(table.types).filter((name) => propsNamed(name as PropsName).size > 0) as PropsName[];

test('the table knows the props of what the library exports, and no class that it does not', () => {
  expect(names.length).toBeGreaterThan(100);
  for (const name of ['Probe', 'Resources', 'PhoenixRelease', 'KeyedSecret', 'BeamCluster', 'CloudIdentity'] as const)
    expect(classNamed(name)).toBe(library[name]);
});

test.each(names)('%s takes a value of each of its types', (name) => {
  expect(wrongProps(whole(propsNamed(name)), name, '')).toEqual([]);
});

test.each(names)('%s refuses every misspelt name and every wrong type, at every level, with its path', (name) => {
  const props = propsNamed(name);
  const silent = [...mistakes({ props })].filter(({ value, path, meant }) => {
    // An element that is none is told by its number.
    const refusals = wrongProps(value as object, name, '').map(({ prop, fix }) => ({ prop: prop.replace(/\.\d+/g, ''), fix }));
    return meant === undefined
      ? !refusals.some(({ prop }) => prop === path)
      : // One of several ways is named by the prop that holds it.
        !refusals.some(({ prop, fix }) => path.startsWith(prop) && fix === `did you mean '${meant}'?`);
  });
  expect(silent.map(({ path, meant }) => [path, meant])).toEqual([]);
});

describe('a literal', () => {
  const faults = (changes: object) => () => build(vary(production, changes));

  test.each<[object, string]>([
    [
      { workers: { jobs: { shutdwon: 1 } } },
      "'workers.jobs.shutdwon' must be a prop that is known, got 1; did you mean 'shutdown'?",
    ],
    [{ web: { rollout: { surg: 2 } } }, "'web.rollout.surg' must be a prop that is known, got 2; did you mean 'surge'?"],
    [{ beam: { epdm: false } }, "'beam.epdm' must be a prop that is known, got false; did you mean 'epmd'?"],
    [{ ammend: () => undefined }, "'ammend' must be a prop that is known"],
    [{ delivery: 'argoo' }, "'delivery' must be 'apply' or 'argo' or 'helm' or 'flux', got \"argoo\"; did you mean 'argo'?"],
  ])('is refused before anything is made from it: %j', (changes, sentence) => {
    expect(faults(changes)).toThrow(sentence);
  });
});

test('what is wrong in an object that is handed on is told once', () => {
  const tried = chart();
  const oban = { database: whole(propsNamed('DatabaseLink')), queues: ['a'], jobsPerPod: 1, sslmode: 'always' };
  const outer = new Construct(tried, 'Outer');
  requireProps(outer, { minimum: 0, maximum: 1, oban }, 'ObanAutoscaling');
  requireProps(new Construct(outer, 'Inner'), oban, 'ObanQueues');
  expect(tried.node.findAll().flatMap((construct) => construct.node.validate())).toEqual([
    "'oban.sslmode' must be 'disable' or 'require' or 'verify-full', got \"always\"; write one of the 3 words",
  ]);
});
