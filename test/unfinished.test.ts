import { ApiObject, App, Chart, JsonPatch, Lazy } from 'cdk8s';
import type { Construct } from 'constructs';
import { Checks, Deployer, ImageDeployer, NetworkFence, patch, render } from '../lib/index';
import { release } from './support/chart';

const FAULT = `must hold plain data, got "not known yet"; look at the values that were passed for it`;

/** An object whose value nobody can say, beside a release. */
function unfinished(scope: Construct, kind: string): ApiObject {
  const value = Lazy.any({
    produce: () => {
      throw new Error('not known yet');
    },
  });
  return new ApiObject(scope, 'Odd', { apiVersion: 'v1', kind, metadata: { name: 'odd' }, value });
}

function shop(): Chart {
  const chart = new Chart(new App(), 'shop', { namespace: 'shop', disableResourceNameHashes: true });
  release(chart);
  return chart;
}

function faultsOf({ node: { root } }: Chart): readonly string[] {
  return render(root as App).faults;
}

describe('an object that cannot be finished is told once, at it,', () => {
  test('when it has a patch', () => {
    const chart = shop();
    patch(unfinished(chart, 'ConfigMap'), 'wanted by the team of search', JsonPatch.add('/data', { a: 'b' }));
    expect(faultsOf(chart)).toEqual([`[shop/Odd] 'ConfigMap' ${FAULT}`]);
  });

  test('when it is a Secret of an App that names its cluster', () => {
    const chart = shop();
    Checks.of(chart).cluster = 'live';
    unfinished(chart, 'Secret');
    expect(faultsOf(chart)).toEqual([`[shop/Odd] 'Secret' ${FAULT}`]);
  });

  test('when others read it: deployers, and a fence that looks for what is behind a Service', () => {
    const chart = shop();
    new Deployer(chart, 'Deployer', { name: 'shop', subjects: [{ group: 'shop' }] });
    const image = `registry.example.com/kube-native@sha256:${'a'.repeat(64)}`;
    new ImageDeployer(chart, 'Images', { name: 'shop', image, subjects: [{ group: 'shop' }] });
    new NetworkFence(chart, 'Fence', { clients: [{ namespace: 'gateway' }] });
    unfinished(chart, 'Service');
    expect(faultsOf(chart)).toContain(`[shop/Odd] 'Service' ${FAULT}`);
    expect(faultsOf(chart).filter((fault) => fault.includes('plain data'))).toHaveLength(1);
  });
});

test.each([undefined, 'ConfigMap/odd', []])('fails when toJson of a class returns %j', (json) => {
  class Odd extends ApiObject {
    override toJson(): unknown {
      return json;
    }
  }
  const chart = shop();
  new Odd(chart, 'Odd', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'odd' } });
  const [fault, ...others] = faultsOf(chart);
  expect(fault).toMatch(/^\[shop\/Odd\] 'ConfigMap' must hold plain data, got .*; have its 'toJson' return the object$/);
  expect(others).toEqual([]);
});

test('several deployers of one chart do not read each other', () => {
  const chart = shop();
  const { role } = new Deployer(chart, 'Deployer', { name: 'shop', subjects: [{ group: 'shop' }] });
  const alone: unknown = role.toJson();
  new Deployer(chart, 'Search', { name: 'search', subjects: [{ group: 'search' }] });
  expect(faultsOf(chart).filter((fault) => fault.includes('plain data'))).toEqual([]);
  expect(role.toJson()).toEqual(alone);
});
