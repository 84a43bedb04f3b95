import { production as ours, staging as before } from './stack';
import { type NamedEnvironment, OptOut } from '../../lib/index';
import { vary } from './vary';

/** Web pods that are no cluster, have no workers, wait for nothing and are on no route: what a rule prints depends on nothing else that we decide. */
const alone = {
  beam: OptOut.because('each pod is alone in these tests'),
  workers: {},
  migrations: { gate: OptOut.because('nothing migrates in these tests'), contract: false, seeds: false },
  route: undefined,
  web: { clients: [{ namespace: 'gateway' }] },
};

/** Staging, with the numbers that the sentences of the tests name. */
export const staging: NamedEnvironment = vary(before, alone, { web: { replicas: 2, poolSize: 10 } });

/** Production, likewise. */
export const production: NamedEnvironment = vary(ours, alone, { web: { replicas: 3, poolSize: 20 } });
