import { Duration } from 'cdk8s';
import type { Construct } from 'constructs';
import type { DatabaseLink } from '../pod/database-link';
import { podMounts, type Mount } from '../pod/mount';
import type { InitCommand } from '../pod/init-command';
import { roleSettings, type PodSettings } from '../pod/pod-settings';
import type { Beside, Sidecar } from '../pod/sidecar';
import type { HashedConfigMap } from '../pod/hashed-config-map';
import type { Resources } from '../pod/resources';
import type { Variables } from '../pod/variables';
import { nodeVariablesAlone, ownListeners, type PhoenixApplication } from '../release/application';
import { directVariables, openingsOf, requireOneEncryption, type Connection } from '../release/connection';
import type { RepoDatabase } from '../release/repo';
import { scriptMounts } from '../release/scripts';
import { releaseVariables, type ReleaseSettings, type Role } from '../release/release-variables';
import type { Telemetry } from '../release/telemetry/telemetry';
import type { ObservedPods } from '../release/telemetry/told';
import { declare } from '../support/declare';
import type { Opening, Reach, Traffic } from '../support/network';
import type { ClusterNode } from '../release/cluster-node';
import { reject } from '../support/reject';
import type { BeamCluster } from './beam-cluster';
import { repoPools, type RolePods } from './database-use';
import { gateCommands, gateVariables, limitOf, type MigrationGate } from './migration-gate';
import { proxiesOfUse } from './release-databases';
import type { Rollout } from './rollout';
import type { Running, RunningPod } from './running-pod';
import type { Stateful } from './stateful';

/** What the pods of a release are made from, whatever their role. */
export interface ReleaseParts {
  readonly application: PhoenixApplication;
  /** The version that they say they run. @default - they say none */
  readonly version: string | undefined;
  readonly resources: Resources;
  readonly settings: ReleaseSettings;
  /** Variables that the environment gives. */
  readonly added: Readonly<Record<string, string>>;
  readonly reaches: readonly Reach[];
  readonly telemetry: Telemetry;
  readonly pods: PodSettings;
  /** The sidecars by which every pod reaches the databases. */
  readonly proxies: Readonly<Record<string, Sidecar>>;
  /** Containers that every pod has beside that of the application and those. */
  readonly beside: Beside;
  readonly cluster: BeamCluster | undefined;
  readonly database: DatabaseLink | undefined;
  /** What the databases of further repositories are used with. */
  readonly databases: Readonly<Record<string, RepoDatabase>>;
  /** Changes with the values of the Secret, where that tells nobody what they are. */
  readonly revision: string | undefined;
  readonly gate: Duration | MigrationGate | undefined;
  /** The scripts that its gate runs. */
  readonly scripts: Mount | undefined;
}

/** What web pods, workers, tasks and jobs of a release have in common: for the constructs of this folder, and for nobody else. */
export class ReleasePods {
  constructor(private readonly parts: ReleaseParts) {}

  /** Ports of every pod that keeps running, by name: of the cluster's nodes, for metrics and for health. */
  get ports(): Readonly<Record<string, number>> {
    const { application, settings } = this.parts;
    return { ...settings.cluster?.ports, ...ownListeners(application) };
  }

  /** Files of every pod that keeps running. */
  get mounts(): readonly Mount[] {
    const { settings } = this.parts;
    return [...settings.mounts, ...(settings.cluster?.mounts ?? [])];
  }

  /** Variables by which a pod that keeps running is a node, and says which one it is. */
  ownVariables(pods: ObservedPods, stateful?: Stateful): Variables {
    const { application, settings } = this.parts;
    const { variables, namedVariables = variables } = settings.cluster ?? {};
    return { ...((stateful ? namedVariables : variables) ?? nodeVariablesAlone(application)), ...this.observed(pods) };
  }

  /** Variables by which traces, errors and logs say what pods they are of. */
  observed(pods: ObservedPods): Variables {
    return this.parts.telemetry.of(pods);
  }

  /** What pods are told of where their traces, errors and logs go. */
  get telemetry(): Telemetry {
    return this.parts.telemetry;
  }

  /** Variables of a pod. None is secret. */
  variables(resources: Resources, role: Role, own: readonly Mount[] = []): Record<string, string> {
    const { settings, added } = this.parts;
    return { ...releaseVariables({ ...settings, mounts: [...settings.mounts, ...own] }, resources, role), ...added };
  }

  /** The scripts of pods that begin once the release is there. */
  get scripts(): Mount | undefined {
    return this.parts.scripts;
  }

  /** Containers that every pod of the release has beside that of the application. */
  get beside(): Beside {
    return this.withProxies({});
  }

  /** Those of the pods of a role, by how they use the database. */
  besideOf(database: DatabaseLink | undefined, connection: Connection): Beside {
    return this.withProxies(proxiesOfUse(database, { connection, readUrl: this.parts.settings.readUrl }));
  }

  /** What reaches the server first: a pooler may go by way of it. */
  private withProxies(further: Readonly<Record<string, Sidecar>>): Beside {
    const { proxies, beside } = this.parts;
    return { ...beside, sidecars: { ...proxies, ...further, ...beside.sidecars } };
  }

  /** Connections that jobs open, for the fence: to the server itself. */
  get sends(): readonly Opening[] {
    return openingsOf(this.parts.database, ['direct'], false, this.others);
  }

  /** Connections of each pod of a role to the databases of further repositories, by variable. */
  pools(scope: Construct, role: RolePods): Readonly<Record<string, string>> {
    return repoPools(scope, this.parts.settings.others, this.parts.databases, role);
  }

  private get others(): readonly DatabaseLink[] {
    return this.parts.settings.others.map(({ link }) => link);
  }

  /** Opens to the pods of a controller what every pod that keeps running needs. */
  join(scope: Construct, pods: Pick<Traffic, 'pods' | 'labels' | 'serves'>, connection: Connection): void {
    const { application, settings, reaches, gate, cluster } = this.parts;
    const connections: Connection[] = gate === undefined ? [connection] : [connection, 'direct'];
    const ofNode = settings.cluster?.openings ?? [];
    requireOneEncryption(scope, settings.database, { connection, readUrl: settings.readUrl });
    const sends = [...openingsOf(settings.database, connections, settings.readUrl, this.others), ...ofNode];
    declare(scope, { traffic: [{ ...pods, sends, metrics: application.metrics?.port, reaches, reachesOut: true }] });
    cluster?.allow(scope, pods.pods);
  }

  /** What every pod that keeps running has, with the variables of a ConfigMap. */
  running(scope: Construct, configMap: HashedConfigMap, own: Running): RunningPod {
    const { application, version, settings, revision, cluster } = this.parts;
    const { rollout, connection = 'direct', resources = this.parts.resources, pods = this.parts.pods, mounts = [] } = own;
    const { loggedIn: database = this.parts.database } = own;
    const { cluster: node } = settings;
    if (own.stateful && node) requireNames(scope, node);
    // Its command reads all of runtime.exs. Fields stand before what refers to them.
    const asProgram = { ...nodeVariablesAlone(application), ...this.observed({ name: own.name, version }) };
    const gated = { ...asProgram, ...own.secrets, ...directVariables(database, connection) };
    const files = (node?.mounts ?? []).length > 0;
    return {
      variableSources: [{ configMapRef: { name: configMap.configMapName } }],
      mounts: [...this.mounts, ...mounts],
      initCommands: this.gate(gateVariables(application.release, gated, this.variables(resources, 'task'), { files }), mounts),
      pods: roleSettings(scope, pods, {
        labels: node?.podLabels,
        // Sealed values are known here, so others roll the pods.
        annotations: revision === undefined ? undefined : { 'cdk8s-phoenix/secret-revision': revision },
      }),
      sidecars: own.sidecars,
      initContainers: own.initContainers,
      mountToken: node?.mountToken,
      rollout: { ...rolloutOf(cluster), ...rollout },
      singleton: own.singleton,
      stateful: own.stateful,
      serviceName: own.stateful && node?.serviceName,
      // The BEAM is the container's first process, and the shells and daemons of `kubectl exec` would stay its zombies. Beside
      // sidecars they stay: who shares processes and has the same user reads the program's variables and files in /proc.
      reapProcesses: Object.keys(own.sidecars ?? {}).length === 0,
    };
  }

  /** How long pods wait for migrations, and how long those may take; undefined where no pod waits. */
  get gateLimit(): Duration | undefined {
    return limitOf(this.parts.gate);
  }

  /** What a pod with these variables runs first, so that it starts on a schema that it knows. */
  gate(variables: Variables, own: readonly Mount[] = []): readonly InitCommand[] {
    const { settings, gate, application, scripts } = this.parts;
    const without = podMounts([...(settings.cluster?.mounts ?? []), ...own]).map(({ name }) => name);
    return gateCommands(gate, application, variables).map((one) => {
      return { ...one, without, mounts: scriptMounts(one.command, scripts) };
    });
  }
}

/** Refuses pods whose names stay in a cluster that calls its nodes otherwise. */
function requireNames(scope: Construct, { namedVariables, serviceName }: ClusterNode): void {
  if (namedVariables && serviceName !== undefined) return;
  const must = "be in a cluster whose nodes may be called by their pods: with discovery 'dns', and one name for all versions";
  const fix = "write beam: { discovery: 'dns' }, with scope 'environment'";
  reject(scope, { prop: 'stateful', must, got: serviceName === undefined ? 'kubernetesApi' : 'release', fix });
}

/** A node is found within five seconds of its start, by dns_cluster as by libcluster: the next old one waits for that. */
function rolloutOf(cluster: BeamCluster | undefined): Rollout | undefined {
  return cluster ? { minReady: Duration.seconds(10) } : undefined;
}
