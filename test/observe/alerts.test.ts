import { Duration } from 'cdk8s';
import { OptOut, telemetryMetrics, type AlertName, type StackFacts } from '../../lib/index';
import { ALERTS } from '../../lib/observe/alerts/settings';
import { facts, production } from '../support/stack';
import { read } from '../support/documents';
import { vary } from '../support/vary';
import { onCloudNativePg } from '../support/variants';
import { ALERT_CASES } from './alert-cases';
import { CLUSTER_CASES } from './cluster-cases';
import { alertsIn, groupsIn, measured, observe, seen, tried, watched } from './watched';

const all = Object.keys(ALERTS);

describe('an environment that has everything', () => {
  const { faults, objects } = tried(watched);

  test('is refused nowhere, and has every alert', () => {
    expect(faults).toEqual([]);
    expect(Object.keys(alertsIn(objects)).sort()).toEqual([...all].sort());
  });

  test('says of each what is seen, what to do and where to read on', () => {
    for (const [name, { annotations, labels }] of Object.entries(alertsIn(objects))) {
      expect({ name, ...annotations }).toEqual({
        name,
        summary: expect.stringMatching(/.{15}/) as string,
        description: expect.stringMatching(/.{60}\.$/) as string,
        runbook_url: `cdk8s-phoenix/docs/alerts.md#${name.toLowerCase()}`,
      });
      expect(labels).toEqual({ severity: ALERTS[name as AlertName].severity, application: 'kube-native' });
    }
  });

  test('asks for its own namespace alone, but for what is asked from outside', () => {
    const exprs = Object.entries(alertsIn(objects)).filter(([name]) => name !== 'SiteUnreachable');
    expect(exprs.filter(([, { expr }]) => !expr.includes('namespace="kube-native-staging"'))).toEqual([]);
  });

  test('computes ratios beforehand, those of days less often', () => {
    expect(groupsIn(objects).map(({ name, interval, rules }) => [name, interval, rules.length])).toEqual([
      ['kube-native-ratios', undefined, 6],
      ['kube-native-ratios-of-days', '2m', 8],
      ['kube-native-objective', undefined, 4],
      ['kube-native-reach', undefined, 4],
      ['kube-native-machine', undefined, 6],
      ['kube-native-pods', undefined, 4],
      ['kube-native-databases', undefined, 6],
      ['kube-native-delivery', undefined, 5],
      ['kube-native-queues', undefined, 2],
    ]);
  });
});

test('each alert is tried where it fires and where it is silent', () => {
  const { objects } = tried(onCloudNativePg, {}, facts);
  expect(Object.keys(ALERT_CASES).sort()).toEqual([...all].sort());
  expect(Object.keys(CLUSTER_CASES).sort()).toEqual(Object.keys(alertsIn(objects)).sort());
  for (const [name, { fires, silent }] of Object.entries({ ...ALERT_CASES, ...CLUSTER_CASES }))
    expect([name, fires.length > 0, silent.length > 0]).toEqual([name, true, true]);
});

test('docs/alerts.md has a section of each alert, and of no other', () => {
  const sections = [...read('docs/alerts.md').matchAll(/^### (\w+)$/gm)].map(([, name]) => name);
  const clusters = Object.keys(CLUSTER_CASES);
  expect(sections.filter((name) => !clusters.includes(String(name)))).toEqual(all);
  expect(sections.filter((name) => clusters.includes(String(name))).sort()).toEqual(clusters.sort());
});

test('docs/alerts.md says where `runbook_url` leads, with `runbooks` and without', () => {
  const urlWith = (runbooks?: string): unknown => {
    const { objects } = tried(seen, { observe: { ...observe, runbooks } });
    return (alertsIn(objects)['PodsRestart']?.['annotations'] as Record<string, string>)['runbook_url'];
  };
  const page = read('docs/alerts.md');
  const [, wiki = ''] = /runbooks: '([^']+)'/.exec(page) ?? [];
  expect(page).toContain(`\`${String(urlWith())}\``);
  expect(page).toContain(`runbook_url: ${String(urlWith(wiki))}\n`);
});

describe('only what is there is watched', () => {
  const alertsOf = (of: StackFacts, environment = vary(production, { monitoring: seen.monitoring, observe: {} })) => {
    const { faults, objects } = tried(environment, {}, of);
    expect(faults).toEqual([]);
    return Object.keys(alertsIn(objects));
  };
  const cluster = ['MemoryNearLimit', 'OutOfMemory', 'PodsRestart', 'MigrationFailed', 'GateWaits'];

  test('of an application that measures nothing, what the cluster measures', () => {
    expect(alertsOf(facts, vary(production, { observe: {} })).sort()).toEqual([...cluster].sort());
  });

  test('of one with names that nobody knows, also whether it is measured', () => {
    const of = { ...facts, application: { ...facts.application, metrics: { port: 9568 } } };
    expect(alertsOf(of).sort()).toEqual([...cluster, 'MetricsMissing', 'VersionsMixed'].sort());
  });

  test('of one with the list of docs/observe.md, all but the run queue', () => {
    const names = telemetryMetrics({ prefix: 'shop', oban: true });
    const of = { ...facts, application: { ...facts.application, metrics: { port: 9568, names } } };
    const expected = all.filter(
      (name) =>
        ![/^Latency/, /^Site/, /^RunQueue/, /^Nodes/, /^Backup/, /^Restore/, /^Task/, /^Certificate/, /^Database/].some((one) =>
          one.test(name),
        ),
    );
    expect(alertsOf(of).sort()).toEqual(expected.sort());
  });

  test('probes are not the traffic of users, unless they ask for the front page or a port of their own', () => {
    const ratio = (health: StackFacts['application']['health']): string => {
      const { objects } = tried(seen, {}, { ...measured, application: { ...measured.application, health } });
      return groupsIn(objects)[0]?.rules[0]?.expr ?? '';
    };
    expect(ratio({ ready: '/ready', live: '/live.json' })).toContain('path!~"/ready|/live\\\\.json"');
    expect(ratio({ ready: '/', frontPage: OptOut.because('it has no other route yet') })).not.toContain('path!~');
    expect(ratio({ ready: '/ready', port: 4002 })).not.toContain('path!~');
  });
});

describe('alerts are changed', () => {
  test('by name: severity, time and number, and left out with a reason', () => {
    const { faults, objects } = tried(seen, {
      observe: {
        ...observe,
        runbooks: 'https://wiki.example.com/alerts',
        alerts: {
          QueueBacklog: { threshold: 50, after: Duration.minutes(90), severity: 'critical' },
          OutOfMemory: { after: Duration.minutes(1) },
          BinariesGrow: OptOut.because('it works on pictures, which are binaries'),
          PodsRestart: { severity: 'info' },
        },
      },
    });
    expect(faults).toEqual([]);
    expect(alertsIn(objects)['PodsRestart']?.['labels']).toMatchObject({ severity: 'info' });
    const alerts = alertsIn(objects);
    expect(alerts['QueueBacklog']).toMatchObject({
      for: '1h30m',
      labels: { severity: 'critical' },
      annotations: { runbook_url: 'https://wiki.example.com/alerts#queuebacklog' },
    });
    expect(alerts['QueueBacklog']?.expr).toContain('> 50 and');
    expect(alerts['OutOfMemory']?.['for']).toBe('1m');
    expect(alerts['BinariesGrow']).toBeUndefined();
  });

  test('all are left out with a reason, which the metrics outlive', () => {
    const { faults, of } = tried(seen, { observe: { alerts: OptOut.because('the platform team has rules of its own') } });
    expect([faults, of('PrometheusRule'), of('PodMonitor').length]).toEqual([[], [], 1]);
  });

  test('fails when a number or a name is wrong', () => {
    const alerts = {
      PodsRestart: { threshold: 0 },
      MetricsMissing: { threshold: 3 },
      AtomsRunOut: { after: Duration.days(2) },
      PortsRunOut: OptOut.because('no'),
    };
    expect(tried(seen, { observe: { ...observe, alerts, runbooks: 'wiki/alerts#x' } }).faults).toEqual([
      "[45-observe/Alerts] 'observe.alerts.AtomsRunOut.after' must be whole seconds from 0s to 86400s, got 172800s; write Duration.seconds(30)",
      "[45-observe/Alerts] 'observe.alerts.MetricsMissing.threshold' must be left out for an alert that has no number of its own, got 3; leave it out: severity and after may be changed",
      "[45-observe/Alerts] 'observe.alerts.PodsRestart.threshold' must be 1 to 1000, restarts of a container in an hour, got 0; omit it to use 3",
      '[45-observe/Alerts] \'observe.alerts.PortsRunOut\' must give a reason of 10 or more characters, got "no"; write one sentence that a reviewer would accept',
      "[45-observe/Alerts] 'observe.runbooks' must be an address without a fragment, got \"wiki/alerts#x\"; write 'https://wiki.example.com/alerts'",
    ]);
    expect(() => tried(seen, { observe: { alerts: { PodRestarts: {} } as object } })).toThrow(
      /observe\.alerts\.PodRestarts.*PodsRestart/,
    );
  });
});

describe('what is said of an alert that is not there fails', () => {
  const nothing: StackFacts = { ...facts, application: { ...facts.application, metrics: { port: 9568 } } };
  const bare = vary(production, { monitoring: seen.monitoring, observe: {} });
  const refused = (name: string, needs: string): string =>
    `[45-observe/Alerts] 'observe.alerts.${name}' must be an alert that is there, got "${name}"; remove it, or add what it needs: ${needs}`;

  test('with what it needs', () => {
    const alerts = {
      QueueBacklog: { threshold: 50 },
      NodesApart: { severity: 'critical' },
      TaskOverdue: { after: Duration.minutes(5) },
      SiteUnreachable: OptOut.because('the platform team asks from outside'),
      PodsRestart: { threshold: 5 },
    } as const;
    expect(tried(bare, { observe: { alerts } }, nothing).faults).toEqual([
      refused('NodesApart', "pods that are nodes of one cluster, and 'clusterNodes' in 'metrics.names' of the application"),
      refused(
        'QueueBacklog',
        "the queues of Oban in 'metrics.names' of the application, which the plugin Oban of PromEx measures",
      ),
      refused('SiteUnreachable', "'uptime', which asks from outside"),
      refused('TaskOverdue', 'a task with a schedule that is not suspended'),
    ]);
  });

  test('for each of them, and for none where all is there', () => {
    const { objects } = tried(bare, {}, nothing);
    const there = Object.keys(alertsIn(objects));
    const alerts = Object.fromEntries(all.map((name) => [name, { severity: 'info' as const }]));
    const { faults } = tried(bare, { observe: { alerts } }, nothing);
    expect(faults.map((fault) => /'observe\.alerts\.(\w+)'/.exec(fault)?.[1])).toEqual(
      all.filter((name) => !there.includes(name)).sort(),
    );
    expect(tried(watched, { observe: { ...observe, alerts } }).faults).toEqual([]);
  });

  test('once what it is about is made later, it is there', () => {
    const alerts = { TaskOverdue: { severity: 'info' as const } };
    expect(tried(seen, { observe: { ...observe, alerts } }).faults).toHaveLength(1);
    const tasks = { nightly: { schedule: '0 4 * * *', run: 'Shop.run()' } };
    expect(tried(seen, { observe: { ...observe, alerts }, tasks, quota: undefined }).faults).toEqual([]);
  });
});

describe('a promise', () => {
  test('fails when no bucket measures it, or no alert could', () => {
    const objective = { availability: 90, latency: { within: Duration.millis(200), share: 100 } };
    expect(tried(seen, { observe: { objective } }).faults).toEqual([
      "[45-observe/Alerts] 'observe.objective.availability' must be percent, 95 to 99.999: of less the fast alert could never fire, of more it fires at a single request, got 90; write 99.9",
      "[45-observe/Alerts] 'observe.objective.latency.share' must be percent, 95 to 99.999: of less the fast alert could never fire, of more it fires at a single request, got 100; write 99.9",
      "[45-observe/Alerts] 'observe.objective.latency.within' must be a bound of the histogram kube_native_prom_ex_phoenix_http_request_duration_milliseconds: 10, 100, 500, 1000, 5000, 10000, 30000 milliseconds, got 0.2s; write one of them: what lies between two bounds is not measured",
    ]);
  });

  test('fails when nobody measures requests', () => {
    const { faults } = tried(vary(production, { observe: { objective: { availability: 99.5 } } }), {}, facts);
    expect(faults).toEqual([expect.stringContaining("'observe.objective' must be promised of requests that are measured")]);
  });

  test('is kept in seconds where the histogram is', () => {
    const custom = {
      requests: {
        count: 'http_total',
        duration: { name: 'http_seconds', unit: 'seconds' as const, buckets: [0.25, 1] },
        route: 'route',
        status: 'code',
      },
    };
    const of = { ...facts, application: { ...facts.application, metrics: { port: 9568, names: custom } } };
    const expr = (millis: number) => {
      const objective = { latency: { within: Duration.millis(millis), share: 99 } };
      const { faults, objects } = tried(seen, { observe: { objective } }, of);
      expect(faults).toEqual([]);
      return groupsIn(objects)[0]
        ?.rules.slice(0, 2)
        .map((rule) => rule.expr)
        .join('\n');
    };
    expect(expr(250)).toContain('le="0.25"');
    expect(expr(1000)).toContain('le=~"1(\\\\.0)?"');
    expect(expr(1000)).toContain('route!~"/ready",code=~"5.."');
  });
});
