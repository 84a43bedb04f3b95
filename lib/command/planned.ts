import { sentence } from '../support/reject';
import { live, type LiveOptions } from './live';
import { plan, type Planned, type PlanOptions } from './plan';

/** What the command line says of either plan. */
export type Options = PlanOptions & Partial<Omit<LiveOptions, keyof PlanOptions>>;

/** The plan of a change, or with `--live` that of an apply to what is in the cluster. */
export function planned(before: string | undefined, after: string | undefined, options: Options): Planned {
  const { format, dist, live: environment, from, context, kubectl } = options;
  const refused = (prop: string, must: string, got: unknown, fix: string): Planned => ({
    faults: [`[plan] ${sentence({ prop, must, got, fix })}`],
    text: '',
  });
  if (environment !== undefined) {
    if (before !== undefined) {
      const fix = 'name the environment behind --live alone, and the folder with --dist';
      return refused('before', 'be left out with --live', before, fix);
    }
    if (from !== undefined && context !== undefined)
      return refused('--context', 'be left out with --from', context, 'nothing is asked then');
    return live({ format, dist, live: environment, from, context, kubectl });
  }
  const [stray] = [from === undefined ? [] : ['--from'], context === undefined ? [] : ['--context']].flat();
  if (stray !== undefined) return refused(stray, 'be left out without --live', from ?? context, 'add --live and the environment');
  if (before !== undefined) return plan(before, after, { format, dist });
  return refused(
    'before',
    'name what is deployed',
    undefined,
    'name a folder or a revision, or compare with the cluster by --live',
  );
}
