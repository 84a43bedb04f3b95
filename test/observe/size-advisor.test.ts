import { Size } from 'cdk8s';
import { clusterNeeds, render, SizeAdvisor } from '../../lib/index';
import { chart, objects as objectsIn, refusals } from '../support/chart';
import { build, facts, production, staging } from '../support/stack';
import { vary, type Variation } from '../support/vary';
import { tried } from './watched';

const sized = (environment: typeof staging | typeof production, change = {}) =>
  tried(vary(environment, { observe: { sizes: true }, ...change }), {}, facts);

test('web pods and workers are measured, and none is changed', () => {
  const { faults, of, files } = sized(production);
  expect(faults).toEqual([]);
  expect(of('VerticalPodAutoscaler').map(({ metadata, spec }) => [metadata.name as unknown, spec as unknown])).toEqual(
    ['kube-native', 'kube-native-worker'].map((name) => [
      name,
      { targetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name }, updatePolicy: { updateMode: 'Off' } },
    ]),
  );
  // A bare Off is the boolean false to the parser of Kubernetes.
  expect(files.get('45-observe.k8s.yaml')).toContain('updateMode: "Off"');
});

test('pods that keep their names are, too', () => {
  const stateful = { volume: { path: '/ledger', storage: Size.gibibytes(1) } };
  const { faults, of } = sized(staging, { web: { stateful } });
  expect(faults).toEqual([]);
  expect(of('VerticalPodAutoscaler').map(({ spec }) => String(spec.targetRef.kind))).toEqual(['StatefulSet', 'Deployment']);
});

test('without the word there is nothing', () => {
  const { of } = tried(vary(staging, { observe: {} }), {}, facts);
  expect(of('VerticalPodAutoscaler')).toEqual([]);
});

test('what must be in the cluster is told', () => {
  const besideOf = (change: Variation): string[] => {
    const app = build(vary(staging, change));
    render(app);
    return [...clusterNeeds(app).beside];
  };
  expect(besideOf({ observe: { sizes: true } })).toContain(
    'the VerticalPodAutoscaler with metrics-server, for the sizes of kube-native, kube-native-worker; its recommender gives advice',
  );
  expect(besideOf({}).join()).not.toContain('VerticalPodAutoscaler');
});

test('one stands in a chart of its own', () => {
  const tried = chart();
  const advisor = new SizeAdvisor(tried, 'Sizes', { name: 'search', application: 'shop', kind: 'StatefulSet' });
  expect(advisor.autoscaler.name).toBe('search');
  expect(objectsIn(tried)).toMatchObject([{ kind: 'VerticalPodAutoscaler', spec: { targetRef: { kind: 'StatefulSet' } } }]);
});

test('fails when the name is none', () => {
  const tried = chart();
  new SizeAdvisor(tried, 'Sizes', { name: 'Search', application: 'shop' });
  expect(refusals(tried)).toEqual([expect.stringContaining("'name' must")]);
});
