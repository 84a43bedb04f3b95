import { App, JsonPatch } from 'cdk8s';
import {
  Checks,
  distilleryRelease,
  type Manifest,
  mixRelease,
  type NamedEnvironment,
  OptOut,
  patch,
  type PhoenixApplication,
  render,
} from '../../lib/index';
import { application, build, development, staging } from '../support/stack';
import { vary } from '../support/vary';

const source = { elixir: '1.18.4', otp: '27.3.4', debian: 'trixie-20260803-slim' } as const;

/** What is wrong with an environment of an application that says more of its image. */
function faultsOf(more: Partial<PhoenixApplication>, environment: NamedEnvironment = development): readonly string[] {
  return render(build(environment, new App(), { application: { ...application, ...more } })).faults;
}

/** The flags of the web pods. */
function flagsOf(more: Partial<PhoenixApplication>, environment: NamedEnvironment = development): string {
  const app = build(environment, new App(), { application: { ...application, ...more } });
  expect(render(app).faults).toEqual([]);
  const { objects } = Checks.of(app).world;
  const config = objects.find(({ manifest }) => /^kube-native-[0-9a-f]{10}$/.test(String(manifest['metadata'].name)));
  return String((config?.manifest['data'] as Manifest)['ERL_FLAGS']);
}

describe('flags of a VM whose version is known', () => {
  const told = (otp: string, ...erlangFlags: string[]): readonly string[] =>
    faultsOf({ image: { otp } }, vary(development, { erlangFlags })).filter((fault) => fault.includes('(flags-known)'));

  test.each([
    ['25.3.2', '+JMsingle true', '26'],
    ['26', '+JPcover true', '27'],
    ['23.3', '+JPperf true', '24'],
    ['20.3', '+swtdio low', '21'],
    ['18', '+hmax 1000000', '19'],
  ])('fails in OTP %s with %s, which came with %s', (otp, flag, since) => {
    const [fault = ''] = told(otp, flag);
    expect(fault).toContain(
      `not give ${flag.split(' ')[0]} to OTP ${otp}, as 'application.image' has it: it came with OTP ${since}`,
    );
    expect(fault).toContain("take it out of 'erlangFlags', or build the image with a newer OTP");
  });

  test.each([
    ['26', '+JMsingle true'],
    ['26.0.1', '+JMsingle true'],
    ['29', '+JPcover true'],
    ['25', '+hmax 1000000 +zdbbl 65536 +P 262144'],
    ['18.3', '-heart +zdbbl 65536'],
  ])('takes in OTP %s what it knows: %s', (otp, ...flags) => {
    expect(told(otp, ...flags)).toEqual([]);
  });

  test('are those of the library too, without what came later', () => {
    const all = '+S 1:1 +Q 65536 +sbwt none +sbwtdcpu none +sbwtdio none';
    expect(flagsOf({})).toBe(all);
    expect(flagsOf({ image: { otp: '21' } })).toBe(all);
    expect(flagsOf({ source })).toBe(all);
    expect(flagsOf({ image: { otp: '20.3.8' } })).toBe('+S 1:1 +Q 65536 +sbwt none');
  });

  test('tell the nodes of a cluster a port that Erlang knows how to use', () => {
    const withoutEpmd = vary(staging, { beam: { discovery: 'dns', epmd: false } });
    const said = faultsOf({ image: { otp: '23.0' } }, withoutEpmd).filter((fault) => fault.includes('(flags-known)'));
    expect(said).toHaveLength(1);
    expect(said[0]).toContain("not give -erl_epmd_port to OTP 23.0, as 'application.image' has it: it came with OTP 23.1");
    expect(said[0]).toContain("write epmd: true in 'beam'");
    expect(faultsOf({ image: { otp: '23' } }, withoutEpmd)).toEqual([]);
    expect(faultsOf({ image: { otp: '22.3' } }, staging)).toEqual([]);
  });

  test('are nobody’s business in another image', () => {
    const shipper = { image: 'registry.example.com/other:1.0.0', env: [{ name: 'ERL_FLAGS', value: '+JPcover true' }] };
    const beside = vary(development, {
      amend: ({ release }) =>
        patch(
          release.web.deployment,
          'a second program, for a test',
          JsonPatch.add('/spec/template/spec/containers/-', { name: 'b', ...shipper }),
        ),
    });
    expect(faultsOf({ image: { otp: '20' } }, beside).filter((fault) => fault.includes('flags-known'))).toEqual([]);
  });
});

describe('what an image is and what its pods ask of it', () => {
  const told = (more: Partial<PhoenixApplication>, environment?: NamedEnvironment): readonly string[] =>
    faultsOf(more, environment).filter((fault) => fault.includes('(image-agrees)'));
  const commanded = (...command: string[]): NamedEnvironment =>
    vary(development, {
      amend: ({ release }) =>
        patch(
          release.web.deployment,
          'another program, for a test',
          JsonPatch.replace('/spec/template/spec/containers/0/command', command),
        ),
    });

  test('agree where both come from one place', () => {
    expect(faultsOf({ source })).toEqual([]);
    expect(faultsOf({ image: { otp: '27', elixir: '1.18', user: 65534, port: 4000 } })).toEqual([]);
    expect(faultsOf({ source, release: mixRelease({ release: 'shop', module: 'Shop.Release', root: '/srv/shop' }) })).toEqual([]);
  });

  test('fails with a program that is elsewhere, or of another name', () => {
    const must = "must be /app/bin/kube_native_umbrella, where the image of 'application.source' has it";
    for (const program of ['/opt/app/bin/kube_native_umbrella', '/app/bin/kube_native'])
      expect(told({ source }, commanded(program, 'start'))[0]).toContain(`${must}, got "${program}"`);
  });

  test('takes a script beside it, and programs of the system', () => {
    expect(told({ source }, commanded('/app/bin/server'))).toEqual([]);
    expect(told({ source }, commanded('sh', '-c', 'exec /app/bin/server'))).toEqual([]);
    expect(told({}, commanded('/opt/app/bin/other', 'start'))).toEqual([]);
  });

  test('fails as another user than that of its files, in every pod', () => {
    const said = told({ image: { user: 1000 } });
    expect(said[0]).toContain("must be 1000, which the files of the image are for by 'application.image.user', got 65534");
    expect(said[0]).toContain("write pods: { user: 1000 }, with the reason in optOuts: { 'high-user-ids': ... }, or build");
    expect(told({ image: { user: 1000 } }, vary(development, { pods: { user: 1000 } }))).toEqual([]);
    expect(told({ image: { user: 1000 } }, vary(development, { pods: { user: 'assigned' } }))).toEqual([]);
    // Root has the files of an image that is built here, and everyone may read them.
    expect(told({ source }, vary(development, { pods: { user: 1000 } }))).toEqual([]);
  });

  test('fails at another port than the one that is compiled in', () => {
    const [fault = ''] = told({ image: { port: 8080 } });
    expect(fault).toContain("must be 8080, on which the image listens by 'application.image.port', got 4000");
    expect(told({ image: { port: 8080 }, port: 8080 })).toEqual([]);
  });

  test('fails with scripts that its Elixir does not know, and not without them', () => {
    const said = told({ image: { elixir: '1.10.4' } });
    expect(said[0]).toContain('be of Elixir 1.11 or newer, which the script of its command needs, and not of 1.10.4');
    const alone = vary(development, { migrations: { gate: OptOut.because('it cannot wait') } });
    expect(told({ image: { elixir: '1.11' } })).toEqual([]);
    const old = distilleryRelease({ release: 'shop' });
    expect(told({ image: { elixir: '1.7', otp: '20' }, release: old, reads: undefined }, alone)).toEqual([]);
  });
});

test('what is known of an image is refused where it is none', () => {
  const said = faultsOf({ image: { otp: 'latest', elixir: '1', user: 0, port: 70000 } }).join('\n');
  expect(said).toContain(`'application.image.otp' must be a version of Erlang/OTP, got "latest"`);
  expect(said).toContain(`'application.image.elixir' must be a version of Elixir, got "1"`);
  expect(said).toContain("'application.image.user' must be the number of a user that is not root, got 0");
  expect(said).toContain("'application.image.port' must be a port, got 70000");
  expect(faultsOf({ source, image: { otp: '27' } }).join('\n')).toContain("'application.image' must be left out beside source");
});
