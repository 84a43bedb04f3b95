import {
  boolYaml11Tag,
  FAILSAFE_SCHEMA,
  floatCoreTag,
  intYaml11Tag,
  loadAll,
  mergeTag,
  nullYaml11Tag,
  type Schema,
} from 'js-yaml';

/**
 * The values of YAML 1.1 as Kubernetes' parser takes them: `yes` is a switch and `0o14` a text, while `1e3` is a number and a date
 * is no more than its text.
 */
const KUBERNETES: Schema = FAILSAFE_SCHEMA.withTags(nullYaml11Tag, boolYaml11Tag, intYaml11Tag, floatCoreTag, mergeTag);

/** The documents of a file, as Kubernetes reads them. Throws where it is no YAML. */
export function readYaml(text: string): unknown[] {
  return loadAll(text, { schema: KUBERNETES });
}
