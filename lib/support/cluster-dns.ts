import type { DnsPeer } from './network';

/** Who answers DNS in clusters of some sorts, for the `dns` of a fence. */
export const clusterDns = {
  /** CoreDNS or kube-dns, and the usual address of NodeLocal DNSCache. */
  kubernetes: [{ namespace: 'kube-system' }, { cidr: '169.254.20.10/32' }],
  /** OpenShift, whose pods answer on another port than their Service. */
  openshift: [{ namespace: 'openshift-dns', port: 5353 }],
  /** GKE with Cloud DNS: the node answers, at the address of its metadata. */
  cloudDns: [{ cidr: '169.254.169.254/32' }],
} as const satisfies Readonly<Record<string, readonly DnsPeer[]>>;
