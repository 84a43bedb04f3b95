/** The init container that keeps new pods waiting until the migrations are done. */
export const GATE = 'wait-for-migrations';
