import type { Environment } from '../../lib/environments/environment';
import { production as ours } from '../../lib/environments/production';
import { staging as before } from '../../lib/environments/staging';
import { OptOut } from '../../lib/index';

/** Web pods that are no cluster, have no workers, wait for nothing and are on no road: what a rule prints depends on nothing else that we decide. */
const alone = {
  cluster: OptOut.because('each pod is alone in these tests'),
  worker: OptOut.because('nothing is queued here'),
  migrations: { gate: OptOut.because('nothing migrates in these tests'), contract: false, seeds: false },
  route: OptOut.because('nothing is routed in these tests'),
  clients: [{ namespace: 'gateway' }],
};

/** Staging, with the numbers that the sentences of the tests name. */
export const staging: Environment = { ...before, ...alone, replicas: 2, poolSize: 10 };

/** Production, likewise. */
export const production: Environment = { ...ours, ...alone, replicas: 3, poolSize: 20 };
