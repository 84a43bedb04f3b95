import type { IConstruct } from 'constructs';

/** Under which a construct's metadata has what completes it. */
const COMPLETES = 'cdk8s-phoenix/completes';
/** Under which the root's says that all of them are called. */
const COMPLETED = 'cdk8s-phoenix/completed';

/**
 * Has a construct that summarizes others add what they come to, once all of them are there: whatever was made before it, and
 * whatever is made later. cdk8s has no phase for that, but it validates before it writes, in `app.synth()` and in
 * `Testing.synth(chart)` alike, and more than once: `complete` adds what is missing then, and nothing twice. What it adds
 * nobody else completes by, so that their order is nothing either. Refusals are for `rejectLate`.
 */
export function onceWhole(construct: IConstruct, complete: () => void): void {
  completeWhenValidated(construct);
  construct.node.addMetadata(COMPLETES, complete);
}

/** Has an App complete what summarizes it, before all validations that are added later. */
export function completeWhenValidated({ node: { root } }: IConstruct): void {
  if (root.node.metadata.some(({ type }) => type === COMPLETED)) return;
  root.node.addMetadata(COMPLETED, true);
  // The root is validated before all that is in it.
  root.node.addValidation({ validate: () => (completeTree(root), []) });
}

function completeTree(root: IConstruct): void {
  for (const { node } of root.node.findAll()) {
    for (const { type, data } of node.metadata) if (type === COMPLETES) (data as () => void)();
  }
}
