import { Size } from 'cdk8s';
import { Cpu, type k8s } from 'cdk8s-plus-27';
import type { IConstruct } from 'constructs';
import { hardenedPod, volumesOf, type ImagePullPolicy } from '../pod/hardened-pod';
import type { Mount } from '../pod/mount';
import { Resources } from '../pod/resources';
import type { Variables } from '../pod/variables';
import { parseImage, requireImage, versionIn } from '../support/image';
import { reject } from '../support/reject';
import { requireLabels } from '../support/values';

/** What measures a server of one pod, in the same pod. A Prometheus operator is told of it by a PodMonitor. */
export interface DatabaseExporter {
  /**
   * The official image with its version: `docker.io/prometheuscommunity/postgres-exporter:v0.20.1`, 0.15 or newer, or
   * `docker.io/prom/mysqld-exporter:v0.18.0`. Nothing of it is used but its program, which is its entry point.
   */
  readonly image: string;
  /** When to pull it: `imagePullPolicy`. @default 'Always' */
  readonly imagePullPolicy?: ImagePullPolicy;
  /** What it may use; the pod asks for the sum. @default - guaranteed 100m and 64 MiB */
  readonly resources?: Resources;
  /** Labels by which Prometheus finds its monitors. @default - those of `observe` in an environment, else {} */
  readonly labels?: Readonly<Record<string, string>>;
}

/** How the exporter of one kind of server is started. */
export interface ExporterProgram {
  readonly port: number;
  readonly args: readonly string[];
  readonly variables: Variables;
  /** Where the scripts of the server are, `exporter` among them. */
  readonly scripts: string;
}

/** As whom it logs in, in the server and from the pod alone. */
export const EXPORTER_ROLE = 'exporter';
/** What is written there before the server and the exporter start is in memory, and goes with the pod. */
export const EXPORTER_FOLDER = '/run/exporter';
/** Made anew for each pod. */
export const EXPORTER_PASSWORD = `${EXPORTER_FOLDER}/password`;

const RESOURCES = Resources.guaranteed({
  cpu: Cpu.millis(100),
  memory: Size.mebibytes(64),
  ephemeralStorage: Size.mebibytes(128),
});

/** Writes a password that nobody else knows. The kubelet may run it again in the same pod: it stays then. */
export const PASSWORD_LINES = [
  'umask 077',
  `if [ ! -s ${EXPORTER_PASSWORD} ]; then`,
  `  head -c 32 /dev/urandom | od -An -v -tx1 | tr -d ' \\n' > ${EXPORTER_PASSWORD}`,
  'fi',
];

/**
 * A server's pod with what measures it. The exporter is a plain container: the server need not wait for it, and both may stop at
 * once. Its password is written before both of them by the server's own image.
 */
export function withExporter(spec: k8s.PodSpec, exporter: DatabaseExporter, program: ExporterProgram): k8s.PodSpec {
  const { image, imagePullPolicy = 'Always', resources = RESOURCES } = exporter;
  const [server, ...others] = spec.containers;
  if (!server) return spec;
  const scripts = server.volumeMounts?.find(({ mountPath }) => mountPath === program.scripts);
  const seen = { name: 'exporter', mountPath: EXPORTER_FOLDER };
  const common = { resources, user: 0, serviceAccountName: '', mounts: [] };
  const [password, measuring] = [
    {
      ...common,
      container: 'exporter-password',
      image: server.image ?? '',
      imagePullPolicy: server.imagePullPolicy as ImagePullPolicy,
      command: ['bash', '-euo', 'pipefail', `${program.scripts}/exporter`],
      variables: {},
    },
    {
      ...common,
      container: 'exporter',
      image,
      imagePullPolicy,
      args: program.args,
      variables: program.variables,
      ports: { metrics: program.port },
    },
  ].flatMap((one) => hardenedPod(one).containers) as [k8s.Container, k8s.Container];
  const reads = { ...seen, readOnly: true };
  const memory: Mount = { name: seen.name, path: seen.mountPath, memory: Size.mebibytes(1) };
  return {
    ...spec,
    initContainers: [{ ...password, volumeMounts: [...(scripts ? [scripts] : []), seen] }, ...(spec.initContainers ?? [])],
    containers: [
      { ...server, volumeMounts: [...(server.volumeMounts ?? []), reads] },
      ...others,
      { ...measuring, volumeMounts: [reads] },
    ],
    volumes: [...(spec.volumes ?? []), ...volumesOf([memory])],
  };
}

/** Whether the last part of a name says the exporter of an engine; mirrors change what is before it. */
function isFor(engine: 'postgres' | 'mysqld', repository: string): boolean {
  const [, name = ''] = /([^/]*)$/.exec(repository) ?? [];
  return new RegExp(`${engine === 'postgres' ? 'postgres(?:ql)?' : 'mysqld?'}[-_]?exporter`).test(name);
}

/** Refuses an exporter that would not start, or whose user somebody else is. */
export function requireExporter(
  scope: IConstruct,
  { image, resources, labels = {} }: DatabaseExporter,
  { user, oldest, of }: { readonly user: string; readonly oldest?: number; readonly of: 'postgres' | 'mysqld' },
): void {
  requireImage(scope, image, 'exporter.image');
  resources?.require(scope, 'exporter.resources');
  requireLabels(scope, 'exporter.labels', labels);
  const { repository = '', tag = '' } = parseImage(image) ?? {};
  if (!isFor(of, repository)) {
    const must = `be an image of ${of}_exporter: beside another program the pod is never ready, and nobody connects`;
    const fix = `take the official one, ${of === 'postgres' ? 'prometheuscommunity/postgres-exporter' : 'prom/mysqld-exporter'}, or one whose name ends so`;
    reject(scope, { prop: 'exporter.image', must, got: image, fix });
  }
  const [major = 1, minor = 0] = versionIn(tag) ?? [];
  if (oldest !== undefined && major === 0 && minor < oldest) {
    const must = `be of version 0.${oldest} or newer, which knows its arguments and has the metrics that alerts ask for`;
    reject(scope, { prop: 'exporter.image', must, got: image, fix: 'take one that is still maintained' });
  }
  if (user.toLowerCase() !== EXPORTER_ROLE) return;
  const must = `be another than '${EXPORTER_ROLE}', as whom the exporter logs in`;
  reject(scope, { prop: 'user', must, got: user, fix: 'name it after the application' });
}
