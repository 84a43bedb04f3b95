export { EnvironmentChart, type EnvironmentChartProps } from './charts/environment-chart';
export { LivebookDesk, type LivebookDeskProps } from './charts/livebook-desk';
export { MysqlChart, type MysqlChartProps, type MysqlEngine } from './charts/mysql-chart';
export {
  NamespaceChart,
  type LargestContainer,
  type NamespaceChartProps,
  type Quota,
  type Temporary,
} from './charts/namespace-chart';
export { PostgresChart, type PostgresChartProps, type PostgresEngine } from './charts/postgres-chart';
export { Checks } from './app-checks/checks';
export type { OptOutInForce } from './app-checks/reasons';
export { type Scanner } from './app-checks/scanners/scanner';
export type { ApartClaim, ApartRule } from './checks/apart/rules';
export { apartRules } from './checks/apart/rules';
export { needs, type Need } from './needs/operators';
export { readPrevious } from './app-checks/previous';
export type { Finding, FinishedObject, Maker, MissingObject, Rule, Severity as RuleSeverity, World } from './checks/rule';
export { rules } from './checks/rules';
export { Autoscaler, type AutoscalerProps, type Autoscaling } from './constructs/autoscaler';
export { BeamCluster, type BeamClusterProps } from './constructs/beam-cluster';
export type { BackupTaskProps } from './constructs/backup-task';
export { DatabaseBackup, type DatabaseBackupProps } from './constructs/database-backup';
export { DatabaseRestore, type DatabaseRestoreProps } from './constructs/database-restore';
export { RestoreDrill, type RestoreDrillProps } from './constructs/restore-drill';
export type { BackupBucket, BackupClaim, BackupTarget } from './database/backup/backup-target';
export { DisruptionBudget, type DisruptionBudgetProps } from './constructs/disruption-budget';
export type { DistributionTlsProps } from './constructs/distribution-tls';
export { HashedConfigMap, type HashedConfigMapProps } from './pod/hashed-config-map';
export type { ExternalSource, RemoteValue } from './constructs/external-secret';
export { FluxKustomizations, type FluxKustomizationsProps, type FluxStep } from './constructs/flux-kustomizations';
export { KeyedSecret, type KeyedSecretProps, type SecretSource } from './constructs/keyed-secret';
export type { MigrationGate } from './constructs/migration-gate';
export type { LoadBalancer, LoadBalancerCloud } from './constructs/load-balancer/load-balancer';
export type { AwsLoadBalancer } from './constructs/load-balancer/aws';
export type { AzureLoadBalancer } from './constructs/load-balancer/azure';
export type { GcpLoadBalancer } from './constructs/load-balancer/gcp';
export { ArgoApplication, type ArgoApplicationProps, type ArgoSource } from './delivery/argo-application';
export { FluxArtifact, type FluxArtifactProps, type FluxReference } from './delivery/flux-artifact';
export { FluxImageUpdates, type FluxGit, type FluxImageUpdatesProps } from './delivery/flux-image-updates';
export type { FluxReceiver } from './delivery/flux-receiver';
export type { FluxRegistry } from './delivery/flux-registry';
export type { FluxImagePolicy, FluxTags } from './delivery/flux-tags';
export { ClusterGuard, type ClusterGuardProps } from './delivery/cluster-guard';
export { ImageDeployer, type ImageDeployerProps } from './delivery/image-deployer';
export { Deployer, type DeployerProps } from './delivery/deployer';
export type { AccessSubject } from './constructs/access-subject';
export { PodAccess, type PodAccessProps } from './constructs/pod-access';
export { PodDefaults, type PodDefaultsProps } from './constructs/pod-defaults';
export type { PodSettings } from './pod/pod-settings';
export type { ServerPods } from './pod/server-pods';
export type { WebAlone } from './constructs/web-alone';
export { MigrationJob, type MigrationJobProps } from './constructs/migration-job';
export { MIGRATION_LIMIT } from './release/migration-budget';
export { NetworkFence, type NetworkFenceProps } from './constructs/network-fence';
export { ObanAutoscaler, type ObanAutoscalerProps, type ObanAutoscaling, type ObanQueues } from './constructs/oban-autoscaler';
export { PhoenixRelease, type PhoenixReleaseProps } from './constructs/phoenix-release';
export { type RunningPod } from './constructs/phoenix-release';
export { ProbedDeployment, type ProbedDeploymentProps } from './constructs/probed-deployment';
export type { Replicas } from './constructs/replicas';
export type { Rollback } from './constructs/rollback';
export type { Rollout } from './constructs/rollout';
export type { PodController } from './constructs/pod-controller';
export type { Stateful, StatefulVolume } from './constructs/stateful';
export { ScheduledTask, type Concurrency, type ScheduledTaskProps } from './constructs/scheduled-task';
export { sealedFile } from './constructs/sealed-file';
export type { SealedSource } from './constructs/sealed-secret';
export { sopsFile } from './constructs/sops-file';
export type { SopsSource } from './constructs/sops-secret';
export { secretFiles } from './constructs/secret-files';
export type { PodPort, PodPorts, PortService } from './constructs/pod-ports';
export { PodService, type Exposure, type PodServiceProps, type ServicePort } from './constructs/service';
export { VolumeClaim, type AccessMode, type VolumeClaimProps } from './constructs/volume-claim';
export { Worker, type WorkerProps } from './constructs/worker';
export { CloudNativePg } from './database/cloud-native-pg/cloud-native-pg';
export type { CloudNativePgProps } from './database/cloud-native-pg/props';
export type { ClusterBackup } from './database/cloud-native-pg/backup';
export type { ClusterPooler } from './database/cloud-native-pg/pooler';
export type { ClusterRecovery } from './database/cloud-native-pg/recovery';
export type { ClusterDatabase } from './database/cloud-native-pg/databases';
export type { ClusterRole } from './database/cloud-native-pg/roles';
export type { SynchronousCopies } from './database/cloud-native-pg/synchronous';
export type { ManagedReplicas, ManagedPooler } from './database/managed-addresses';
export type { ClusterVolume } from './database/cloud-native-pg/storage';
export type { ObjectStorage, StorageKey } from './database/cloud-native-pg/object-storage';
export type { DatabaseLink, PooledAddress, ReadOnlyAddress } from './pod/database-link';
export { postgresLink, type PostgresAddress } from './database/postgres-link';
export {
  ManagedPostgres,
  type CertificateAuthority,
  type ManagedPostgresProps,
  type PostgresTls,
} from './database/managed-postgres';
export { DatabaseProxy, type OtherProxyProps } from './database/database-proxy';
export { PodPooler, type PgBouncerProps, type PooledServer } from './database/pod-pooler';
export type { CloudSqlProxyProps } from './database/cloud-sql-proxy';
export type { PodProxy } from './pod/database-link';
export type { ProxiedServer } from './database/pod-proxy';
export { ManagedMysql, type ManagedMysqlProps, type MysqlTls } from './database/managed-mysql';
export { mysqlLink, type MysqlAddress } from './database/mysql-link';
export type { DatabaseExporter } from './database/exporter';
export { SingleMysql, type SingleMysqlProps } from './database/single-mysql';
export { PostgresUrl, type PostgresUrlProps } from './database/postgres-url';
export { SinglePostgres, type SinglePostgresProps } from './database/single-postgres';
export { CloudIdentity, type AwsIdentity, type AzureIdentity, type GoogleIdentity } from './pod/cloud-identity';
export type { Drain } from './pod/drain';
export type { InitCommand } from './pod/init-command';
export type { ImagePullPolicy } from './pod/hardened-pod';
export type { Mount } from './pod/mount';
export type { Beside, BesideOfRole, InitContainer, OtherContainer, SharedMount, Sidecar, SidecarProbes } from './pod/sidecar';
export { Probe, type ExecProbe, type HttpProbe, type PortProbe, type Probes, type ProbeTiming } from './pod/probe';
export { Resources, type BurstableResources, type GuaranteedResources } from './pod/resources';
export type { Variable, Variables } from './pod/variables';
export type { BackingHost, BackingService, BackingServices, BackingUrl } from './release/backing-services';
export type { FurtherMigrations } from './release/further-migrations';
export type { DatabaseLogin } from './database/login';
export type { Repo, RepoDatabase } from './release/repo';
export type { HealthPaths, PhoenixApplication, SocketDrain } from './release/application';
export type { KnownImage } from './release/known-image';
export type {
  AlpineImageSource,
  AnyImageSource,
  BaseImage,
  BaseImages,
  DebianImageSource,
  ImageSource,
  NodeAssets,
} from './release/image-source';
export {
  promEx,
  telemetryMetrics,
  type PromExPlugin,
  type PromExProps,
  type TelemetryMetricsProps,
} from './release/metrics/exporters';
export type {
  ApplicationMetrics,
  BeamMetrics,
  Counted,
  Histogram,
  LiveMetrics,
  MetricNames,
  ObanMetrics,
  RepoMetrics,
  RequestMetrics,
} from './release/metrics/names';
export { ReleaseMonitor, type ReleaseMonitorProps, type Scrape, type ScrapeReader } from './observe/monitor';
export { SizeAdvisor, type SizeAdvisorProps } from './observe/size-advisor';
export { SiteProbe, type SiteProbeProps } from './observe/site-probe';
export { ReleaseDashboards, type DashboardRoad, type ReleaseDashboardsProps } from './observe/release-dashboards';
export { ReleaseAlerts, type ReleaseAlertsProps } from './observe/release-alerts';
export type { AlertChange, AlertChanges, AlertName, LatencyObjective, Objective, Severity } from './observe/alerts/settings';
export type { ClusterNode } from './release/cluster-node';
export type { Delivery } from './release/delivery';
export type { Connection, PooledUse } from './release/connection';
export type { PoolShare, PoolSize } from './release/pool-size';
export type { PodHttps, PublicUrl } from './release/public-url';
export type { Whereabouts } from './release/whereabouts';
export type { Logs, LogLevel } from './release/telemetry/logs';
export type { Sentry } from './release/telemetry/sentry';
export type { NodeCollector, OtlpProtocol, Sampler, Tracing } from './release/telemetry/tracing';
export { phxNew, publicUrlReads, type RuntimeVariable } from './release/reads';
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
export type { BuiltProject, ReleaseBuild } from './release/release-build';
export { dnsAnnotations, DnsRecord, type DnsRecordProps, type DnsSettings } from './routes/dns';
export { CertificateIssuer, type CertificateIssuerProps } from './routes/issuer';
export type { AcmeChallenge, DnsProvider, IssuerSource } from './routes/issuer-source';
export type { IssuerReference } from './constructs/issuer-reference';
export { GatewayRoute, type GatewayRouteProps } from './routes/gateway-route';
export type { BackendTls } from './routes/gateway/backend-tls';
export type { GatewayCanary } from './routes/gateway/canary';
export type { GatewayController } from './routes/gateway/controller';
export type { HeaderChanges } from './routes/gateway/headers';
export type { OwnGateway } from './routes/gateway/own';
export type { RouteGateway, SharedGateway } from './routes/gateway/parents';
export { GrpcRoute, type GrpcRouteProps } from './routes/grpc-route';
export type { AlbIngress } from './routes/ingress/alb';
export type { GceIngress } from './routes/ingress/gce';
export { IstioRoute, type IstioCanary, type IstioGateway, type IstioRouteProps } from './routes/istio-route';
export { ServiceMesh, type ServiceMeshProps } from './routes/istio/service-mesh';
export { RouteCertificate, type RouteCertificateProps } from './routes/route-certificate';
export { WebIngress, type CloudCertificate, type IngressController, type WebIngressProps } from './routes/web-ingress';
export type { RouteProps, RouteTls } from './routes/route';
export type { Manifest } from './support/edit';
export { clusterDns } from './support/cluster-dns';
export { declare, declaredBy, declaredIn } from './support/declare';
export type { BackingAddress, DatabaseLimit, Declared, External, HeldConnections, KnownFacts } from './support/facts';
export type { DnsPeer, Opening, Peer, Reach, Traffic, Visitor } from './support/network';
export { inFolder } from './support/folder';
export { OptOut } from './support/opt-out';
export { patch } from './support/patch';
export { reject, type Refusal } from './support/reject';
export type { SecretKey } from './support/secret-key';
export { slug } from './support/slug';
export type { PropType } from './support/shape';
export { requireTypes, type PropTypes } from './support/types';
export { OPERATORS, type OperatorName, type Operators, type Release } from './support/operators';
export { KUBERNETES_VERSIONS, type KubernetesVersion } from './support/kubernetes-versions';
export { buildEnvironment } from './environment/build';
export type { NamedEnvironment, StackFacts } from './environment/parts';
export type { Observe } from './environment/observe';
export { clusterNeeds } from './environment/needs';
export type { ClusterNeeds, NeededObject } from './needs/cluster-needs';
export { effectiveKnobs, type EffectiveKnob } from './environment/effective';
export type {
  Argo,
  Backups,
  Charts,
  Environment,
  Flux,
  FluxFiles,
  ForAllPods,
  ForTheFence,
  ImageUpdates,
  Livebook,
  Migrations,
  ScaledByQueues,
  Task,
  WebPods,
  WebRoute,
  WorkerPods,
} from './environment/environment';
export { synthStack, type Stack, type StackRun } from './environment/stack';
export { imageFiles } from './image/image-files';
export type { ImageFile, ImageFiles } from './image/written';
export { render, synth, type Build, type Rendered, type SynthOptions } from './synth';
