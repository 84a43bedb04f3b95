import { App, JsonPatch } from 'cdk8s';
import { buildEnvironment, Checks, OptOut, patch, render, type HealthPaths, type NamedEnvironment } from '../../lib/index';
import { facts, production } from '../support/stack';
import { saidOf } from '../support/said';
import { vary } from '../support/vary';
import { readinessOwnPath } from '../../lib/checks/rollout/readiness';

/** What is said of readiness, and what stands at the web pods, with these paths. */
function asked(health: HealthPaths, environment: NamedEnvironment = production, patched?: JsonPatch) {
  const app = new App();
  const amend: NamedEnvironment['amend'] = ({ release }) =>
    patched && patch(release.web.deployment, 'somebody edits it by hand', patched);
  buildEnvironment(app, { application: { ...facts.application, health } }, vary(environment, { amend }));
  const faults = render(app).faults.filter((fault) => /readiness-own-path|frontPage/.test(fault));
  const web = [...Checks.of(app).manifests.values()].find(({ kind }) => kind === 'Deployment');
  return { faults, note: web?.['metadata'].annotations?.['cdk8s-phoenix/opt-outs'] as string | undefined };
}
const frontPage = OptOut.because('the route for probes comes with the next release');

describe('readiness of two pods or more', () => {
  test('is not asked by the front page', () => {
    expect(asked({ ready: '/' }).faults).toEqual([
      expect.stringMatching(
        /^\[30-phoenix\/Release\/Web\/Deployment\] 'spec\.template\.spec\.containers\[0\]\.readinessProbe\.httpGet\.path' must be a path for probes, got "\/"; add a route/,
      ),
    ]);
    expect(asked({ ready: '/?from=kubelet' }).faults).toHaveLength(1);
  });

  test('may be for a reason, which the YAML shows', () => {
    expect(asked({ ready: '/', frontPage })).toEqual({
      faults: [],
      note: 'readiness-own-path: the route for probes comes with the next release',
    });
    expect(asked({ ready: '/', frontPage: OptOut.because('') }).faults.join()).toMatch(
      /'application\.health\.frontPage' must give a reason of 10 or more characters/,
    );
  });

  test('has no reason beside another path', () => {
    expect(asked({ ready: '/ready', frontPage }).faults).toEqual([
      expect.stringMatching(
        /'application\.health\.frontPage' must be left out where 'ready' is another path, got "\/ready"; remove it/,
      ),
    ]);
  });

  test.each<[string, HealthPaths]>([
    ['a path of its own', { ready: '/health/ready' }],
    ['a listener of its own, whatever its path', { ready: '/', port: 4002 }],
  ])('may be %s', (_, health) => expect(asked(health)).toEqual({ faults: [], note: undefined }));

  test("is nobody else's matter: one pod, and programs that are no release", () => {
    const { replicas: _, ...web } = production.web;
    const alone = { ...production, web: { ...web, replicas: 1 } } as NamedEnvironment;
    expect(asked({ ready: '/' }, alone).faults).toEqual([]);
    const container = {
      name: 'site',
      image: 'docker.io/library/nginx:1.29',
      readinessProbe: { httpGet: { path: '/', port: 80 } },
    };
    const template = { metadata: { labels: { app: 'site' } }, spec: { containers: [container] } };
    const site = {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'site' },
      spec: { replicas: 3, selector: { matchLabels: { app: 'site' } }, template },
    };
    expect(saidOf(readinessOwnPath, site)).toEqual([]);
  });

  test('is found where somebody writes it by hand', () => {
    const path = '/spec/template/spec/containers/0/readinessProbe/httpGet/path';
    expect(asked({ ready: '/health' }, production, JsonPatch.replace(path, '/')).faults).toHaveLength(1);
  });
});
