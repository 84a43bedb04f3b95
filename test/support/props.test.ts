import { Duration, Size } from 'cdk8s';
import { Cpu } from 'cdk8s-plus-27';
import { Construct } from 'constructs';
import * as library from '../../lib/index';
import {
  CloudIdentity,
  distilleryRelease,
  exrmRelease,
  mixRelease,
  mysqlLink,
  postgresLink,
  Probe,
  type DatabaseLink,
  type ProbedDeploymentProps,
  type ReleaseTool,
} from '../../lib/index';
import { classNamed } from '../../lib/support/classes';
import { propsNamed, requireProps, wrongProps, type PropsName } from '../../lib/support/props';
import table from '../../lib/support/props.json';
import type { Props, Shape, Shapes } from '../../lib/support/shape';
import { build, production } from './stack';
import { application, chart, deploymentRefusals, minimalDeployment, refusalsOf, release } from './chart';
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

const names = Object.keys(table.types).filter((name) => propsNamed(name as PropsName).size > 0) as PropsName[];
const named = new Set(names.map(propsNamed));

/** Every prop misspelt by a letter, and every prop with a value of no type that any may have, at every level. */
function* mistakes(shape: Shape, path = ''): Generator<Mistake> {
  if ('list' in shape) {
    for (const one of shape.list) for (const each of mistakes(one, path)) yield { ...each, value: [each.value] };
  } else if ('each' in shape) {
    for (const one of shape.each)
      for (const each of mistakes(one, path === '' ? 'one' : `${path}.one`)) yield { ...each, value: { one: each.value } };
  } else if ('props' in shape) {
    const base = whole(shape.props);
    // What has a name of its own is tried by that name; elsewhere one mistake shows that somebody looks.
    const tried = path !== '' && named.has(shape.props) ? [...shape.props].slice(0, 1) : shape.props;
    for (const [name, { shapes }] of tried) {
      const at = path === '' ? name : `${path}.${name}`;
      const { [name]: given, ...others } = base;
      yield { value: { ...others, [`${name}x`]: given }, path: `${at}x`, meant: name };
      if (!shapes.some((one) => 'is' in one && one.is === 'any')) yield { value: { ...base, [name]: WRONG }, path: at };
      for (const one of shapes) for (const each of mistakes(one, at)) yield { ...each, value: { ...base, [name]: each.value } };
    }
  }
}

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

const password = { secret: 'db', key: 'password' };
const address = { host: 'db.example.com', port: 5432, database: 'shop', user: 'shop', password, connections: 90 };

describe('what a function was given is refused by whoever is given what it made', () => {
  /** Arguments as plain JavaScript passes them. */
  const odd = (value: object | undefined): never => value as never;

  test.each<[string, () => Partial<ProbedDeploymentProps>, string]>([
    [
      'Probe.http',
      () => ({ probes: { ...minimalDeployment.probes, readiness: Probe.http(odd({ path: '/', prt: 'http' })) } }),
      "'probes.readiness.prt' must be a prop that is known, got \"http\"; did you mean 'port'?",
    ],
    [
      'Probe.http without anything',
      () => ({ probes: { ...minimalDeployment.probes, readiness: Probe.http(odd(undefined)) } }),
      "'probes.readiness.props' must be an object with path, got nothing; pass them to Probe.http",
    ],
    [
      'Probe.tcp',
      () => ({ probes: { ...minimalDeployment.probes, liveness: Probe.tcp(odd({ port: 'http', periode: 3 })) } }),
      "'probes.liveness.periode' must be a prop that is known, got 3; did you mean 'period'?",
    ],
    [
      'Probe.grpc',
      () => ({ probes: { ...minimalDeployment.probes, liveness: Probe.grpc(odd({ port: 'http', failure: 3 })) } }),
      "'probes.liveness.failure' must be a prop that is known, got 3; did you mean 'failures'?",
    ],
    [
      'Probe.exec',
      () => ({ probes: { ...minimalDeployment.probes, liveness: Probe.exec(odd({ command: 'pg_isready' })) } }),
      "'probes.liveness.command' must be",
    ],
    [
      'CloudIdentity.aws',
      () => ({ identity: CloudIdentity.aws(odd({ role: 'arn:aws:iam::123456789012:role/shop' })) }),
      "'identity.roleArn' must be given",
    ],
    [
      'CloudIdentity.azure',
      () => ({ identity: CloudIdentity.azure(odd({ clientId: '00000000-0000-0000-0000-000000000000', tenant: 'a' })) }),
      "'identity.tenant' must be a prop that is known, got \"a\"; did you mean 'tenantId'?",
    ],
    [
      'a volume as Kubernetes spells it',
      () => ({ mounts: [{ name: 'a', path: '/a', source: odd({ emptyDir: { sizelimit: '1Gi' } }) }] }),
      "'mounts.source.emptyDir.sizelimit' must be a prop that is known, got \"1Gi\"; did you mean 'sizeLimit'?",
    ],
    [
      'a source of variables as Kubernetes spells it',
      () => ({ variables: { A: odd({ secretKeyRef: { name: 'a', key: 'b', option: true } }) } }),
      "'variables.A.secretKeyRef.option' must be a prop that is known, got true; did you mean 'optional'?",
    ],
  ])('%s', (_, changed, told) => {
    expect(deploymentRefusals(changed())).toContainEqual(expect.stringContaining(`[chart/Web] ${told}`));
  });

  test.each<[string, () => ReleaseTool, string]>([
    ['mixRelease', () => mixRelease(odd({ release: 'shop', modul: 'Shop.Release' })), "'mixRelease.modul' must be a prop"],
    [
      'mixRelease with a list that is none',
      () => mixRelease(odd({ release: 'shop', module: 'Shop', otpApps: 'shop' })),
      "'mixRelease.otpApps' must be",
    ],
    [
      'mixRelease without anything',
      () => mixRelease(odd(undefined)),
      "'mixRelease.props' must be an object with module, release",
    ],
    [
      'distilleryRelease',
      () => distilleryRelease(odd({ release: 'shop', sed: ['seed'] })),
      "'distilleryRelease.sed' must be a prop",
    ],
    ['exrmRelease', () => exrmRelease(odd({ release: 'shop', rot: '/opt' })), "'exrmRelease.rot' must be a prop that is known"],
  ])('%s', (_, tool, told) => {
    const refused = refusalsOf((tried) => release(tried, { application: { ...application, release: tool() } }));
    expect(refused).toContainEqual(expect.stringContaining(`[chart/Release] ${told}`));
  });

  test.each<[string, DatabaseLink, string]>([
    ['postgresLink', postgresLink(odd({ ...address, prot: 5432 })), "'database.prot' must be a prop that is known"],
    [
      'postgresLink with a pooler',
      postgresLink(odd({ ...address, pooled: { ...address, mod: 'session' } })),
      "'database.pooled.mod'",
    ],
    ['postgresLink without anything', postgresLink(odd(undefined)), "'database.props' must be an object with"],
    ['mysqlLink', mysqlLink(odd({ ...address, option: {} })), "'database.option' must be a prop that is known"],
  ])('%s', (_, database, told) => {
    expect(refusalsOf((tried) => release(tried, { database }))).toContainEqual(expect.stringContaining(told));
  });
});
