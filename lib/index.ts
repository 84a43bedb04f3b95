export { EnvironmentChart, type EnvironmentChartProps } from './charts/environment-chart';
export { NamespaceChart, type NamespaceChartProps, type Quota } from './charts/namespace-chart';
export { PostgresChart, type PostgresChartProps } from './charts/postgres-chart';
export { Checks, type OptOutInForce } from './checks/checks';
export { readPrevious } from './checks/previous';
export type { Finding, FinishedObject, Rule, World } from './checks/rule';
export { rules } from './checks/rules';
export { DisruptionBudget, type DisruptionBudgetProps } from './constructs/disruption-budget';
export { HashedConfigMap, type HashedConfigMapProps } from './constructs/hashed-config-map';
export { KeyedSecret, type KeyedSecretProps, type SecretSource } from './constructs/keyed-secret';
export { MigrationJob, type MigrationJobProps } from './constructs/migration-job';
export { NetworkFence, type NetworkFenceProps } from './constructs/network-fence';
export { PhoenixRelease, type PhoenixReleaseProps } from './constructs/phoenix-release';
export { ProbedDeployment, type ProbedDeploymentProps } from './constructs/probed-deployment';
export type { Rollout } from './constructs/rollout';
export { PodService, type Exposure, type PodServiceProps } from './constructs/service';
export { postgresLink, type DatabaseLink, type PostgresAddress } from './database/database-link';
export {
  ManagedPostgres,
  type CertificateAuthority,
  type ManagedPostgresProps,
  type PostgresTls,
} from './database/managed-postgres';
export type { Drain } from './pod/drain';
export type { ImagePullPolicy, Mount } from './pod/hardened-pod';
export { Probe, type ExecProbe, type HttpProbe, type PortProbe, type Probes, type ProbeTiming } from './pod/probe';
export { Resources, type BurstableResources, type GuaranteedResources } from './pod/resources';
export type { Variable, Variables } from './pod/variables';
export type { HealthPaths, PhoenixApplication } from './release/application';
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
export type { DatabaseLimit, External, Opening, Peer } from './support/facts';
export { OptOut } from './support/opt-out';
export { patch } from './support/patch';
export { reject, type Refusal } from './support/reject';
export type { SecretKey } from './support/secret-key';
export { requireTypes, type PropType, type PropTypes } from './support/types';
export { KUBERNETES_VERSIONS, type KubernetesVersion } from './support/values';
export { render, synth, type Rendered, type SynthOptions } from './synth';
