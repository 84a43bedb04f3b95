import { Duration, Size } from 'cdk8s';
import { Cpu } from 'cdk8s-plus-27';
import { clusterDns, OptOut, Resources } from '../index';
import type { Environment } from './environment';
import { gatewayProxies, publicGateway } from './gateway';
import { postgres } from './images';

/** Rehearsal of production at a third of its size, with a database of its own that may be lost. */
export const staging: Environment = {
  name: 'staging',
  namespace: 'kube-native-staging',
  lifetime: 'permanent',
  kubernetes: '1.30',
  host: 'staging.kube-native.example.com',
  image: 'registry.example.com/kube-native:1.0.0@sha256:4d1f0e9a6c5b38277f1d2e3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a6978',
  imagePullPolicy: 'Always',
  hosts: [],
  url: { scheme: 'https', port: 443 },
  https: 'outside',
  http2: false,
  exposure: 'ClusterIP',
  route: publicGateway,
  mesh: 'none',
  clients: gatewayProxies,
  egress: [],
  dns: clusterDns.kubernetes,
  monitoring: [],
  replicas: 2, // the smallest number that shows what one pod hides
  cluster: { discovery: 'dns' },
  worker: {
    replicas: 1,
    resources: Resources.burstable({
      cpu: { request: Cpu.millis(250), limit: Cpu.units(1) },
      memory: { request: Size.mebibytes(512), limit: Size.mebibytes(512) },
    }),
    shutdown: Duration.minutes(2), // the longest job
  },
  resources: Resources.burstable({
    cpu: { request: Cpu.millis(250), limit: Cpu.units(1) },
    memory: { request: Size.mebibytes(512), limit: Size.mebibytes(512) },
  }),
  poolSize: 8,
  connection: 'direct',
  readUrl: false,
  delivery: 'apply',
  migrations: { gate: Duration.minutes(30), contract: false, seeds: false },
  priorityClassName: OptOut.because('the cluster has no classes, and all of its tenants are equal'),
  secrets: { existing: true },
  databasePassword: { existing: true },
  database: {
    single: {
      image: postgres,
      storage: Size.gibibytes(10),
      resources: Resources.guaranteed({ cpu: Cpu.units(1), memory: Size.gibibytes(1) }),
    },
  },
  backup: OptOut.because('it is a rehearsal, and may be lost'),
  quota: { cpu: Cpu.units(4), memory: Size.gibibytes(6), storage: Size.gibibytes(20), pods: 12 },
  optOuts: {},
};
