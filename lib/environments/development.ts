import { Duration, Size } from 'cdk8s';
import { Cpu } from 'cdk8s-plus-27';
import { clusterDns, OptOut, Resources } from '../index';
import type { Environment } from './environment';
import { postgres } from './images';

/** Minikube on a developer's machine: everything inside, nothing to protect. */
export const development: Environment = {
  name: 'development',
  namespace: 'kube-native-development',
  lifetime: 'permanent',
  kubernetes: '1.30',
  host: 'localhost', // kubectl port-forward service/kube-native 4000:80
  image: 'kube-native:development', // eval $(minikube docker-env), then docker build -t kube-native:development .
  imagePullPolicy: 'Never', // no registry has it
  hosts: [],
  url: { scheme: 'https', port: 443 },
  https: 'outside',
  http2: false,
  exposure: { nodePort: 30400 }, // minikube service kube-native
  route: OptOut.because('a laptop has no name that others could look up'),
  mesh: 'none',
  clients: 'everyone', // the port of the node is open to the laptop
  egress: [],
  dns: clusterDns.kubernetes,
  monitoring: [],
  replicas: 1,
  cluster: OptOut.because('one pod has nobody to meet'),
  worker: OptOut.because('the one web pod works off its own queue'),
  resources: Resources.burstable({
    cpu: { request: Cpu.millis(100), limit: Cpu.units(1) },
    memory: { request: Size.mebibytes(256), limit: Size.mebibytes(512) },
  }),
  poolSize: 5,
  connection: 'direct',
  readUrl: false,
  delivery: 'apply',
  migrations: { gate: Duration.minutes(30), contract: false, seeds: false },
  priorityClassName: OptOut.because('one application has the whole node'),
  secrets: { literal: { SECRET_KEY_BASE: 'for-development-alone-'.repeat(3), RELEASE_COOKIE: 'development' } },
  databasePassword: { literal: { password: 'development' } },
  database: {
    single: {
      image: postgres,
      imagePullPolicy: 'IfNotPresent',
      storage: Size.gibibytes(1),
      resources: Resources.burstable({
        cpu: { request: Cpu.millis(100), limit: Cpu.units(1) },
        memory: { request: Size.mebibytes(256), limit: Size.mebibytes(512) },
      }),
    },
  },
  backup: OptOut.because('seeds and migrations make it again'),
  quota: { cpu: Cpu.units(1), memory: Size.gibibytes(3), storage: Size.gibibytes(2), pods: 10 },
  optOuts: {
    'literal-secrets': OptOut.because('a clone must run without asking anyone; nothing real is behind them'),
    'image-digest': OptOut.because('the image is rebuilt on this machine all day and has no digest in a registry'),
  },
};
