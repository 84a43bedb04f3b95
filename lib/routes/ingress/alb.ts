import type { Construct } from 'constructs';
import { requireRanges, type LoadBalancer } from '../../constructs/load-balancer/load-balancer';
import { READINESS_GATE } from '../../constructs/load-balancer/preset';
import { reject } from '../../support/reject';
import { requireCidr, requireName } from '../../support/values';
import { type Asked, idleSeconds, type Plan, requireAble } from './preset';

/**
 * An Application Load Balancer of the AWS Load Balancer Controller, straight to the pods' addresses.
 *
 * @see https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/ingress/annotations/
 */
export interface AlbIngress {
  /** Who can reach it at all: `alb.ingress.kubernetes.io/scheme`. */
  readonly scheme: 'internal' | 'internet-facing';
  /** Who may connect: `alb.ingress.kubernetes.io/inbound-cidrs`. */
  readonly sourceRanges: LoadBalancer['sourceRanges'];
  /** Ranges of the subnets that it is in: it connects to the pods from there, and the fence must let it in. */
  readonly subnets: readonly string[];
  /**
   * Ingresses of one name share one load balancer, as those of two releases on one host must: `alb.ingress.kubernetes.io/group.name`,
   * with `group.order` so that longer paths are asked first. Whoever may write Ingresses may join it. @default - it is alone
   */
  readonly group?: string;
}

const PREFIX = 'alb.ingress.kubernetes.io';
const ACTION = 'to-canonical';

/** The Ingress of an Application Load Balancer. */
export function albPlan(scope: Construct, alb: AlbIngress, asked: Asked): Plan {
  requireAble(scope, 'an Application Load Balancer', asked, { bodySize: 'it has no limit for bodies' });
  requireAlb(scope, alb, asked);
  const { route, certificate, release } = asked;
  const { hosts, paths, redirects } = route;
  const { health } = release.application;
  const idle = idleSeconds(scope, asked, { most: 4000, why: 'an Application Load Balancer knows no longer silence' });
  const { scheme, subnets, sourceRanges, group } = alb;
  const encrypted = certificate !== undefined;
  const annotations = {
    [`${PREFIX}/scheme`]: scheme,
    ...(group === undefined ? {} : { [`${PREFIX}/group.name`]: group, [`${PREFIX}/group.order`]: orderOf(paths) }),
    [`${PREFIX}/target-type`]: 'ip',
    [`${PREFIX}/listen-ports`]: JSON.stringify(encrypted ? [{ HTTP: 80 }, { HTTPS: 443 }] : [{ HTTP: 80 }]),
    ...(encrypted ? { [`${PREFIX}/certificate-arn`]: certificate, [`${PREFIX}/ssl-redirect`]: '443' } : {}),
    ...(typeof sourceRanges === 'string' ? {} : { [`${PREFIX}/inbound-cidrs`]: sourceRanges.join(',') }),
    [`${PREFIX}/load-balancer-attributes`]: `idle_timeout.timeout_seconds=${idle}`,
    ...(route.affinity ? { [`${PREFIX}/target-group-attributes`]: 'stickiness.enabled=true,stickiness.type=lb_cookie' } : {}),
    [`${PREFIX}/healthcheck-path`]: health.ready,
    ...(health.port === undefined ? {} : { [`${PREFIX}/healthcheck-port`]: `${health.port}` }),
    // It sends no X-Forwarded-Proto of its own accord, so that an endpoint that forces TLS answers with a redirect.
    [`${PREFIX}/success-codes`]: '200-399',
    ...(redirects.length > 0 ? { [`${PREFIX}/actions.${ACTION}`]: redirect(release) } : {}),
  };
  const sentOn = { hosts: redirects, paths: ['/'], backend: { name: ACTION, port: 'use-annotation' } };
  const rules = [{ hosts, paths }, ...(redirects.length > 0 ? [sentOn] : [])];
  const ingress = { suffix: '', rules, annotations, tls: false } as const;
  return { className: 'alb', ingresses: [ingress], ranges: subnets, asksHealth: true, namespaceLabels: READINESS_GATE };
}

/** Rules of a group are asked in the order of its Ingresses, 1 to 1000: the more parts the shortest path has, the earlier. */
function orderOf(paths: readonly string[]): string {
  const parts = paths.map((path) => path.split('/').filter((part) => part !== '').length);
  return `${1000 - Math.min(999, ...parts)}`;
}

function redirect({ host, url }: Asked['release']): string {
  const to = { protocol: url.scheme.toUpperCase(), port: `${url.port}` };
  return JSON.stringify({ type: 'redirect', redirectConfig: { host, ...to, statusCode: 'HTTP_301' } });
}

function requireAlb(scope: Construct, alb: AlbIngress, { route: { secret }, certificate }: Asked): void {
  const at = 'controller.alb';
  requireRanges(scope, `${at}.sourceRanges`, alb.sourceRanges);
  for (const subnet of alb.subnets) requireCidr(scope, `${at}.subnets`, subnet);
  if (alb.subnets.length === 0) {
    const fix = "write those of the load balancer's subnets";
    reject(scope, { prop: `${at}.subnets`, must: 'name a range', got: alb.subnets, fix });
  }
  if (alb.group !== undefined) requireName(scope, alb.group, 63, `${at}.group`);
  if (secret !== undefined) {
    const must = 'be a certificate of ACM: an Application Load Balancer reads no Secrets';
    reject(scope, { prop: 'tls.secret', must, got: secret, fix: "write tls as { certificate: 'arn:aws:acm:...' }" });
  }
  if (certificate !== undefined && !/^arn:aws[\w-]*:(?:acm|iam):/.test(certificate)) {
    const must = 'be the ARN of a certificate';
    reject(scope, { prop: 'tls.certificate', must, got: certificate, fix: "write it as 'arn:aws:acm:...'" });
  }
}
