import type { Manifest } from '../support/edit';
import type { FinishedObject } from './rule';

/** A pod template, or a bare Pod, and where it stands in its object. */
export interface PodTemplate {
  readonly object: FinishedObject;
  /** Path of the pod's spec: `spec.template.spec`. */
  readonly path: string;
  readonly spec: Manifest;
  readonly labels: Readonly<Record<string, string>>;
}

/** A container and where it stands in its object. */
export interface ContainerAt {
  readonly path: string;
  readonly container: Manifest;
  readonly init: boolean;
}

const TEMPLATES: Readonly<Record<string, readonly string[]>> = {
  Pod: [],
  Deployment: ['spec', 'template'],
  ReplicaSet: ['spec', 'template'],
  StatefulSet: ['spec', 'template'],
  DaemonSet: ['spec', 'template'],
  Job: ['spec', 'template'],
  Rollout: ['spec', 'template'],
  CronJob: ['spec', 'jobTemplate', 'spec', 'template'],
};

/** The pod that an object makes, if it makes any. */
export function podOf(object: FinishedObject): PodTemplate | undefined {
  const steps = TEMPLATES[object.manifest['kind'] as string];
  if (!steps) return undefined;
  const template = steps.reduce<Manifest | undefined>((value, step) => value?.[step], object.manifest);
  if (!template?.['spec']) return undefined;
  const path = [...steps, 'spec'].join('.');
  return { object, path, spec: template['spec'], labels: template['metadata']?.labels ?? {} };
}

/** Every container of a pod, those for its start included. */
export function containersOf({ path, spec }: PodTemplate): ContainerAt[] {
  const at = (field: string, init: boolean) =>
    ((spec[field] ?? []) as Manifest[]).map((container, index) => ({ path: `${path}.${field}[${index}]`, container, init }));
  return [...at('initContainers', true), ...at('containers', false)];
}
