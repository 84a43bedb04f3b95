import type { Finding, FinishedObject, Rule, World } from '../rule';
import { type Inventory, inventoryOf } from '../../model/inventory';
import { groupOf } from '../../model/kinds';
import { madeBy } from '../../model/made-objects';
import { backends, backendsOf, portsOfService, ROUTES, servicesBehind } from '../../model/routes';
import { map, maps, nameIn, nameOf, namespaceOf, placesOf, specOf } from '../../model/values';
import { dangling } from './references';
import { either, provided, remedy } from '../../model/remedy';

/** Controllers take a backend that is not there and answer with an error in its place. */
export const backendExists: Rule = {
  name: 'backend-exists',
  sentence: 'Every Service, and every port of one, that an Ingress or a route leads to exists, and carries what that speaks.',
  why: 'The proxy has nowhere to send the requests, and users see 500 or 503 while all pods are well.',
  source: 'https://kubernetes.io/docs/concepts/services-networking/ingress/',
  *find(world: World): Iterable<Finding> {
    const inventory = inventoryOf(world);
    const wanted = backends(inventory);
    yield* dangling(wanted, inventory);
    for (const { object, portField, name, port, service, meant } of servicesBehind(wanted, inventory)) {
      if (port === undefined) continue;
      const ports = portsOfService(service);
      const carried = object.manifest['kind'] === 'UDPRoute' ? 'UDP' : 'TCP';
      if (meant.some(({ protocol = 'TCP' }) => protocol === carried)) continue;
      if (meant.length > 0) {
        const must = `be a ${carried} port of the Service "${name}"`;
        const others = ports
          .filter(({ protocol = 'TCP' }) => protocol === carried)
          .map((one) => String(one['name'] ?? one['port']));
        const open = either('a Service of type LoadBalancer', 'the exposure of its Service');
        const other = carried === 'UDP' ? { fix: 'use a TCPRoute' } : remedy`lead to it by ${open}, or by a UDPRoute`;
        const way = others.length > 0 ? { fix: `use one of ${others.join(', ')}` } : other;
        yield { object, field: portField, must, got: port, ...way };
        continue;
      }
      const list = ports.map(({ name: known, port: number }) => (known === undefined ? `${number}` : `${known} (${number})`));
      const fix = `use one of ${list.join(', ') || '(none)'}, or add the port to the Service`;
      yield { object, field: portField, must: `be a port of the Service "${name}"`, got: port, fix };
    }
  },
};

/** Whoever owns a namespace says who may use what is in it. */
export const referenceGranted: Rule = {
  name: 'reference-granted',
  sentence: 'What a Gateway or a route names in another namespace is opened to it by a ReferenceGrant there.',
  why: 'The controller ignores the reference: the listener has no certificate and takes no connection, the route answers 500.',
  source: 'https://gateway-api.sigs.k8s.io/api-types/referencegrant/',
  *find(world: World): Iterable<Finding> {
    const inventory = inventoryOf(world);
    // One that another team applies is known by its name alone.
    if (world.externals.some(({ kind }) => kind === 'ReferenceGrant')) return;
    for (const { object, field, kind, name, namespace } of [...ofGateways(inventory), ...ofRoutes(inventory)]) {
      const home = namespaceOf(object.manifest);
      if (namespace === home || isGranted({ object, kind, name, namespace }, inventory)) continue;
      const must = `be opened by a ReferenceGrant in its namespace ${namespace}`;
      const from = `from ${String(object.manifest['kind'])} of ${home} to ${kind}`;
      yield { object, field, must, got: name, ...remedy`add one there ${from}, or ${provided('ReferenceGrant')}` };
    }
  },
};

interface Crossing {
  readonly object: FinishedObject;
  readonly field: string;
  readonly kind: string;
  readonly name: string;
  readonly namespace: string;
}

function ofGateways(inventory: Inventory): Crossing[] {
  return inventory.ofKind('Gateway').flatMap((object) =>
    placesOf(object.manifest, 'spec.listeners[].tls.certificateRefs[]').flatMap(({ field, value }) => {
      const { kind = 'Secret', name, namespace } = map(value);
      const secret = nameIn(name);
      const home = nameIn(namespace) ?? namespaceOf(object.manifest);
      return secret === undefined ? [] : [{ object, field: `${field}.name`, kind: String(kind), name: secret, namespace: home }];
    }),
  );
}

function ofRoutes(inventory: Inventory): Crossing[] {
  return inventory.ofKind(...ROUTES).flatMap((object) => backendsOf(object));
}

function isGranted({ object, kind, name, namespace }: Omit<Crossing, 'field'>, inventory: Inventory): boolean {
  const { manifest } = object;
  return inventory.ofKind('ReferenceGrant').some((grant) => {
    if (namespaceOf(grant.manifest) !== namespace) return false;
    const { from, to } = specOf(grant);
    const may = maps(from).some(
      (one) =>
        one['kind'] === manifest['kind'] && one['group'] === groupOf(manifest) && one['namespace'] === namespaceOf(manifest),
    );
    return may && maps(to).some((one) => one['kind'] === kind && (nameIn(one['name']) ?? name) === name);
  });
}

/** The name of the kind where Gateway API's is meant otherwise. */
const GATEWAY = 'Gateway.networking.istio.io';

/** A Gateway of Istio may be anywhere; the pods that serve it are elsewhere, and read Secrets there. */
export const credentialBesideGateway: Rule = {
  name: 'credential-beside-gateway',
  sentence: "The Secret of an Istio Gateway is in the namespace of the gateway's pods.",
  why: 'The port answers no handshake: every browser sees a broken connection, while the Certificate says that it is ready.',
  source: 'https://istio.io/latest/docs/reference/config/analysis/ist0161/',
  *find(world: World): Iterable<Finding> {
    const inventory = inventoryOf(world);
    for (const object of inventory.ofKind(GATEWAY)) {
      const namespace = namespaceOf(object.manifest);
      const places = placesOf(object.manifest, 'spec.servers[].tls.credentialName');
      if (places.length === 0) continue;
      // Gateways of a namespace's own have their pods in it.
      const pods = inventory.select({ matchLabels: specOf(object)['selector'] }, namespace);
      if (pods.length > 0) continue;
      for (const { field, value } of places) {
        const maker = world.objects.find((one) => namespaceOf(one.manifest) === namespace && makesSecret(one, nameIn(value)));
        if (!maker) continue;
        const must = "name a Secret in the namespace of the gateway's pods, which read no other";
        const got = `${String(value)}, made by the ${maker.manifest['kind']} "${nameOf(maker.manifest)}" in ${namespace}`;
        yield { object, field, must, got, fix: 'make it in their namespace, where the platform keeps its certificates' };
      }
    }
  },
};

function makesSecret({ manifest }: FinishedObject, name: string | undefined): boolean {
  if (name === undefined) return false;
  if (manifest['kind'] === 'Secret') return nameOf(manifest) === name;
  return madeBy(manifest).some((made) => made.kind === 'Secret' && made.name === name);
}
