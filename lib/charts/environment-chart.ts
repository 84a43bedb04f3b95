import { Chart } from 'cdk8s';
import type { Construct } from 'constructs';
import { chartLabels } from '../support/labels';
import { requireName } from '../support/values';

/** Properties of {@link EnvironmentChart}. */
export interface EnvironmentChartProps {
  /** Namespace of its objects: `metadata.namespace`. */
  readonly namespace: string;
  /** The application that they belong to: label `app.kubernetes.io/part-of`. */
  readonly partOf: string;
}

/**
 * One YAML file of one environment. Its id is the file's name, and begins with a number, because `kubectl apply -f`
 * takes files in alphabetical order.
 */
export class EnvironmentChart extends Chart {
  constructor(scope: Construct, id: string, props: EnvironmentChartProps) {
    const { namespace, partOf } = props;
    super(scope, id, { namespace, labels: chartLabels(partOf), disableResourceNameHashes: true });
    requireName(this, namespace, 63, 'namespace');
    requireName(this, partOf, 63, 'partOf');
  }
}
