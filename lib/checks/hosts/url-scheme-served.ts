import type { Finding, Rule, World } from '../rule';
import { isLoopback } from '../world/beam';
import type { ContainerVariable } from '../world/container-variables';
import { inventoryOf } from '../world/inventory';
import { nameOf } from '../world/objects';
import type { WorkloadContainer } from '../world/workloads';
import { type WayIn, waysIn } from './ways-in';

/** Kinds of routes that nothing here reads. */
const OTHERS = ['IngressRoute', 'HTTPProxy', 'VirtualServer', 'TransportServer', 'Route', 'Mapping', 'ApisixRoute', 'TCPIngress'];

/** Phoenix believes what it is told: it asks no proxy how browsers came. */
export const urlSchemeServed: Rule = {
  name: 'url-scheme-served',
  sentence: 'A way to the pods answers by the scheme of their URLs: PHX_URL_SCHEME, or https where it is not set.',
  why: 'Mails and redirects lead to a port where nobody answers, or from TLS back to clear text; with force_ssl nobody gets in at all.',
  source: 'https://hexdocs.pm/phoenix/Phoenix.Endpoint.html#module-runtime-configuration',
  *find(world: World): Iterable<Finding> {
    const inventory = inventoryOf(world);
    if (inventory.ofKind(...OTHERS).length > 0) return;
    for (const workload of inventory.workloads) {
      if (workload.task) continue;
      for (const container of workload.containers) {
        const told = toldOf(container);
        if (!told) continue;
        const { host, scheme, variable } = told;
        const ways = waysIn(workload, host, inventory);
        const wanted = scheme === 'https' ? 'tls' : 'clear';
        if (ways.length === 0 || ways.some(({ answers }) => answers.has(wanted) || answers.has('unknown'))) continue;
        const [way] = ways;
        if (way && scheme === 'https') yield encrypt(way, host);
        else if (way && variable) yield inClear(way, variable);
      }
    }
  },
};

interface Told {
  readonly host: string;
  readonly scheme: string;
  readonly variable?: ContainerVariable;
}

/** What a container says of its URLs; undefined where it says nothing, or where a Secret may say it. */
function toldOf({ init, variables: { byName, complete } }: WorkloadContainer): Told | undefined {
  const { value: host, dangling } = byName.get('PHX_HOST') ?? {};
  // force_ssl leaves the loopback interface alone, and no mail leads there.
  if (init || !host || isLoopback(host) || dangling?.length !== 0 || host.includes('<')) return undefined;
  const variable = byName.get('PHX_URL_SCHEME');
  if (!variable) return complete ? { host, scheme: 'https' } : undefined;
  const { value: scheme = '', secret } = variable;
  return secret === undefined && /^https?$/.test(scheme) ? { host, scheme, variable } : undefined;
}

function encrypt({ object, field, got }: WayIn, host: string): Finding {
  const must = `end TLS somewhere, as the application's own URLs begin with https://${host}`;
  const listener = field === 'spec.parentRefs' && 'give its Gateway a listener for HTTPS';
  const here = listener || "give it a certificate, or say 'tls: OptOut.because(...)' of our routes where TLS ends in front";
  const fix = `${here}; or tell the release "url: { scheme: 'http', port: 80 }", and leave out force_ssl`;
  return { object, field, must, got, fix };
}

function inClear({ object }: WayIn, { object: home, field }: ContainerVariable): Finding {
  const must = `be https, as ${String(object.manifest['kind'])} ${nameOf(object.manifest)} answers by TLS alone`;
  return { object: home, field, must, got: 'http', fix: "remove the release's 'url': https and 443 are taken for granted" };
}
