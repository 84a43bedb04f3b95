import { k8s } from 'cdk8s-plus-27';
import { Construct } from 'constructs';
import type { Mount } from '../pod/mount';
import { requireVariableName } from '../pod/variables';
import type { PhoenixApplication } from '../release/application';
import { NODE_PORT, nodeByAddress, nodeByName, type ClusterNode, type MeshWays } from '../release/cluster-node';
import { declare } from '../support/declare';
import type { Opening } from '../support/network';
import { labels, meshSelector } from '../support/labels';
import { reject } from '../support/reject';
import { fromSecret, type SecretKey } from '../support/secret-key';
import { requireProps } from '../support/props';
import { requireCidr, requireHost, requireInteger, requireName } from '../support/values';
import { DistributionTls, type DistributionTlsProps } from './distribution-tls';
import { HashedConfigMap } from '../pod/hashed-config-map';
import { podReader } from './pod-reader';
import { propClass } from '../support/classes';

/** Properties of {@link BeamCluster}. */
export interface BeamClusterProps {
  /** Name of the application; the headless Service and the Role are `<name>-mesh`. At most 47 characters. */
  readonly name: string;
  /** Where the cookie is: letters, digits and `_`. All nodes have the same, whatever image they run: `RELEASE_COOKIE`. */
  readonly cookie: SecretKey;
  /**
   * How nodes find each other. `dns` asks a headless Service, by `dns_cluster`, which Phoenix generates since 1.7.10, and
   * needs no rights. `kubernetesApi` lists pods, by libcluster, and needs a token. @default 'dns'
   */
  readonly discovery?: 'dns' | 'kubernetesApi';
  /**
   * Who meets whom: all nodes of the environment, also during a rollout, or those of one release alone, where
   * versions do not understand each other's messages. @default 'environment'
   */
  readonly scope?: 'environment' | 'release';
  /**
   * First of the ports that nodes listen on, above 1023. Three are open, because `rpc` and `remote` listen too.
   * @default 4370
   */
  readonly port?: number;
  /** Whether nodes ask epmd, on port 4369, for each other's ports. Without it every node listens on `port`. @default true */
  readonly epmd?: boolean;
  /** Encrypts the connections, and lets in only nodes with a certificate of the issuer. @default - in clear text */
  readonly tls?: DistributionTlsProps;
  /** Whether pods have IPv6 addresses. @default false */
  readonly ipv6?: boolean;
  /** Domain of the cluster's names. @default 'cluster.local' */
  readonly clusterDomain?: string;
  /** Name of the variable that the image reads the cookie from. @default 'RELEASE_COOKIE' */
  readonly cookieVariable?: string;
  /** Whether a node that loses one other leaves all it shared with it. Switch it off in meshes of 50 nodes and more. @default true */
  readonly preventOverlappingPartitions?: boolean;
  /** Addresses of the Kubernetes API, for the fence; with `kubernetesApi` alone. @default - all of the pods' family: '0.0.0.0/0', or '::/0' with `ipv6` */
  readonly apiServerCidr?: string;
}

const EPMD = 4369;
/** Where the arguments of `rpc` and `remote` are, which must not listen on the node's own port. */
const REMOTE = '/etc/beam/remote';

/**
 * One BEAM made of many pods: PubSub, Presence and LiveView reach across them. It sets all parts together, because a
 * subset fails without a word: long names from the pods' addresses, one cookie, pinned ports, and a way to find each other.
 *
 * @see https://hexdocs.pm/phoenix/deployment.html and https://hexdocs.pm/dns_cluster
 */
export class BeamCluster extends Construct {
  static {
    propClass('BeamCluster', this);
  }

  /** Who is there, ready or not; where nodes ask by DNS. */
  readonly service?: k8s.KubeService;
  /** The right to list pods; where nodes ask the API. */
  readonly role?: k8s.KubeRole;

  private readonly settings: ReturnType<typeof withDefaults>;
  private readonly tls?: DistributionTls;
  private readonly remoteArguments?: HashedConfigMap;

  constructor(scope: Construct, id: string, props: BeamClusterProps) {
    super(scope, id);
    requireProps(this, props, 'BeamClusterProps');
    this.settings = withDefaults(props);
    const { name, discovery, epmd, tls, cookieVariable } = this.settings;
    requireSettings(this, this.settings);
    declare(this, { cookieVariables: [cookieVariable] });
    const metadata = { name: `${name}-mesh`, labels: labels({ application: name, instance: `${name}-mesh`, component: 'mesh' }) };
    if (discovery === 'dns') this.service = this.headlessService(metadata);
    else this.role = podReader(this, metadata);
    if (tls) this.tls = new DistributionTls(this, 'Tls', { ...tls, name: metadata.name, labels: metadata.labels });
    if (!epmd)
      this.remoteArguments = new HashedConfigMap(this, 'Remote', {
        ...metadata,
        data: { 'remote.vm.args': '-dist_listen false\n' },
      });
  }

  /** What a pod of the release needs to be a node. `version` keeps releases apart where the scope says so. */
  member({ release: { release, taskVariables }, nodeVariables }: PhoenixApplication, version = 'unversioned'): ClusterNode {
    const { name, scope, port, epmd, ipv6, cookie, cookieVariable } = this.settings;
    if (!nodeVariables && !('RELEASE_DISTRIBUTION' in taskVariables)) {
      const fix = "say what its vm.args expects, such as { POD_IP: { fieldRef: { fieldPath: 'status.podIP' } } }";
      reject(this, { prop: 'application.nodeVariables', must: 'be given for a release of this tool', got: nodeVariables, fix });
    }
    if (nodeVariables && scope === 'release') {
      const fix = "make the base name in the image's rel/env.sh, from RELEASE_VSN";
      reject(this, { prop: 'scope', must: "be 'environment' where the image names its nodes", got: scope, fix });
    }
    const base = scope === 'release' ? `${release}_${version.replace(/[^A-Za-z0-9]/g, '_')}` : release;
    const names = nodeVariables ?? nodeByAddress(base);
    // A name that changes with each version is none that stays.
    const named = nodeVariables ?? (this.service && scope !== 'release' ? nodeByName(base, this.host(this.service)) : undefined);
    const ports: Record<string, number> = epmd
      ? { epmd: EPMD, 'dist-1': port, 'dist-2': port + 1, 'dist-3': port + 2 }
      : { dist: port };
    return {
      podLabels: meshSelector(name),
      variables: { ...names, [cookieVariable]: fromSecret(cookie) },
      namedVariables: named && { ...named, [cookieVariable]: fromSecret(cookie) },
      serviceName: this.service?.name,
      config: { ...this.discoveryConfig(base), ...(epmd ? {} : { RELEASE_REMOTE_VM_ARGS: `${REMOTE}/remote.vm.args` }) },
      firstFlags: this.firstFlags(),
      // The kernel has a default for it, and then the last one counts.
      flags: this.settings.preventOverlappingPartitions ? [] : ['-kernel prevent_overlapping_partitions false'],
      ports,
      mounts: [...(this.tls?.mounts ?? []), ...this.remoteMounts()],
      openings: this.openings(),
      ipv6,
      mountToken: this.role !== undefined,
    };
  }

  /** Lets the pods of a ServiceAccount list pods, where nodes ask the API: by an object of those pods, in their `scope`. */
  allow(scope: Construct, serviceAccount: string): void {
    if (!this.role) return;
    const { namespace } = this.role.metadata;
    new k8s.KubeRoleBinding(scope, 'Mesh', {
      metadata: { name: `${serviceAccount}-mesh` },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: this.role.name },
      subjects: [{ kind: 'ServiceAccount', name: serviceAccount, namespace }],
    });
  }

  /**
   * What reaches its nodes without being one of them.
   *
   * @internal
   */
  get ways(): MeshWays {
    const { port, epmd, tls, ipv6 } = this.settings;
    const openings = this.openings().filter(({ peer }) => peer && 'mesh' in peer);
    return { openings, encrypted: tls !== undefined, port: epmd ? undefined : port, ipv6 };
  }

  private host({ name, metadata: { namespace } }: k8s.KubeService): string {
    return `${name}.${namespace}.svc.${this.settings.clusterDomain}`;
  }

  private headlessService(metadata: { name: string; labels: Record<string, string> }): k8s.KubeService {
    const { name, port, epmd } = this.settings;
    const ports = [...(epmd ? [{ name: 'epmd', port: EPMD }] : []), { name: 'dist', port }];
    // Nodes meet while they boot: those that are not ready yet are listed too.
    const spec = { clusterIp: 'None', publishNotReadyAddresses: true, selector: meshSelector(name), ports };
    return new k8s.KubeService(this, 'Service', { metadata, spec });
  }

  private discoveryConfig(base: string): Record<string, string> {
    const { name, clusterDomain } = this.settings;
    if (!this.service)
      return {
        LIBCLUSTER_NODE_BASENAME: base,
        LIBCLUSTER_SELECTOR: Object.entries(meshSelector(name)).flat().join('='),
        CLUSTER_DOMAIN: clusterDomain,
      };
    return { DNS_CLUSTER_QUERY: this.host(this.service) };
  }

  private firstFlags(): string[] {
    const { port, epmd, ipv6 } = this.settings;
    const protocol = `${ipv6 ? 'inet6' : 'inet'}_${this.tls ? 'tls' : 'tcp'}`;
    return [
      ...(protocol === 'inet_tcp' ? [] : [`-proto_dist ${protocol}`]),
      ...(this.tls ? [`-ssl_dist_optfile ${this.tls.optionFile}`] : []),
      epmd ? `-kernel inet_dist_listen_min ${port} inet_dist_listen_max ${port + 2}` : `-start_epmd false -erl_epmd_port ${port}`,
    ];
  }

  private remoteMounts(): Mount[] {
    if (!this.remoteArguments) return [];
    return [{ name: 'remote', path: REMOTE, source: { configMap: { name: this.remoteArguments.configMapName } } }];
  }

  private openings(): Opening[] {
    const { name, port, epmd, apiServerCidr } = this.settings;
    const peer = { mesh: name };
    const api = { cidr: apiServerCidr };
    return [
      ...(epmd
        ? [
            { port: EPMD, peer },
            { port, endPort: port + 2, peer },
          ]
        : [{ port, peer }]),
      ...(this.role
        ? [
            { port: 443, peer: api },
            { port: 6443, peer: api },
          ]
        : []),
    ];
  }
}

function withDefaults(props: BeamClusterProps) {
  const {
    discovery = 'dns',
    scope = 'environment',
    port = NODE_PORT,
    epmd = true,
    ipv6 = false,
    clusterDomain = 'cluster.local',
  } = props;
  const {
    cookieVariable = 'RELEASE_COOKIE',
    preventOverlappingPartitions = true,
    apiServerCidr = ipv6 ? '::/0' : '0.0.0.0/0',
  } = props;
  const { name, cookie, tls } = props;
  return {
    name,
    cookie,
    tls,
    discovery,
    scope,
    port,
    epmd,
    ipv6,
    clusterDomain,
    cookieVariable,
    preventOverlappingPartitions,
    apiServerCidr,
  };
}

function requireSettings(scope: Construct, settings: ReturnType<typeof withDefaults>): void {
  const { name, cookie, port, epmd, clusterDomain, apiServerCidr, cookieVariable } = settings;
  requireName(scope, name, 47);
  requireName(scope, cookie.secret, 253, 'cookie.secret');
  requireInteger(scope, 'port', port, { minimum: 1024, maximum: 65533, fix: 'omit it to use 4370' });
  if (epmd && port <= EPMD && port + 2 >= EPMD) {
    reject(scope, { prop: 'port', must: `leave ${EPMD} to epmd`, got: `${port} to ${port + 2}`, fix: 'omit it to use 4370' });
  }
  requireHost(scope, clusterDomain, 'clusterDomain');
  requireCidr(scope, 'apiServerCidr', apiServerCidr);
  requireVariableName(scope, 'cookieVariable', cookieVariable);
}
