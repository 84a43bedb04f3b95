import type { Rule } from '../rule';
import { databaseMajorVersion } from './database-versions';
import { databaseMoved, databaseRenamed } from './database-names';
import { imageAndSettingsApart, replicasTakenOver } from './two-steps';
import { immutableFields } from './immutable-fields';
import { lostData, storageShrinks } from './kept-data';

/** What must hold between the environment and the same one as it was synthesized before. */
export const changeRules: readonly Rule[] = [
  immutableFields,
  storageShrinks,
  lostData,
  databaseMajorVersion,
  databaseRenamed,
  databaseMoved,
  imageAndSettingsApart,
  replicasTakenOver,
];
