import * as when from './failures';
import type { Scanner } from './scanner';

/** What scanners find in an object that may have been decided: by an opt-out there, or for all. */
export interface Question {
  /** What it is called by those that look at the same thing. */
  readonly checks: Readonly<Partial<Record<Scanner, readonly string[]>>>;
  /** The objects that fail. What an opt-out answers of a rule that asks the same, those are. @default - all */
  readonly fails?: when.Fails;
  /** The props, by their end, and the rules whose opt-outs are an answer. @default - none */
  readonly optOuts?: readonly string[];
  /** Why it is as it is where nobody opted out. @default - it is left to the scanner to report */
  readonly decided?: string;
}

const READINESS = ['probes.readiness', 'served-ready'];
const CPU_LIMIT = ['cpu.limit'];
const DIGEST = ['image-digest', 'pull-policy'];
const FROM_THE_ENVIRONMENT = 'programs read their secrets from the environment at boot, as config/runtime.exs does';
const SINGLETON = { optOuts: ['stays-served'], decided: 'it never runs twice: its pod goes before the next one comes' };

/** Each check stands as often as its scanner has cases; the first that has a reason is taken. */
export const questions: readonly Question[] = [
  // Probes.
  {
    checks: { checkov: ['CKV_K8S_9'], 'kube-linter': ['no-readiness-probe'], polaris: ['readinessProbeMissing'] },
    fails: when.both(when.staysUp, when.ownContainer(when.lacks('readinessProbe'))),
    optOuts: READINESS,
  },
  { checks: { 'kube-score': ['pod-probes'] }, fails: when.both(when.staysUp, when.served, when.unready), optOuts: READINESS },
  {
    checks: { checkov: ['CKV_K8S_8'], 'kube-linter': ['no-liveness-probe'], polaris: ['livenessProbeMissing'] },
    fails: when.both(when.staysUp, when.ownContainer(when.lacks('livenessProbe'))),
    optOuts: ['probes.liveness'],
  },
  {
    checks: { 'kube-linter': ['no-liveness-probe', 'no-readiness-probe'] },
    fails: when.ends,
    decided: 'its pods end by themselves and get no requests, and their exit code says how it went',
  },
  // Resources.
  { checks: { checkov: ['CKV_K8S_11'] }, fails: when.anyContainer(when.lacks('resources.limits.cpu')), optOuts: CPU_LIMIT },
  { checks: { polaris: ['cpuLimitsMissing'] }, fails: when.ownContainer(when.lacks('resources.limits.cpu')), optOuts: CPU_LIMIT },
  { checks: { 'kube-score': ['container-resources'] }, fails: when.onlyCpuUnlimited, optOuts: CPU_LIMIT },
  {
    checks: { polaris: ['priorityClassNotSet'] },
    fails: when.pods(({ spec: pod }) => pod['priorityClassName'] === undefined),
    optOuts: ['priorityClassName'],
    decided: 'no class was asked for: it is scheduled like all other pods of the cluster that have none',
  },
  // Images.
  { checks: { checkov: ['CKV_K8S_43'] }, fails: when.undigested, optOuts: ['image-digest'] },
  {
    checks: { 'kube-score': ['container-image-pull-policy'], polaris: ['pullPolicyNotAlways'] },
    fails: when.cached(true),
    decided: 'an image with a digest is the same wherever it comes from',
  },
  {
    checks: {
      checkov: ['CKV_K8S_15'],
      'kube-score': ['container-image-pull-policy'],
      polaris: ['pullPolicyNotAlways'],
    },
    fails: when.cached(false),
    optOuts: DIGEST,
  },
  {
    checks: {
      checkov: ['CKV_K8S_14'],
      'kube-linter': ['latest-tag'],
      'kube-score': ['container-image-tag'],
      polaris: ['tagNotSpecified'],
    },
    optOuts: ['image-version'],
  },
  // Secrets.
  {
    checks: { checkov: ['CKV_K8S_35'] },
    fails: when.anyContainer(when.takesSecrets),
    decided: FROM_THE_ENVIRONMENT,
  },
  {
    checks: { 'kube-linter': ['read-secret-from-env-var'] },
    fails: when.anyContainer(when.readsSecrets),
    decided: FROM_THE_ENVIRONMENT,
  },
  {
    checks: { 'kube-linter': ['env-var-secret'] },
    fails: when.anyContainer(when.namesSecret(/secret/i)),
    optOuts: ['secret-in-plain-text'],
  },
  {
    checks: { polaris: ['sensitiveContainerEnvVar'] },
    fails: when.anyContainer(when.namesSecret(when.SOUNDS_SECRET)),
    optOuts: ['secret-in-plain-text'],
  },
  {
    checks: { polaris: ['sensitiveConfigmapContent'] },
    fails: when.ofKind('ConfigMap', () => true),
    optOuts: ['secret-in-plain-text'],
  },
  {
    checks: { polaris: ['sensitiveConfigmapContent'] },
    fails: when.secretScripts,
    decided: 'a script is called after what it does, and no secret stands in it',
  },
  // How many pods there are, and what comes in their place.
  {
    checks: { polaris: ['deploymentMissingReplicas'] },
    fails: when.scaledFrom(2),
    decided: 'what scales it says how many there are, and keeps two at least',
  },
  {
    checks: { 'kube-linter': ['minimum-three-replicas'] },
    fails: when.scaledFrom(3),
    decided: 'what scales it says how many there are, and keeps three at least',
  },
  {
    checks: { 'kube-linter': ['minimum-three-replicas'], polaris: ['deploymentMissingReplicas'] },
    fails: when.both(when.recreated, when.alone),
    ...SINGLETON,
  },
  { checks: { 'kube-linter': ['no-rolling-update-strategy'] }, fails: when.recreated, ...SINGLETON },
  {
    checks: { 'kube-score': ['deployment-strategy'] },
    fails: when.both(when.recreated, when.served),
    ...SINGLETON,
  },
  {
    checks: { 'kube-score': ['deployment-replicas'] },
    fails: when.both(when.recreated, when.served, when.alone, (subject) => !when.scaled(subject)),
    ...SINGLETON,
  },
  {
    checks: { polaris: ['missingPodDisruptionBudget'] },
    fails: when.both(when.unbudgeted, when.alone),
    decided: 'a budget for one pod would keep its node from being drained',
  },
  {
    checks: { polaris: ['topologySpreadConstraint'] },
    fails: when.both(
      when.staysUp,
      when.neverTwo,
      when.pods(({ spec: pod }) => pod['topologySpreadConstraints'] === undefined),
    ),
    decided: 'there is one pod, and nothing to keep it apart from',
  },
  // Rights.
  {
    checks: {
      checkov: ['CKV_K8S_22'],
      'kube-linter': ['no-read-only-root-fs'],
      'kube-score': ['container-security-context-readonlyrootfilesystem'],
      polaris: ['notReadOnlyRootFilesystem'],
    },
    optOuts: ['read-only-root'],
  },
  {
    checks: { checkov: ['CKV_K8S_40'], 'kube-score': ['container-security-context-user-group-id'] },
    optOuts: ['high-user-ids'],
  },
  {
    checks: { checkov: ['CKV_K8S_38'], polaris: ['automountServiceAccountToken'] },
    fails: when.pods(({ spec: pod }) => pod['automountServiceAccountToken'] === true),
    optOuts: ['token-unused'],
    decided: 'the program asks the API of Kubernetes, with a Role of its own',
  },
  {
    checks: { 'kube-linter': ['default-service-account'] },
    fails: when.pods(({ spec: pod }) => /^(default)?$/.test(String(pod['serviceAccountName'] ?? ''))),
    optOuts: ['own-service-account'],
  },
  {
    checks: { 'kube-linter': ['non-isolated-pod'], 'kube-score': ['pod-networkpolicy'], polaris: ['missingNetworkPolicy'] },
    optOuts: ['network-fenced'],
  },
  {
    checks: { polaris: ['missingNetworkPolicy'] },
    fails: when.fencedOneWay,
    decided: 'its policy has no rule for a direction in which nobody is to come or to go',
  },
  {
    checks: { polaris: ['tlsSettingsMissing'] },
    fails: when.ofKind('Ingress', ({ spec }) => when.lacks('tls')(spec)),
    optOuts: ['tls', 'url-scheme-served'],
  },
  // Names.
  {
    checks: { polaris: ['metadataAndInstanceMismatched'] },
    fails: when.namedByContent,
    decided: 'its name ends in a hash of what it does, and its instance is the same for all of them',
  },
];
