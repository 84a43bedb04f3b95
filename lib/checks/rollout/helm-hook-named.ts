import type { Finding, Rule, World } from '../rule';
import { map, scalar } from '../../model/values';

const HOOK = 'helm.sh/hook';
const ABOUT = ['helm.sh/hook-weight', 'helm.sh/hook-delete-policy', 'helm.sh/hook-output-log-policy'];

/** Helm reads what is said of a hook where one is, and nowhere else. */
export const helmHookNamed: Rule = {
  name: 'helm-hook-named',
  sentence: 'An object that says how it is a hook of Helm says of what.',
  why: 'It is a part of the release instead: a Job is not run again, and the next upgrade fails, because its pods cannot be changed.',
  source: 'https://helm.sh/docs/topics/charts_hooks/',
  severity: 'warning',
  *find({ objects }: World): Iterable<Finding> {
    for (const object of objects) {
      const annotations = map(map(object.manifest['metadata'])['annotations']);
      const [said] = ABOUT.filter((name) => annotations[name] !== undefined);
      if (said === undefined || scalar(annotations[HOOK]) !== undefined) continue;
      const field = `metadata.annotations["${HOOK}"]`;
      const fix = `write pre-install,pre-upgrade, or another time, or take ${said} out`;
      yield { object, field, must: `be given beside ${said}`, got: annotations[HOOK], fix };
    }
  },
};
