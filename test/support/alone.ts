import type { Environment } from '../../lib/environments/environment';
import { production as ours } from '../../lib/environments/production';
import { staging as before } from '../../lib/environments/staging';
import { OptOut } from '../../lib/index';

/** Web pods that are no cluster and have no workers, so that what a rule prints depends on nothing else that we decide. */
const alone = { cluster: OptOut.because('each pod is alone in these tests'), worker: OptOut.because('nothing is queued here') };

/** Staging, with the numbers that the sentences of the tests name. */
export const staging: Environment = { ...before, ...alone, replicas: 2, poolSize: 10 };

/** Production, likewise. */
export const production: Environment = { ...ours, ...alone, replicas: 3, poolSize: 20 };
