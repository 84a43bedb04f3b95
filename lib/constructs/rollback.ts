import type { Construct } from 'constructs';
import { requireImage } from '../support/image';
import { reject } from '../support/reject';
import { requireInteger } from '../support/values';

/** Which migrations are taken back. */
export interface Rollback {
  /** The Repo, as Elixir writes it: `KubeNative.Repo`. */
  readonly repo: string;
  /** Version of the oldest migration that is taken back, as its file's name begins: 20260131120000. Newer ones go with it. */
  readonly to: number;
  /**
   * Image that knows these migrations: the newer one, where the release runs the one before already. @default - that of the
   * release, where nothing else of the environment runs its migrations
   */
  readonly image?: string;
}

/** Refuses a rollback that says too little, or too much. */
export function requireRollback(
  scope: Construct,
  rollback: Rollback,
  others: { readonly phase?: string; readonly command?: readonly string[] },
): void {
  const { repo, to, image } = rollback;
  if (!/^[A-Z]\w*(?:\.[A-Z]\w*)*$/.test(repo)) {
    reject(scope, { prop: 'rollback.repo', must: 'be a module', got: repo, fix: 'write it as KubeNative.Repo' });
  }
  const fix = "write the number that the migration's file begins with";
  requireInteger(scope, 'rollback.to', to, { minimum: 1, maximum: Number.MAX_SAFE_INTEGER, fix });
  if (image !== undefined) requireImage(scope, image);
  if (others.phase !== undefined) {
    const must = 'be left out of a rollback';
    reject(scope, { prop: 'phase', must, got: others.phase, fix: 'a rollback runs once, when its object is applied' });
  }
}
