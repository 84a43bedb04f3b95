import { k8s } from 'cdk8s-plus-27';
import { Construct } from 'constructs';
import { selector } from '../support/labels';
import { reject } from '../support/reject';
import { requireTypes } from '../support/types';
import { requireInteger, requireOneOf } from '../support/values';

/** How a Service is reached. */
export type Exposure =
  /** From inside the cluster, which is also where Ingress and Gateway controllers are. */
  | 'ClusterIP'
  /** Also on a port of every node, 30000 to 32767. For a cluster on a laptop. */
  | { readonly nodePort: number };

/** What a {@link PodService} is told. */
export interface PodServiceProps {
  /** Name of the controller whose pods answer; the Service gets the same name. */
  readonly name: string;
  /** Labels of the object. */
  readonly labels: Readonly<Record<string, string>>;
  /** Ports of the container by name. */
  readonly containerPorts: Readonly<Record<string, number>>;
  /** Ports of the Service by the names of container ports. */
  readonly ports: Readonly<Record<string, number>>;
  /** @default 'ClusterIP' */
  readonly exposure?: Exposure;
}

/** A stable name and address for the ready pods of one controller. Ports are referred to by their names. */
export class PodService extends Construct {
  /** The object. */
  readonly service: k8s.KubeService;

  constructor(scope: Construct, id: string, props: PodServiceProps) {
    super(scope, id);
    const { name, labels, containerPorts, ports, exposure = 'ClusterIP' } = props;
    for (const [port, number] of Object.entries(ports)) {
      requireInteger(this, `ports.${port}`, number, { minimum: 1, maximum: 65535, fix: 'use 80 for web traffic' });
      if (containerPorts[port] === undefined) {
        const known = Object.keys(containerPorts).join(', ');
        reject(this, {
          prop: 'ports',
          must: 'refer to container ports by name',
          got: port,
          fix: `use one of ${known || '(none)'}`,
        });
      }
    }
    if (typeof exposure === 'string') requireOneOf(this, 'exposure', exposure, ['ClusterIP']);
    else requireTypes(this, exposure, { nodePort: ['number'] }, 'exposure.');
    const nodePort = typeof exposure === 'string' ? undefined : exposure.nodePort;
    if (nodePort !== undefined) {
      requireInteger(this, 'exposure.nodePort', nodePort, {
        minimum: 30000,
        maximum: 32767,
        fix: 'use a free one such as 30400',
      });
    }
    this.service = new k8s.KubeService(this, 'Default', {
      metadata: { name, labels: { ...labels } },
      spec: {
        type: nodePort === undefined ? 'ClusterIP' : 'NodePort',
        selector: selector(name),
        ports: Object.entries(ports).map(([port, number], index) => ({
          name: port,
          port: number,
          targetPort: k8s.IntOrString.fromString(port),
          // One number is given, so it goes to the first port.
          ...(nodePort !== undefined && index === 0 ? { nodePort } : {}),
        })),
      },
    });
  }
}
