import { Duration, Size } from 'cdk8s';
import { Cpu } from 'cdk8s-plus-27';
import { OptOut, Probe, Resources, type InitContainer, type Sidecar } from '../../lib/index';

const digest = 'sha256:4d1f0e9a6c5b38277f1d2e3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a6978';

/** What a container beside the program may use. */
export const little = Resources.guaranteed({
  cpu: Cpu.millis(50),
  memory: Size.mebibytes(64),
  ephemeralStorage: Size.mebibytes(128),
});

/** A shipper of logs, as little as one may say. */
export const shipper: Sidecar = {
  image: `registry.example.com/shipper:2.1.0@${digest}`,
  resources: little,
  probes: { startup: OptOut.because('nobody waits for it') },
};

/** A renderer of images that the program asks, with all that a sidecar may have. */
export const imgproxy: Required<Omit<Sidecar, 'unordered'>> = {
  image: `registry.example.com/imgproxy:3.27.0@${digest}`,
  imagePullPolicy: 'IfNotPresent',
  command: ['imgproxy'],
  args: ['--quiet'],
  variables: { IMGPROXY_BIND: ':8086', IMGPROXY_KEY: { secretKeyRef: { name: 'imgproxy', key: 'key' } } },
  variableSources: [{ configMapRef: { name: 'imgproxy' } }],
  resources: Resources.guaranteed({ cpu: Cpu.millis(500), memory: Size.mebibytes(256), ephemeralStorage: Size.mebibytes(256) }),
  mounts: [{ name: 'presets', path: '/etc/imgproxy', configMap: 'imgproxy-presets' }],
  user: 10999,
  egress: [{ port: 9000, peer: { cidr: '10.9.0.0/24' } }],
  ports: { imgproxy: 8086 },
  probes: {
    startup: Probe.http({ port: 'imgproxy', path: '/health' }),
    readiness: Probe.http({ port: 'imgproxy', path: '/health' }),
    liveness: Probe.tcp({ port: 'imgproxy' }),
  },
  bootTime: Duration.seconds(30),
};

/** What fetches a file before the program starts. */
export const fetcher: InitContainer = {
  image: `registry.example.com/fetcher:1.0.0@${digest}`,
  command: ['fetch', '/geo/cities.mmdb'],
  resources: little,
  mounts: [{ path: '/geo', scratch: Size.mebibytes(32) }],
  when: 'before-migrations',
};

/** What stands outside of the YAML for these. */
export const needed = [
  { kind: 'Secret', name: 'imgproxy', keys: ['key'] },
  { kind: 'ConfigMap', name: 'imgproxy', keys: [] },
  { kind: 'ConfigMap', name: 'imgproxy-presets', keys: [] },
];
