import { type ApiObject, Duration } from 'cdk8s';
import { Construct } from 'constructs';
import { GrpcRoute as GrpcRouteObject } from '../../imports/gateway.networking.k8s.io';
import { PhoenixRelease } from '../constructs/phoenix-release';
import { type ProbedDeployment } from '../constructs/probed-deployment';
import { H2C, H2C_PROTOCOL } from '../release/web-pod';
import { declare } from '../support/declare';
import { labels } from '../support/labels';
import type { Release } from '../support/operators';
import { reject } from '../support/reject';
import { requireProps } from '../support/props';
import { requireHost, requireName, requireSeconds } from '../support/values';
import { abilitiesOf, requireAbilities, type GatewayController } from './gateway/controller';
import { requireShared, sharedRef, type SharedGateway } from './gateway/parents';
import { policies } from './gateway/policies';
import { openPorts } from './gateway/service-port';

/** Properties of {@link GrpcRoute}. */
export interface GrpcRouteProps {
  /** Name of the objects. */
  readonly name: string;
  /** What answers: a release with `http2`, or a Deployment with a port of the Service for HTTP/2. */
  readonly backend: PhoenixRelease | ProbedDeployment;
  /** Name of that port, whose `appProtocol` must be `kubernetes.io/h2c`. @default 'h2c' */
  readonly port?: string;
  /** Hosts that clients call, other than those of an HTTPRoute: `hostnames`. */
  readonly hosts: readonly string[];
  /** Services that it answers, as in `shop.v1.Orders`: `method.service`. @default [] every one */
  readonly services?: readonly string[];
  /** The Gateway, which has the certificate: without TLS most clients of gRPC do not come. */
  readonly gateway: SharedGateway;
  /** What implements the Gateway API. @default - none of its objects is made */
  readonly controller?: GatewayController;
  /** Its oldest release that the route meets, such as `'1.7'`: what that does not know is left out, or refused. @default - the newest */
  readonly controllerVersion?: Release;
  /** How long a stream may be silent, a second to a day, where an object of the controller says so. @default Duration.hours(1) */
  readonly idle?: Duration;
}

/**
 * The route of gRPC through a shared Gateway, to a port that speaks HTTP/2 without TLS.
 *
 * @see https://gateway-api.sigs.k8s.io/api-types/grpcroute/
 */
export class GrpcRoute extends Construct {
  /** The object. */
  readonly route: GrpcRouteObject;
  /** What the implementation has beside the Gateway API. */
  readonly policies: readonly ApiObject[];

  constructor(scope: Construct, id: string, props: GrpcRouteProps) {
    super(scope, id);
    requireProps(this, props, 'GrpcRouteProps');
    const { name, backend, port = H2C, hosts, services = [], gateway, controller, idle = Duration.hours(1) } = props;
    requireName(this, name, 63);
    requireSettings(this, props, idle);
    const deployment = backend instanceof PhoenixRelease ? backend.web : backend;
    const number = requirePort(this, deployment, port);
    const service = deployment.service?.service.name ?? name;
    declare(this, { externals: [{ kind: 'Gateway', name: gateway.name }] });
    const target = deployment.service?.targets.get(port);
    // What the fence lets clients in to, where it is no release.
    if (target !== undefined) {
      declare(this, { traffic: [{ pods: service, labels: {}, sends: [], serves: [target], reachesOut: false }] });
    }
    const metadata = { name, labels: labels({ application: service, instance: name, component: 'route' }) };
    this.route = new GrpcRouteObject(this, 'Default', {
      metadata,
      spec: {
        parentRefs: [sharedRef(gateway, gateway.sectionName)],
        hostnames: [...hosts],
        rules: [
          {
            ...(services.length > 0 ? { matches: services.map((one) => ({ method: { service: one } })) } : {}),
            backendRefs: [{ group: '', kind: 'Service', name: service, port: number, weight: 1 }],
          },
        ],
      },
    });
    // Its objects for a Service are those of the Service's HTTPRoute.
    const routes = [{ kind: 'GRPCRoute' as const, name }];
    const able = abilitiesOf(controller, props.controllerVersion);
    const said = { idle: able.idle ? idle : undefined, retries: able.retries, affinity: false };
    this.policies = policies(this, { controller, metadata, routes, services: [], ...said });
  }
}

function requireSettings(scope: Construct, props: GrpcRouteProps, idle: Duration): void {
  const { backend, hosts, services = [], gateway, controller, controllerVersion } = props;
  requireAbilities(scope, { controller, controllerVersion, idle: props.idle }, !abilitiesOf(controller).h2c);
  requireShared(scope, gateway);
  requireSeconds(scope, 'idle', idle, { minimum: 1, maximum: 86400, fix: 'omit it to use an hour' });
  const refuse = (prop: string, must: string, got: unknown, fix: string) => reject(scope, { prop, must, got, fix });
  if (hosts.length === 0 || hosts.length > 16) {
    refuse('hosts', 'be 1 to 16 hosts', hosts.length, 'write the host that clients call, as in grpc.example.com');
  }
  const web = backend instanceof PhoenixRelease ? [backend.host, ...backend.hosts] : [];
  for (const host of hosts) {
    requireHost(scope, host, 'hosts');
    if (web.includes(host))
      refuse('hosts', 'not be one of an HTTPRoute: a Gateway takes one of the two', host, 'use a host of its own');
  }
  if (services.length > 0 && controller === 'nginx-gateway-fabric') {
    const must = 'be omitted: nginx-gateway-fabric matches a service and its method together alone';
    refuse('services', must, services.join(', '), 'omit them, and let the host tell services apart');
  }
  if (services.length > 64) refuse('services', 'be at most 64', services.length, 'omit them to answer every one');
  for (const service of services.filter((one) => typeof one !== 'string' || !/^[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*$/.test(one))) {
    refuse('services', 'be full names of services', service, "write it as 'shop.v1.Orders'");
  }
}

function requirePort(scope: Construct, deployment: ProbedDeployment, name: string): number {
  const ports = openPorts(deployment);
  const found = ports.find((one) => one.name === name);
  if (found?.appProtocol === H2C_PROTOCOL) return found.port;
  const known = ports.map((one) => `${one.name}${one.appProtocol === undefined ? '' : ` (${one.appProtocol})`}`).join(', ');
  const fix = 'give the release http2, or the port of the Service that appProtocol';
  reject(scope, { prop: 'port', must: `be a port of the Service with appProtocol ${H2C_PROTOCOL}`, got: known || name, fix });
  return 80;
}
