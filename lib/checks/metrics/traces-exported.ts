import { addressesIn } from '../../support/addresses';
import { oncePerPlace } from '../each';
import { beamContainers, placeOf, valueOf, type BeamContainer } from '../../model/beam';

/** What the SDK does not understand it leaves out, at a level of the log that few read. */
export const tracesExported = oncePerPlace({
  name: 'traces-exported',
  sentence: 'The variables of OpenTelemetry say what its SDK for Erlang understands, and its collector is asked as it answers.',
  why: 'The pods are healthy while no trace arrives or each one is kept, at many times the cost; with a sampler that it does not know, the SDK does not start.',
  source: 'https://hexdocs.pm/opentelemetry/readme.html',
  severity: 'warning',
  *find(world) {
    for (const beam of beamContainers(world)) {
      for (const { name, must, fix } of misunderstood(beam)) {
        const { value, secret } = beam.variables.byName.get(name) ?? {};
        yield { ...placeOf(beam, name), must, got: secret === undefined ? value : 'a value from a Secret', fix };
      }
    }
  },
});

interface Fault {
  readonly must: string;
  readonly fix: string;
}

/** What is wrong with a value; undefined where that works. */
type Judge = (value: string) => Fault | undefined;

function oneOf(...words: readonly string[]): Judge {
  return (value) => (words.includes(value) ? undefined : { must: `be one of ${words.join(', ')}`, fix: 'write one of them' });
}

const endpoint: Judge = (value) =>
  /^https?:\/\//.test(value)
    ? undefined
    : { must: 'begin with http:// or https://, with gRPC too', fix: 'write it as http://collector.observability.svc:4318' };

/** Names of the standard by which this SDK asks for nothing, and what it asks for. */
function renamed(to?: string): Judge {
  const fix = to === undefined ? 'remove it' : `call it ${to}`;
  return () => ({ must: 'be a variable that the SDK for Erlang reads', fix });
}

const JUDGES: ReadonlyMap<string, Judge> = new Map<string, Judge>([
  ['OTEL_EXPORTER_OTLP_ENDPOINT', endpoint],
  ['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', endpoint],
  ['OTEL_EXPORTER_OTLP_PROTOCOL', oneOf('http/protobuf', 'http_protobuf', 'grpc')],
  ['OTEL_EXPORTER_OTLP_TRACES_PROTOCOL', oneOf('http/protobuf', 'http_protobuf', 'grpc')],
  ['OTEL_TRACES_SAMPLER', oneOf(...['always_on', 'always_off', 'traceidratio'].flatMap((name) => [name, `parentbased_${name}`]))],
  ['OTEL_SDK_DISABLED', oneOf('true', 'false')],
  ['OTEL_RESOURCE_ATTRIBUTES', attributes],
  ['OTEL_BSP_SCHEDULE_DELAY', renamed('OTEL_BSP_SCHEDULE_DELAY_MILLIS')],
  ['OTEL_BSP_EXPORT_TIMEOUT', renamed('OTEL_BSP_EXPORT_TIMEOUT_MILLIS')],
  ['OTEL_BSP_MAX_EXPORT_BATCH_SIZE', renamed()],
]);

/** It decodes nothing: of a pair with another sign for equality it takes neither half. */
function attributes(value: string): Fault | undefined {
  const lost = value.split(',').find((pair) => pair.split('=').length !== 2);
  if (lost === undefined) return undefined;
  return { must: `be pairs with one "=" each: "${lost.trim()}" is left out`, fix: 'write key=value, with commas between them' };
}

function* misunderstood(beam: BeamContainer): Iterable<Fault & { readonly name: string }> {
  for (const [name, judge] of JUDGES) {
    const value = valueOf(beam, name);
    const fault = value === undefined ? undefined : judge(value);
    if (fault) yield { name, ...fault };
  }
  yield* ratio(beam);
  yield* port(beam);
}

const RATIO = 'OTEL_TRACES_SAMPLER_ARG';

/** What is no number to Erlang, such as 1e-3 or .5, is taken for 1: all of them. */
function* ratio(beam: BeamContainer): Iterable<Fault & { readonly name: string }> {
  const value = valueOf(beam, RATIO);
  if (value === undefined) return;
  if (valueOf(beam, 'OTEL_TRACES_SAMPLER')?.endsWith('traceidratio') !== true) {
    const fix = 'write OTEL_TRACES_SAMPLER=parentbased_traceidratio beside it, or remove it';
    yield { name: RATIO, must: 'stand beside a sampler that takes it', fix };
  } else if (!/^(?:[01]|\d+\.\d+)$/.test(value) || Number(value) > 1) {
    yield { name: RATIO, must: 'be a share from 0 to 1 with digits on both sides of the point', fix: 'write it as 0.1' };
  }
}

/** Whoever receives gRPC on one port and HTTP on the other answers on either with an error to the wrong one. */
function* port(beam: BeamContainer): Iterable<Fault & { readonly name: string }> {
  const [ofTraces, ofAll] = ['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', 'OTEL_EXPORTER_OTLP_ENDPOINT'];
  const name = valueOf(beam, ofTraces) === undefined ? ofAll : ofTraces;
  const value = valueOf(beam, name);
  const protocols = ['OTEL_EXPORTER_OTLP_TRACES_PROTOCOL', 'OTEL_EXPORTER_OTLP_PROTOCOL'];
  const said = protocols.map((one) => valueOf(beam, one)).find((one) => one !== undefined);
  const [number] = value === undefined ? [] : addressesIn(value).flatMap(({ ports }) => ports);
  const grpc = said === 'grpc';
  if (number !== (grpc ? 4318 : 4317)) return;
  const [protocol, other] = grpc ? ['http/protobuf', 4317] : ['grpc', 4318];
  const silent = said === undefined ? ', which nothing says' : '';
  const fix = `write port ${other}, or OTEL_EXPORTER_OTLP_PROTOCOL=${protocol} beside it`;
  yield { name, must: `lead to a port for the protocol: collectors receive ${protocol} on ${number}${silent}`, fix };
}
