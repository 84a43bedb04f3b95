import { ApiObject, Lazy } from 'cdk8s';
import { k8s } from 'cdk8s-plus-27';
import { Construct } from 'constructs';
import { nameByContent } from '../support/edit';
import { requireKey, requireName } from '../support/values';
import { requireProps } from '../support/props';

/** Properties of {@link HashedConfigMap}. */
export interface HashedConfigMapProps {
  /** Start of the name; ten digits of a hash follow. */
  readonly name: string;
  /** Labels of the object. */
  readonly labels: Readonly<Record<string, string>>;
  /** The data, 1 MiB at most: `data`. */
  readonly data: Readonly<Record<string, string>>;
}

/**
 * A ConfigMap that never changes: other data get another name. So a change rolls the pods that use it, and the
 * pods of the version before keep theirs until they are gone.
 */
export class HashedConfigMap extends Construct {
  /** The object. */
  readonly configMap: k8s.KubeConfigMap;
  /** Its full name, for a reference in another object. */
  readonly configMapName: string;

  constructor(scope: Construct, id: string, props: HashedConfigMapProps) {
    super(scope, id);
    requireProps(this, props, 'HashedConfigMapProps');
    const { name, labels, data } = props;
    requireName(this, name, 242);
    for (const key of Object.keys(data)) requireKey(this, 'data', key);
    this.configMap = new k8s.KubeConfigMap(this, 'Default', {
      metadata: { name, labels: { ...labels } },
      data: { ...data },
      immutable: true,
    });
    const finalName = nameByContent(ApiObject.of(this.configMap), ({ data: final }) => final);
    this.configMapName = Lazy.any({ produce: finalName });
  }
}
