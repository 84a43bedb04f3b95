import { Chart } from 'cdk8s';
import type { IConstruct } from 'constructs';
import { reject } from '../../support/reject';
import { fromSecret, type SecretKey } from '../../support/secret-key';
import { requireKey, requireName } from '../../support/values';
import type { Whereabouts } from '../whereabouts';
import { collectorOf, ENDPOINT } from './collector';
import { NODE_IP, NODE_NAME, POD_NAME, POD_NAMESPACE, POD_UID, type Told } from './told';

/** How traces travel: by gRPC, or by HTTP. The SDK for Erlang has no `http/json`. */
export type OtlpProtocol = 'grpc' | 'http/protobuf';

/**
 * Which traces are kept: a share of them, or one of the SDK's samplers by its name. Those that begin with `parentbased_`, and a
 * share, do as the caller has decided where there is one.
 * @write { ratio: 0.1 } for one in ten, or 'parentbased_always_on' for all
 */
export type Sampler =
  | 'always_on'
  | 'always_off'
  | 'parentbased_always_on'
  | 'parentbased_always_off'
  /** `parentbased_traceidratio`, with this share of traces, 0 to 1. */
  | { readonly ratio: number };

/** A collector on each node, which pods reach by the address of their own: `status.hostIP`. */
export interface NodeCollector {
  /** Its port on the node. */
  readonly node: number;
  /**
   * Namespace of its pods, where they have the port by `hostPort`: some network plugins look at the pod behind it. With the host's
   * network they have none. @default - the node itself answers
   */
  readonly namespace?: string;
}

/**
 * Where traces go, by the variables of OpenTelemetry that its SDK for Erlang reads; they win over the application's configuration.
 *
 * @see https://hexdocs.pm/opentelemetry_exporter/readme.html
 */
export interface Tracing extends Whereabouts {
  /**
   * The collector, without `/v1/traces`: `http://collector.observability.svc:4318`, or `{ node: 4318 }` for that of the pod's node,
   * whose addresses `cidrs` says: `OTEL_EXPORTER_OTLP_ENDPOINT`. One at `localhost` is a sidecar.
   */
  readonly endpoint: string | NodeCollector;
  /** How it is spoken to: `OTEL_EXPORTER_OTLP_PROTOCOL`. @default - 'grpc' on port 4317, 'http/protobuf' elsewhere */
  readonly protocol?: OtlpProtocol;
  /** Which traces are kept: `OTEL_TRACES_SAMPLER`, `OTEL_TRACES_SAMPLER_ARG`. @default - the SDK's own, all that no caller left out */
  readonly sampler?: Sampler;
  /**
   * The Secret's key that holds headers which prove who sends, as `x-team=abc,x-key=def`: `OTEL_EXPORTER_OTLP_HEADERS`.
   * @default - the key of this name in the release's own Secret, or none are sent
   */
  readonly headers?: SecretKey;
  /**
   * Attributes of all traces beside those of the service and the pod: `OTEL_RESOURCE_ATTRIBUTES`.
   * @default {} and `deployment.environment.name` of an environment
   */
  readonly attributes?: Readonly<Record<string, string>>;
}

/** What pods are told about their traces; undefined where something was refused. */
export function tracingOf(scope: IConstruct, tracing: Tracing): Told | undefined {
  const { sampler, headers, attributes = {} } = tracing;
  const { namespace } = Chart.of(scope);
  const collector = collectorOf(scope, tracing);
  const sampling = samplerOf(scope, sampler);
  requireAttributes(scope, attributes);
  if (headers) requireSecret(scope, 'tracing.headers', headers);
  if (!collector) return undefined;
  const { url, onNode, protocol, reaches } = collector;
  const endpoint = { [ENDPOINT]: url };
  return {
    config: { ...(onNode ? {} : endpoint), OTEL_EXPORTER_OTLP_PROTOCOL: protocol, ...sampling },
    fields: {
      ...POD_NAME,
      ...POD_UID,
      ...(namespace === undefined ? POD_NAMESPACE : {}),
      ...NODE_NAME,
      ...(onNode ? NODE_IP : {}),
    },
    of: ({ name, version }) => ({
      ...(onNode ? endpoint : {}),
      ...(headers ? { OTEL_EXPORTER_OTLP_HEADERS: fromSecret(headers) } : {}),
      OTEL_SERVICE_NAME: name,
      OTEL_RESOURCE_ATTRIBUTES: listed({ ...ofPod(namespace, version), ...attributes }),
    }),
    secrets: headers ? [headers] : [],
    reaches,
  };
}

/**
 * What says which pod of which version it was. Names are those of the conventions, by which a collector that asks Kubernetes
 * calls them too: https://opentelemetry.io/docs/specs/semconv/resource/k8s/
 */
function ofPod(namespace: string | undefined, version: string | undefined): Record<string, string> {
  const own = namespace ?? '$(POD_NAMESPACE)';
  return {
    'service.namespace': own,
    ...(version ? { 'service.version': version } : {}),
    'service.instance.id': '$(POD_NAME)',
    'k8s.namespace.name': own,
    'k8s.pod.name': '$(POD_NAME)',
    'k8s.pod.uid': '$(POD_UID)',
    'k8s.node.name': '$(NODE_NAME)',
  };
}

function listed(attributes: Readonly<Record<string, string>>): string {
  return Object.entries(attributes)
    .map(([key, value]) => `${key}=${value}`)
    .join(',');
}

function samplerOf(scope: IConstruct, sampler: Sampler | undefined): Record<string, string> {
  if (sampler === undefined) return {};
  if (typeof sampler === 'string') return { OTEL_TRACES_SAMPLER: sampler };
  const { ratio } = sampler;
  // The SDK reads 1e-7 as 1: each trace.
  if (!(ratio >= 0 && ratio <= 1) || `${ratio}`.includes('e')) {
    const fix = 'write the share of traces, such as 0.1 for one in ten';
    reject(scope, { prop: 'tracing.sampler.ratio', must: 'be 0, or from 0.000001 to 1', got: ratio, fix });
  }
  const text = Number.isInteger(ratio) ? `${ratio}.0` : `${ratio}`;
  return { OTEL_TRACES_SAMPLER: 'parentbased_traceidratio', OTEL_TRACES_SAMPLER_ARG: text };
}

/** Refuses what the SDK would drop, or take for something else, without a word: it splits at each comma and sign, and decodes nothing. */
function requireAttributes(scope: IConstruct, attributes: Readonly<Record<string, string>>): void {
  const own = Object.keys({ 'service.name': '', ...ofPod('', 'version') });
  for (const [key, value] of Object.entries(attributes)) {
    const prop = `tracing.attributes.${key}`;
    if (own.includes(key)) {
      reject(scope, { prop, must: 'be left to the pod, which says it', got: value, fix: 'remove it, or call yours otherwise' });
    }
    if (!/^[A-Za-z][\w.-]*$/.test(key)) {
      const fix = 'write it as deployment.region';
      reject(scope, { prop, must: 'be called by letters, digits, ".", "_" and "-"', got: key, fix });
    }
    if (/^[!-~](?:[ -~]*[!-~])?$/.test(value) && !/[,="$]/.test(value)) continue;
    const must = 'be a text of ASCII characters without ",", "=", quotes and "$", at which the SDK would lose it';
    reject(scope, { prop, must, got: value, fix: 'write it without them' });
  }
}

/** Refuses a key of a Secret that no Secret has. */
export function requireSecret(scope: IConstruct, prop: string, { secret, key }: SecretKey): void {
  requireName(scope, secret, 253, `${prop}.secret`);
  requireKey(scope, `${prop}.key`, key);
}
