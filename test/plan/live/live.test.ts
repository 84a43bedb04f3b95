import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { live, type LiveOptions } from '../../../lib/command/live';
import { differences, type Difference } from '../../../lib/plan/difference';
import { usualMode } from '../../../lib/plan/live/appliance';
import { driftOf } from '../../../lib/plan/live/drift';
import { map, maps, valueAt } from '../../../lib/model/values';
import { readYaml } from '../../../lib/support/read-yaml';
import type { Manifest } from '../../../lib/support/edit';

// `output/shop` as an API server has kept it: applied once (fresh), changed by hand (drifted), and applied once more (reapplied),
// for server-side applies also with --force-conflicts (forced). Written by `kubectl get`, without status, times and addresses.
const cluster = (state: string): string => join(__dirname, 'cluster', `${state}.yaml`);
const dist = join(__dirname, 'output');
const options: LiveOptions = { format: 'text', dist, live: 'shop' };

function objectsOf(state: string): Manifest[] {
  return (readYaml(readFileSync(cluster(state), 'utf8')) as Manifest[]).flatMap(({ items }) => items as Manifest[]);
}

const written = readYaml(readFileSync(join(dist, 'shop/shop.k8s.yaml'), 'utf8')) as Manifest[];

function find(objects: readonly Manifest[], kind: string, name: string): Manifest {
  const found = objects.find((one) => one['kind'] === kind && map(one['metadata'])['name'] === name);
  if (!found) throw new Error(`no ${kind} ${name}`);
  return found;
}

/** The first container of a Deployment. */
function container(deployment: Manifest): Manifest {
  const [first] = maps(valueAt(deployment, 'spec.template.spec.containers'));
  if (!first) throw new Error('no container');
  return first;
}

/** An object of the API server without what tells who wrote it. */
function content(object: Manifest): Manifest {
  const { managedFields: _, annotations = {}, ...metadata } = object['metadata'] as Manifest;
  const others = Object.entries(annotations as Manifest).filter(
    ([name]) => !/^(?:kubectl|deployment)\.kubernetes\.io\//.test(name),
  );
  return { ...object, metadata: { ...metadata, annotations: Object.fromEntries(others) } };
}

/** The file with some changes, as it would have been saved after them. */
function saved(state: string, change: (objects: Manifest[]) => void): string {
  const objects = objectsOf(state);
  change(objects);
  const file = join(mkdtempSync(join(tmpdir(), 'live-')), 'live.json');
  writeFileSync(file, JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }));
  return file;
}

function textOf(from: string, more: Partial<LiveOptions> = {}): string {
  const { faults, text } = live({ ...options, from, ...more });
  expect(faults).toEqual([]);
  return text;
}

describe('what is in the cluster', () => {
  test.each(['client-fresh', 'server-fresh'])('is no drift right after an apply: %s', (state) => {
    expect(textOf(cluster(state))).toBe('shop is in the cluster as it is written: 12 objects\n');
  });

  test.each(['client-drifted', 'server-drifted', 'client-reapplied', 'server-reapplied', 'server-forced'])(
    'is told with whoever changed it: %s',
    (state) => {
      expect(textOf(cluster(state))).toMatchSnapshot();
    },
  );

  test.each(['client', 'server'])('is after the next apply what it was told to be: %s', (mode) => {
    const [before, after] = [objectsOf(`${mode}-drifted`), objectsOf(`${mode}-reapplied`)];
    const usual = usualMode(before);
    expect(usual).toBe(mode);
    const compared = written.flatMap((one) => {
      const names = [String(one['kind']), String(map(one['metadata'])['name'])] as const;
      if (names[0] === 'Job') return [];
      const [was, is] = [find(before, ...names), find(after, ...names)];
      const { applied } = driftOf(one, was, { isScaled: names.join() === 'Deployment,worker', usual });
      // What is filled in again in a list that is replaced as a whole.
      const isFilledIn = ({ was: old, is: now }: Difference): boolean => old === undefined && now === 'TCP';
      return [{ names, wrong: differences(content(applied), content(is)).filter((each) => !isFilledIn(each)) }];
    });
    expect(compared).toHaveLength(11);
    expect(compared.filter(({ wrong }) => wrong.length > 0)).toEqual([]);
  });

  test('is written back by --force-conflicts, but for what others have added', () => {
    expect(textOf(cluster('server-forced'))).not.toMatch(/Changed by others|Not applied yet|refused/);
  });

  test('is the same in each form', () => {
    const { environments } = JSON.parse(textOf(cluster('client-drifted'), { format: 'json' })) as {
      environments: { name: string; differing: number; live: Record<string, unknown[]> }[];
    };
    expect(environments).toMatchObject([{ name: 'shop', objects: 12, differing: 12 }]);
    expect(textOf(cluster('client-drifted'), { format: 'markdown' })).toContain(
      '- CronJob sweep: kubectl apply leaves it\n  - suspend added: true, by kubectl-patch\n',
    );
  });

  test('shows no secret that somebody has put there', () => {
    for (const state of ['client-drifted', 'server-drifted'])
      for (const format of ['text', 'markdown', 'json']) expect(textOf(cluster(state), { format })).not.toContain('a-token');
    const file = saved('client-drifted', (objects) => {
      const web = container(find(objects, 'Deployment', 'shop'));
      web['command'] = ['/app/bin/shop', 'start', '--token', 'q3z8Jf92LmXc71PqWv5t'];
      find(objects, 'ConfigMap', 'shop')['data'] = { PORT: 'ecto://shop:q3z8Jf92LmXc71PqWv5t@db/shop' };
    });
    expect(textOf(file)).not.toContain('q3z8Jf92');
    expect(textOf(file)).toContain('containers[web].command changed');
  });

  test('is no drift where an autoscaler that is written sets replicas, and is told where it is not written', () => {
    const isScaled = { isScaled: true, usual: 'client' } as const;
    const worker = find(objectsOf('client-drifted'), 'Deployment', 'worker');
    expect(worker['spec'].replicas).toBe(3);
    const paths = driftOf(find(written, 'Deployment', 'worker'), worker, isScaled).fields.map(({ path }) => path);
    expect(paths).not.toContain('spec.replicas');
    const fixed = structuredClone(find(written, 'Deployment', 'worker'));
    fixed['spec'].replicas = 2;
    // As the API server writes down what an autoscaler does.
    (map(worker['metadata'])['managedFields'] as Manifest[]).push({
      manager: 'kube-controller-manager',
      operation: 'Update',
      subresource: 'scale',
      fieldsV1: { 'f:spec': { 'f:replicas': {} } },
    });
    const { fields } = driftOf(fixed, worker, { isScaled: false, usual: 'client' });
    expect(fields.find(({ path }) => path === 'spec.replicas')).toMatchObject({ cause: 'scaled', fate: 'back', live: 3 });
  });

  test('is compared with what was applied last, to tell what is new from what was changed', () => {
    const deployment = structuredClone(find(written, 'Deployment', 'shop'));
    const web = container(deployment);
    web['image'] = 'registry.example.com/shop:2.0.0';
    web['env'] = [];
    const there = find(objectsOf('client-fresh'), 'Deployment', 'shop');
    const { fields, applied } = driftOf(deployment, there, { isScaled: false, usual: 'client' });
    expect(fields.map(({ path, cause, fate }) => [path.replace(/.*containers/, ''), cause, fate])).toEqual([
      ['[web].image', 'pending', 'back'],
      ['[web].env[POD_IP]', 'pending', 'back'],
      ['[web].env[LOG_LEVEL]', 'pending', 'back'],
    ]);
    expect(container(applied)).toMatchObject({ image: 'registry.example.com/shop:2.0.0', env: [] });
  });

  test('tells what the API server refuses to change', () => {
    const file = saved('client-fresh', (objects) => {
      const [claim] = maps(valueAt(find(objects, 'StatefulSet', 'postgresql'), 'spec.volumeClaimTemplates'));
      map(valueAt(claim, 'spec.resources.requests'))['storage'] = '5Gi';
    });
    expect(textOf(file)).toContain('StatefulSet postgresql: kubectl apply is refused, and changes nothing of it\n');
    expect(textOf(file)).toContain('StatefulSet postgresql is refused by the API server');
  });

  test('is another cluster where nothing of it is there', () => {
    const file = saved('client-fresh', (objects) => {
      for (const one of objects) one['metadata'].namespace = 'other';
    });
    expect(textOf(file)).toMatchSnapshot();
  });

  test('is read as the version that is written', () => {
    const file = saved('client-fresh', (objects) => {
      find(objects, 'HorizontalPodAutoscaler', 'worker')['apiVersion'] = 'autoscaling/v1';
    });
    expect(textOf(file)).toContain(
      '  Not compared\n    HorizontalPodAutoscaler worker: it was read as autoscaling/v1, and is written as autoscaling/v2\n',
    );
  });
});
