import { eachBeam } from '../each';
import type { Finding, FinishedObject } from '../rule';
import { type BeamContainer, cookieVariableOf, isLoopback, placeOf, valueOf } from '../../model/beam';
import { type Inventory, inventoryOf } from '../../model/inventory';
import { serviceSelects } from '../../model/selectors';
import { map, maps, namespaceOf, text, texts } from '../../model/values';

export const clusterComplete = eachBeam({
  name: 'cluster-complete',
  sentence:
    'Clustering is complete or absent: a long node name, a cookie from a Secret, and a headless Service with its query or the right to list pods.',
  why: 'With one part missing every node stays alone without an error, and messages reach only the users on the same pod.',
  source: 'https://hexdocs.pm/dns_cluster/DNSCluster.html',
  *each(beam, world) {
    if (!beam.clustered) return;
    yield* longName(beam);
    yield* secretCookie(beam, cookieVariableOf(beam, world));
    // The variables that libcluster's strategy is told its pods by.
    if (beam.variables.byName.has('LIBCLUSTER_SELECTOR')) yield* apiAccess(beam, inventoryOf(world));
    else if (beam.variables.byName.has('DNS_CLUSTER_QUERY') || !mayFindOthers(beam, inventoryOf(world)))
      yield* query(beam, inventoryOf(world));
  },
});

function* longName(beam: BeamContainer): Iterable<Finding> {
  const { host, distribution } = beam.node;
  const node = beam.variables.byName.get('RELEASE_NODE');
  // What stands elsewhere, or is of the wrong kind, is for other rules.
  if (node ? node.value === undefined : !beam.variables.complete || namesItself(beam)) return;
  const place = placeOf(beam, 'RELEASE_NODE');
  if (host === undefined || isLoopback(host)) {
    const fix = 'set RELEASE_NODE=<release>@$(POD_IP) below POD_IP and RELEASE_DISTRIBUTION=name, or remove DNS_CLUSTER_QUERY';
    yield { ...place, must: 'be a name that other pods can reach', got: node?.value, fix };
  } else if (distribution === 'none') {
    const fix = 'set it to name, or remove DNS_CLUSTER_QUERY';
    yield { ...placeOf(beam, 'RELEASE_DISTRIBUTION'), must: 'not be none where nodes are to meet', got: distribution, fix };
  }
}

/** Whether the image makes the name, in its `rel/env.sh`, from the address that the pod is told. */
function namesItself({ spec }: BeamContainer): boolean {
  return maps(spec['env']).some((variable) => map(map(variable['valueFrom'])['fieldRef'])['fieldPath'] === 'status.podIP');
}

function* secretCookie(beam: BeamContainer, name: string): Iterable<Finding> {
  const cookie = beam.variables.byName.get(name);
  if (cookie?.secret !== undefined || (!cookie && !beam.variables.complete)) return;
  const fix = 'take it from a key of a Secret with valueFrom.secretKeyRef: the one in the image differs from build to build';
  const place = placeOf(beam, name);
  if (!cookie) yield { ...place, must: 'come from a Secret', got: undefined, fix };
  // What is shown is told as such.
  else yield { ...place, must: 'come from a Secret', got: 'a value in the YAML', fix, follows: ['secret-in-plain-text'] };
}

function* query(beam: BeamContainer, inventory: Inventory): Iterable<Finding> {
  const variable = beam.variables.byName.get('DNS_CLUSTER_QUERY');
  if (variable ? variable.value === undefined : !beam.variables.complete) return;
  const { namespace, labels } = beam.workload;
  const got = valueOf(beam, 'DNS_CLUSTER_QUERY');
  const [, service = '', ns = ''] = /^([a-z0-9-]+)\.([a-z0-9-]+)\.svc\.[a-z0-9.-]+$/.exec(got ?? '') ?? [];
  const place = placeOf(beam, 'DNS_CLUSTER_QUERY');
  if (service === '') {
    const fix = 'name the headless Service, or set RELEASE_NODE=<release>@127.0.0.1 where the nodes are no cluster';
    yield { ...place, must: 'be <service>.<namespace>.svc.<domain of the cluster>', got, fix };
    return;
  }
  const known = inventory.find('Service', service, ns);
  if (!known) {
    yield { ...place, must: 'name a Service that exists', got, fix: `add a headless Service ${service} to ${ns}` };
    return;
  }
  const { object } = known;
  // What is outside of the YAML cannot be looked into.
  if (!object) return;
  const spec = map(object.manifest['spec']);
  if (spec['clusterIP'] !== 'None') {
    const fix = 'set it to None: the address of the Service would reach one pod by chance';
    yield { object, field: 'spec.clusterIP', must: 'be None where nodes find each other by it', got: spec['clusterIP'], fix };
  }
  if (spec['publishNotReadyAddresses'] !== true) {
    const fix = 'set it to true: a node that boots must find the others before it is ready';
    const must = 'be true where nodes find each other by the Service';
    yield { object, field: 'spec.publishNotReadyAddresses', must, got: spec['publishNotReadyAddresses'], fix };
  }
  if (ns !== namespace || !serviceSelects(spec['selector'], labels)) {
    const must = `find the pods of ${beam.workload.kind} ${beam.workload.name}, which look for each other by it`;
    yield { object, field: 'spec.selector', must, got: spec['selector'], fix: 'select by labels that these pods carry' };
  }
}

/** Whether a lookup that only the image knows of has something to ask: a headless Service over these pods, or the API. */
function mayFindOthers({ workload: { labels, namespace, spec } }: BeamContainer, inventory: Inventory): boolean {
  const isNodes = ({ manifest }: FinishedObject) => {
    const { clusterIP, selector } = map(manifest['spec']);
    return clusterIP === 'None' && namespaceOf(manifest) === namespace && serviceSelects(selector, labels);
  };
  return (
    inventory.ofKind('Service').some(isNodes) || listsPods(text(spec['serviceAccountName']) ?? 'default', namespace, inventory)
  );
}

function* apiAccess({ workload }: BeamContainer, inventory: Inventory): Iterable<Finding> {
  const { object, spec: pod, namespace } = workload;
  const account = text(pod['serviceAccountName']) ?? 'default';
  if (pod['automountServiceAccountToken'] !== true) {
    const fix = 'set it to true: libcluster asks the Kubernetes API who the others are';
    const field = `${workload.path}.automountServiceAccountToken`;
    yield {
      object,
      field,
      must: 'be true where nodes find each other by the API',
      got: pod['automountServiceAccountToken'],
      fix,
    };
  }
  if (listsPods(account, namespace, inventory)) return;
  const fix = 'bind a Role with the verbs get and list for pods to it';
  const must = 'be a ServiceAccount that may list pods, where nodes find each other by the API';
  yield { object, field: `${workload.path}.serviceAccountName`, must, got: account, fix };
}

function listsPods(account: string, namespace: string, inventory: Inventory): boolean {
  return inventory.ofKind('RoleBinding').some(({ manifest }) => {
    const bound = maps(manifest['subjects']).some(({ kind, name }) => kind === 'ServiceAccount' && name === account);
    const { kind, name } = map(manifest['roleRef']);
    const role = inventory.find(String(kind), String(name), namespace);
    if (!bound || !role) return false;
    // A Role outside of the YAML cannot be looked into.
    const rules = role.object ? maps(role.object.manifest['rules']) : undefined;
    return rules?.some((rule) => texts(rule['resources']).includes('pods') && texts(rule['verbs']).includes('list')) ?? true;
  });
}
