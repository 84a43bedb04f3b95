import { type Cloud, GKE_METADATA, IDENTITY_ANNOTATIONS } from '../../support/clouds';
import type { Manifest } from '../../support/edit';
import type { Finding, FinishedObject, Rule, World } from '../rule';
import { accountOf } from '../../model/accounts';
import { isPrivate } from '../../model/cidr';
import { type Fence, fencing, opens } from '../../model/fences';
import { fencesOf } from '../../model/network-policies';
import { inventoryOf } from '../../model/inventory';
import { map, scalar } from '../../model/values';
import type { Pod } from '../../model/pods';
import { placeOfHost } from './places';
import { either } from '../../model/remedy';

/** A ServiceAccount that is somebody to a cloud provider is nothing without credentials, and those come by the network. */
export const identityReachable: Rule = {
  name: 'identity-reachable',
  sentence:
    'The NetworkPolicies of pods with a cloud identity open the way to where its credentials are: STS, Entra, the metadata server.',
  why: 'The first request to S3 or to a vault hangs until its timeout and then says that there are no credentials, which looks like a wrong role for hours.',
  source: 'https://docs.aws.amazon.com/eks/latest/userguide/iam-roles-for-service-accounts.html',
  *find(world) {
    const fences = fencesOf(world);
    if (fences.length === 0) return;
    const cut = new Map<string, Cut>();
    for (const workload of inventoryOf(world).pods) {
      const closing = fencing(fences, workload, 'Egress');
      if (closing.length === 0 || workload.spec['hostNetwork'] === true) continue;
      for (const one of identitiesOf(workload, world)) {
        if (isElsewhere(one.cloud, workload) || leads(one.cloud, closing, workload, world)) continue;
        const key = `${one.cloud} ${one.got}`;
        cut.set(key, { ...(cut.get(key) ?? one), pods: [...(cut.get(key)?.pods ?? []), `${workload.kind} ${workload.name}`] });
      }
    }
    for (const { object, cloud, got, pods } of cut.values()) yield finding(object, cloud, got, pods);
  },
};

interface Identity {
  readonly object: FinishedObject;
  readonly cloud: Cloud;
  readonly got: string;
}

/** An identity, and whose pods cannot ask for its credentials. */
interface Cut extends Identity {
  readonly pods: readonly string[];
}

/** A service that gives credentials. */
interface Service {
  /** How it is called in sentences. */
  readonly shown: string;
  /** A name that it has everywhere, and how all of its names are. */
  readonly host: string;
  readonly names: RegExp;
}

/** Services of the internet, or of an endpoint in the network around the cluster: where, stands in no object. */
const SERVICES: Readonly<Record<Exclude<Cloud, 'google'>, Service>> = {
  aws: {
    shown: 'sts.<region>.amazonaws.com',
    host: 'sts.amazonaws.com',
    names: /(?:^|\.)sts[.-].*amazonaws\.com(?:\.cn)?$/,
  },
  azure: {
    shown: 'login.microsoftonline.com',
    host: 'login.microsoftonline.com',
    names: /^login\.(?:partner\.)?(?:microsoftonline\.(?:com|us|cn)|chinacloudapi\.cn)$/,
  },
};

/** Variables that send the question somewhere else: to a proxy, or to another server. Where that is, another rule looks at. */
const ELSEWHERE: Readonly<Record<Cloud, RegExp>> = {
  aws: /^(?:(?:https?|all)_proxy|aws_endpoint_url(?:_sts)?)$/i,
  azure: /^(?:(?:https?|all)_proxy|azure_authority_host)$/i,
  google: /^(?:gce_metadata_host|google_application_credentials)$/i,
};

function isElsewhere(cloud: Cloud, { containers }: Pod): boolean {
  return containers.some(({ variables }) => [...variables.byName.keys()].some((name) => ELSEWHERE[cloud].test(name)));
}

/** Who pods are to providers: an account that is not in the YAML tells nobody. */
function identitiesOf({ spec: pod, namespace, labels }: Pod, world: World): Identity[] {
  const object = inventoryOf(world).find('ServiceAccount', accountOf({ spec: pod }), namespace)?.object;
  if (!object) return [];
  const annotations = map(map(object.manifest['metadata'])['annotations']);
  return (Object.keys(IDENTITY_ANNOTATIONS) as Cloud[]).flatMap((cloud) => {
    const got = scalar(annotations[IDENTITY_ANNOTATIONS[cloud]]);
    // Without its label the webhook of Azure passes a pod over.
    const unseen = cloud === 'azure' && labels['azure.workload.identity/use'] !== 'true';
    return got !== undefined && got !== '' && !unseen ? [{ object, cloud, got }] : [];
  });
}

/** Whether a policy lets pods send to where their credentials are. */
function leads(cloud: Cloud, closing: readonly Fence[], workload: Pod, world: World): boolean {
  const open = (number: number, isPeer: (peer: Manifest, fence: Fence) => boolean) =>
    opens(closing, 'Egress', { port: { number, protocol: 'TCP' }, named: new Map(), isPeer });
  if (cloud === 'google') {
    return GKE_METADATA.some(({ port, peer }) => {
      const [host = ''] = peer && 'cidr' in peer ? peer.cidr.split('/') : [];
      const place = placeOfHost({ host, ports: [port] }, workload, world);
      return open(port, (one, fence) => one['entity'] !== undefined || place?.isPeer(one, fence) === true);
    });
  }
  const { host, names } = SERVICES[cloud];
  const declared = (world.outside ?? []).map((one) => one.host.toLowerCase()).filter((one) => names.test(one));
  const places = [host, ...declared].flatMap((one) => placeOfHost({ host: one, ports: [443] }, workload, world) ?? []);
  return open(443, (peer, fence) => {
    const cidr = scalar(map(peer['ipBlock'])['cidr']);
    // An endpoint of the provider in a network of one's own has an address of that, whatever else is there.
    if (cidr !== undefined && isPrivate(cidr)) return true;
    return names.test(scalar(peer['hostName']) ?? '') || places.some(({ isPeer }) => isPeer(peer, fence));
  });
}

function finding(object: FinishedObject, cloud: Cloud, got: string, pods: readonly string[]): Finding {
  const whose = pods.length > 2 ? `${pods[0]} and ${pods.length - 1} others` : pods.join(' and ');
  const where = cloud === 'google' ? "GKE's metadata server" : `TCP 443 of ${SERVICES[cloud].shown}`;
  const endpoint = cloud === 'aws' ? ' of the VPC endpoint of STS' : '';
  const ways =
    cloud === 'google'
      ? 'TCP 988 to 169.254.169.252/32 and, for Dataplane V2, TCP 80 to 169.254.169.254/32'
      : `TCP 443 to any address, or to those${endpoint || ' it has'}`;
  const inLiteral =
    cloud === 'google'
      ? "add { port: 988, peer: { cidr: '169.254.169.252/32' } } and, for Dataplane V2, { port: 80, peer: { cidr: '169.254.169.254/32' } } to its egress"
      : `add { port: 443 } for any address, or { port: 443, peer: { cidr: '...' } } with those${endpoint || ' it has'}, to 'egress' of the NetworkFence, or of the sidecar that asks`;
  return {
    object,
    field: `metadata.annotations["${IDENTITY_ANNOTATIONS[cloud]}"]`,
    must: `come with a way to its credentials: no NetworkPolicy of ${whose} opens ${where}`,
    got,
    ...either(`open ${ways}, in the egress of a NetworkPolicy of these pods`, inLiteral),
  };
}
