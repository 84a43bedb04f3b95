import { App, Size } from 'cdk8s';
import { Cpu } from 'cdk8s-plus-27';
import { emulatorMemory, schedulerCount } from '../../lib/checks/beam/emulator-size';
import { flagsAgree } from '../../lib/checks/beam/flags';
import { nodeIsItsPod, sameMeshOptions } from '../../lib/checks/beam/nodes';
import { hookStopsNode, probeStartsVm } from '../../lib/checks/beam/shutdown';
import { reservedVariables } from '../../lib/checks/beam/variables';
import {
  BeamCluster,
  EnvironmentChart,
  KeyedSecret,
  type Manifest,
  mixRelease,
  NetworkFence,
  PhoenixRelease,
  type PhoenixReleaseProps,
  render,
  Resources,
  type Rule,
  type Variables,
} from '../../lib/index';
import { staging } from '../support/alone';
import { said, saidOf } from '../support/said';

const path = 'spec.template.spec.containers[0]';
const query = `relay-nodes.${staging.namespace}.svc.cluster.local`;

type Env = Readonly<Record<string, string | Manifest>>;

/** A Deployment of a release, as somebody else writes it. */
function relay(env: Env, container: Manifest = {}, { kind = 'Deployment', name = 'relay' } = {}): Manifest {
  const variables = Object.entries(env).map(([key, value]) =>
    typeof value === 'string' ? { name: key, value } : { name: key, valueFrom: value },
  );
  const image = 'registry.example.com/relay:1.0.0';
  const spec = {
    containers: [{ name: 'relay', image, command: ['/srv/relay/bin/relay', 'start'], env: variables, ...container }],
  };
  const template = { metadata: { labels: { app: name } }, spec };
  const apiVersion = kind === 'Job' ? 'batch/v1' : 'apps/v1';
  return {
    apiVersion,
    kind,
    metadata: { name },
    spec: kind === 'Job' ? { template } : { selector: { matchLabels: { app: name } }, template },
  };
}

/** What is said of a release with some props, in a cluster where its nodes are given variables. */
function faultsOfShop(props: Partial<PhoenixReleaseProps>, nodeVariables?: Variables): readonly string[] {
  const app = new App();
  const chart = new EnvironmentChart(app, 'relay', { namespace: 'relay', partOf: 'relay' });
  const existing = { source: { existing: true } } as const;
  const secret = new KeyedSecret(chart, 'Secret', { name: 'relay', keys: ['SECRET_KEY_BASE'], ...existing });
  const cookie = new KeyedSecret(chart, 'Cookie', { name: 'relay-cookie', keys: ['cookie'], ...existing }).key('cookie');
  const application = {
    name: 'relay',
    release: mixRelease({ release: 'relay', module: 'Relay.Release' }),
    port: 4000,
    health: { ready: '/up' },
    sockets: 0,
    nodeVariables,
  };
  new PhoenixRelease(chart, 'Release', {
    application,
    host: 'relay.example.com',
    secret,
    replicas: 2,
    image: `registry.example.com/relay:1.0.0@sha256:${'7'.repeat(64)}`,
    resources: Resources.guaranteed({ cpu: Cpu.units(1), memory: Size.mebibytes(512) }),
    ...(nodeVariables && { cluster: new BeamCluster(chart, 'Cluster', { name: 'relay', cookie }) }),
    ...props,
  });
  new NetworkFence(chart, 'Fence', { clients: [{ namespace: 'gateway' }] });
  return render(app).faults;
}

const node = { RELEASE_DISTRIBUTION: 'name', RELEASE_NODE: 'relay@127.0.0.1' };
const judged = (rule: Rule, env: Env, container?: Manifest): string[] => saidOf(rule, relay(env, container));

describe('reserved-variables, of the boot script of mix release', () => {
  it('says where the script looks for the release', () => {
    expect(judged(reservedVariables, { RELEASE_VSN: '2026.11' })).toEqual([
      `[30-phoenix/Deployment-relay] '${path}.env.RELEASE_VSN' must be left to the boot script, which starts the release in releases/<RELEASE_VSN>, got "2026.11"; rename it, for example APP_VERSION (reserved-variables)`,
    ]);
  });

  it.each([
    ['PATH', '/opt/relay/bin'],
    ['PATH', '/usr/local/bin:/srv/tools'],
    ['PATH', '/srv/tools:$PATH'],
    ['RELEASE_ROOT', '/srv/other'],
    ['ERL_ROOTDIR', '/usr/lib/erlang'],
    ['RELEASE_NAME', 'The Relay'],
    ['RELEASE_MODE', 'production'],
    ['RELEASE_DISTRIBUTION', 'long'],
    ['RELEASE_BOOT_SCRIPT', 'start.boot'],
    ['RELEASE_BOOT_SCRIPT', 'start_clean'],
    ['RELEASE_BOOT_SCRIPT_CLEAN', '/srv/relay/clean'],
    ['RELEASE_SYS_CONFIG', '/etc/relay/sys.config'],
    ['RUN_ERL_PIPE', '/tmp/pipe'],
    ['ELIXIR_CLI_DRY_RUN', '1'],
  ])('fails where %s is %s', (name, value) => {
    expect(judged(reservedVariables, { [name]: value })).toHaveLength(1);
  });

  it.each([
    ['PATH', '/srv/tools:/usr/bin'],
    ['PATH', '/nix/store/9fkx-coreutils-9.5/bin'],
    ['RELEASE_VSN', ''],
    ['RELEASE_ROOT', '/srv/relay/'],
    ['RELEASE_NAME', 'relay-eu'],
    ['RELEASE_MODE', 'interactive'],
    ['RELEASE_DISTRIBUTION', 'none'],
    ['RELEASE_BOOT_SCRIPT', 'start_with_observer'],
    ['RELEASE_SYS_CONFIG', '/etc/relay/sys'],
    ['RELEASE_COMMAND', 'deploy'],
    ['BINDIR', '/srv'],
    ['SENTRY_RELEASE', '2026.11'],
  ])('finds nothing where %s is "%s"', (name, value) => {
    expect(judged(reservedVariables, { [name]: value })).toEqual([]);
  });

  it('looks at jobs, and not at what mix or Distillery starts', () => {
    expect(saidOf(reservedVariables, relay({ RELEASE_VSN: '7' }, {}, { kind: 'Job' }))).toHaveLength(1);
    const job = relay(
      { RELEASE_BOOT_SCRIPT: 'start_clean' },
      { command: ['/srv/relay/bin/relay', 'eval', 'Relay.migrate()'] },
      { kind: 'Job' },
    );
    expect(saidOf(reservedVariables, job)).toEqual([]);
    expect(judged(reservedVariables, { RELEASE_VSN: '7', PHX_HOST: 'x.example' }, { command: ['mix', 'phx.server'] })).toEqual(
      [],
    );
    expect(judged(reservedVariables, { RELEASE_VSN: '7', REPLACE_OS_VARS: 'true' })).toEqual([]);
  });

  it('names a ConfigMap once, however many read it', () => {
    const config = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'relay' },
      data: { RELEASE_VSN: '7', PHX_HOST: 'x.example' },
    };
    const from = { envFrom: [{ configMapRef: { name: 'relay' } }] };
    expect(saidOf(reservedVariables, config, relay({}, from), relay({}, from, { name: 'second' }))).toHaveLength(1);
  });
});

describe('flags-agree', () => {
  it.each([
    ['a cookie', { ERL_FLAGS: '-setcookie chocolate' }],
    ['a cookie by the options of Elixir', { ELIXIR_ERL_OPTIONS: '-setcookie chocolate' }],
    ['another name', { ERL_AFLAGS: '-name relay@10.0.0.7' }],
    ['a short name', { ERL_ZFLAGS: '-sname relay' }],
    ['a port twice', { ERL_AFLAGS: '-kernel inet_dist_listen_min 4370', ERL_FLAGS: '-kernel inet_dist_listen_min 9100' }],
    ['a parameter twice in one', { ERL_FLAGS: '-kernel net_ticktime 30 net_ticktime 90' }],
    ['a protocol twice, though the same', { ERL_AFLAGS: '-proto_dist inet6_tcp', ERL_FLAGS: '-proto_dist inet6_tcp' }],
    ['epmd on and off', { ERL_FLAGS: '-start_epmd false', ERL_ZFLAGS: '-start_epmd true' }],
    ['schedulers in vain', { ERL_AFLAGS: '+S 4:4', ERL_FLAGS: '+S 1:1' }],
    ['ports in vain', { ERL_AFLAGS: '+Q1048576', ERL_FLAGS: '+Q 65536' }],
  ])('fails at %s', (_, env) => {
    expect(judged(flagsAgree, { ...node, ...env })).toHaveLength(1);
  });

  it.each([
    ['the same parameter twice', { ERL_AFLAGS: '-kernel net_ticktime 30', ERL_FLAGS: '-kernel net_ticktime 30' }],
    ['different parameters', { ERL_AFLAGS: '-kernel net_ticktime 30', ERL_FLAGS: '-kernel inet_dist_use_interface {127,0,0,1}' }],
    ['a later flag of the emulator', { ERL_FLAGS: '+Q 65536 +Q 131072', ERL_ZFLAGS: '+Q 262144' }],
    ['the very name', { ERL_FLAGS: '-name relay@127.0.0.1' }],
    ['a name where the script gives none', { ERL_FLAGS: '-name relay@127.0.0.1 -setcookie x', RELEASE_DISTRIBUTION: 'none' }],
    ['other applications', { ERL_FLAGS: '-logger level debug -kernel logger_level info' }],
  ])('finds nothing at %s', (_, env) => {
    expect(judged(flagsAgree, { ...node, ...env })).toEqual([]);
  });

  it('lets a VM that no boot script names have its own', () => {
    const env = { ERL_FLAGS: '-name relay@127.0.0.1 -setcookie chocolate' };
    expect(judged(flagsAgree, env, { command: ['elixir', '-S', 'mix', 'run'] })).toEqual([]);
  });

  it('names the prop', () => {
    const [fault = ''] = judged(flagsAgree, {
      ERL_AFLAGS: '-kernel inet_dist_listen_min 4370',
      ERL_FLAGS: '-kernel inet_dist_listen_min 9100',
    });
    expect(fault).toContain(
      `'${path}.env.ERL_FLAGS' must not give -kernel inet_dist_listen_min again, which is "4370" in ERL_AFLAGS`,
    );
    expect(fault).toContain("'port' of the BeamCluster");
  });

  it('keeps a cookie to itself', () => {
    expect(judged(flagsAgree, { ...node, ERL_FLAGS: '-setcookie chocolate' }).join()).not.toContain('chocolate');
  });

  it('reads the flags that our own constructs write', () => {
    expect(said(flagsAgree, () => undefined)).toEqual([]);
  });
});

describe('the number of schedulers', () => {
  it('is that of the last variable', () => {
    const limits = { resources: { limits: { cpu: '2' } } };
    expect(judged(schedulerCount, { ERL_ZFLAGS: '+S 8:8', ERL_FLAGS: '+S 2:2' }, limits)).toHaveLength(1);
    expect(judged(schedulerCount, { ERL_ZFLAGS: '+S 2:2', ERL_FLAGS: '+S 8:8' }, limits)).toEqual([]);
  });
});

describe('emulator-memory', () => {
  const within = (flags: string, memory = '512Mi'): string[] =>
    judged(emulatorMemory, { ERL_FLAGS: flags }, { resources: { limits: { memory } } });

  it('says what takes how much', () => {
    expect(within('+S 1:1 +Q 134217727')).toEqual([
      `[30-phoenix/Deployment-relay] '${path}.env.ERL_FLAGS' must leave the VM room in the limit of 512Mi, of which the table of ports alone takes 1536Mi, got "+Q 134217727"; write +Q 65536, or raise the memory limit (emulator-memory)`,
    ]);
  });

  it.each([
    '+P 100000000',
    '+e 50000000',
    '+S 1024:1',
    '+Q 20000000 +P 20000000',
    '+hms 4000000',
    '+hmbs 100000000',
    '+MMscs 4096',
    '+MMscs 8 +MMsco true',
    '+MIscs 1',
  ])('fails at %s within 512Mi', (flags) => {
    expect(within(flags)).toHaveLength(1);
  });

  it.each(['+Q 512', '+Q 134217728', '+P 100', '+t 100', '+A 2000', '+SDio 2000', '+S 2000'])(
    'refuses %s, as the VM does',
    (flags) => {
      expect(within(flags, '64Gi')).toHaveLength(1);
    },
  );

  it.each([
    ['+S 1:1 +Q 65536 +sbwt none', '128Mi'],
    ['+Q 1048576 +P 4194304 +t 2097152', '512Mi'],
    ['+Q 134217727', '4Gi'],
    ['+Q 134217727 +Q 65536', '256Mi'],
    ['+hms 46368 +hmbs 46368', '256Mi'],
    ['+MMscs 384 +MMsco true', '512Mi'],
    ['+MIscs 4096', '256Mi'],
    ['+A 64 +SDio 64 +zdbbl 8192 +K true', '256Mi'],
  ])('finds nothing at %s within %s', (flags, memory) => {
    expect(within(flags, memory)).toEqual([]);
  });

  it('takes a container without a limit for large enough', () => {
    expect(judged(emulatorMemory, { ERL_FLAGS: '+Q 134217727' })).toEqual([]);
  });

  it('looks at the flags that a release is given', () => {
    expect(faultsOfShop({ erlangFlags: ['+P 134217727'] }).filter((fault) => fault.includes('emulator-memory'))).toHaveLength(1);
    expect(faultsOfShop({ erlangFlags: ['+P 1048576'] })).toEqual([]);
  });
});

describe('same-mesh-options', () => {
  const meshed = (flags: string, name = 'relay'): Manifest =>
    relay({ RELEASE_DISTRIBUTION: 'name', DNS_CLUSTER_QUERY: query, ERL_AFLAGS: flags }, {}, { name });

  it('fails where one role alone has an option', () => {
    expect(saidOf(sameMeshOptions, meshed('-kernel prevent_overlapping_partitions false'), meshed('+Q 65536', 'ingest'))).toEqual(
      [
        `[30-phoenix/Deployment-ingest] '${path}.env.ERL_AFLAGS' must have -kernel prevent_overlapping_partitions as it is in Deployment relay, which looks up ${query} too: false, got "true"; give all nodes of the mesh the same (same-mesh-options)`,
      ],
    );
  });

  it.each([
    '-kernel net_ticktime 120',
    '-kernel dist_auto_connect never',
    '-proto_dist inet_tls',
    '-connect_all false',
    '-hidden',
  ])('fails where one role alone has %s', (flags) => {
    expect(saidOf(sameMeshOptions, meshed('+Q 65536'), meshed(flags, 'ingest'))).toHaveLength(1);
  });

  it('finds nothing where all have it, where it is the default, or where the other has no mesh', () => {
    const ticks = '-kernel net_ticktime 120';
    expect(saidOf(sameMeshOptions, meshed(ticks), meshed(ticks, 'ingest'))).toEqual([]);
    expect(saidOf(sameMeshOptions, meshed('+Q 65536'), meshed('-kernel net_ticktime 60', 'ingest'))).toEqual([]);
    expect(saidOf(sameMeshOptions, meshed('+Q 65536'), relay({ ...node, ERL_AFLAGS: ticks }, {}, { name: 'ingest' }))).toEqual(
      [],
    );
  });
});

describe('node-is-its-pod', () => {
  const field = (fieldPath: string) => ({ fieldRef: { fieldPath } });
  const named = (value: string, env: Env = {}, kind = 'Deployment'): string[] =>
    saidOf(
      nodeIsItsPod,
      relay({ ...env, RELEASE_DISTRIBUTION: 'name', RELEASE_NODE: value, DNS_CLUSTER_QUERY: query }, {}, { kind }),
    );

  it.each([
    ['a host name of its own', 'relay@$(HOST).relay', { HOST: field('metadata.name') }],
    ['the address of the machine', 'relay@$(IP)', { IP: field('status.hostIP') }],
    ['an address', 'relay@192.168.7.7', {}],
    ['a Service', 'relay@relay-nodes.shop', {}],
    ['a name that is put together', '$(NODE)', { IP: field('status.hostIP'), NODE: 'relay@$(IP)' }],
  ])('fails where it ends in %s', (_, value, env) => {
    expect(named(value, env)).toHaveLength(1);
  });

  it.each([
    ["the pod's address", 'relay@$(MY_IP)', { MY_IP: field('status.podIP') }],
    ['one that is put together of it', '$(NODE)', { IP: field('status.podIP'), NODE: 'relay@$(IP)' }],
    ['what a Secret holds', 'relay@$(HOST)', { HOST: { secretKeyRef: { name: 'relay', key: 'host' } } }],
    ['the loopback interface', 'relay@127.0.0.1', {}],
  ])('leaves one alone that ends in %s', (_, value, env) => {
    expect(named(value, env)).toEqual([]);
  });

  it('knows that pods of a StatefulSet have names in DNS', () => {
    const env = { POD: field('metadata.name') };
    expect(named('relay@$(POD).relay.shop.svc.cluster.local', env, 'StatefulSet')).toEqual([]);
  });

  it('fails when they are below another Service than that of the set', () => {
    const set = (serviceName: string): string[] => {
      const { spec, ...rest } = relay(
        {
          POD: field('metadata.name'),
          RELEASE_DISTRIBUTION: 'name',
          RELEASE_NODE: 'relay@$(POD).ring',
          DNS_CLUSTER_QUERY: query,
        },
        {},
        { kind: 'StatefulSet' },
      );
      return saidOf(nodeIsItsPod, { ...rest, spec: { ...(spec as object), serviceName } });
    };
    expect(set('ring')).toEqual([]);
    expect(set('relay')).toEqual([
      expect.stringMatching(
        /or by the records of its StatefulSet <release>@\$\(POD_NAME\)\.relay\.[a-z-]+\.svc\.cluster\.local, below POD_NAME from metadata\.name/,
      ),
    ]);
  });

  it('looks at the variables that a cluster gives its nodes', () => {
    const named = { RELEASE_DISTRIBUTION: 'name', RELEASE_NODE: 'relay@$(ADDRESS)' };
    const faults = faultsOfShop({}, { ADDRESS: field('status.hostIP'), ...named });
    expect(faults.map((fault) => fault.replace(/.* \((.*)\)$/, '$1'))).toEqual(['node-is-its-pod']);
    expect(faultsOfShop({}, { ADDRESS: field('status.podIP'), ...named })).toEqual([]);
  });

  it('knows nothing of nodes that nobody looks up', () => {
    expect(judged(nodeIsItsPod, { RELEASE_DISTRIBUTION: 'name', RELEASE_NODE: 'relay@relay-0.example' })).toEqual([]);
  });
});

describe('hooks', () => {
  const hooked = (rule: Rule, hook: string, ...command: string[]): string[] =>
    judged(rule, node, { lifecycle: { [hook]: { exec: { command } } } });

  it.each([
    [['/srv/relay/bin/relay', 'stop']],
    [['sh', '-c', 'sleep 5; /srv/relay/bin/relay stop']],
    [['/srv/relay/bin/relay', 'rpc', 'System.stop()']],
    [['sh', '-c', 'kill -TERM 1']],
    [['/bin/bash', '-lc', 'cd /srv/relay/bin; ./relay stop']],
    [['sh', '-c', 'cd "/srv/relay/bin" && ./relay stop && sleep 3']],
  ])('fail where %j stops the node', (command) => {
    expect(hooked(hookStopsNode, 'preStop', ...command)).toHaveLength(1);
    expect(hooked(probeStartsVm, 'preStop', ...command)).toEqual([]);
  });

  it.each([
    ['preStop', ['/srv/relay/bin/relay', 'rpc', 'Relay.drain()']],
    ['preStop', ['elixir', '-e', 'IO.puts(1)']],
    ['preStop', ['sh', '-c', 'sleep 5; /usr/local/bin/erl -noshell -eval "relay:drain()."']],
    ['postStart', ['/bin/sh', '-c', 'cd /srv/relay && bin/relay eval "Relay.Release.migrate()"']],
  ])('fail where %s starts a VM by %j', (hook, command) => {
    expect(hooked(probeStartsVm, hook, ...command)).toHaveLength(1);
    expect(hooked(hookStopsNode, hook, ...command)).toEqual([]);
  });

  it.each([
    [['sleep', '10']],
    [['sh', '-c', 'echo "erl is gone" > /tmp/log; ./drain.sh stop']],
    [['sh', '-c', 'touch /tmp/draining && sleep 10']],
    [['sh', '-c', 'sleep 10; kill -TERM 1']],
  ])('may be %j', (command) => {
    expect([...hooked(hookStopsNode, 'preStop', ...command), ...hooked(probeStartsVm, 'preStop', ...command)]).toEqual([]);
  });

  it('may stop a VM of old, which knows no SIGTERM, after a sleep', () => {
    const stop = (command: string) =>
      judged(
        hookStopsNode,
        { REPLACE_OS_VARS: 'true' },
        { lifecycle: { preStop: { exec: { command: ['sh', '-c', command] } } } },
      );
    expect(stop('sleep 5; bin/relay stop')).toEqual([]);
    expect(stop('bin/relay stop')).toHaveLength(1);
  });
});
