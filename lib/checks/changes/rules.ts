import type { Rule } from '../rule';
import { databaseMajorVersion } from './database-major-version';
import { databaseMoved } from './database-moved';
import { databaseRenamed } from './database-renamed';
import { imageAndSettingsApart } from './image-and-settings-apart';
import { immutableFields } from './immutable-fields';
import { lostData } from './lost-data';
import { replicasTakenOver } from './replicas-taken-over';
import { storageShrinks } from './storage-shrinks';

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
