import { Chart } from 'cdk8s';
import type { MigrationJob } from '../constructs/migration-job';
import type { PhoenixRelease } from '../constructs/phoenix-release';
import { VolumeClaim, type VolumeClaimProps } from '../constructs/volume-claim';
import { podMounts, type Mount } from '../pod/mount';
import type { Charts, Environment } from './environment';
import { migrationsIn, type Parts } from './parts';

/** The claims of an environment, by their names: each in the file of the first who mounts it. */
export function claimsOf(parts: Parts, release: PhoenixRelease, migration?: MigrationJob): Charts['claims'] {
  const { environment, facts } = parts;
  const { claims = {}, delivery } = environment;
  return Object.fromEntries(
    Object.entries(claims).map(([name, claim]) => {
      const turn = turnOf(name, environment);
      const chart = Chart.of(turn === 'before' && migration ? migration : release);
      const { name: application } = facts.application;
      return [name, new VolumeClaim(chart, `Claim-${name}`, { ...claim, name, application, delivery, turn })];
    }),
  );
}

/** When the first pod asks for the volume. What nobody seems to mount is for pods that `amend` changes. */
function turnOf(claim: string, environment: Environment): VolumeClaimProps['turn'] {
  const { mounts, web, workers = {}, tasks = {} } = environment;
  if (isMounted(claim, mounts) || isMounted(claim, migrationsIn(environment).mounts)) return 'before';
  if ([web, ...Object.values(workers)].some((role) => isMounted(claim, role.mounts))) return 'pods';
  return Object.values(tasks).some((task) => isMounted(claim, task.mounts)) ? 'last' : 'pods';
}

function isMounted(claim: string, mounts: readonly Mount[] = []): boolean {
  return podMounts(mounts).some(({ source }) => source?.persistentVolumeClaim?.claimName === claim);
}
