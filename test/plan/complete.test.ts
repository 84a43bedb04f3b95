import { planOf } from '../../lib/plan/plan';
import { worldOf } from '../../lib/plan/world';
import type { Manifest } from '../../lib/index';
import { differences } from '../../lib/plan/difference';
import { changesOf } from '../support/changes';
import { production, staging } from '../support/stack';
import { side } from './report';

/** Changes of one field each, of every sort that there is. */
const SORTS = / (?:taken out|"x"|101|true)$/;
/** What the API server fills in by itself. */
const USUAL = '.failureThreshold taken out';
/** Of so many changes one is tried. */
const EVERY = 23;

/** What a plan says of a change of one object, but that the costs are as before. */
function said(objects: readonly Manifest[], index: number, changed: Manifest): string[] {
  const now = objects.map((manifest, place) => (place === index ? changed : manifest));
  const { sections, changes } = planOf('test', { world: worldOf(objects) }, { world: worldOf(now) });
  if (!changes) return [];
  return Object.values(sections).flatMap((statements) =>
    statements.map(({ text }) => text).filter((text) => text !== 'as before'),
  );
}

describe('whatever changes in an object', () => {
  test.each([production, staging])('is told: $name', (environment) => {
    const objects = side(environment).world.objects.map(({ manifest }) => manifest);
    const silent: string[] = [];
    let tried = 0;
    for (const [index, manifest] of objects.entries()) {
      const some = [...changesOf(manifest)].filter(({ what }) => SORTS.test(what));
      for (const { what, changed } of some.filter(({ what }, place) => place % EVERY === 0 && !what.endsWith(USUAL))) {
        tried += 1;
        if (said(objects, index, changed).length === 0 && differences(manifest, changed).length > 0)
          silent.push(`${manifest['kind']} ${manifest['metadata']?.name}: ${what}`);
      }
    }
    expect(tried).toBeGreaterThan(90);
    expect(silent).toEqual([]);
  });
});
