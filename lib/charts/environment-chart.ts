import { Chart } from 'cdk8s';
import type { Construct } from 'constructs';
import { labelPodsBelow } from '../pod/pods-below';
import { chartLabels, requireOwnLabels } from '../support/labels';
import { noteOurs } from '../support/ours';
import { requireProps } from '../support/props';
import { requireName } from '../support/values';

/** Properties of {@link EnvironmentChart}. */
export interface EnvironmentChartProps {
  /** Namespace of its objects: `metadata.namespace`. */
  readonly namespace: string;
  /** The application that they belong to: label `app.kubernetes.io/part-of`. */
  readonly partOf: string;
  /** Further labels of every object and pod, such as those of its owner and of a cost centre: `metadata.labels`. @default {} */
  readonly labels?: Readonly<Record<string, string>>;
}

/**
 * One YAML file of one environment. Its id is the file's name, and begins with a number, because `kubectl apply -f`
 * takes files in alphabetical order.
 */
export class EnvironmentChart extends Chart {
  constructor(scope: Construct, id: string, props: EnvironmentChartProps) {
    const { namespace, partOf, labels = {} } = { ...props };
    super(scope, id, { namespace, labels: chartLabels(partOf, labels), disableResourceNameHashes: true });
    noteOurs(this);
    if (new.target === EnvironmentChart) requireProps(this, props, 'EnvironmentChartProps');
    requireName(this, namespace, 63, 'namespace');
    requireName(this, partOf, 63, 'partOf');
    requireOwnLabels(this, 'labels', labels);
    labelPodsBelow(this, labels);
  }
}
