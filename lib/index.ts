export { EnvironmentChart, type EnvironmentChartProps } from './charts/environment-chart';
export { NamespaceChart, type NamespaceChartProps, type Quota } from './charts/namespace-chart';
export { PostgresChart, type PostgresChartProps, type PostgresEngine } from './charts/postgres-chart';
export { Checks, type OptOutInForce } from './checks/checks';
export { readPrevious } from './checks/previous';
export type { Finding, FinishedObject, Rule, World } from './checks/rule';
export { rules } from './checks/rules';
export { Autoscaler, type AutoscalerProps, type Autoscaling } from './constructs/autoscaler';
export { BeamCluster, type BeamClusterProps } from './constructs/beam-cluster';
export { DisruptionBudget, type DisruptionBudgetProps } from './constructs/disruption-budget';
export type { DistributionTlsProps } from './constructs/distribution-tls';
export { HashedConfigMap, type HashedConfigMapProps } from './pod/hashed-config-map';
export type { ExternalSource, RemoteValue } from './constructs/external-secret';
export { KeyedSecret, type KeyedSecretProps, type SecretSource } from './constructs/keyed-secret';
export { MigrationJob, type MigrationJobProps } from './constructs/migration-job';
export { NetworkFence, type NetworkFenceProps } from './constructs/network-fence';
export { ObanAutoscaler, type ObanAutoscalerProps, type ObanAutoscaling, type ObanQueues } from './constructs/oban-autoscaler';
export { PhoenixRelease, type PhoenixReleaseProps } from './constructs/phoenix-release';
export { type RunningPod } from './constructs/phoenix-release';
export { ProbedDeployment, type ProbedDeploymentProps } from './constructs/probed-deployment';
export type { Replicas } from './constructs/replicas';
export type { Rollout } from './constructs/rollout';
export { ScheduledTask, type Concurrency, type ScheduledTaskProps } from './constructs/scheduled-task';
export { sealedFile } from './constructs/sealed-file';
export type { SealedSource } from './constructs/sealed-secret';
export { secretFiles } from './constructs/secret-files';
export { PodService, type Exposure, type PodServiceProps } from './constructs/service';
export { Worker, type WorkerProps } from './constructs/worker';
export {
  postgresLink,
  type DatabaseLink,
  type PooledAddress,
  type PostgresAddress,
  type ReadOnlyAddress,
} from './database/database-link';
export {
  ManagedPostgres,
  type CertificateAuthority,
  type ManagedPostgresProps,
  type PostgresTls,
} from './database/managed-postgres';
export { SinglePostgres, type SinglePostgresProps } from './database/single-postgres';
export { CloudIdentity } from './pod/cloud-identity';
export type { Drain } from './pod/drain';
export type { ImagePullPolicy, Mount } from './pod/hardened-pod';
export { Probe, type ExecProbe, type HttpProbe, type PortProbe, type Probes, type ProbeTiming } from './pod/probe';
export { Resources, type BurstableResources, type GuaranteedResources } from './pod/resources';
export type { Variable, Variables } from './pod/variables';
export type { HealthPaths, PhoenixApplication, SocketDrain } from './release/application';
export type { ClusterNode } from './release/cluster-node';
export type { Role } from './release/release-variables';
export {
  distilleryRelease,
  exrmRelease,
  mixRelease,
  type LegacyReleaseProps,
  type MixReleaseProps,
  type ReleaseTool,
  type ReleaseToolProps,
} from './release/release-tool';
export type { Manifest } from './support/edit';
export type { DatabaseLimit, External, Opening, Peer, Visitor } from './support/facts';
export { OptOut } from './support/opt-out';
export { patch } from './support/patch';
export { reject, type Refusal } from './support/reject';
export type { SecretKey } from './support/secret-key';
export { requireTypes, type PropType, type PropTypes } from './support/types';
export { KUBERNETES_VERSIONS, type KubernetesVersion } from './support/values';
export { render, synth, type Rendered, type SynthOptions } from './synth';
