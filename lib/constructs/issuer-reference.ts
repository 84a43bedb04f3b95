import type { Construct } from 'constructs';
import {
  CertificateSpecPrivateKeyAlgorithm,
  CertificateSpecPrivateKeyRotationPolicy,
  type CertificateSpecPrivateKey,
} from '../../imports/cert-manager.io';
import { reject } from '../support/reject';
import { requireName } from '../support/values';

/** Who signs certificates: an object of cert-manager. */
export interface IssuerReference {
  readonly kind: 'Issuer' | 'ClusterIssuer';
  readonly name: string;
  /**
   * How a ClusterIssuer shows an authority that the hosts are ours: by records in the zone, or not at all, as one with an authority
   * of its own. The pods of `http01` would stand in the namespace of the certificate, where neither fence nor quota know of them.
   * @default - 'dns01' or 'none' is taken for granted, and that is printed
   * @told with what to make for `http01`
   */
  readonly challenge?: 'dns01' | 'none';
}

/** Refuses what names no issuer. */
export function requireIssuer(scope: Construct, prop: string, issuer: IssuerReference): void {
  const { challenge } = issuer;
  requireName(scope, issuer.name, 253, `${prop}.name`);
  if (challenge !== undefined && challenge !== 'dns01' && challenge !== 'none') {
    const must = "be 'dns01' or 'none' of a ClusterIssuer, whose pods for http01 would stand behind the fence of this namespace";
    const fix = `have an Issuer made here instead: ${MADE_HERE}`;
    reject(scope, { prop: `${prop}.challenge`, must, got: challenge, fix });
  }
}

/** A small key, and another one each time that the certificate is renewed. */
export const PRIVATE_KEY: CertificateSpecPrivateKey = {
  algorithm: CertificateSpecPrivateKeyAlgorithm.ECDSA,
  size: 256,
  rotationPolicy: CertificateSpecPrivateKeyRotationPolicy.ALWAYS,
};

/** An Issuer of the environment's own, for sentences. */
const MADE_HERE =
  "certificate: { acme: { server: 'production', email, challenge: { http01: { ingressClass } } } }, or a CertificateIssuer";

/** What is taken for granted of a ClusterIssuer of which nobody says how it answers; nothing of others. */
export function assumedChallenge({ kind, name, challenge }: IssuerReference): string | undefined {
  if (kind !== 'ClusterIssuer' || challenge !== undefined) return undefined;
  return `ClusterIssuer ${name} is taken to answer by dns01, as its pods for http01 would stand behind the fence of this namespace: say challenge: 'dns01', or have an Issuer made here: ${MADE_HERE}`;
}
