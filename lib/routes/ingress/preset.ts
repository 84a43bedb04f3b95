import type { Duration, Size } from 'cdk8s';
import type { Construct } from 'constructs';
import type { PhoenixRelease } from '../../constructs/phoenix-release';
import { bytes, secondsOf } from '../../support/quantity';
import { reject } from '../../support/reject';
import type { Route } from '../route';

export type Annotations = Readonly<Record<string, string>>;

/** What a route asks of a controller. */
export interface Asked {
  readonly route: Route;
  readonly release: PhoenixRelease;
  /** Namespace of the objects. */
  readonly namespace: string;
  /** A certificate that the cloud keeps. */
  readonly certificate?: string;
  /** What was asked for in so many words, rather than assumed. */
  readonly given: { readonly idle?: Duration; readonly bodySize?: Size };
}

/** Some hosts and where their requests go. */
export interface Rule {
  readonly hosts: readonly string[];
  readonly paths: readonly string[];
  /** @default - the release's Service */
  readonly backend?: { readonly name: string; readonly port: string };
}

/** One of the Ingresses that a route becomes. */
export interface IngressPlan {
  /** After the name of the route; nothing for the one that leads to the application. */
  readonly suffix: '' | 'redirect' | 'http';
  readonly rules: readonly Rule[];
  readonly annotations: Annotations;
  /** Whether it has the certificate of the route's Secret. */
  readonly tls: boolean;
  /** Hosts that the certificate must name beside those of the rules. @default [] */
  readonly certified?: readonly string[];
}

/** An object of the controller's own. */
export interface CustomObject {
  readonly id: string;
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly spec: Readonly<Record<string, unknown>>;
}

/** What a route becomes for one controller. */
export interface Plan {
  /** Class of its Ingresses where none is chosen: `ingressClassName`. Without one, an annotation says it. */
  readonly className?: string;
  readonly ingresses: readonly [IngressPlan, ...IngressPlan[]];
  /** Annotations of the release's Service. @default {} */
  readonly service?: Annotations;
  readonly objects?: readonly CustomObject[];
  /** Addresses that it connects to the pods from, where it has no pods of its own. @default [] */
  readonly ranges?: readonly string[];
  /** Whether it asks the application's health path, from the same addresses. @default false */
  readonly asksHealth?: boolean;
  /** Labels that it reads from the namespace. @default {} */
  readonly namespaceLabels?: Readonly<Record<string, string>>;
}

/** What a controller cannot do, and why. A word that is not there can be done. */
export type Cannot = Readonly<Partial<Record<'bodySize' | 'affinity' | 'redirects' | 'certificate', string>>>;

/** The Ingress to the application, as every controller has it. */
export function toRelease({ route }: Asked, annotations: Annotations, tls = route.secret !== undefined): IngressPlan {
  return { suffix: '', rules: [{ hosts: route.hosts, paths: route.paths }], annotations, tls };
}

/** The Ingress of the hosts that are sent on, where there are any. */
export function toCanonical({ route }: Asked, annotations: Annotations): IngressPlan[] {
  const { redirects, secret } = route;
  if (redirects.length === 0) return [];
  return [{ suffix: 'redirect', rules: [{ hosts: redirects, paths: ['/'] }], annotations, tls: secret !== undefined }];
}

/** Refuses what was asked for and cannot be done. */
export function requireAble(scope: Construct, controller: string, { route, given, certificate }: Asked, cannot: Cannot): void {
  const asked = {
    bodySize: given.bodySize,
    affinity: route.affinity ? true : undefined,
    redirects: route.redirects.length > 0 ? route.redirects : undefined,
    certificate,
  };
  const fixes = {
    bodySize: "omit it: Plug's own limit holds",
    affinity: 'let the pods form a cluster, or use another controller',
    redirects: "make them 'hosts' of the release and redirect in the endpoint, or use another controller",
    certificate: "write tls as { secret: '...' }",
  };
  for (const prop of ['bodySize', 'affinity', 'redirects', 'certificate'] as const) {
    if (asked[prop] === undefined || cannot[prop] === undefined) continue;
    const at = prop === 'certificate' ? 'tls.certificate' : prop;
    reject(scope, { prop: at, must: `be omitted with ${controller}: ${cannot[prop]}`, got: asked[prop], fix: fixes[prop] });
  }
}

/** Whole seconds that a connection may be silent; refused where more was asked for than there is. */
export function idleSeconds(
  scope: Construct,
  { route, given }: Asked,
  limit?: { readonly most: number; readonly why: string },
): number {
  const wanted = Math.ceil(secondsOf(route.idle));
  if (!limit || wanted <= limit.most) return wanted;
  if (given.idle) {
    const must = `be ${limit.most}s or less: ${limit.why}`;
    reject(scope, { prop: 'idle', must, got: given.idle, fix: 'omit it to use the longest, up to an hour' });
  }
  return limit.most;
}

/** A size as nginx writes it. */
export function nginxSize(size: Size): string {
  const kibibytes = Math.ceil(bytes(size) / 1024);
  return kibibytes % 1024 === 0 ? `${kibibytes / 1024}m` : `${kibibytes}k`;
}

/** How the URLs of the canonical host begin. */
export function canonicalOrigin({ release: { host, url } }: Asked): string {
  const usual = url.port === (url.scheme === 'https' ? 443 : 80);
  return `${url.scheme}://${host}${usual ? '' : `:${url.port}`}`;
}

/** Name of the cookie that keeps a browser with one pod. */
export const COOKIE = 'pod';
