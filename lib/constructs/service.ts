import { k8s } from 'cdk8s-plus-27';
import { Construct } from 'constructs';
import { declare } from '../support/declare';
import { selector } from '../support/labels';
import { reject } from '../support/reject';
import { requireInteger } from '../support/values';
import { balancedService, EVERYONE, type BackPort, type BalancedService, type LoadBalancer } from './load-balancer/load-balancer';
import { requireProps } from '../support/props';

/**
 * How a Service is reached.
 * @write 'ClusterIP', { nodePort: 30400 } or { loadBalancer: { sourceRanges: 'everyone', cloud: { other: {} } } }
 */
export type Exposure =
  /** From inside the cluster, which is also where Ingress and Gateway controllers are. */
  | 'ClusterIP'
  /** Also on a port of every node, 30000 to 32767, and on another for TLS. For a cluster on a laptop. */
  | { readonly nodePort: number; readonly httpsNodePort?: number }
  /** Also by a load balancer that knows connections alone, no requests. */
  | { readonly loadBalancer: LoadBalancer };

/** A port of a Service that is more than a number. */
export interface ServicePort {
  /** Its number: `port`. */
  readonly port: number;
  /** Name of the container port behind it: `targetPort`. @default - its own name */
  readonly target?: string;
  /** What it carries: `protocol`. @default 'TCP' */
  readonly protocol?: 'TCP' | 'UDP';
  /** What proxies speak to it: `appProtocol`. @default - whatever they take the name for, mostly HTTP/1.1 */
  readonly appProtocol?: string;
}

/** Properties of {@link PodService}. */
export interface PodServiceProps {
  /** Its name: `metadata.name`. */
  readonly name: string;
  /** Name of the controller whose pods answer. @default - the same */
  readonly pods?: string;
  /** Labels of the object. */
  readonly labels: Readonly<Record<string, string>>;
  /** Ports of the container by name. */
  readonly containerPorts: Readonly<Record<string, number>>;
  /** Ports of the Service by their names, which are those of container ports where nothing else is said. */
  readonly ports: Readonly<Record<string, number | ServicePort>>;
  /** @default 'ClusterIP' */
  readonly exposure?: Exposure;
  /** Port of the pods at which a load balancer asks by TCP whether they are well, where it carries UDP. @default - there is none */
  readonly healthPort?: number;
}

/** A stable name and address for the ready pods of one controller. Ports are referred to by their names. */
export class PodService extends Construct {
  /** The object. */
  readonly service: k8s.KubeService;
  /** Ports of nodes that it opens, which the namespace's quota counts. */
  readonly nodePorts: number;
  /** Load balancers that it gets, which the namespace's quota counts. */
  readonly loadBalancers: number;
  /** The ports of the pods behind its own, by the names of its own. */
  readonly targets: ReadonlyMap<string, number>;

  constructor(scope: Construct, id: string, props: PodServiceProps) {
    super(scope, id);
    requireProps(this, props, 'PodServiceProps');
    const { name, pods = name, labels, containerPorts, ports, exposure = 'ClusterIP', healthPort } = props;
    const opened = servicePorts(ports);
    this.targets = new Map(
      opened.flatMap(({ name: port, target }) => (containerPorts[target] === undefined ? [] : [[port, containerPorts[target]]])),
    );
    for (const { name: port, port: number, target } of opened) {
      requireInteger(this, `ports.${port}`, number, { minimum: 1, maximum: 65535, fix: 'use 80 for web traffic' });
      if (containerPorts[target] === undefined) {
        const known = Object.keys(containerPorts).join(', ');
        reject(this, {
          prop: 'ports',
          must: 'refer to container ports by name',
          got: target,
          fix: `use one of ${known || '(none)'}`,
        });
      }
    }
    const { annotations, spec, ports: reached } = this.reached(exposure, { pods, containerPorts, opened, healthPort });
    const metadata = { name, labels: { ...labels }, ...(annotations ? { annotations: { ...annotations } } : {}) };
    this.service = new k8s.KubeService(this, 'Default', {
      metadata,
      spec: { ...spec, selector: selector(pods), ports: [...reached] },
    });
    const opensNodes = spec.type !== 'ClusterIP' && spec.allocateLoadBalancerNodePorts !== false;
    this.nodePorts = opensNodes ? reached.length : 0;
    this.loadBalancers = spec.type === 'LoadBalancer' ? 1 : 0;
  }

  /** Adds annotations, such as those that a proxy reads from the Service behind it. */
  annotate(annotations: Readonly<Record<string, string>>): void {
    for (const [name, value] of Object.entries(annotations)) this.service.metadata.addAnnotation(name, value);
  }

  private reached(exposure: Exposure, { pods, containerPorts, opened, healthPort }: Opened): Partial<BalancedService> & Reached {
    const ports = opened.map(({ target, ...port }) => ({ ...port, targetPort: k8s.IntOrString.fromString(target) }));
    if (exposure === 'ClusterIP') {
      return { spec: { type: 'ClusterIP' }, ports };
    }
    if ('loadBalancer' in exposure) {
      return balancedService(this, exposure.loadBalancer, { pods, ports, behind: behind(opened, containerPorts), healthPort });
    }
    for (const [prop, nodePort] of Object.entries(exposure)) {
      const fix = `use a free one such as ${prop === 'nodePort' ? 30400 : 30401}`;
      requireInteger(this, `exposure.${prop}`, nodePort, { minimum: 30000, maximum: 32767, fix });
    }
    if (exposure.httpsNodePort !== undefined && !opened.some(({ name: port }) => port === 'https')) {
      const must = 'stand beside a port named https';
      reject(this, {
        prop: 'exposure.httpsNodePort',
        must,
        got: exposure.httpsNodePort,
        fix: "give the release 'https', or remove it",
      });
    }
    const given: Readonly<Record<string, number | undefined>> = {
      [opened[0]?.name ?? '']: exposure.nodePort,
      https: exposure.httpsNodePort,
    };
    // The cluster gives every other port a number of its own.
    const numbered = ports.map((port) => {
      const nodePort = given[port.name];
      return nodePort === undefined ? port : { ...port, nodePort };
    });
    // Who comes by a node has the address of that node, or its own.
    const reached = behind(opened, containerPorts);
    declare(this, { visitors: reached.flatMap((port) => EVERYONE.map((cidr) => ({ pods, ...port, peer: { cidr } }))) });
    return { spec: { type: 'NodePort' }, ports: numbered };
  }
}

interface Opened {
  readonly pods: string;
  readonly healthPort: number | undefined;
  readonly containerPorts: Readonly<Record<string, number>>;
  readonly opened: ReturnType<typeof servicePorts>;
}

/** How a Service is reached, in its own fields. */
type Reached = Pick<BalancedService, 'spec' | 'ports'>;

/** The ports of the pods behind those of a Service, each once. */
function behind(opened: Opened['opened'], containerPorts: Opened['containerPorts']): readonly BackPort[] {
  const ports = opened.flatMap(({ target, protocol }): BackPort[] => {
    const port = containerPorts[target];
    return port === undefined ? [] : [{ port, ...(protocol === undefined ? {} : { protocol }) }];
  });
  return [...new Map(ports.map((one) => [JSON.stringify(one), one])).values()];
}

function servicePorts(ports: PodServiceProps['ports']) {
  return Object.entries(ports).map(([name, opened]) => {
    const {
      port,
      target = name,
      protocol,
      appProtocol,
    } = typeof opened === 'object' && opened !== null ? opened : { port: opened };
    const more = { ...(protocol === 'UDP' ? { protocol } : {}), ...(appProtocol === undefined ? {} : { appProtocol }) };
    return { name, port, target, ...more };
  });
}
