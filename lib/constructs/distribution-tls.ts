import { Construct } from 'constructs';
import { Certificate, CertificateSpecUsages } from '../../imports/cert-manager.io';
import type { Mount } from '../pod/mount';
import { declare } from '../support/declare';
import { HashedConfigMap } from '../pod/hashed-config-map';
import { PRIVATE_KEY, requireIssuer, type IssuerReference } from './issuer-reference';

/** Who signs the certificates of the nodes. */
export interface DistributionTlsProps {
  /** An issuer of cert-manager with an authority of its own, used for this mesh alone: whoever it signs for is let in. */
  readonly issuer: IssuerReference;
}

const CERTIFICATE = '/etc/beam/certificate';
const OPTIONS = '/etc/beam/options';

/**
 * Certificates for Erlang's distribution, and the options that make both ends show theirs. Names are not compared,
 * because nodes are called by addresses; the authority is.
 *
 * @see https://www.erlang.org/doc/apps/ssl/ssl_distribution.html
 */
export class DistributionTls extends Construct {
  /** Path of the file for `-ssl_dist_optfile`. */
  readonly optionFile = `${OPTIONS}/distribution.conf`;
  /** The certificate, its key and the options. */
  readonly mounts: readonly Mount[];

  constructor(
    scope: Construct,
    id: string,
    props: DistributionTlsProps & { readonly name: string; readonly labels: Readonly<Record<string, string>> },
  ) {
    super(scope, id);
    const { name, labels, issuer } = props;
    requireIssuer(this, 'tls.issuer', issuer);
    declare(this, { externals: [{ kind: issuer.kind, name: issuer.name }] });
    new Certificate(this, 'Certificate', {
      metadata: { name, labels: { ...labels } },
      spec: {
        secretName: name,
        // Nobody compares it, but without a name of this kind there is nothing that the option below could accept.
        dnsNames: [name],
        usages: [
          CertificateSpecUsages.DIGITAL_SIGNATURE,
          CertificateSpecUsages.KEY_ENCIPHERMENT,
          CertificateSpecUsages.SERVER_AUTH,
          CertificateSpecUsages.CLIENT_AUTH,
        ],
        privateKey: PRIVATE_KEY,
        issuerRef: { group: 'cert-manager.io', ...issuer },
      },
    });
    const options = new HashedConfigMap(this, 'Options', { name, labels, data: { 'distribution.conf': optionFile() } });
    this.mounts = [
      { name: 'beam-certificate', path: CERTIFICATE, source: { secret: { secretName: name, defaultMode: 0o440 } } },
      { name: 'beam-options', path: OPTIONS, source: { configMap: { name: options.configMapName } } },
    ];
  }
}

function optionFile(): string {
  const files = [
    `{certfile, "${CERTIFICATE}/tls.crt"}`,
    `{keyfile, "${CERTIFICATE}/tls.key"}`,
    `{cacertfile, "${CERTIFICATE}/ca.crt"}`,
    '{verify, verify_peer}',
  ];
  const end = (role: string, own: string): string => `{${role}, [${[...files, own].join(', ')}]}`;
  // Erlang 25 and older take the node's address for the name, whatever `server_name_indication` says.
  const anyName = '{customize_hostname_check, [{match_fun, fun(_, _) -> true end}]}';
  return `[${end('server', '{fail_if_no_peer_cert, true}')},\n ${end('client', anyName)}].\n`;
}
