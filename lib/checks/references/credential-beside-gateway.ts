import type { Finding, FinishedObject, Rule, World } from '../rule';
import { inventoryOf } from '../../model/inventory';
import { madeBy } from '../../model/made-objects';
import { nameIn, nameOf, namespaceOf, placesOf, specOf } from '../../model/values';

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
