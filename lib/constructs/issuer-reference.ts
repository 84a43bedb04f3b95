import type { Construct } from 'constructs';
import {
  CertificateSpecPrivateKeyAlgorithm,
  CertificateSpecPrivateKeyRotationPolicy,
  type CertificateSpecPrivateKey,
} from '../../imports/cert-manager.io';
import { requireTypes } from '../support/types';
import { requireName, requireOneOf } from '../support/values';

/** Who signs certificates: an object of cert-manager. */
export interface IssuerReference {
  readonly kind: 'Issuer' | 'ClusterIssuer';
  readonly name: string;
}

/** Refuses what names no issuer. */
export function requireIssuer(scope: Construct, prop: string, issuer: IssuerReference): void {
  requireTypes(scope, issuer, { kind: ['string'], name: ['string'] }, `${prop}.`);
  requireOneOf(scope, `${prop}.kind`, issuer.kind, ['Issuer', 'ClusterIssuer']);
  requireName(scope, issuer.name, 253, `${prop}.name`);
}

/** A small key, and another one each time that the certificate is renewed. */
export const PRIVATE_KEY: CertificateSpecPrivateKey = {
  algorithm: CertificateSpecPrivateKeyAlgorithm.ECDSA,
  size: 256,
  rotationPolicy: CertificateSpecPrivateKeyRotationPolicy.ALWAYS,
};
