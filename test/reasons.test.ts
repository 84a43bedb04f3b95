import { ApiObject, App, Chart, Testing } from 'cdk8s';
import { Checks, OptOut, Probe, render, rules, type Manifest, type NamedEnvironment } from '../lib/index';
import { build, development, production, staging } from './support/stack';
import { vary } from './support/vary';

/** The reasons in the YAML of an environment, by kind and name of the object. */
function reasonsOf(environment: NamedEnvironment): Record<string, string> {
  const app = build(environment);
  expect(render(app).faults).toEqual([]);
  const objects = [...Checks.of(app).manifests.values()];
  return Object.fromEntries(
    objects.flatMap((one): [string, string][] => {
      const note = noteOf(one);
      return note === undefined ? [] : [[named(one), note]];
    }),
  );
}

const noteOf = ({ metadata }: Manifest): string | undefined =>
  metadata.annotations?.['cdk8s-phoenix/opt-outs'] as string | undefined;
const named = ({ kind, metadata }: Manifest): string => `${String(kind)} ${String(metadata.name).replace(/-[0-9a-f]{10}$/, '')}`;

describe('the reason of an opt-out', () => {
  test('stands at the object that it concerns, and nowhere else', () => {
    expect(reasonsOf(development)).toEqual({
      'Secret kube-native': 'literal-secrets: nothing real is behind them',
      'Secret kube-native-postgresql': 'literal-secrets: nothing real is behind them',
      'StatefulSet kube-native-postgresql': 'backup: seeds and migrations make it again',
      'Job kube-native-migrate': expect.stringMatching(/^image-digest: the image is rebuilt/),
      'Deployment kube-native': expect.stringMatching(/^image-digest: the image is rebuilt/),
    });
  });

  test('stands once where several things have it, and in a line of its own beside another', () => {
    const { 'Deployment kube-native': web, 'Deployment kube-native-worker': worker } = reasonsOf(
      vary(staging, {
        beam: OptOut.because('sessions are in the database,\n  and nothing is published'),
        migrations: { gate: OptOut.because('a colleague migrates by hand') },
        web: {
          probes: {
            startup: Probe.tcp({ port: 'http' }),
            readiness: Probe.http({ path: '/ready' }),
            liveness: OptOut.because('a watchdog inside restarts it'),
          },
        },
      }),
    );
    expect(web?.split('\n').sort()).toEqual([
      'beam: sessions are in the database, and nothing is published',
      'migrations.gate: a colleague migrates by hand',
      'web.probes.liveness: a watchdog inside restarts it',
    ]);
    expect(worker).toMatch(/^workers\.worker\.probes\.readiness, workers\.worker\.probes\.liveness: /);
  });

  test('stands at the namespace where the thing makes no object', () => {
    const { 'Namespace kube-native-production': namespace } = reasonsOf(
      vary(production, {
        database: {
          managed: {
            host: 'db.example.com',
            connections: 190,
            cidr: '10.0.0.0/16',
            tls: OptOut.because('the network between them is encrypted'),
          },
        },
      }),
    );
    expect(namespace?.split('\n')).toContain('database.managed.tls: the network between them is encrypted');
  });

  test('is there in every way to synthesize, and once after two of them', () => {
    const app = new App();
    const chart = new Chart(app, 'chart');
    const object = new ApiObject(chart, 'Pod', { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'one' }, spec: {} });
    Checks.of(app).add({
      name: 'never-pods',
      sentence: 'There is no Pod.',
      why: 'Nobody starts it again.',
      source: 'https://kubernetes.io/docs/concepts/workloads/pods/',
      *find({ objects }) {
        for (const one of objects) yield { object: one, field: 'kind', must: 'not be a Pod', got: 'Pod', fix: 'write a Job' };
      },
    });
    for (const { name } of rules) Checks.of(app).leaveOut(name, OptOut.because('one object alone is no environment'));
    Checks.of(app).leaveOut('never-pods', OptOut.because('it shows something to a visitor'), object);
    Testing.synth(chart);
    const notes = (Testing.synth(chart) as Manifest[]).map(noteOf);
    expect(notes).toEqual([expect.stringContaining('never-pods: it shows something to a visitor')]);
    expect(notes[0]?.match(/never-pods/g)).toHaveLength(1);
  });
});
