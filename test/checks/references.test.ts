import { ApiObject, App, Chart, JsonPatch } from 'cdk8s';
import { backendExists } from '../../lib/checks/references/routes';
import {
  claimExists,
  configReference,
  gatewayExists,
  issuerExists,
  priorityClassExists,
  roleExists,
  scaleTargetExists,
  secretReference,
  secretStoreExists,
  serviceAccountExists,
  sourceNames,
} from '../../lib/checks/references/existing';
import { governingService, selectorFindsPods } from '../../lib/checks/references/services';
import { portNames } from '../../lib/checks/references/ports';
import type { Rule, World } from '../../lib/checks/rule';
import { environments } from '../support/stack';
import { type Charts, Checks, patch, type External, type Manifest } from '../../lib/index';
import { faultsOf } from '../support/environments';
import { staging } from '../support/alone';

const referenceRules = [
  ...[configReference, secretReference, serviceAccountExists, claimExists, priorityClassExists, backendExists, gatewayExists],
  ...[governingService, portNames, scaleTargetExists, roleExists, issuerExists, secretStoreExists, selectorFindsPods],
];

const WEB = '30-phoenix/Release/Web/Deployment';
const POD = '/spec/template/spec';
const CONTAINER = `${POD}/containers/0`;
const INSTANCE = 'app.kubernetes.io/instance';

/** What one rule finds in staging after a change. */
function found(rule: Rule, change: (charts: Charts, app: App) => void): string[] {
  return faultsOf(staging, change).filter((fault) => fault.endsWith(`(${rule.name})`));
}

/** What one rule finds in staging with a patched web Deployment. */
function foundInWeb(rule: Rule, ...operations: JsonPatch[]): string[] {
  return found(rule, ({ release }) => patch(release.web.deployment, 'a change that somebody might make', ...operations));
}

/** What one rule finds in staging with further objects, by their ids; the externals are declared first. */
function foundWith(rule: Rule, objects: Record<string, Manifest>, ...externals: External[]): string[] {
  return found(rule, (_charts, app) => {
    Checks.of(app).provide(...externals);
    add(app, objects);
  });
}

function add(app: App, objects: Record<string, Manifest>): void {
  const extra = new Chart(app, '40-extra', { namespace: staging.namespace, disableResourceNameHashes: true });
  for (const [id, { apiVersion, kind, metadata, ...rest }] of Object.entries(objects)) {
    new ApiObject(extra, id, { apiVersion, kind, ...rest, metadata: { name: id, ...metadata } });
  }
}

const secretVariable = (name: string, key: string, optional?: boolean) =>
  JsonPatch.add(`${CONTAINER}/env/-`, { name: 'MAILER_KEY', valueFrom: { secretKeyRef: { name, key, optional } } });

describe('references', () => {
  test.each(environments.map((environment) => [environment.name, environment] as const))(
    'all lead somewhere in %s',
    (_name, environment) => {
      const names = referenceRules.map(({ name }) => `(${name})`);
      expect(faultsOf(environment).filter((fault) => names.some((name) => fault.endsWith(name)))).toEqual([]);
    },
  );

  const broken = [undefined, null, 7, 'text', [], [null, 7, 'text', []], {}, { name: 7, selector: [], ports: {}, rules: [null] }];
  const kinds = [
    'Deployment',
    'Service',
    'Ingress',
    'HTTPRoute',
    'Gateway',
    'RoleBinding',
    'Certificate',
    'ExternalSecret',
  ].concat(
    ...['SealedSecret', 'Cluster', 'Pooler', 'StatefulSet', 'HorizontalPodAutoscaler', 'NetworkPolicy', 'ServiceMonitor'],
    ...['PodMonitor', 'PodDisruptionBudget', 'Secret', 'ConfigMap', 'Issuer'],
  );

  test('survive whatever a malformed object holds', () => {
    const construct = new ApiObject(new Chart(new App(), 'any'), 'any', { apiVersion: 'v1', kind: 'Any' });
    const objects = kinds.flatMap((kind) =>
      broken.flatMap((part) => [
        { construct, manifest: { kind, metadata: part, spec: part, data: part, subjects: part, roleRef: part } },
        { construct, manifest: { kind, spec: { template: { metadata: part, spec: { containers: part, volumes: part } } } } },
        {
          construct,
          manifest: { kind, spec: { template: { spec: { containers: [{ env: part, envFrom: part, ports: part }] } } } },
        },
        { construct, manifest: { kind, spec: { rules: part, tls: part, listeners: part, parentRefs: part, selector: part } } },
      ]),
    );
    const world: World = { objects, kubernetes: '1.30', externals: [], databases: [], previous: [] };
    for (const rule of referenceRules) expect(() => [...rule.find(world)]).not.toThrow();
  });
});

describe('source-names', () => {
  const flag = (configMapKeyRef: Manifest) => ({
    name: 'FLAG',
    valueFrom: { configMapKeyRef: { optional: true, ...configMapKeyRef } },
  });

  test('fails when an optional variable, or all of an optional Secret, is asked for by a name that there cannot be', () => {
    const faults = foundInWeb(
      sourceNames,
      JsonPatch.add(`${CONTAINER}/env/-`, flag({ name: 'shop_flags', key: 'beta users' })),
      JsonPatch.add(`${CONTAINER}/envFrom/-`, { secretRef: { name: 'Mailer', optional: true } }),
    );
    expect(faults.map((fault) => fault.replace(`[${WEB}] 'spec.template.spec.containers[0].`, ''))).toEqual([
      `envFrom[1].secretRef.name' must be a name that a Secret can have: lower-case letters, digits, '-' and '.', got "Mailer"; write the name of the Secret (source-names)`,
      `env[3].valueFrom.configMapKeyRef.key' must be a key that a ConfigMap can have: letters, digits, '-', '_' and '.', got "beta users"; write the key of the ConfigMap (source-names)`,
      `env[3].valueFrom.configMapKeyRef.name' must be a name that a ConfigMap can have: lower-case letters, digits, '-' and '.', got "shop_flags"; write the name of the ConfigMap (source-names)`,
    ]);
  });

  test('fails when an optional file can never be there, which the API server does not see', () => {
    const items = [{ key: '../passwd', path: 'passwd' }];
    const volumes = [
      { name: 'tls', secret: { secretName: 'tls/web', optional: true } },
      { name: 'all', projected: { sources: [{ configMap: { name: 'flags', items, optional: true } }] } },
    ];
    const faults = foundInWeb(sourceNames, ...volumes.map((volume) => JsonPatch.add(`${POD}/volumes/-`, volume)));
    expect(faults).toEqual([
      expect.stringContaining(`volumes[1].secret.secretName' must be a name that a Secret can have`),
      expect.stringContaining(`volumes[2].projected.sources[0].configMap.items[0].key' must be a key that a ConfigMap can have`),
    ]);
  });

  test('explains why there is none of that name', () => {
    const wrong = JsonPatch.add(`${CONTAINER}/env/-`, flag({ name: 'Flags', key: 'a', optional: false }));
    const faults = faultsOf(staging, ({ release }) => patch(release.web.deployment, 'a flag of the shop', wrong));
    expect(faults).toEqual([expect.stringMatching(/got "Flags"; .*\(source-names\)$/)]);
  });

  test('lets an optional one be missing, with any key that a file can have', () => {
    const flags = ['beta_users', '.hidden', 'App.conf', 'a..b'].map((key) => flag({ name: 'flags.shop', key }));
    const variables = flags.map((variable, index) => JsonPatch.add(`${CONTAINER}/env/-`, { ...variable, name: `FLAG_${index}` }));
    expect(faultsOf(staging, ({ release }) => patch(release.web.deployment, 'flags of the shop', ...variables))).toEqual([]);
  });
});

describe('config-reference', () => {
  test('fails when a ConfigMap is renamed and its reader is not', () => {
    expect(foundInWeb(configReference, JsonPatch.replace(`${CONTAINER}/envFrom/0/configMapRef/name`, 'kube-native'))).toEqual([
      `[${WEB}] 'spec.template.spec.containers[0].envFrom[0].configMapRef.name' must name a ConfigMap that exists, got "kube-native"; correct the name, add the ConfigMap, or declare it with Checks.of(app).provide({ kind: 'ConfigMap', name: 'kube-native' }) (config-reference)`,
    ]);
  });

  test('fails when a file is made from a key that the ConfigMap does not have', () => {
    const volume = { name: 'settings', configMap: { name: 'settings', items: [{ key: 'app.exs', path: 'app.exs' }] } };
    const faults = found(configReference, ({ release }, app) => {
      add(app, { settings: { apiVersion: 'v1', kind: 'ConfigMap', data: { 'app.toml': '' } } });
      patch(release.web.deployment, 'settings as a file', JsonPatch.add(`${POD}/volumes/-`, volume));
    });
    expect(faults).toEqual([
      `[${WEB}] 'spec.template.spec.volumes[1].configMap.items[0].key' must name a key of the ConfigMap "settings", got "app.exs"; use one of app.toml, or add the key (config-reference)`,
    ]);
  });

  test('lets the cluster provide its own certificates, and others what is declared', () => {
    const sources = [{ configMap: { name: 'kube-root-ca.crt' } }, { configMap: { name: 'trust-bundle' } }];
    const faults = found(configReference, ({ release }, app) => {
      Checks.of(app).provide({ kind: 'ConfigMap', name: 'trust-bundle' });
      patch(release.web.deployment, 'authorities', JsonPatch.add(`${POD}/volumes/-`, { name: 'ca', projected: { sources } }));
    });
    expect(faults).toEqual([]);
  });
});

describe('secret-reference', () => {
  test('fails when a variable comes from a Secret that nobody makes', () => {
    expect(foundInWeb(secretReference, secretVariable('mailer', 'KEY'))).toEqual([
      expect.stringMatching(
        /^\[30-phoenix\/Release\/Web\/Deployment\] 'spec\.template\.spec\.containers\[0\]\.env\[\d+\]\.valueFrom\.secretKeyRef\.name' must name a Secret that exists, got "mailer"; correct the name, add the Secret, or declare it with Checks\.of\(app\)\.provide\(\{ kind: 'Secret', name: 'mailer' \}\) \(secret-reference\)$/,
      ),
    ]);
  });

  test('fails when a key is none of those that were declared', () => {
    expect(foundInWeb(secretReference, secretVariable('kube-native', 'SECRET_KEY'))).toEqual([
      expect.stringMatching(
        /must name a key of the Secret "kube-native", got "SECRET_KEY"; use one of SECRET_KEY_BASE.*, or add the key/,
      ),
    ]);
  });

  test('is quiet about what may be missing', () => {
    expect(foundInWeb(secretReference, secretVariable('mailer', 'KEY', true))).toEqual([]);
  });

  test('fails when the login to a registry is missing', () => {
    expect(foundInWeb(secretReference, JsonPatch.add(`${POD}/imagePullSecrets`, [{ name: 'registry' }]))).toEqual([
      `[${WEB}] 'spec.template.spec.imagePullSecrets[0].name' must name a Secret that exists, got "registry"; correct the name, add the Secret, or declare it with Checks.of(app).provide({ kind: 'Secret', name: 'registry' }) (secret-reference)`,
    ]);
  });

  const tls = [{ hosts: [staging.web.host], secretName: 'web-tls' }];
  const ingress = { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', spec: { tls } };

  test('fails when nobody issues the certificate of an Ingress', () => {
    expect(foundWith(secretReference, { web: ingress })).toEqual([
      `[40-extra/web] 'spec.tls[0].secretName' must name a Secret that exists, got "web-tls"; correct the name, add the Secret, or declare it with Checks.of(app).provide({ kind: 'Secret', name: 'web-tls' }) (secret-reference)`,
    ]);
  });

  test('takes a certificate from a Certificate or from an annotation', () => {
    const certificate = { apiVersion: 'cert-manager.io/v1', kind: 'Certificate', spec: { secretName: 'web-tls' } };
    const annotations = { 'cert-manager.io/cluster-issuer': 'letsencrypt' };
    expect(foundWith(secretReference, { web: ingress, certificate })).toEqual([]);
    expect(foundWith(secretReference, { web: { ...ingress, metadata: { annotations } } })).toEqual([]);
  });

  const operators: Record<string, Manifest> = {
    ExternalSecret: { apiVersion: 'external-secrets.io/v1', spec: { target: { name: 'mailer' }, data: [{ secretKey: 'KEY' }] } },
    SealedSecret: { apiVersion: 'bitnami.com/v1alpha1', metadata: { name: 'mailer' }, spec: { encryptedData: { KEY: 'AgB' } } },
  };

  test.each(Object.keys(operators))('takes a Secret and its keys from this kind: %s', (kind) => {
    const keysRead = (key: string) =>
      found(secretReference, ({ release }, app) => {
        add(app, { source: { ...operators[kind], kind } });
        patch(release.web.deployment, 'mails are sent', secretVariable('mailer', key));
      });
    expect(keysRead('KEY')).toEqual([]);
    expect(keysRead('TOKEN')).toEqual([
      expect.stringContaining('must name a key of the Secret "mailer", got "TOKEN"; use one of KEY'),
    ]);
  });

  test('takes the Secrets of a CloudNativePG cluster, each with its keys', () => {
    const read = (name: string, key: string, spec: Manifest = {}) =>
      found(secretReference, ({ release }, app) => {
        add(app, { database: { apiVersion: 'postgresql.cnpg.io/v1', kind: 'Cluster', spec } });
        patch(release.web.deployment, 'another database', secretVariable(name, key));
      });
    expect(read('database-app', 'uri')).toEqual([]);
    expect(read('database-ca', 'ca.crt')).toEqual([]);
    expect(read('database-superuser', 'password', { enableSuperuserAccess: true })).toEqual([]);
    expect(read('database-superuser', 'password')).toHaveLength(1);
    expect(read('database-app', 'url')).toEqual([expect.stringContaining('got "url"; use one of username,')]);
    expect(read('database-app', 'uri', { bootstrap: { initdb: { secret: { name: 'owner' } } } })).toHaveLength(2);
  });
});

describe('service-account-exists', () => {
  test('fails when a pod runs as an account that is missing', () => {
    expect(foundInWeb(serviceAccountExists, JsonPatch.replace(`${POD}/serviceAccountName`, 'web'))).toEqual([
      `[${WEB}] 'spec.template.spec.serviceAccountName' must name a ServiceAccount that exists, got "web"; correct the name, add the ServiceAccount, or declare it with Checks.of(app).provide({ kind: 'ServiceAccount', name: 'web' }) (service-account-exists)`,
    ]);
  });

  test('knows that every namespace has the account default', () => {
    expect(foundInWeb(serviceAccountExists, JsonPatch.replace(`${POD}/serviceAccountName`, 'default'))).toEqual([]);
  });
});

describe('role-exists', () => {
  const binding = (roleRef: Manifest, subject: string): Manifest => ({
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'RoleBinding',
    roleRef,
    subjects: [{ kind: 'ServiceAccount', name: subject, namespace: staging.namespace }],
  });

  test('fails when a binding grants a Role that is missing', () => {
    expect(foundWith(roleExists, { peers: binding({ kind: 'Role', name: 'list-pods' }, 'kube-native') })).toEqual([
      `[40-extra/peers] 'roleRef.name' must name a Role that exists, got "list-pods"; correct the name, add the Role, or declare it with Checks.of(app).provide({ kind: 'Role', name: 'list-pods' }) (role-exists)`,
    ]);
  });

  test('knows the roles of every cluster, and no others', () => {
    const bindings = { a: binding({ kind: 'ClusterRole', name: 'view' }, 'x'), b: binding({ kind: 'Role', name: 'view' }, 'x') };
    expect(foundWith(roleExists, bindings)).toEqual([expect.stringContaining('[40-extra/b]')]);
  });

  test('leaves it to another rule that a subject is missing', () => {
    expect(foundWith(serviceAccountExists, { peers: binding({ kind: 'ClusterRole', name: 'view' }, 'web') })).toEqual([
      `[40-extra/peers] 'subjects[0].name' must name a ServiceAccount that exists, got "web"; correct the name, add the ServiceAccount, or declare it with Checks.of(app).provide({ kind: 'ServiceAccount', name: 'web' }) (service-account-exists)`,
    ]);
  });
});

describe('claim-exists', () => {
  const volume = (claimName: string) =>
    JsonPatch.add(`${POD}/volumes/-`, { name: 'uploads', persistentVolumeClaim: { claimName } });

  test('fails when a volume is claimed by nobody', () => {
    expect(foundInWeb(claimExists, volume('uploads'))).toEqual([
      `[${WEB}] 'spec.template.spec.volumes[1].persistentVolumeClaim.claimName' must name a PersistentVolumeClaim that exists, got "uploads"; correct the name, add the PersistentVolumeClaim, or declare it with Checks.of(app).provide({ kind: 'PersistentVolumeClaim', name: 'uploads' }) (claim-exists)`,
    ]);
  });

  test('knows the claims that a StatefulSet makes', () => {
    expect(foundInWeb(claimExists, volume('data-kube-native-postgresql-0'))).toEqual([]);
    expect(foundInWeb(claimExists, volume('data-kube-native-postgresql-1'))).toHaveLength(1);
  });
});

describe('priority-class-exists', () => {
  const high = JsonPatch.add(`${POD}/priorityClassName`, 'high');

  test('fails when the class of a pod is missing', () => {
    expect(foundInWeb(priorityClassExists, high)).toEqual([
      `[${WEB}] 'spec.template.spec.priorityClassName' must name a PriorityClass that exists, got "high"; correct the name, add the PriorityClass, or declare it with Checks.of(app).provide({ kind: 'PriorityClass', name: 'high' }) (priority-class-exists)`,
    ]);
  });

  test('is satisfied with a declared class', () => {
    const faults = found(priorityClassExists, ({ release }, app) => {
      Checks.of(app).provide({ kind: 'PriorityClass', name: 'high' });
      patch(release.web.deployment, 'goes last', high);
    });
    expect(faults).toEqual([]);
  });
});

describe('governing-service', () => {
  const rename = (name: string) => (charts: Charts) => {
    if (charts.postgres.single)
      patch(charts.postgres.single.statefulSet, 'a typing error', JsonPatch.replace('/spec/serviceName', name));
  };

  test('fails when the Service of a StatefulSet is missing', () => {
    expect(found(governingService, rename('postgres'))).toEqual([
      `[10-postgres/Single/StatefulSet] 'spec.serviceName' must name a Service that exists, got "postgres"; correct the name, add the Service, or declare it with Checks.of(app).provide({ kind: 'Service', name: 'postgres' }) (governing-service)`,
    ]);
  });

  test('fails when it has an address of its own', () => {
    expect(found(governingService, rename('kube-native'))).toEqual([
      `[10-postgres/Single/StatefulSet] 'spec.serviceName' must name a headless Service, got "kube-native"; set clusterIP to 'None' in that Service, or add a headless one beside it (governing-service)`,
    ]);
  });
});

describe('backend-exists', () => {
  const ingress = (service: Manifest): Manifest => ({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    spec: { rules: [{ http: { paths: [{ path: '/', pathType: 'Prefix', backend: { service } }] } }] },
  });
  const route = (backendRef: Manifest): Manifest => ({
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'HTTPRoute',
    spec: { rules: [{ backendRefs: [backendRef] }] },
  });

  test('fails when an Ingress leads to a Service that is missing', () => {
    expect(foundWith(backendExists, { web: ingress({ name: 'web', port: { name: 'http' } }) })).toEqual([
      `[40-extra/web] 'spec.rules[0].http.paths[0].backend.service.name' must name a Service that exists, got "web"; correct the name, add the Service, or declare it with Checks.of(app).provide({ kind: 'Service', name: 'web' }) (backend-exists)`,
    ]);
  });

  test('fails when the Service does not have the port', () => {
    expect(foundWith(backendExists, { web: ingress({ name: 'kube-native', port: { number: 4000 } }) })).toEqual([
      `[40-extra/web] 'spec.rules[0].http.paths[0].backend.service.port.number' must be a port of the Service "kube-native", got 4000; use one of http (80), or add the port to the Service (backend-exists)`,
    ]);
    expect(foundWith(backendExists, { web: route({ name: 'kube-native', port: 4000 }) })).toEqual([
      `[40-extra/web] 'spec.rules[0].backendRefs[0].port' must be a port of the Service "kube-native", got 4000; use one of http (80), or add the port to the Service (backend-exists)`,
    ]);
  });

  test('accepts the port by name and by number', () => {
    expect(foundWith(backendExists, { web: ingress({ name: 'kube-native', port: { name: 'http' } }) })).toEqual([]);
    expect(foundWith(backendExists, { web: route({ name: 'kube-native', port: 80 }) })).toEqual([]);
  });
});

describe('gateway-exists', () => {
  const route = (parent: Manifest): Manifest => ({
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'HTTPRoute',
    spec: { parentRefs: [parent] },
  });
  const gateway = { apiVersion: 'gateway.networking.k8s.io/v1', kind: 'Gateway', spec: { listeners: [{ name: 'https' }] } };

  test('fails when a route belongs to a Gateway that nobody knows', () => {
    expect(foundWith(gatewayExists, { web: route({ name: 'shared', namespace: 'infra' }) })).toEqual([
      `[40-extra/web] 'spec.parentRefs[0].name' must name a Gateway that exists, got "shared"; correct the name, add the Gateway, or declare it with Checks.of(app).provide({ kind: 'Gateway', name: 'shared' }) (gateway-exists)`,
    ]);
  });

  test('accepts a declared Gateway of another namespace', () => {
    const shared = { kind: 'Gateway', name: 'shared' };
    expect(
      foundWith(gatewayExists, { web: route({ name: 'shared', namespace: 'infra', sectionName: 'https' }) }, shared),
    ).toEqual([]);
  });

  test('fails when the Gateway has no such listener', () => {
    expect(foundWith(gatewayExists, { gateway, web: route({ name: 'gateway', sectionName: 'web' }) })).toEqual([
      `[40-extra/web] 'spec.parentRefs[0].sectionName' must name a listener of the Gateway "gateway", got "web"; use one of https, or add the listener (gateway-exists)`,
    ]);
  });

  test('does not take the Gateway of a service mesh for one', () => {
    const mesh = { ...gateway, apiVersion: 'networking.istio.io/v1' };
    expect(foundWith(gatewayExists, { gateway: mesh, web: route({ name: 'gateway' }) })).toHaveLength(1);
  });
});

describe('port-names', () => {
  test('fails when a probe asks a port that its container does not name', () => {
    expect(foundInWeb(portNames, JsonPatch.replace(`${CONTAINER}/readinessProbe/httpGet/port`, 'web'))).toEqual([
      `[${WEB}] 'spec.template.spec.containers[0].readinessProbe.httpGet.port' must name a TCP port of its container, got "web"; use one of http, or name the container's port so (port-names)`,
    ]);
  });

  test('fails when a Service leads to a port that its pods do not have', () => {
    const spec = { selector: { [INSTANCE]: 'kube-native' }, ports: [{ port: 9568, targetPort: 'metrics' }] };
    expect(foundWith(portNames, { metrics: { apiVersion: 'v1', kind: 'Service', spec } })).toEqual([
      `[40-extra/metrics] 'spec.ports[0].targetPort' must name a TCP port of the pods that it selects, got "metrics"; use one of http, or name the container's port so (port-names)`,
    ]);
  });

  test('fails when a monitor asks for a port that nothing has', () => {
    const monitoring = { apiVersion: 'monitoring.coreos.com/v1' };
    const selector = { matchLabels: { [INSTANCE]: 'kube-native' } };
    const service = { ...monitoring, kind: 'ServiceMonitor', spec: { selector, endpoints: [{ port: 'metrics' }] } };
    const pod = { ...monitoring, kind: 'PodMonitor', spec: { selector, podMetricsEndpoints: [{ port: 'metrics' }] } };
    expect(foundWith(portNames, { service, pod }).sort()).toEqual([
      `[40-extra/pod] 'spec.podMetricsEndpoints[0].port' must name a TCP port of the pods that it selects, got "metrics"; use one of http, or name the container's port so (port-names)`,
      `[40-extra/service] 'spec.endpoints[0].port' must name a port of the Services that it selects, got "metrics"; use one of http, or name the container's port so (port-names)`,
    ]);
  });

  test('fails when a policy opens a port with another protocol', () => {
    const spec = {
      podSelector: { matchLabels: { [INSTANCE]: 'kube-native' } },
      ingress: [{ ports: [{ port: 'http', protocol: 'UDP' }] }],
    };
    expect(foundWith(portNames, { web: { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', spec } })).toEqual([
      `[40-extra/web] 'spec.ingress[0].ports[0].port' must name a UDP port of the pods that it selects, got "http"; use one of http, or name the container's port so (port-names)`,
    ]);
  });
});

describe('scale-target-exists', () => {
  test('fails when an autoscaler scales what is not there', () => {
    const spec = { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' }, maxReplicas: 5 };
    expect(
      foundWith(scaleTargetExists, { web: { apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler', spec } }),
    ).toEqual([
      `[40-extra/web] 'spec.scaleTargetRef.name' must name a Deployment that exists, got "web"; correct the name, add the Deployment, or declare it with Checks.of(app).provide({ kind: 'Deployment', name: 'web' }) (scale-target-exists)`,
    ]);
  });

  test('knows the default kind of KEDA', () => {
    const scaled = (name: string) => ({
      apiVersion: 'keda.sh/v1alpha1',
      kind: 'ScaledObject',
      spec: { scaleTargetRef: { name } },
    });
    expect(foundWith(scaleTargetExists, { web: scaled('kube-native'), worker: scaled('worker') })).toEqual([
      expect.stringContaining('[40-extra/worker]'),
    ]);
  });
});

describe('issuer-exists', () => {
  const certificate = (issuerRef: Manifest) => ({ apiVersion: 'cert-manager.io/v1', kind: 'Certificate', spec: { issuerRef } });
  const letsencrypt = { kind: 'ClusterIssuer', name: 'letsencrypt' };

  test('fails when the issuer of a certificate is missing', () => {
    expect(foundWith(issuerExists, { web: certificate(letsencrypt) })).toEqual([
      `[40-extra/web] 'spec.issuerRef.name' must name a ClusterIssuer that exists, got "letsencrypt"; correct the name, add the ClusterIssuer, or declare it with Checks.of(app).provide({ kind: 'ClusterIssuer', name: 'letsencrypt' }) (issuer-exists)`,
    ]);
  });

  test('does not take the issuer of the cluster for one of the namespace', () => {
    expect(foundWith(issuerExists, { web: certificate(letsencrypt) }, letsencrypt)).toEqual([]);
    expect(foundWith(issuerExists, { web: certificate({ name: 'letsencrypt' }) }, letsencrypt)).toEqual([
      `[40-extra/web] 'spec.issuerRef.name' must name an Issuer that exists, got "letsencrypt"; correct the name, add the Issuer, or declare it with Checks.of(app).provide({ kind: 'Issuer', name: 'letsencrypt' }) (issuer-exists)`,
    ]);
  });

  test('reads the annotation of an Ingress', () => {
    const annotations = { 'cert-manager.io/cluster-issuer': 'letsencrypt' };
    const web = { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', metadata: { annotations } };
    expect(foundWith(issuerExists, { web })).toEqual([
      `[40-extra/web] 'metadata.annotations["cert-manager.io/cluster-issuer"]' must name a ClusterIssuer that exists, got "letsencrypt"; correct the name, add the ClusterIssuer, or declare it with Checks.of(app).provide({ kind: 'ClusterIssuer', name: 'letsencrypt' }) (issuer-exists)`,
    ]);
  });
});

describe('secret-store-exists', () => {
  test('fails when a Secret comes from a store that is missing', () => {
    const spec = { secretStoreRef: { kind: 'ClusterSecretStore', name: 'vault' } };
    const web = { apiVersion: 'external-secrets.io/v1', kind: 'ExternalSecret', spec };
    expect(foundWith(secretStoreExists, { web })).toEqual([
      `[40-extra/web] 'spec.secretStoreRef.name' must name a ClusterSecretStore that exists, got "vault"; correct the name, add the ClusterSecretStore, or declare it with Checks.of(app).provide({ kind: 'ClusterSecretStore', name: 'vault' }) (secret-store-exists)`,
    ]);
    expect(foundWith(secretStoreExists, { web }, { kind: 'ClusterSecretStore', name: 'vault' })).toEqual([]);
  });
});

describe('selector-finds-pods', () => {
  test('fails when a Service selects what no pod has', () => {
    const spec = { selector: { [INSTANCE]: 'kube-native', 'app.kubernetes.io/component': 'api' }, ports: [{ port: 80 }] };
    expect(foundWith(selectorFindsPods, { api: { apiVersion: 'v1', kind: 'Service', spec } })).toEqual([
      `[40-extra/api] 'spec.selector' must find pods, got "app.kubernetes.io/component=api, ${INSTANCE}=kube-native"; write the labels of a pod template; where an operator makes the pods, leave the rule out here (selector-finds-pods)`,
    ]);
  });

  test('fails when a policy lets in pods that are not there', () => {
    const from = [{ podSelector: { matchExpressions: [{ key: INSTANCE, operator: 'In', values: ['worker', 'cron'] }] } }];
    const web = { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', spec: { podSelector: {}, ingress: [{ from }] } };
    expect(foundWith(selectorFindsPods, { web })).toEqual([
      `[40-extra/web] 'spec.ingress[0].from[0].podSelector' must find pods, got "${INSTANCE} In (worker, cron)"; write the labels of a pod template; where an operator makes the pods, leave the rule out here (selector-finds-pods)`,
    ]);
  });

  test('says nothing about other namespaces', () => {
    const from = [{ namespaceSelector: {}, podSelector: { matchLabels: { app: 'ingress' } } }];
    const policy = { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', spec: { podSelector: {}, ingress: [{ from }] } };
    const spec = { namespaceSelector: { any: true }, selector: { matchLabels: { app: 'nginx' } } };
    const monitor = { apiVersion: 'monitoring.coreos.com/v1', kind: 'ServiceMonitor', spec };
    expect(foundWith(selectorFindsPods, { policy, monitor })).toEqual([]);
  });

  test('knows the pods of CloudNativePG', () => {
    const database = { apiVersion: 'postgresql.cnpg.io/v1', kind: 'Cluster', spec: {} };
    const budget = (name: string) => ({
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      spec: { selector: { matchLabels: { 'cnpg.io/cluster': name } } },
    });
    expect(foundWith(selectorFindsPods, { database, right: budget('database'), wrong: budget('db') })).toEqual([
      expect.stringContaining('[40-extra/wrong]'),
    ]);
  });
});
