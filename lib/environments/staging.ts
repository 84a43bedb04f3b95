import { Duration, Size } from 'cdk8s';
import { Cpu } from 'cdk8s-plus-27';
import { OptOut, Resources, type Environment } from '../index';
import { publicRoute } from './route';
import { postgres } from './images';

const small = Resources.burstable({
  cpu: { request: Cpu.millis(250), limit: Cpu.units(1) },
  memory: { request: Size.mebibytes(512), limit: Size.mebibytes(512) },
});
const database = Resources.guaranteed({ cpu: Cpu.units(1), memory: Size.gibibytes(1) });

/** Rehearsal of production at a third of its size, with a database of its own that may be lost. */
export const staging: Environment = {
  kubernetes: '1.30',
  web: {
    host: 'staging.kube-native.example.com',
    replicas: 2, // the smallest number that shows what one pod hides
    resources: small,
    poolSize: 8,
  },
  workers: {
    worker: {
      replicas: 1,
      shutdown: Duration.minutes(2), // the longest job
      config: { KUBE_NATIVE_MODE: 'worker' },
    },
  },
  beam: { discovery: 'dns' },
  route: publicRoute,
  database: { single: { image: postgres, storage: Size.gibibytes(10), resources: database } },
  backup: OptOut.because('it is a rehearsal, and may be lost'),
  quota: { cpu: Cpu.units(4), memory: Size.gibibytes(6), storage: Size.gibibytes(20), pods: 12 },
};
