import { Size } from 'cdk8s';
import { Cpu } from 'cdk8s-plus-27';
import { OptOut, Resources, type Environment } from '../index';
import { postgres } from './images';

const small = Resources.burstable({
  cpu: { request: Cpu.millis(100), limit: Cpu.units(1) },
  memory: { request: Size.mebibytes(256), limit: Size.mebibytes(512) },
});

/** Minikube on a developer's machine: everything inside, nothing to protect. */
export const development: Environment = {
  image: 'kube-native:development', // eval $(minikube docker-env), then docker build -f dist/image/Dockerfile -t kube-native:development ..
  imagePullPolicy: 'Never', // no registry has it
  kubernetes: '1.30',
  web: {
    host: 'localhost', // kubectl port-forward service/kube-native 4000:80
    exposure: { nodePort: 30400 }, // minikube service kube-native
    replicas: 1,
    resources: small,
    poolSize: 5,
  },
  secrets: { literal: { SECRET_KEY_BASE: 'for-development-alone-'.repeat(3), RELEASE_COOKIE: 'development' } },
  databasePassword: { literal: { password: 'development' } },
  database: { single: { image: postgres, imagePullPolicy: 'IfNotPresent', storage: Size.gibibytes(1), resources: small } },
  backup: OptOut.because('seeds and migrations make it again'),
  quota: { cpu: Cpu.units(1), memory: Size.gibibytes(3), storage: Size.gibibytes(2), pods: 10 },
  optOuts: {
    'literal-secrets': OptOut.because('a clone must run without asking anyone; nothing real is behind them'),
    'image-digest': OptOut.because('the image is rebuilt on this machine all day and has no digest in a registry'),
  },
};
