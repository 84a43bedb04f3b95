import { ApiObject, Duration, Size } from 'cdk8s';
import { Cpu, k8s } from 'cdk8s-plus-27';
import type { Construct } from 'constructs';
import { HashedConfigMap } from '../pod/hashed-config-map';
import { hardenedPod, NOBODY, type ImagePullPolicy } from '../pod/hardened-pod';
import type { Mount } from '../pod/mount';
import { requirePodSettings, type PodSettings } from '../pod/pod-settings';
import { Resources } from '../pod/resources';
import { settlePods } from '../pod/settled-pods';
import { literally } from '../pod/variables';
import { requireRoomInTmp, tmp } from '../pod/volumes';
import { KeyedSecret, type SecretSource } from '../constructs/keyed-secret';
import { MeshVisitor } from '../constructs/mesh-visitor';
import type { PhoenixRelease } from '../constructs/phoenix-release';
import type { MeshWays } from '../release/cluster-node';
import { declaredIn, namespaceOf } from '../support/declare';
import { edit, nameByContent, type Manifest } from '../support/edit';
import { standApart } from '../support/folder';
import { imageVersion, requireImage } from '../support/image';
import { labels } from '../support/labels';
import { secondsOf } from '../support/quantity';
import { abort, reject, writtenAs } from '../support/reject';
import { requireProps } from '../support/props';
import { requireName, requireSeconds } from '../support/values';
import { EnvironmentChart, type EnvironmentChartProps } from './environment-chart';

/** Properties of {@link LivebookDesk}. */
export interface LivebookDeskProps extends EnvironmentChartProps {
  /** The release whose nodes are looked into, in a cluster. */
  readonly release: PhoenixRelease;
  /**
   * Image of Livebook with its version, such as `ghcr.io/livebook-dev/livebook:0.19.9`. It takes nodes alone that run Elixir of the
   * same minor version as its own: `image`.
   */
  readonly image: string;
  /** When to pull it: `imagePullPolicy`. @default 'Always' */
  readonly imagePullPolicy?: ImagePullPolicy;
  /** Where the password is, 12 characters or more: the Secret `<application>-livebook`. @default { existing: true } */
  readonly password?: SecretSource<'LIVEBOOK_PASSWORD'>;
  /** How long it is open, a minute to a day; then it is gone, with its notebooks: `activeDeadlineSeconds`. @default Duration.hours(8) */
  readonly deadline?: Duration;
  /**
   * What it may use; a notebook that is attached to a node takes that of the node.
   * @default Resources.burstable({ cpu: { request: Cpu.millis(100), limit: Cpu.units(1) }, memory: { request: Size.mebibytes(512), limit: Size.gibibytes(1) } })
   */
  readonly resources?: Resources;
  /** Where its pod is scheduled, who pulls its image, and what else it is told. @default {} */
  readonly pods?: PodSettings;
}

/** Where notebooks are until it closes. */
const DATA = '/data';
/** Where the arguments of its VM are, where those of the image will not do. */
const ARGUMENTS = '/etc/livebook';
/** Those of the image: https://github.com/livebook-dev/livebook/blob/main/rel/server/vm.args.eex. */
const VM_ARGUMENTS = ['+sbwt none +sbwtdcpu none +sbwtdio none +Q 65536', '-epmd_module Elixir.Livebook.EPMD'];

/** From inside, where it listens: whoever waits for the Job then finds it. The image asks itself the same, by the same program. */
const READY: k8s.Probe = {
  exec: { command: ['wget', '--quiet', '--spider', 'http://127.0.0.1:8080/public/health'] },
  periodSeconds: 5,
  timeoutSeconds: 5,
};

const RESOURCES = Resources.burstable({
  cpu: { request: Cpu.millis(100), limit: Cpu.units(1) },
  memory: { request: Size.mebibytes(512), limit: Size.gibibytes(1) },
});

/**
 * A Livebook beside the nodes of a release, for a limited time: whoever has its password and the cookie runs code in them. It is no
 * part of the environment: its file is `dist/livebook/<environment>.yaml`, which is applied when somebody wants it, and deleted
 * afterwards. Nothing leads to it but `kubectl port-forward`.
 *
 * @see https://hexdocs.pm/livebook/runtime.html#attached-runtime
 */
export class LivebookDesk extends EnvironmentChart {
  /** The Secret with its password. */
  readonly secret: KeyedSecret<'LIVEBOOK_PASSWORD'>;
  /** The ServiceAccount that it runs as, with no token mounted. */
  readonly serviceAccount: k8s.KubeServiceAccount;
  /** The Job. */
  readonly job: k8s.KubeJob;

  constructor(scope: Construct, id: string, props: LivebookDeskProps) {
    super(scope, id, props);
    standApart(this, { folder: 'livebook', use: 'kubectl apply -f opens it, kubectl delete -f closes it.' });
    requireProps(this, props, 'LivebookDeskProps');
    const { release, image, password = { existing: true }, deadline = Duration.hours(8), pods = {} } = props;
    const ways = waysOf(this, release);
    const { name: application } = release.application;
    const name = `${application}-livebook`;
    requireName(this, application, 43, 'release.application.name');
    requireImage(this, image);
    requirePassword(this, password);
    requirePodSettings(this, pods);
    requireSeconds(this, 'deadline', deadline, { minimum: 60, maximum: 86400, fix: 'omit it to use 8 hours' });

    const own = labelsOf(name);
    new MeshVisitor(this, 'Ways', { pods: name, labels: own, openings: ways.openings });
    writtenAs(this, 'Password', (prop) => prop.replace(/^source\b/, 'password'));
    this.secret = new KeyedSecret(this, 'Password', { name, labels: own, keys: ['LIVEBOOK_PASSWORD'], source: password });
    this.serviceAccount = new k8s.KubeServiceAccount(this, 'ServiceAccount', {
      metadata: { name, labels: own },
      automountServiceAccountToken: false,
    });
    const versioned = labelsOf(name, imageVersion(image));
    const spec = this.podOf(props, name, ways);
    this.job = this.jobOf({ name, labels: versioned }, deadline, { metadata: { labels: versioned }, spec });
    settlePods(ApiObject.of(this.job), pods);
    edit(ApiObject.of(this.job), (job) => (declaredIn(this, namespaceOf(this)).sidecars.length > 0 ? withoutSidecar(job) : job));
    // Another desk is another Job: the template of one cannot change.
    nameByContent(ApiObject.of(this.job), ({ spec: { activeDeadlineSeconds, template } }) => [activeDeadlineSeconds, template]);
  }

  private podOf(props: LivebookDeskProps, name: string, ways: MeshWays): k8s.PodSpec {
    const { image, imagePullPolicy = 'Always', resources = RESOURCES } = props;
    resources.require(this);
    const data: Mount[] = [{ name: 'data', path: DATA, scratch: Size.mebibytes(128) }, ...this.vmArguments(name, ways)];
    requireRoomInTmp(this, resources, data);
    return hardenedPod({
      container: 'livebook',
      image,
      imagePullPolicy,
      variables: { ...this.secret.variables, ...literally(variablesOf(ways, resources)) },
      ports: { http: 8080, iframe: 8081 },
      mounts: [tmp(resources, data), ...data],
      resources,
      user: NOBODY,
      serviceAccountName: name,
      lifecycle: { readinessProbe: READY },
    });
  }

  private jobOf(metadata: k8s.ObjectMeta, deadline: Duration, template: k8s.PodTemplateSpec): k8s.KubeJob {
    return new k8s.KubeJob(this, 'Job', {
      metadata,
      spec: {
        // Applied again within that time, it would stay closed.
        ttlSecondsAfterFinished: 60,
        activeDeadlineSeconds: secondsOf(deadline),
        // What does not start has a reason to be read; a node that is drained is none.
        backoffLimit: 0,
        podFailurePolicy: { rules: [{ action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] }] },
        template: {
          ...template,
          spec: { ...template.spec, containers: template.spec?.containers ?? [], restartPolicy: 'Never' },
        },
      },
    });
  }

  /** Where no epmd tells the port of a node, Livebook's own VM is told: by a flag that those of its notebooks must not inherit. */
  private vmArguments(name: string, { port }: MeshWays): Mount[] {
    if (port === undefined) return [];
    const data = { 'vm.args': [...VM_ARGUMENTS, `-erl_epmd_port ${port}`, ''].join('\n') };
    const { configMapName } = new HashedConfigMap(this, 'Arguments', { name, labels: labelsOf(name), data });
    return [{ name: 'arguments', path: ARGUMENTS, configMap: configMapName }];
  }
}

function labelsOf(instance: string, version?: string): Record<string, string> {
  return labels({ application: 'livebook', instance, component: 'livebook', ...(version === undefined ? {} : { version }) });
}

/** Nothing of it is listened to from outside of its pod: the kubelet forwards to loopback. Its node is one of loopback too. */
function variablesOf({ ipv6, port }: MeshWays, { schedulers }: Resources): Record<string, string> {
  return {
    LIVEBOOK_IP: '127.0.0.1',
    // A button that ends the Job before its time.
    LIVEBOOK_SHUTDOWN_ENABLED: 'true',
    LIVEBOOK_HOME: DATA,
    LIVEBOOK_DATA_PATH: DATA,
    HOME: DATA,
    RELEASE_TMP: '/tmp',
    // Those of the VMs of its notebooks too, which have no arguments of the image.
    ERL_FLAGS: `+S ${schedulers}:${schedulers} +Q 65536`,
    ...(ipv6 ? { ERL_AFLAGS: '-proto_dist inet6_tcp' } : {}),
    ...(port === undefined ? {} : { RELEASE_VM_ARGS: `${ARGUMENTS}/vm.args` }),
  };
}

/** How the nodes are reached, where they are. */
function waysOf(scope: Construct, { cluster }: PhoenixRelease): MeshWays {
  const prop = 'release.cluster';
  if (!cluster) {
    const must = 'be there: nodes that are in no cluster listen on the loopback of their own pods';
    const fix = 'let them be in one (beam), or look in from a laptop by kubectl port-forward';
    abort(scope, [{ prop, must, got: undefined, fix }]);
  }
  const { ways } = cluster;
  if (ways.encrypted) {
    const must = 'speak in clear text: nodes with tls take nobody without a certificate of their issuer, and Livebook has none';
    reject(scope, { prop, must, got: 'tls', fix: 'take `remote` in a pod, or leave tls out' });
  }
  return ways;
}

/** Livebook does not start with less. */
function requirePassword(scope: Construct, source: SecretSource<'LIVEBOOK_PASSWORD'>): void {
  const { LIVEBOOK_PASSWORD: password } = 'literal' in source ? source.literal : {};
  if (typeof password !== 'string' || password.length >= 12) return;
  const must = 'have 12 characters or more, as Livebook demands';
  const got = `${password.length} characters`;
  reject(scope, { prop: 'password.literal.LIVEBOOK_PASSWORD', must, got, fix: 'write a longer one' });
}

/** Nodes leave the ports of the distribution out of a mesh of sidecars, and so does who connects to them. */
function withoutSidecar({ spec, ...job }: Manifest): Manifest {
  const { metadata, ...template } = spec.template as Manifest;
  const labelled = { ...metadata, labels: { ...metadata.labels, 'sidecar.istio.io/inject': 'false' } };
  return { ...job, spec: { ...spec, template: { metadata: labelled, ...template } } };
}
