import type { Rule } from '../rule';
import { immutableFields } from './immutable-fields';
import { lostData } from './lost-data';
import { storageShrinks } from './storage-shrinks';

/** What must hold between the environment and the same one as it was synthesized before. */
export const changeRules: readonly Rule[] = [immutableFields, storageShrinks, lostData];
