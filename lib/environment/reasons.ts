import type { IConstruct } from 'constructs';
import { OptOut } from '../support/opt-out';
import { requireReason } from '../support/values';
import type { Backups, Charts, Environment } from './environment';

/** Asks for the reasons of what an environment leaves out, which no construct is told: they stand at what is there without it. */
export function requireReasons(
  { beam, migrations, backup, databases = {} }: Environment,
  { release, postgres, databases: charts }: Pick<Charts, 'release' | 'postgres' | 'databases'>,
): void {
  requireReason(release.web, 'beam', beam);
  if (migrations instanceof OptOut) requireReason(release.web, 'migrations', migrations);
  else requireReason(release.web, 'migrations.gate', migrations?.gate);
  requireBackupReasons(postgres, 'backup', backup);
  for (const [name, { backup: own }] of Object.entries(databases)) {
    const chart = charts[name];
    if (chart) requireBackupReasons(chart, `databases.${name}.backup`, own);
  }
}

function requireBackupReasons(database: IConstruct, prop: string, backup: Backups | OptOut | undefined): void {
  requireReason(database, prop, backup);
  if (backup !== undefined && !(backup instanceof OptOut)) requireReason(database, `${prop}.drill`, backup.drill);
}
