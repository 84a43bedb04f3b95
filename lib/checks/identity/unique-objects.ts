import type { Finding, Rule, World } from '../rule';

/** Of two objects with the same name, the one that is applied last wins. */
export const uniqueObjects: Rule = {
  name: 'unique-objects',
  sentence: 'No two objects have the same kind, namespace and name.',
  why: 'kubectl applies both, the second replaces the first, and nobody says so.',
  source: 'https://kubernetes.io/docs/concepts/overview/working-with-objects/names/',
  *find({ objects }: World): Iterable<Finding> {
    const seen = new Map<string, string>();
    for (const object of objects) {
      const { apiVersion, kind, metadata } = object.manifest;
      const group = String(apiVersion).includes('/') ? String(apiVersion).split('/')[0] : '';
      const key = [group, kind, metadata?.namespace, metadata?.name].join('/');
      const first = seen.get(key);
      if (first !== undefined) {
        const must = `differ from that of the ${kind} of [${first}]`;
        yield { object, field: 'metadata.name', must, got: metadata?.name, fix: 'rename one of the two' };
      }
      seen.set(key, first ?? object.construct.node.path);
    }
  },
};
