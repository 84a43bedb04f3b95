import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { bare, claimed, planned, type Outcome } from '../compare/outcome';
import { trialOf } from '../compare/trial';
import { yamlChanges } from '../compare/yaml-changes';

type Seen = Outcome & { readonly serverSide?: Outcome };

/** What a cluster made of each change: `npm run compare -- plan` writes it down. */
const seen = JSON.parse(readFileSync(join(__dirname, '../compare/seen.json'), 'utf8')) as Readonly<Record<string, Seen>>;

function known(name: string): Seen {
  const found = seen[name];
  if (!found) throw new Error(`no cluster has seen it: npm run compare -- plan --only '${name}'`);
  return found;
}

describe('what a plan says is what a cluster did', () => {
  test.each(Object.entries(yamlChanges))('%s', (name, change) => {
    const { serverSide: other, ...happened } = known(name);
    for (const serverSide of [false, true]) {
      const { before, now, ended } = trialOf(name, change, { id: '', serverSide });
      expect(bare(claimed(planned(before, now), { ended, serverSide }))).toEqual(serverSide ? (other ?? happened) : happened);
    }
  });
});
