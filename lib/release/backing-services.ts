import type { k8s } from 'cdk8s-plus-27';
import type { IConstruct } from 'constructs';
import { requireVariableName } from '../pod/variables';
import { declare } from '../support/declare';
import type { BackingAddress } from '../support/facts';
import type { Reach } from '../support/network';
import { nearest } from '../support/nearest';
import { OptOut } from '../support/opt-out';
import { refusalsOf, reject, rejectLate, type Refusal } from '../support/reject';
import { fromSecret, type SecretKey } from '../support/secret-key';
import { requireReason } from '../support/values';
import { podVariables } from './pod-variables';
import { reachesOf, reachesOfUrl, requirePlace, type Whereabouts } from './whereabouts';

/** A service whose URL may be read by everybody. */
export interface BackingUrl extends Whereabouts {
  /** Value of the variable: a URL without a password, or `host:port`, or several with commas between them. */
  readonly url: string;
}

/**
 * A service whose URL is secret: a key of the release's Secret that is called like the variable, where `secret` names no other.
 * A variable that ends in `HOST` and comes from nowhere else is set to the host, and the one beside it that ends in `PORT` to the port.
 */
export interface BackingHost extends Whereabouts {
  /** Host name or address that the variable leads to. */
  readonly host: string;
  /** Its port. */
  readonly port: number;
  /** The Secret's key that the variable comes from. @default - the release's own Secret, or `config` or `variables` of the release */
  readonly secret?: SecretKey;
}

/**
 * A program that the application uses by the network: a cache, a broker, object storage, mail, a second database.
 * @write { url: 'redis://redis.cache.svc:6379' }, or { host: 'redis.cache.svc', port: 6379 } beside a secret key
 */
export type BackingService =
  | BackingUrl
  | BackingHost
  /** No pod connects to what the variable says: browsers do, or nobody. */
  | OptOut;

/** Backing services by the names of the variables that lead to them. */
export type BackingServices = Readonly<Record<string, BackingService>>;

/** What a release gets from its backing services. */
export interface Backing {
  /** Variables that are not secret. */
  readonly config: Readonly<Record<string, string>>;
  /** Variables that Secrets hold. */
  readonly secrets: Readonly<Record<string, k8s.EnvVarSource>>;
  /** Where its pods connect to, for the fence. */
  readonly reaches: readonly Reach[];
}

/** A variable that a release has from elsewhere: its value, or a reference to it. */
export type KnownVariables = Readonly<Record<string, unknown>>;

/** Turns the backing services of a release into variables and ways out, and declares where those lead that do not show it. */
export function backing(scope: IConstruct, services: BackingServices, known: KnownVariables): Backing {
  const parts = Object.entries(services).map(([variable, service]) => {
    const faults = refusalsOf(scope).length;
    const { declared, ...part } = ofService(scope, variable, service, known);
    const refused = refusalsOf(scope).length > faults;
    if (declared || refused) declare(scope, { backingServices: [refused ? { variable } : { variable, ...declared }] });
    // One fault is enough: what is refused is no variable, and nothing to be found closed.
    return refused ? {} : part;
  });
  return {
    config: Object.assign({}, ...parts.map(({ config }) => config)) as Backing['config'],
    secrets: Object.assign({}, ...parts.map(({ secrets }) => secrets)) as Backing['secrets'],
    reaches: parts.flatMap(({ reaches = [] }) => reaches),
  };
}

interface Part extends Partial<Backing> {
  /** Where the variable leads, where it does not show it. */
  readonly declared?: Pick<BackingAddress, 'address'>;
}

function ofService(scope: IConstruct, variable: string, service: BackingService, known: KnownVariables): Part {
  const prop = `backingServices.${variable}`;
  requireVariableName(scope, prop, variable);
  if (service instanceof OptOut) {
    requireReason(scope, prop, service);
    requireVariable(scope, prop, variable);
    return { declared: {} };
  }
  const given = 'url' in service ? 'url' : service.secret ? 'secret' : undefined;
  if (given !== undefined && variable in known) {
    const must = 'be left out for a variable that the Secret, config or variables of the release set';
    reject(scope, { prop: `${prop}.${given}`, must, got: `two values of ${variable}`, fix: 'take one of the two out' });
    return {};
  }
  if ('url' in service) {
    return { config: { [variable]: service.url }, reaches: reachesOfUrl(scope, prop, service) };
  }
  const { host, port, secret } = service;
  requirePlace(scope, prop, service);
  const reaches = reachesOf(scope, prop, service, service);
  const declared = { address: { host, ports: [port] } };
  if (secret) return { secrets: { [variable]: fromSecret(secret) }, reaches, declared };
  requireSame(scope, { prop: `${prop}.host`, variable, value: host }, known);
  requireSame(scope, { prop: `${prop}.port`, variable: portBeside(variable), value: `${port}` }, known);
  return { config: variable in known ? {} : pair(scope, variable, service, known), reaches, declared };
}

/** Refuses a reason under a misspelt name: of a variable that no pod has while one has nearly that. It is known once all of them are there. */
function requireVariable(scope: IConstruct, prop: string, variable: string): void {
  const find = (): Refusal[] => {
    const known = podVariables(scope);
    if (!known || known.has(variable)) return [];
    const meant = nearest(variable, known, Math.max(1, Math.floor(variable.length / 4)));
    if (meant === undefined) return [];
    return [{ prop, must: 'be a variable that pods have', got: variable, fix: `did you mean '${meant}'?` }];
  };
  rejectLate(scope, find);
}

/** `SMTP_HOST` and `SMTP_PORT`. */
function pair(scope: IConstruct, variable: string, { host, port }: BackingHost, known: KnownVariables): Record<string, string> {
  if (!/.HOST$/.test(variable)) {
    const must = 'be a variable of the release, whose value is to lead to this host';
    const fix = `name ${variable} among the keys of the release's Secret, or write its 'url' or its 'secret' here`;
    reject(scope, { prop: `backingServices.${variable}`, must, got: `${host}:${port}`, fix });
    return {};
  }
  const beside = portBeside(variable);
  return { [variable]: host, ...(beside in known ? {} : { [beside]: `${port}` }) };
}

/** `SMTP_PORT` of `SMTP_HOST`. */
function portBeside(variable: string): string {
  return variable.replace(/HOST$/, 'PORT');
}

/** Refuses a host or a port that pods are told otherwise: the fence would be open where nobody goes. */
function requireSame(
  scope: IConstruct,
  { prop, variable, value }: { prop: string; variable: string; value: string },
  known: KnownVariables,
): void {
  const said = known[variable];
  // A URL, or a list, says more than the host alone.
  if (!/.(?:HOST|PORT)$/.test(variable) || typeof said !== 'string' || said === value || !/^[\w.-]+$/.test(said)) return;
  const fix = `take ${variable} out of config or variables, or write the same here`;
  reject(scope, { prop, must: `be what ${variable} says, ${said}`, got: value, fix });
}
