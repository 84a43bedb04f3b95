import { Duration, Size } from 'cdk8s';
import { Cpu } from 'cdk8s-plus-27';
import { Resources, type Environment } from '../index';
import { publicRoute } from './route';

const worker = Resources.guaranteed({ cpu: Cpu.units(1), memory: Size.gibibytes(1) });

/** What customers use. The provider runs the database, keeps its backups and replaces its disks. */
export const production: Environment = {
  kubernetes: '1.30',
  cluster: 'production', // of its own: nothing else runs beside it
  web: {
    host: 'kube-native.example.com',
    replicas: { minimum: 3, maximum: 6 }, // one for each zone; more when they are busy
    resources: Resources.guaranteed({ cpu: Cpu.units(2), memory: Size.gibibytes(1) }), // evicted last
  },
  workers: {
    // A lost node leaves one of two; the longest job takes two minutes.
    worker: { replicas: 2, resources: worker, shutdown: Duration.minutes(2), config: { KUBE_NATIVE_MODE: 'worker' } },
  },
  beam: { discovery: 'dns' },
  route: publicRoute,
  database: {
    managed: {
      host: 'kube-native.cluster-example.eu-central-1.rds.amazonaws.com',
      connections: 190, // max_connections of 200, less those for administrators and the provider
      cidr: '10.0.0.0/16', // the database's subnets
      tls: { authority: { configMap: 'database-ca', key: 'ca.pem' } }, // the provider signs with an authority of its own
    },
  },
  quota: { cpu: Cpu.units(20), memory: Size.gibibytes(16), storage: Size.gibibytes(1), pods: 20 },
};
