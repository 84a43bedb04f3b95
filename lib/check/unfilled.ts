import { map, maps } from '../model/values';
import type { Manifest } from '../support/edit';
import type { ReadDocument } from './documents';
import type { Fault } from './fault';
import { itemsIn, pathOf } from './items';

/** What is told of a template. */
export const UNRENDERED = {
  prop: 'YAML',
  must: 'be rendered',
  got: 'a template',
  fix: 'render it first: helm template <chart> | npx cdk8s-phoenix check -',
};

/** What another program is to fill in, in fields that take no dollar and no bracket. */
export function unfilledIn({ file, value, placeOf }: ReadDocument): readonly Fault[] {
  return itemsIn(value).flatMap(({ manifest, at }) => {
    const [steps, text] = plainFields(manifest).find(([, one]) => typeof one === 'string' && UNFILLED.test(one)) ?? [];
    if (steps === undefined) return [];
    const got = String(text);
    const fix = got.includes('{{')
      ? UNRENDERED.fix
      : `fill it in first: envsubst${file === '-' ? '' : ` < ${file}`} | npx cdk8s-phoenix check -`;
    return [
      {
        file,
        ...placeOf([...at, ...steps]),
        prop: pathOf(steps),
        must: 'be filled in',
        got,
        fix,
      },
    ];
  });
}

const UNFILLED = /\$[A-Za-z_{(]|\{\{|<%/;

type Field = readonly [steps: readonly string[], value: unknown];

function plainFields(manifest: Manifest): readonly Field[] {
  const { name, namespace } = map(manifest['metadata']);
  const spec = map(manifest['spec']);
  const job = map(map(spec['jobTemplate'])['spec']);
  return [
    [['metadata', 'name'], name],
    [['metadata', 'namespace'], namespace],
    [['spec', 'replicas'], spec['replicas']],
    ...imagesIn(spec, ['spec']),
    ...imagesIn(map(map(spec['template'])['spec']), ['spec', 'template', 'spec']),
    ...imagesIn(map(map(job['template'])['spec']), ['spec', 'jobTemplate', 'spec', 'template', 'spec']),
  ];
}

function imagesIn(pod: Manifest, path: readonly string[]): readonly Field[] {
  return ['initContainers', 'containers'].flatMap((list) =>
    maps(pod[list]).map(({ image }, index): Field => [[...path, list, String(index), 'image'], image]),
  );
}
