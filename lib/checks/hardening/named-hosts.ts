import { addressesIn, endsPublicly, isLocal, listedIn, placeOf, type NamedAddress } from '../../support/addresses';
import type { World } from '../rule';
import type { ContainerVariable } from '../../model/variables';
import { inventoryOf } from '../../model/inventory';
import { once } from '../../model/values';
import { isPublicHost } from '../../model/routes';
import type { Pod, Container } from '../../model/pods';
import {
  isLinkName,
  isOwnSetting,
  isPage,
  protocolOf,
  saysCalled,
  saysHosts,
  saysPlace,
  saysUrl,
  transportsOf,
} from './variable-names';

/** A host that a variable of a pod leads to. */
export interface NamedHost extends NamedAddress {
  readonly variable: string;
  /** `TCP`, and `UDP` where it may be meant. */
  readonly transports: readonly string[];
}

/** A variable of a pod that leads somewhere, while a Secret alone knows where. */
export interface HiddenHost {
  readonly variable: string;
  /** The Secret's key, as `<name>/<key>`. */
  readonly secret: string;
}

/** What the variables of a pod lead to. */
export interface NamedHosts {
  readonly seen: readonly NamedHost[];
  readonly hidden: readonly HiddenHost[];
}

/** What the variables of each workload's pods lead to: all but the pod itself, and what browsers open. */
export const namedHosts = once((world: World): ((workload: Pod) => NamedHosts) => {
  const known = new Map(inventoryOf(world).pods.map((workload) => [workload, read(workload, world)] as const));
  return (workload) => known.get(workload) ?? { seen: [], hidden: [] };
});

function read({ containers }: Pod, world: World): NamedHosts {
  const seen = new Map<string, NamedHost>();
  const hidden = new Map<string, HiddenHost>();
  for (const container of containers) {
    for (const variable of container.variables.byName.values()) {
      const { name, secret, value } = variable;
      if (isOwnSetting(name)) continue;
      const declared = world.backingServices?.filter((one) => one.variable === name) ?? [];
      const named: readonly Addressed[] =
        declared.length > 0 ? declared.flatMap(({ address }) => address ?? []) : ofVariable(variable, container, world);
      for (const one of named) {
        const transports = one.transports ?? transportsOf(name, one.scheme);
        seen.set(`${name} ${one.host}:${one.ports.join()}`, { ...one, variable: name, transports });
      }
      const unknown = secret !== undefined && value === undefined && declared.length === 0;
      if (unknown && saysUrl(name)) hidden.set(name, { variable: name, secret });
    }
  }
  return { seen: [...seen.values()], hidden: [...hidden.values()] };
}

/** A host, and how it is reached where the name of the variable alone does not say that. */
type Addressed = NamedAddress & Partial<Pick<NamedHost, 'transports'>>;

function ofVariable({ name, value }: ContainerVariable, container: Container, world: World): Addressed[] {
  if (value === undefined || value === '') return [];
  const pair = agentsOf(name, value, container) ?? pairOf(name, value, container);
  const named = pair ?? addressesIn(value).filter(({ scheme, host }) => scheme ?? (host.includes('.') || saysPlace(name)));
  if (named.length === 0 && saysHosts(name))
    named.push(...listedIn(value, protocolOf(name)?.ports.slice(0, 1) ?? []).filter(({ ports }) => ports.length > 0));
  return named.filter(({ host, ports, scheme }) => {
    if (isLocal(host) || /^kubernetes(?:\.default(?:\.svc.*)?)?$/.test(host)) return false;
    const web = scheme === undefined || /^(?:https?|wss?)$/.test(scheme);
    // A scheme of its own without a port is a way into a program on a phone or a desktop.
    if (scheme !== undefined && ports.length === 0 && endsPublicly(host)) return false;
    if (web && isPublicHost(world)(host)) return false;
    if (web && endsPublicly(host) && !saysCalled(name) && isPage(value, host)) return false;
    return !(web && endsPublicly(host) && (isLinkName(name) || (!/_PROXY$/i.test(name) && isProxied(host, container))));
  });
}

/** `SMTP_HOST` and `SMTP_PORT`, or the port that is usual for what the name speaks of. */
function pairOf(name: string, value: string, { variables }: Container): Addressed[] | undefined {
  if (!/.(?:HOST|HOSTNAME|SERVER|RELAY|ADDR|ADDRESS)$/i.test(name) || isLinkName(name) || value.includes(':')) return undefined;
  const place = placeOf(value);
  const port = Number(variables.byName.get(name.replace(/(?:HOST|HOSTNAME|SERVER|RELAY|ADDR|ADDRESS)$/i, 'PORT'))?.value ?? NaN);
  const ports = Number.isInteger(port) ? [port] : (protocolOf(name)?.ports ?? []);
  return place && ports.length > 0 ? [{ ...place, ports }] : undefined;
}

/**
 * Datadog's agent, mostly that of the node: traces and metrics have ports of their own, each by its own variable.
 *
 * @see https://docs.datadoghq.com/containers/kubernetes/apm/
 */
function agentsOf(name: string, value: string, { variables: { byName } }: Container): Addressed[] | undefined {
  if (name !== 'DD_AGENT_HOST') return undefined;
  const place = placeOf(value);
  const of = (variable: string) => (byName.has(variable) ? Number(byName.get(variable)?.value ?? NaN) : undefined);
  const [traces, metrics] = [of('DD_TRACE_AGENT_PORT'), of('DD_DOGSTATSD_PORT')];
  const traced = byName.get('DD_TRACE_ENABLED')?.value !== 'false';
  const ways: Pick<NamedHost, 'ports' | 'transports'>[] = [
    ...(traced && traces !== undefined ? [{ ports: [traces], transports: ['TCP'] }] : []),
    ...(metrics === undefined ? [] : [{ ports: [metrics], transports: ['UDP'] }]),
  ];
  // Without either, one of them is used.
  const either = traced ? { ports: [8126, 8125], transports: ['TCP', 'UDP'] } : { ports: [8125], transports: ['UDP'] };
  return (ways.length > 0 ? ways : [either]).flatMap((way) =>
    place && way.ports.every(Number.isInteger) ? [{ ...place, ...way }] : [],
  );
}

/** Whether a proxy asks for a host on the web in place of the pod. */
function isProxied(host: string, { variables: { byName } }: Container): boolean {
  const of = (name: string) => byName.get(name)?.value ?? byName.get(name.toLowerCase())?.value;
  if (!of('HTTPS_PROXY') && !of('HTTP_PROXY') && !of('ALL_PROXY')) return false;
  const direct =
    of('NO_PROXY')
      ?.split(/[\s,]+/)
      .map((name) => name.replace(/^\*?\./, '')) ?? [];
  return !direct.some((name) => name !== '' && (host === name || host.endsWith(`.${name}`)));
}
