import { type Duration } from 'cdk8s';
import { Construct } from 'constructs';
import { Certificate } from '../../imports/cert-manager.io';
import { assumedChallenge, PRIVATE_KEY, requireIssuer, type IssuerReference } from '../constructs/issuer-reference';
import { declare, writtenFrom } from '../support/declare';
import { labels } from '../support/labels';
import { reject } from '../support/reject';
import { requireProps } from '../support/props';
import { requireName, requireSeconds } from '../support/values';
import { secondsOf } from '../support/quantity';

/** Properties of {@link RouteCertificate}. */
export interface RouteCertificateProps {
  /** Name of the Certificate; its Secret is called `<name>-tls`. */
  readonly name: string;
  /** Hosts that it is for, the first one above all: `dnsNames`. A wildcard, `*.example.com`, needs an issuer that writes DNS records. */
  readonly hosts: readonly string[];
  /** Who signs it: `issuerRef`. */
  readonly issuer: IssuerReference;
  /** How long it is valid, an hour to ten years; Let's Encrypt takes its own: `duration`. @default - 90 days, cert-manager's own */
  readonly duration?: Duration;
}

/**
 * The certificate of a route, written out: an annotation on an Ingress would leave its key, its issuer and its hosts to
 * be guessed. Renewed after two thirds of its time, each time with a new key.
 *
 * @see https://cert-manager.io/docs/usage/certificate/
 */
export class RouteCertificate extends Construct {
  /** The object. */
  readonly certificate: Certificate;
  /** The Secret that cert-manager makes, for the `tls` of a route. */
  readonly secret: string;

  constructor(scope: Construct, id: string, props: RouteCertificateProps) {
    super(scope, id);
    requireProps(this, props, 'RouteCertificateProps');
    const { name, hosts, issuer, duration } = props;
    requireName(this, name, 249);
    requireIssuer(this, 'issuer', issuer);
    requireHosts(this, hosts);
    if (duration) {
      const fix = 'omit it to use 90 days';
      requireSeconds(this, 'duration', duration, { minimum: 3600, maximum: 3650 * 86400, fix });
    }
    // One of the namespace is part of the environment: a rule asks for it.
    if (issuer.kind === 'ClusterIssuer') declare(this, { externals: [{ kind: issuer.kind, name: issuer.name }] });
    const assumed = assumedChallenge(issuer);
    if (assumed !== undefined) declare(this, { assumed: [assumed] });
    this.secret = `${name}-tls`;
    this.certificate = new Certificate(this, 'Default', {
      metadata: { name, labels: labels({ application: 'cert-manager', instance: name, component: 'certificate' }) },
      spec: {
        secretName: this.secret,
        dnsNames: [...hosts],
        ...(duration ? { duration: `${secondsOf(duration)}s` } : {}),
        privateKey: PRIVATE_KEY,
        issuerRef: { group: 'cert-manager.io', kind: issuer.kind, name: issuer.name },
      },
    });
    writtenFrom(this, this.certificate, { 'spec.dnsNames': 'hosts' });
  }
}

function requireHosts(scope: Construct, hosts: readonly string[]): void {
  if (hosts.length === 0) {
    reject(scope, { prop: 'hosts', must: 'name a host', got: '', fix: "write ['app.example.com']" });
  }
  for (const host of new Set(hosts.filter((one, index) => hosts.indexOf(one) !== index))) {
    reject(scope, { prop: 'hosts', must: 'name each host once', got: host, fix: 'take one of them out' });
  }
}
