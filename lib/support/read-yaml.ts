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

/** A reader that parses each document once: two outputs of one stack have most of them in common. */
export function onceEach(): typeof readYaml {
  const known = new Map<string, unknown[]>();
  return (text) =>
    // A directive is about the document behind it.
    /^%/m.test(text)
      ? readYaml(text)
      : text.split(/^---[ \t]*$/m).flatMap((document) => {
          const objects = known.get(document) ?? readYaml(document);
          known.set(document, objects);
          return objects;
        });
}
