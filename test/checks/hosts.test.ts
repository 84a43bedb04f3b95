import { ApiObject, App, Chart, JsonPatch } from 'cdk8s';
import { hostClaimedOnce } from '../../lib/checks/hosts/claims';
import { hostHasCertificate } from '../../lib/checks/hosts/tls';
import { listenerTakesHost, phxHostRouted, validHosts } from '../../lib/checks/hosts/hosts';
import type { Rule, World } from '../../lib/checks/rule';
import { environments } from '../support/stack';
import { patch, type Manifest } from '../../lib/index';
import { faultsOf } from '../support/environments';
import { staging } from '../support/alone';

const hostRules = [validHosts, hostClaimedOnce, phxHostRouted, hostHasCertificate, listenerTakesHost];

const HOST = 'staging.kube-native.example.com';
const NETWORKING = 'networking.k8s.io/v1';
const GATEWAY = 'gateway.networking.k8s.io/v1';

/** What one rule finds in staging with further objects, by their ids. */
function foundWith(rule: Rule, objects: Record<string, Manifest>, ...operations: JsonPatch[]): string[] {
  const faults = faultsOf(staging, ({ release }, app) => {
    if (operations.length > 0) patch(release.web.deployment, 'a change that somebody might make', ...operations);
    const extra = new Chart(app, '40-public', { namespace: staging.namespace, disableResourceNameHashes: true });
    for (const [id, { apiVersion, kind, metadata, ...rest }] of Object.entries(objects)) {
      new ApiObject(extra, id, { apiVersion, kind, ...rest, metadata: { name: id, ...metadata } });
    }
  });
  return faults.filter((fault) => fault.endsWith(`(${rule.name})`));
}

function ingress(hosts: readonly (string | undefined)[], spec: Manifest = {}, path = '/'): Manifest {
  const backend = { service: { name: 'kube-native', port: { name: 'http' } } };
  const rules = hosts.map((host) => ({ host, http: { paths: [{ path, pathType: 'Prefix', backend }] } }));
  return { apiVersion: NETWORKING, kind: 'Ingress', spec: { rules, ...spec } };
}

function route(hostnames: readonly string[], spec: Manifest = {}): Manifest {
  const rules = [{ backendRefs: [{ name: 'kube-native', port: 80 }] }];
  return { apiVersion: GATEWAY, kind: 'HTTPRoute', spec: { parentRefs: [{ name: 'gateway' }], hostnames, rules, ...spec } };
}

function gateway(...listeners: Manifest[]): Manifest {
  return { apiVersion: GATEWAY, kind: 'Gateway', spec: { listeners } };
}

function certificate(secretName: string, ...dnsNames: string[]): Manifest {
  return { apiVersion: 'cert-manager.io/v1', kind: 'Certificate', spec: { secretName, dnsNames } };
}

describe('hosts', () => {
  test.each(environments.map((environment) => [environment.name, environment] as const))('agree in %s', (_name, environment) => {
    const names = hostRules.map(({ name }) => `(${name})`);
    expect(faultsOf(environment).filter((fault) => names.some((name) => fault.endsWith(name)))).toEqual([]);
  });

  test.each(hostRules)('agree in an environment with an Ingress: $name', (rule) => {
    const tls = [{ hosts: [HOST], secretName: 'web-tls' }];
    expect(foundWith(rule, { web: ingress([HOST], { tls }), certificate: certificate('web-tls', HOST) })).toEqual([]);
  });

  test.each(hostRules)('agree in an environment with a Gateway: $name', (rule) => {
    const listener = { name: 'https', hostname: '*.example.com', tls: { certificateRefs: [{ name: 'web-tls' }] } };
    const objects = { gateway: gateway(listener), web: route([HOST]), certificate: certificate('web-tls', HOST) };
    expect(foundWith(rule, objects)).toEqual([]);
  });

  test('survive whatever a malformed object holds', () => {
    const construct = new ApiObject(new Chart(new App(), 'any'), 'any', { apiVersion: 'v1', kind: 'Any' });
    const broken = [
      undefined,
      null,
      7,
      'text',
      [],
      [null, 7, 'text', [], { hosts: 7, name: [] }],
      {},
      { name: 7, hosts: [null] },
    ];
    const kinds = [
      'Ingress',
      'HTTPRoute',
      'GRPCRoute',
      'Gateway',
      'Certificate',
      'DNSEndpoint',
      'Service',
      'ConfigMap',
      'Deployment',
    ];
    const objects = kinds.flatMap((kind) =>
      broken.flatMap((part) => [
        { construct, manifest: { kind, metadata: part, spec: part, data: part } },
        { construct, manifest: { kind, spec: { rules: part, tls: part, listeners: part, hostnames: part, parentRefs: part } } },
        { construct, manifest: { kind, spec: { dnsNames: part, endpoints: part, secretName: 'x', selector: part } } },
        { construct, manifest: { kind, spec: { rules: [{ host: part, http: part, backendRefs: part, matches: part }] } } },
        { construct, manifest: { kind, spec: { template: { spec: { containers: [{ env: part, envFrom: part }] } } } } },
      ]),
    );
    const apiVersions = [undefined, NETWORKING, GATEWAY, 'cert-manager.io/v1'];
    const all = apiVersions.flatMap((apiVersion) =>
      objects.map(({ manifest }) => ({ construct, manifest: { apiVersion, ...manifest } })),
    );
    const world: World = { objects: all, kubernetes: '1.30', externals: [], databases: [], previous: [] };
    for (const rule of hostRules) expect(() => [...rule.find(world)]).not.toThrow();
  });
});

describe('valid-hosts', () => {
  const words = 'must be a DNS name in lower case, without scheme, port or path';

  test.each(['localhost:4000', 'https://example.com', 'Example.com', '10.0.0.1', 'app.*.dev', '*', 'a..example.com'])(
    'fails when a host is %s',
    (host) => {
      expect(foundWith(validHosts, { web: ingress([host]) })).toEqual([
        `[40-public/web] 'spec.rules[0].host' ${words}, got "${host}"; write it as app.example.com or *.example.com (valid-hosts)`,
      ]);
    },
  );

  test('fails wherever a host stands', () => {
    const endpoints = [{ dnsName: 'no host', targets: ['192.0.2.1'] }];
    const annotations = { 'external-dns.alpha.kubernetes.io/hostname': `${HOST}, no host` };
    const faults = foundWith(validHosts, {
      a: ingress([], { tls: [{ hosts: ['no host'] }] }),
      b: route(['no host']),
      c: gateway({ name: 'https', hostname: 'no host' }),
      d: certificate('web-tls', HOST, 'no host'),
      e: { apiVersion: 'externaldns.k8s.io/v1alpha1', kind: 'DNSEndpoint', spec: { endpoints } },
      f: { ...ingress([HOST]), metadata: { annotations } },
    });
    expect(faults.map((fault) => fault.slice(0, fault.indexOf(' must'))).sort()).toEqual([
      `[40-public/a] 'spec.tls[0].hosts[0]'`,
      `[40-public/b] 'spec.hostnames[0]'`,
      `[40-public/c] 'spec.listeners[0].hostname'`,
      `[40-public/d] 'spec.dnsNames[1]'`,
      `[40-public/e] 'spec.endpoints[0].dnsName'`,
      `[40-public/f] 'metadata.annotations["external-dns.alpha.kubernetes.io/hostname"]'`,
    ]);
  });

  test('accepts wildcards, single labels and the records of services', () => {
    const endpoints = [{ dnsName: '_dmarc.example.com', recordType: 'TXT' }];
    const records = { apiVersion: 'externaldns.k8s.io/v1alpha1', kind: 'DNSEndpoint', spec: { endpoints } };
    expect(foundWith(validHosts, { web: ingress(['*.example.com', 'localhost']), records })).toEqual([]);
  });
});

describe('host-claimed-once', () => {
  test('fails when two Ingresses claim one path of a host', () => {
    expect(foundWith(hostClaimedOnce, { one: ingress([HOST]), two: ingress([HOST]) })).toEqual([
      `[40-public/two] 'spec.rules[0].host' must not claim what the Ingress of [40-public/one] claims, got "${HOST}/"; change the host or the path of one of the two, or make one object of both (host-claimed-once)`,
    ]);
  });

  test('lets them share a host by path or by class', () => {
    const classes = {
      one: ingress([HOST], { ingressClassName: 'public' }),
      two: ingress([HOST], { ingressClassName: 'inside' }),
    };
    expect(foundWith(hostClaimedOnce, classes)).toEqual([]);
    expect(foundWith(hostClaimedOnce, { one: ingress([HOST]), two: ingress([HOST], {}, '/admin') })).toEqual([]);
  });

  test('fails when two routes claim one path of a host', () => {
    expect(foundWith(hostClaimedOnce, { one: route([HOST]), two: route(['example.com', HOST]) })).toEqual([
      `[40-public/two] 'spec.hostnames[1]' must not claim what the HTTPRoute of [40-public/one] claims, got "${HOST}/"; change the host or the path of one of the two, or make one object of both (host-claimed-once)`,
    ]);
  });

  test('lets one route redirect to the other', () => {
    const parents = (sectionName: string) => ({ parentRefs: [{ name: 'gateway', sectionName }] });
    expect(foundWith(hostClaimedOnce, { one: route([HOST], parents('http')), two: route([HOST], parents('https')) })).toEqual([]);
  });

  test('fails when two objects make the same record', () => {
    const record = (recordType: string) => ({
      apiVersion: 'externaldns.k8s.io/v1alpha1',
      kind: 'DNSEndpoint',
      spec: { endpoints: [{ dnsName: HOST, recordType }] },
    });
    expect(foundWith(hostClaimedOnce, { one: record('A'), two: record('A'), three: record('AAAA') })).toEqual([
      `[40-public/two] 'spec.endpoints[0].dnsName' must not claim what the DNSEndpoint of [40-public/one] claims, got "A ${HOST}"; change the host or the path of one of the two, or make one object of both (host-claimed-once)`,
    ]);
  });
});

describe('phx-host-routed', () => {
  const fault = (hosts: string) =>
    `[30-phoenix/Release/Web/Deployment] 'spec.template.spec.containers[0].env.PHX_HOST' must be one of the hosts that lead to its pod, ${hosts}, got "${HOST}"; give the application and the route the same host: Phoenix refuses sockets from any other (phx-host-routed)`;

  test('fails when the Ingress is for another host', () => {
    expect(foundWith(phxHostRouted, { web: ingress(['kube-native.example.com', 'www.example.com']) })).toEqual([
      fault('kube-native.example.com, www.example.com'),
    ]);
  });

  test('fails when the route is for another host', () => {
    expect(foundWith(phxHostRouted, { web: route(['kube-native.example.com']) })).toEqual([fault('kube-native.example.com')]);
  });

  test('fails when a route without hosts takes those of its listener', () => {
    const objects = { gateway: gateway({ name: 'https', hostname: 'kube-native.example.com' }), web: route([]) };
    expect(foundWith(phxHostRouted, objects)).toEqual([fault('kube-native.example.com')]);
  });

  test('fails when a wildcard would have to stand for two labels', () => {
    expect(foundWith(phxHostRouted, { web: ingress(['*.kube-native.example.com']) })).toEqual([]);
    expect(foundWith(phxHostRouted, { web: ingress(['*.example.com']) })).toEqual([fault('*.example.com')]);
  });

  test('accepts other hosts beside its own, and a route for all', () => {
    expect(foundWith(phxHostRouted, { web: ingress(['kube-native.example.com', HOST]) })).toEqual([]);
    expect(foundWith(phxHostRouted, { web: ingress(['kube-native.example.com', undefined]) })).toEqual([]);
  });

  test('reads the variable of the container before that of the ConfigMap', () => {
    const host = JsonPatch.add('/spec/template/spec/containers/0/env/-', { name: 'PHX_HOST', value: 'kube-native.example.com' });
    expect(foundWith(phxHostRouted, { web: ingress(['kube-native.example.com']) }, host)).toEqual([]);
  });
});

describe('host-has-certificate', () => {
  const tls = (...hosts: string[]) => ({ tls: [{ hosts, secretName: 'web-tls' }] });
  const covered = { certificate: certificate('web-tls', '*.example.com', 'example.com') };

  test('fails when a host of an Ingress is not in its tls', () => {
    expect(foundWith(hostHasCertificate, { web: ingress(['example.com', 'www.example.com'], tls('example.com')) })).toEqual([
      `[40-public/web] 'spec.rules[1].host' must be among the hosts of spec.tls, example.com, got "www.example.com"; add it to spec.tls (host-has-certificate)`,
    ]);
  });

  test('fails when the certificate is for other names', () => {
    expect(foundWith(hostHasCertificate, { ...covered, web: ingress([HOST], tls('www.example.com', HOST)) })).toEqual([
      `[40-public/web] 'spec.tls[0].hosts[1]' must be named by its certificate, which is for *.example.com, example.com, got "${HOST}"; add it to dnsNames of the Certificate; a wildcard stands for one label (host-has-certificate)`,
    ]);
  });

  test('says nothing without TLS, or of certificates from elsewhere', () => {
    expect(foundWith(hostHasCertificate, { ...covered, web: ingress([HOST]) })).toEqual([]);
    expect(foundWith(hostHasCertificate, { web: ingress([HOST], tls(HOST)) })).toEqual([]);
    expect(foundWith(hostHasCertificate, { web: ingress([HOST], { tls: [{ secretName: 'web-tls' }] }) })).toEqual([]);
  });

  const listener = (hostname?: string) => ({ name: 'https', hostname, tls: { certificateRefs: [{ name: 'web-tls' }] } });

  test('fails when the certificate of a listener is for other names', () => {
    expect(foundWith(hostHasCertificate, { ...covered, gateway: gateway(listener(HOST)) })).toEqual([
      `[40-public/gateway] 'spec.listeners[0].hostname' must be named by its certificate, which is for *.example.com, example.com, got "${HOST}"; add it to dnsNames of the Certificate; a wildcard stands for one label (host-has-certificate)`,
    ]);
  });

  test.each([undefined, '*.example.com'])(
    'fails when a route takes a host of the listener %s that has no certificate',
    (hostname) => {
      const objects = { ...covered, gateway: gateway(listener(hostname)), web: route(['www.example.com', HOST]) };
      expect(foundWith(hostHasCertificate, objects)).toEqual([
        `[40-public/web] 'spec.hostnames[1]' must be named by its certificate, which is for *.example.com, example.com, got "${HOST}"; add it to dnsNames of the Certificate; a wildcard stands for one label (host-has-certificate)`,
      ]);
    },
  );
});

describe('listener-takes-host', () => {
  test('fails when no listener is for the host of a route', () => {
    const listeners = [{ name: 'https', hostname: 'kube-native.example.com' }];
    expect(foundWith(listenerTakesHost, { gateway: gateway(...listeners), web: route([HOST]) })).toEqual([
      `[40-public/web] 'spec.hostnames[0]' must be taken by a listener of its Gateway, which are for kube-native.example.com, got "${HOST}"; correct the host, or add a listener for it (listener-takes-host)`,
    ]);
  });

  test('lets a wildcard of a listener stand for several labels', () => {
    const wildcard = gateway({ name: 'https', hostname: '*.example.com' });
    expect(foundWith(listenerTakesHost, { gateway: wildcard, web: route([HOST]) })).toEqual([]);
    expect(foundWith(listenerTakesHost, { gateway: wildcard, web: route(['example.com']) })).toHaveLength(1);
  });

  test('says nothing of a listener for all hosts, or of a Gateway elsewhere', () => {
    expect(foundWith(listenerTakesHost, { gateway: gateway({ name: 'https' }), web: route([HOST]) })).toEqual([]);
    expect(foundWith(listenerTakesHost, { web: route([HOST]) })).toEqual([]);
  });
});
