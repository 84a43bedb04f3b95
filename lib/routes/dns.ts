import { isIPv4, isIPv6 } from 'node:net';
import { Duration } from 'cdk8s';
import { Construct } from 'constructs';
import { DnsEndpoint } from '../../imports/externaldns.k8s.io';
import { labels } from '../support/labels';
import { reject } from '../support/reject';
import { requireProps } from '../support/props';
import { requireHost, requireHostOrWildcard, requireName, requireSeconds } from '../support/values';
import { secondsOf } from '../support/quantity';

/** How external-dns shall write the records of the object that carries the annotations. */
export interface DnsSettings {
  /** Hosts of the records, for a Service: routes, Ingresses and Gateways name theirs themselves. @default - those of the object */
  readonly hosts?: readonly string[];
  /** Address or host name that the records point to. @default - that of the object's load balancer */
  readonly target?: string;
  /** How long others may remember them. @default - the provider's */
  readonly ttl?: Duration;
}

/** Releases of external-dns before 0.22 read the first, newer ones the second, and none minds the other. */
const PREFIXES = ['external-dns.alpha.kubernetes.io/', 'external-dns.kubernetes.io/'] as const;

/**
 * Annotations for external-dns, for the `annotations` of a route or a Service.
 *
 * @see https://kubernetes-sigs.github.io/external-dns/latest/docs/annotations/annotations/
 */
export function dnsAnnotations({ hosts, target, ttl }: DnsSettings): Record<string, string> {
  const given = Object.entries({ hostname: hosts?.join(','), target, ttl: ttl && `${ttl.toSeconds()}` });
  return Object.fromEntries(
    PREFIXES.flatMap((prefix) => given.flatMap(([name, value]) => (value === undefined ? [] : [[`${prefix}${name}`, value]]))),
  );
}

/** Those for external-dns among some annotations: every object that names a host must say the same of it. */
export function dnsOnly(annotations: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(annotations).filter(([name]) => PREFIXES.some((prefix) => name.startsWith(prefix))));
}

/** The annotation that external-dns reads from a Gateway alone, where a route has one. */
export function dnsTarget(annotations: Readonly<Record<string, string>>): string | undefined {
  return Object.keys(dnsOnly(annotations)).find((name) => name.endsWith('/target'));
}

/** Properties of {@link DnsRecord}. */
export interface DnsRecordProps {
  /** Name of the object. */
  readonly name: string;
  /** Hosts that get the record; a wildcard, `*.example.com`, is one. */
  readonly hosts: readonly string[];
  /** Where they point: IPv4 addresses, IPv6 addresses, or one host name. */
  readonly targets: readonly string[];
  /** How long others may remember it, a second to a day: `recordTTL`. @default Duration.minutes(5) */
  readonly ttl?: Duration;
}

/**
 * Records that external-dns writes, where no object has the address: a shared Gateway, a wildcard. external-dns must be
 * started with `--source=crd`.
 *
 * @see https://kubernetes-sigs.github.io/external-dns/latest/docs/sources/crd/
 */
export class DnsRecord extends Construct {
  /** The object. */
  readonly endpoint: DnsEndpoint;

  constructor(scope: Construct, id: string, props: DnsRecordProps) {
    super(scope, id);
    requireProps(this, props, 'DnsRecordProps');
    const { name, hosts, targets, ttl = Duration.minutes(5) } = props;
    requireName(this, name, 253);
    for (const host of hosts) requireHostOrWildcard(this, host, 'hosts');
    requireSeconds(this, 'ttl', ttl, { minimum: 1, maximum: 86400, fix: 'omit it to use 5 minutes' });
    const recordType = typeOf(this, targets);
    this.endpoint = new DnsEndpoint(this, 'Default', {
      metadata: { name, labels: labels({ application: 'external-dns', instance: name, component: 'record' }) },
      spec: {
        endpoints: hosts.map((dnsName) => ({ dnsName, recordType, targets: [...targets], recordTtl: secondsOf(ttl) })),
      },
    });
  }
}

/** A record is of one type, and an alias has one target. */
function typeOf(scope: Construct, targets: readonly string[]): 'A' | 'AAAA' | 'CNAME' {
  const some = targets.length > 0;
  if (some && targets.every((target) => isIPv4(target))) return 'A';
  if (some && targets.every((target) => isIPv6(target))) return 'AAAA';
  if (targets.length !== 1 || isIPv4(targets[0] ?? '') || isIPv6(targets[0] ?? '')) {
    const fix = 'make a record for each kind';
    reject(scope, { prop: 'targets', must: 'be IPv4 addresses, IPv6 addresses, or one host name', got: targets.join(', '), fix });
  } else for (const target of targets) requireHost(scope, target, 'targets');
  return 'CNAME';
}
