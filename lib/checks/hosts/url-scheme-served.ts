import type { Finding, FinishedObject, Rule, World } from '../rule';
import { isLoopback } from '../world/beam';
import type { ContainerVariable } from '../world/variables';
import { inventoryOf } from '../world/inventory';
import { nameOf } from '../world/values';
import type { Container } from '../world/pods';
import type { WayIn } from './way-in';
import { type Address, waysIn } from './ways-in';

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
    for (const workload of inventory.pods) {
      if (workload.task) continue;
      for (const container of workload.containers) {
        const told = toldOf(container);
        if (!told) continue;
        const { scheme, variable } = told;
        const ways = waysIn(workload, told, inventory);
        const wanted = scheme === 'https' ? 'tls' : 'clear';
        if (ways.length === 0 || ways.some(({ answers }) => answers.has(wanted) || answers.has('unknown'))) continue;
        const [way] = ways;
        if (way && scheme === 'https') yield encrypt(way, told);
        else if (way && variable) yield inClear(way, variable);
      }
    }
  },
};

interface Told extends Address {
  readonly scheme: string;
  readonly variable?: ContainerVariable;
}

/** What a container says of its URLs; undefined where it says nothing, or where a Secret may say it. */
function toldOf({ endsFirst: init, variables: { byName, complete } }: Container): Told | undefined {
  const { value: host, dangling } = byName.get('PHX_HOST') ?? {};
  // force_ssl leaves the loopback interface alone, and no mail leads there.
  if (init || !host || isLoopback(host) || dangling?.length !== 0 || host.includes('<')) return undefined;
  const variable = byName.get('PHX_URL_SCHEME');
  const port = Number(byName.get('PHX_URL_PORT')?.value);
  const address = { host, ...(port > 0 ? { port } : {}) };
  if (!variable) return complete ? { ...address, scheme: 'https' } : undefined;
  const { value: scheme = '', secret } = variable;
  return secret === undefined && /^https?$/.test(scheme) ? { ...address, scheme, variable } : undefined;
}

function encrypt({ object, field, got, written }: WayIn, { host, port }: Told): Finding {
  const must = `end TLS somewhere, as the application's own URLs begin with https://${host}${written ? `:${port}` : ''}`;
  const clear = `tell the release "url: { scheme: 'http', port: ${written ? port : 80} }", and leave out force_ssl`;
  return { object, field, must, got, fix: `${certificateFor(object, field)}; or ${clear}` };
}

function certificateFor({ manifest }: FinishedObject, field: string): string {
  if (manifest['kind'] === 'Service') return "give the release 'https', and let browsers come to that port";
  if (field === 'spec.parentRefs') return 'give its Gateway a listener for HTTPS';
  return "give it a certificate, or say 'tls: OptOut.because(...)' of our routes where TLS ends in front";
}

function inClear({ object, written }: WayIn, { object: home, field }: ContainerVariable): Finding {
  const must = `be https, as ${String(object.manifest['kind'])} ${nameOf(object.manifest)} answers by TLS alone`;
  const fix = written
    ? "write scheme: 'https' in the release's 'url'"
    : "remove the release's 'url': https and 443 are taken for granted";
  return { object: home, field, must: written ? `${must} there` : must, got: 'http', fix };
}
