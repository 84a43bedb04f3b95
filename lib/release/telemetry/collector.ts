import type { IConstruct } from 'constructs';
import { addressesIn, isLocal } from '../../support/addresses';
import { declare } from '../../support/declare';
import type { Reach } from '../../support/network';
import { reject } from '../../support/reject';
import { requireInteger, requireName } from '../../support/values';
import { reachesOf, type Whereabouts } from '../whereabouts';
import type { NodeCollector, OtlpProtocol, Tracing } from './tracing';

/** Where traces go. */
export interface Collector {
  /** `OTEL_EXPORTER_OTLP_ENDPOINT`. */
  readonly url: string;
  /** Whether the URL refers to `NODE_IP`. */
  readonly onNode: boolean;
  /** How the collector is spoken to. */
  readonly protocol: OtlpProtocol;
  /** The ways through the fence. */
  readonly reaches: readonly Reach[];
}

/** The variable that says where it is. */
export const ENDPOINT = 'OTEL_EXPORTER_OTLP_ENDPOINT';

/** What receives the two protocols where nobody says otherwise. */
const USUAL: Readonly<Record<number, OtlpProtocol>> = { 4317: 'grpc', 4318: 'http/protobuf' };

/** The collector that is meant; refused where the SDK would not find it, where nobody can tell its port, or where the two ports are mixed up. */
export function collectorOf(scope: IConstruct, { endpoint, protocol, cidrs, targetPort }: Tracing): Collector | undefined {
  const where = { cidrs, targetPort };
  const place = typeof endpoint === 'string' ? atUrl(scope, endpoint, where) : onNode(scope, endpoint, where);
  if (!place) return undefined;
  const usual = USUAL[place.port];
  if (usual !== undefined && protocol !== undefined && usual !== protocol) {
    const [other] = Object.entries(USUAL).find(([, one]) => one === protocol) ?? [];
    const fix = `write port ${other}, or protocol: '${usual}'`;
    reject(scope, {
      prop: 'tracing.protocol',
      must: `be '${usual}', which collectors receive on ${place.port}`,
      got: protocol,
      fix,
    });
  }
  return { ...place, protocol: protocol ?? usual ?? 'http/protobuf' };
}

type Place = Omit<Collector, 'protocol'> & { readonly port: number };

const EXAMPLE = "write it as 'http://collector.observability.svc:4318', or { node: 4318 } for that of the pod's node";

/** A collector that has an address of its own. */
function atUrl(scope: IConstruct, url: string, where: Whereabouts): Place | undefined {
  const fault = faultOf(url);
  if (fault) {
    reject(scope, { prop: 'tracing.endpoint', ...fault });
    return undefined;
  }
  const [address] = addressesIn(url);
  const { host = '', ports: [port = 0] = [] } = address ?? {};
  // A sidecar answers there: no packet leaves the pod.
  if (isLocal(host)) return { url, onNode: false, port, reaches: [] };
  const { targetPort } = where;
  // What is open is the port of the pods, which the URL does not show.
  if (targetPort !== undefined)
    declare(scope, { backingServices: [{ variable: ENDPOINT, address: { host, ports: [port, targetPort] } }] });
  return { url, onNode: false, port, reaches: reachesOf(scope, 'tracing', { host, port }, where) };
}

/** What is wrong with the URL of a collector. */
function faultOf(url: string): { must: string; got: unknown; fix: string } | undefined {
  const scheme = /^(https?):\/\//.exec(url)?.[1];
  if (url.includes('$(')) {
    const fix = "write { node: 4318 } for the collector on the pod's node";
    return { must: 'be a URL without references to variables', got: url, fix };
  }
  if (scheme === undefined) return { must: 'begin with http:// or https://, with gRPC too', got: url, fix: EXAMPLE };
  if (/^[^/]*\/\/[^/]*@/.test(url)) {
    const fix = "send what proves who you are as 'headers', from a Secret";
    return { must: 'have no user and no password', got: `${url.length} characters`, fix };
  }
  if (/\/v1\/traces\/?$/.test(url)) {
    return {
      must: 'end before /v1/traces, which the SDK adds itself',
      got: url,
      fix: `write ${url.replace(/\/v1\/traces\/?$/, '')}`,
    };
  }
  const found = /[\s?#]/.test(url) ? [] : addressesIn(url);
  if (found.length !== 1) return { must: 'be the URL of one collector, without a query', got: url, fix: EXAMPLE };
  if (scheme === 'http' && !/^http:\/\/(?:\[[^\]]*\]|[^/:]*):\d+(?:\/|$)/.test(url)) {
    return { must: 'name the port: without one it is 80', got: url, fix: 'write :4318 behind the host, or :4317 for gRPC' };
  }
  return undefined;
}

/** The collector of the pod's node: policies know nodes by their addresses alone, and some plugins see the pod behind a port of the host. */
function onNode(scope: IConstruct, { node, namespace }: NodeCollector, { cidrs, targetPort }: Whereabouts): Place | undefined {
  requireInteger(scope, 'tracing.endpoint.node', node, {
    minimum: 1,
    maximum: 65535,
    fix: 'write the port, 4318 or for gRPC 4317',
  });
  if (cidrs === undefined) {
    const fix =
      "write the ranges of the nodes, such as ['10.0.0.0/16'], or name a Service with internalTrafficPolicy: Local as the endpoint";
    const must = 'say which addresses nodes have: policies know them by nothing else';
    reject(scope, { prop: 'tracing.cidrs', must, got: cidrs, fix });
    return undefined;
  }
  if (namespace !== undefined) requireName(scope, namespace, 63, 'tracing.endpoint.namespace');
  else if (targetPort !== undefined) {
    const fix = "write 'namespace' of the endpoint, where the DaemonSet is, or remove it";
    reject(scope, {
      prop: 'tracing.targetPort',
      must: 'be left out without pods behind the port of the node',
      got: targetPort,
      fix,
    });
  }
  const families = new Set(cidrs === 'everyone' ? [4] : cidrs.map((cidr) => (cidr.includes(':') ? 6 : 4)));
  if (families.size > 1) {
    const fix = 'write those of the family that nodes are called by: status.hostIP of a pod shows it';
    reject(scope, { prop: 'tracing.cidrs', must: 'be of one family, as the address of a node is', got: cidrs.toString(), fix });
  }
  const ways = reachesOf(scope, 'tracing', { host: NODE, port: node }, { cidrs });
  const behind = namespace === undefined ? [] : [{ host: `collector.${namespace}.svc`, port: targetPort ?? node }];
  const host = families.has(6) ? '[$(NODE_IP)]' : '$(NODE_IP)';
  return { url: `http://${host}:${node}`, onNode: true, port: node, reaches: [...ways, ...behind] };
}

/** How a pod's node is called where addresses are compared. */
const NODE = '<status.hostIP>';
