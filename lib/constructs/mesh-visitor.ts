import { k8s } from 'cdk8s-plus-27';
import { Construct } from 'constructs';
import { declare, declaredIn, namespaceOf } from '../support/declare';
import type { Opening } from '../support/network';
import { OptOut } from '../support/opt-out';
import { onceWhole } from '../support/whole';
import { visitOf } from './fence-rules';

/** Properties of {@link MeshVisitor}. */
export interface MeshVisitorProps {
  /** Name of the controller whose pods come. */
  readonly pods: string;
  /** Labels of the policies. */
  readonly labels: Readonly<Record<string, string>>;
  /** The ports of the nodes; the peer is their mesh. */
  readonly openings: readonly Opening[];
}

/**
 * Opens the fence between pods and the nodes of a mesh, by policies that stand with those pods: policies add up, so that those of the
 * environment stay as they are, and the way is gone with the pods. Where nobody fences the namespace it makes none: the first policy
 * that lets somebody in would shut out all others.
 */
export class MeshVisitor extends Construct {
  private made = false;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: MeshVisitorProps,
  ) {
    super(scope, id);
    onceWhole(this, () => this.complete());
  }

  private complete(): void {
    const [fence] = declaredIn(this, namespaceOf(this)).fences;
    if (this.made || !fence) return;
    this.made = true;
    const { pods, labels, openings } = this.props;
    const { own, nodes } = visitOf(pods, openings, fence.dns);
    new k8s.KubeNetworkPolicy(this, 'Own', { metadata: { name: pods, labels: { ...labels } }, spec: own });
    const metadata = { name: `${pods}-nodes`, labels: { ...labels } };
    const target = new k8s.KubeNetworkPolicy(this, 'Nodes', { metadata, spec: nodes });
    const optOut = OptOut.because('who connects to the nodes has the cookie, and is asked for it');
    declare(this, { leftOut: [{ rule: 'network-private', optOut, target }] });
  }
}
