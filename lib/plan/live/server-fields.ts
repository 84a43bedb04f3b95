import { FILLED_IN_BELOW } from '../../model/served-pod';
import { map } from '../../model/values';
import type { Manifest } from '../../support/edit';
import { parseQuantity } from '../../support/parse-quantity';

/** What the API server and its controllers keep in an object, whoever wrote it. */
const OF_SERVER: readonly RegExp[] = [
  /^status(?:\.|$)/,
  /^metadata\.(?:uid|resourceVersion|generation|creationTimestamp|deletion\w+|selfLink|managedFields|ownerReferences|finalizers)(?:\.|\[|$)/,
  /^metadata\.annotations\["(?:kubectl\.kubernetes\.io\/last-applied-configuration|deployment\.kubernetes\.io\/[^"]*|pv\.kubernetes\.io\/[^"]*|volume(?:\.beta)?\.kubernetes\.io\/[^"]*|autoscaling\.alpha\.kubernetes\.io\/[^"]*|deprecated\.[^"]*)"\]$/,
  /^metadata\.labels\["kubernetes\.io\/metadata\.name"\]$/,
  /\["(?:batch\.kubernetes\.io\/)?(?:controller-uid|job-name)"\]$|\.(?:controller-uid|job-name)$/,
  /(?:^|\.)caBundle$/,
];

/** What the API server fills in along with another field, so that whoever writes that one owns it. Undefined stands for any value. */
const ALONG: readonly (readonly [end: RegExp, usual: readonly unknown[] | undefined])[] = [
  ...FILLED_IN_BELOW.map(([end, value]) => [end, [value]] as const),
  [/^spec\.(?:clusterIPs?|ipFamil(?:ies|yPolicy)|healthCheckNodePort|volumeName)$|^spec\.ports\[[^\]]*\]\.nodePort$/, undefined],
  [/^spec\.(?:externalTrafficPolicy|internalTrafficPolicy)$/, ['Cluster']],
  [/^spec\.allocateLoadBalancerNodePorts$/, [true]],
  [/^spec\.sessionAffinityConfig$/, undefined],
  [/^spec\.sessionAffinity$/, ['None']],
  [/\.protocol$/, ['TCP']],
  [/\.volumeMode$/, ['Filesystem']],
  [/^spec\.volumeClaimTemplates\[\d+\]\.(?:apiVersion|kind|status)$/, undefined],
  [/\.creationTimestamp$/, [null]],
  [/\.imagePullPolicy$/, ['Always', 'IfNotPresent']],
  [/\.parentRefs\[\d+\]\.group$/, ['gateway.networking.k8s.io']],
  [/\.backendRefs\[\d+\]\.weight$/, [1]],
];

/** Whether a field is none that anybody writes down. */
export function isOfServer(path: string): boolean {
  return OF_SERVER.some((own) => own.test(path));
}

/** Whether the API server has filled in a value that nobody wrote down. What is empty was not given. */
export function isFilledIn(path: string, value: unknown): boolean {
  if (isNothing(value)) return true;
  return ALONG.some(([end, usual]) => end.test(path) && (usual === undefined || usual.includes(value)));
}

function isNothing(value: unknown): boolean {
  if (value === undefined || value === null) return true;
  return Array.isArray(value) ? value.length === 0 : typeof value === 'object' && Object.values(map(value)).every(isNothing);
}

const TEXTS = /(?:^|\.)(?:data|stringData|labels|annotations|matchLabels|selector)(?:\.|\[|$)/;
const QUANTITY =
  /(?:^|\.)(?:limits|requests|hard|default|defaultRequest|max|min|capacity|storage|sizeLimit|divisor|averageValue)(?:\.|\[|$)/;

/** Whether the API server keeps what is written as what is there: it drops what says nothing, and spells quantities in its own way. */
export function isKeptAs(path: string, written: unknown, live: unknown): boolean {
  if (written === live) return true;
  if (live === undefined) return isNothing(written) || (!TEXTS.test(path) && [false, 0, ''].includes(written as never));
  const [one, other] = [written, live].map((value) => (typeof value === 'object' ? undefined : parseQuantity(value)));
  return QUANTITY.test(path) && one !== undefined && one === other;
}

/** Those that look after objects of others and fill in what is theirs. */
const CONTROLLERS =
  /^(?:kube-(?:controller-manager|scheduler|apiserver)|kubelet|cloud-controller-manager|manager|keda|.*-(?:controller|operator|injector|cainjector|webhook|manager)|.*cert-manager.*|argocd.*|istiod|pilot-discovery|envoy-gateway|traefik|external-dns|external-secrets|cainjector|.*autoscaler.*|vpa-.*|.*-csi-.*|external-provisioner)$/;

/** Whether a manager is a program that looks after objects. */
export function isController(manager: string): boolean {
  return CONTROLLERS.test(manager);
}

/** Whether an object's kind is known to kubectl itself, which merges its lists item by item; of others it replaces whole lists. */
export function mergesLists({ apiVersion }: Manifest): boolean {
  const [group = ''] = String(apiVersion).split('/');
  return (
    !group.includes('.') ||
    /^(?:networking|rbac\.authorization|storage|scheduling|coordination|discovery|policy|admissionregistration)\.k8s\.io$/.test(
      group,
    )
  );
}
