import { ApiObject, type App, Duration, type Lazy, Size } from 'cdk8s';
import { Cpu } from 'cdk8s-plus-27';
import { Construct } from 'constructs';
import {
  NetworkFence,
  OptOut,
  Probe,
  render,
  ProbedDeployment,
  Resources,
  requireTypes,
  type Peer,
  type ProbedDeploymentProps,
  type PropType,
} from '../../lib/index';
import { rejections } from '../../lib/support/reject';
import { chart, minimalDeployment } from './chart';

/** What is said of a prop with a value of the wrong type, behind "must". */
function said(value: unknown, ...types: PropType[]): string {
  const scope = new Construct(chart(), 'Tried');
  expect(() => requireTypes(scope, { prop: value }, { prop: types })).toThrow(Error);
  const [fault = '', ...more] = rejections(scope);
  expect(more).toEqual([]);
  return fault.replace("[chart/Tried] 'prop' must ", '');
}

function refusals(props: object, drop: readonly string[] = []): string[] {
  const tried = chart();
  const given = Object.fromEntries(Object.entries({ ...minimalDeployment, ...props }).filter(([name]) => !drop.includes(name)));
  try {
    new ProbedDeployment(tried, 'Web', given as unknown as ProbedDeploymentProps);
  } catch {
    // What was refused says more.
  }
  return rejections(tried);
}

describe('a value of the wrong type', () => {
  test.each<[unknown, readonly PropType[], string]>([
    [
      30,
      [Duration, OptOut],
      "be a Duration or an OptOut, got 30; write Duration.seconds(30) or Duration.minutes(30), or OptOut.because('...') with the reason",
    ],
    ['90s', [Duration], 'be a Duration, got "90s"; write Duration.seconds(90)'],
    ['soon', [Duration], 'be a Duration, got "soon"; write Duration.minutes(10)'],
    ['20Gi', [Size], 'be a Size, got "20Gi"; write Size.gibibytes(20)'],
    [768, [Size], 'be a Size, got 768; write Size.mebibytes(768)'],
    ['500m', [Cpu], 'be a Cpu, got "500m"; write Cpu.millis(500)'],
    [500, [Cpu], 'be a Cpu, got 500; write Cpu.millis(500)'],
    [2, [Cpu], 'be a Cpu, got 2; write Cpu.units(2)'],
    ['8443', ['number'], 'be a number, got "8443"; write 8443 without quotes'],
    ['many', ['number'], 'be a number, got "many"; write a number'],
    ['false', ['boolean'], 'be a boolean, got "false"; write false without quotes'],
    [17, ['string'], "be a string, got 17; write it in quotes, '17'"],
    ['a.example.com', ['array'], 'be an array, got "a.example.com"; write it as a list, [\'a.example.com\']'],
    [true, ['object', undefined], 'be an object, got true; write an object, { ... }'],
    ['x', [Probe], 'be a Probe, got "x"; write Probe.http({ path: \'/health\' })'],
    [3, [undefined], 'be left out here, got 3; remove it'],
    [undefined, ['number'], "be given, got nothing; pass 'prop' to Construct"],
  ])('says what to write in place of %p', (value, types, sentence) => {
    expect(said(value, ...types)).toBe(sentence);
  });

  test('is found inside of an amount', () => {
    expect(said(Duration.seconds('45' as unknown as number), Duration)).toBe(
      'be a Duration of a number, got "45"; write 45 without quotes',
    );
    expect(said(Size.gibibytes(Number.NaN), Size)).toBe('be a Size of a number, got NaN; write a number');
    expect(said(Cpu.millis('100m' as unknown as number), Cpu)).toBe('be a Cpu of a number, got "100mm"; write a number');
  });

  test('is found inside of resources, by the path that was written', () => {
    const whole = Resources.guaranteed({ cpu: 300, memory: '1Gi' } as unknown as Parameters<typeof Resources.guaranteed>[0]);
    expect(refusals({ resources: whole })).toEqual([
      "[chart/Web] 'resources.cpu' must be a Cpu, got 300; write Cpu.millis(300)",
      '[chart/Web] \'resources.memory\' must be a Size, got "1Gi"; write Size.gibibytes(1)',
    ]);
    const parts = { cpu: { request: 0.5, limit: Cpu.units(1) }, memory: { request: Size.mebibytes(256) } };
    const burstable = Resources.burstable(parts as unknown as Parameters<typeof Resources.burstable>[0]);
    expect(refusals({ resources: burstable })).toEqual([
      expect.stringContaining("'resources.cpu.request' must be a Cpu, got 0.5; write Cpu."),
      "[chart/Web] 'resources.memory.limit' must be given, got nothing; pass 'memory.limit' to Resources.burstable",
    ]);
    expect(refusals({ resources: Resources.burstable({} as unknown as Parameters<typeof Resources.burstable>[0]) })).toHaveLength(
      2,
    );
  });

  test('of another copy of a package names the package', () => {
    jest.isolateModules(() => {
      const other = jest.requireActual<{ Duration: typeof Duration }>('cdk8s');
      expect(other.Duration).not.toBe(Duration);
      expect(said(other.Duration.minutes(1), Duration)).toMatch(
        /^be a Duration, got .*; it comes from another copy of cdk8s: find the two with 'npm ls cdk8s', and install one$/,
      );
      const plus = jest.requireActual<{ Cpu: typeof Cpu }>('cdk8s-plus-27');
      expect(said(plus.Cpu.units(1), Cpu)).toContain("'npm ls cdk8s-plus-27'");
      const tried = chart();
      const spec = { replicas: jest.requireActual<{ Lazy: typeof Lazy }>('cdk8s').Lazy.any({ produce: () => 2 }) };
      new ApiObject(tried, 'Web', { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web' }, spec });
      expect(render(tried.node.root as App).faults).toEqual([
        expect.stringMatching(
          /^\[chart\/Web\] 'Deployment' must hold plain data, got .*'Lazy'.*another copy of cdk8s: .*'npm ls cdk8s'/,
        ),
      ]);
    });
  });
});

describe('a name that is no prop', () => {
  test('is told with the one that was meant, and not as missing too', () => {
    expect(refusals({ replica: 2 }, ['replicas'])).toEqual([
      "[chart/Web] 'replica' must be a prop that is known, got 2; did you mean 'replicas'?",
    ]);
    expect(refusals({ bootTim: Duration.minutes(2) })).toEqual([
      "[chart/Web] 'bootTim' must be a prop that is known, got 120s; did you mean 'bootTime'?",
    ]);
    expect(refusals({ drain: { ...minimalDeployment.drain, shutDown: Duration.seconds(1) } })).toEqual([
      expect.stringContaining("'drain.shutDown' must be a prop that is known, got 1s; use one of preStop, shutdown"),
    ]);
  });

  test('is told with all where none is near, and passed over where it is not given', () => {
    expect(refusals({ containersBeside: [] })).toEqual([
      expect.stringContaining("'containersBeside' must be a prop that is known, got []; use one of name, "),
    ]);
    expect(refusals({ containersBeside: undefined })).toEqual([]);
  });

  test('may be one of a class that extends ours', () => {
    class WithSidecar extends ProbedDeployment {}
    const tried = chart();
    new WithSidecar(tried, 'Web', { ...minimalDeployment, ...{ containersBeside: [] } });
    expect(rejections(tried)).toEqual([]);
    new WithSidecar(tried, 'Typo', { ...minimalDeployment, ...{ pod: {} } });
    expect(rejections(tried)).toEqual([
      expect.stringContaining("'pod' must be a prop that is known, got {}; did you mean 'pods'?"),
    ]);
  });
});

describe('one of several ways', () => {
  test('fails for a peer that no policy knows', () => {
    const tried = chart();
    const peer = { hostname: 'mail.example.com' } as unknown as Peer;
    expect(() => new NetworkFence(tried, 'Fence', { clients: [], egress: [{ port: 25, peer }] })).toThrow(Error);
    expect(rejections(tried)).toEqual([
      "[chart/Fence] 'egress.peer' must be one of pods, mesh, namespace, cidr, got \"hostname\"; write { namespace: 'gateway' }, { pods: 'web' }, or addresses: { cidr: '203.0.113.7/32' }; policies know no host names",
    ]);
  });
});
