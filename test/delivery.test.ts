import { ApiObject, type App, Duration } from 'cdk8s';
import { hookNeeds } from '../lib/checks/references/hook-needs';
import { immutableFields } from '../lib/checks/changes/immutable-fields';
import { environments } from './support/stack';
import { Checks, postgresLink, render, type Manifest, type MigrationJob } from '../lib/index';
import { declare } from '../lib/support/declare';
import { production, staging } from './support/alone';
import { chart, release } from './support/chart';
import { faultsOf } from './support/environments';
import { add, said } from './support/said';
import { vary } from './support/vary';

const hook = (name: string, weight = 0) => ({ 'helm.sh/hook': name, 'helm.sh/hook-weight': `${weight}` });

/** Makes a hook of objects of the environment, as the delivery does. */
function asHook(found: readonly ApiObject[], annotations: Readonly<Record<string, string>>): void {
  for (const object of found) {
    for (const [name, value] of Object.entries(annotations)) object.metadata.addAnnotation(name, value);
  }
}

/** What a job runs with: its account and its scripts. */
function besideOf({ node, serviceAccount }: MigrationJob): ApiObject[] {
  const scripts = node
    .findChild('Scripts')
    .node.findAll()
    .filter((one) => ApiObject.isApiObject(one));
  return [serviceAccount, ...scripts];
}

describe('hook-needs', () => {
  test('says nothing of our environments', () => {
    for (const environment of environments) {
      expect(faultsOf(environment).filter((fault) => fault.includes(`(${hookNeeds.name})`))).toEqual([]);
    }
  });

  test('fails when the database, the account or the scripts are made by the install that waits for the job', () => {
    expect(said(hookNeeds, ({ migration }) => asHook(migration ? [migration.job] : [], hook('pre-install,pre-upgrade')))).toEqual(
      [
        "[20-migrate/Migration/Job] 'spec.template.spec.initContainers[0].env.DATABASE_URL' must lead to a database that is there before the install, got \"kube-native-postgresql-rw.kube-native-staging.svc.cluster.local\"; run the database outside of the chart, or deliver by 'argo' or 'flux' (hook-needs)",
        "[20-migrate/Migration/Job] 'spec.template.spec.serviceAccountName' must name a ServiceAccount that is there before the install, got \"kube-native-migrate\"; make the ServiceAccount before, outside of the chart, or deliver by 'argo' or 'flux' (hook-needs)",
        expect.stringMatching(
          /'spec\.template\.spec\.volumes\[1\]\.configMap\.name' must name a ConfigMap that is there before the install/,
        ),
      ],
    );
  });

  test('fails when a Secret comes with the chart', () => {
    const secrets = { literal: { SECRET_KEY_BASE: 'x'.repeat(64), RELEASE_COOKIE: 'x' } };
    const faults = faultsOf(vary(production, { secrets }), ({ migration }) => {
      if (!migration) return;
      asHook([migration.job], hook('pre-install'));
      asHook(besideOf(migration), hook('pre-install', -5));
    });
    const found = faults.filter((fault) => fault.endsWith(`(${hookNeeds.name})`));
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(
      /^\[20-migrate\/Migration\/Job\] 'spec\.template\.spec\.containers\[0\]\.env\[\d+\]\.valueFrom\.secretKeyRef\.name' and 1 more must name a Secret that is there before the install, got "kube-native"; make the Secret before, outside of the chart, or deliver by 'argo' or 'flux' \(hook-needs\)$/,
    );
  });

  test.each([
    ['a hook of the upgrade alone', 'pre-upgrade'],
    ['a hook after the install', 'post-install,post-upgrade'],
  ])('lets %s use all that there is', (_, name) => {
    expect(said(hookNeeds, ({ migration }) => asHook(migration ? [migration.job] : [], hook(name)))).toEqual([]);
  });

  test('lets a hook use what was there before, and hooks of a lower weight', () => {
    const faults = faultsOf(production, ({ migration }) => {
      if (!migration) return;
      asHook([migration.job], hook('pre-install,pre-upgrade'));
      asHook(besideOf(migration), hook('pre-install,pre-upgrade', -5));
    });
    expect(faults).toEqual([]);
  });

  test('bears objects by hand that say nothing, or nonsense', () => {
    const annotations = { ...hook('pre-install'), 'helm.sh/hook-weight': 'heavy' };
    const pod = (spec: unknown): Manifest => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'odd', annotations }, spec });
    for (const spec of [{ containers: 7, serviceAccountName: {} }, { containers: [{ env: 'x' }] }]) {
      expect(said(hookNeeds, (charts) => add(charts, pod(spec)))).toEqual([]);
    }
  });
});

describe('a hook that changes', () => {
  const job = (image: string, annotations?: Record<string, string>): Manifest => ({
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: 'odd', annotations, namespace: staging.namespace },
    spec: { template: { spec: { restartPolicy: 'Never', containers: [{ name: 'odd', image }] } } },
  });
  const changed = (annotations?: Record<string, string>) =>
    said(immutableFields, (charts, app) => {
      Checks.of(app).previous = [job('a:1', annotations)];
      add(charts, job('a:2', annotations));
    });

  test('is made anew, so nothing of it is frozen', () => {
    expect(changed({ 'argocd.argoproj.io/hook': 'Sync' })).toEqual([]);
    expect(changed(hook('pre-upgrade'))).toEqual([]);
  });

  test('is refused where it is no hook', () => {
    expect(changed()).toHaveLength(1);
  });
});

test('the connections of a gate are gone when those of its pod are opened', () => {
  const budget = (migrationGate?: Duration): readonly string[] => {
    const tried = chart();
    const address = { host: 'db.example.com', port: 5432, database: 'shop', user: 'shop', connections: 29 };
    const database = postgresLink({ ...address, password: { secret: 'db', key: 'password' } });
    declare(tried, { databases: [{ host: address.host, connections: address.connections }] });
    release(tried, { database, migrationGate });
    return render(tried.node.root as App).faults.filter((fault) => fault.endsWith('(connection-budget)'));
  };
  expect(budget(Duration.minutes(5))).toHaveLength(1);
  expect(budget(Duration.minutes(5))).toEqual(budget());
});
