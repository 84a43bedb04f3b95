import {
  alone,
  anyContainer,
  both,
  cached,
  ends,
  fencedOneWay,
  lacks,
  namedByContent,
  namesSecret,
  neverTwo,
  ofKind,
  onlyCpuUnlimited,
  ownContainer,
  pods,
  readsSecrets,
  recreated,
  scaled,
  scaledFrom,
  secretScripts,
  served,
  SOUNDS_SECRET,
  staysUp,
  takesSecrets,
  unbudgeted,
  undigested,
  unready,
} from './failures';
import type { Question } from './question';

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
    fails: both(staysUp, ownContainer(lacks('readinessProbe'))),
    optOuts: READINESS,
  },
  { checks: { 'kube-score': ['pod-probes'] }, fails: both(staysUp, served, unready), optOuts: READINESS },
  {
    checks: { checkov: ['CKV_K8S_8'], 'kube-linter': ['no-liveness-probe'], polaris: ['livenessProbeMissing'] },
    fails: both(staysUp, ownContainer(lacks('livenessProbe'))),
    optOuts: ['probes.liveness'],
  },
  {
    checks: { 'kube-linter': ['no-liveness-probe', 'no-readiness-probe'] },
    fails: ends,
    decided: 'its pods end by themselves and get no requests, and their exit code says how it went',
  },
  // Resources.
  { checks: { checkov: ['CKV_K8S_11'] }, fails: anyContainer(lacks('resources.limits.cpu')), optOuts: CPU_LIMIT },
  { checks: { polaris: ['cpuLimitsMissing'] }, fails: ownContainer(lacks('resources.limits.cpu')), optOuts: CPU_LIMIT },
  { checks: { 'kube-score': ['container-resources'] }, fails: onlyCpuUnlimited, optOuts: CPU_LIMIT },
  {
    checks: { polaris: ['priorityClassNotSet'] },
    fails: pods(({ spec: pod }) => pod['priorityClassName'] === undefined),
    optOuts: ['priorityClassName'],
    decided: 'no class was asked for: it is scheduled like all other pods of the cluster that have none',
  },
  // Images.
  { checks: { checkov: ['CKV_K8S_43'] }, fails: undigested, optOuts: ['image-digest'] },
  {
    checks: { 'kube-score': ['container-image-pull-policy'], polaris: ['pullPolicyNotAlways'] },
    fails: cached(true),
    decided: 'an image with a digest is the same wherever it comes from',
  },
  {
    checks: {
      checkov: ['CKV_K8S_15'],
      'kube-score': ['container-image-pull-policy'],
      polaris: ['pullPolicyNotAlways'],
    },
    fails: cached(false),
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
    fails: anyContainer(takesSecrets),
    decided: FROM_THE_ENVIRONMENT,
  },
  {
    checks: { 'kube-linter': ['read-secret-from-env-var'] },
    fails: anyContainer(readsSecrets),
    decided: FROM_THE_ENVIRONMENT,
  },
  {
    checks: { 'kube-linter': ['env-var-secret'] },
    fails: anyContainer(namesSecret(/secret/i)),
    optOuts: ['secret-in-plain-text'],
  },
  {
    checks: { polaris: ['sensitiveContainerEnvVar'] },
    fails: anyContainer(namesSecret(SOUNDS_SECRET)),
    optOuts: ['secret-in-plain-text'],
  },
  {
    checks: { polaris: ['sensitiveConfigmapContent'] },
    fails: ofKind('ConfigMap', () => true),
    optOuts: ['secret-in-plain-text'],
  },
  {
    checks: { polaris: ['sensitiveConfigmapContent'] },
    fails: secretScripts,
    decided: 'a script is called after what it does, and no secret stands in it',
  },
  // How many pods there are, and what comes in their place.
  {
    checks: { polaris: ['deploymentMissingReplicas'] },
    fails: scaledFrom(2),
    decided: 'what scales it says how many there are, and keeps two at least',
  },
  {
    checks: { 'kube-linter': ['minimum-three-replicas'] },
    fails: scaledFrom(3),
    decided: 'what scales it says how many there are, and keeps three at least',
  },
  {
    checks: { 'kube-linter': ['minimum-three-replicas'], polaris: ['deploymentMissingReplicas'] },
    fails: both(recreated, alone),
    ...SINGLETON,
  },
  { checks: { 'kube-linter': ['no-rolling-update-strategy'] }, fails: recreated, ...SINGLETON },
  {
    checks: { 'kube-score': ['deployment-strategy'] },
    fails: both(recreated, served),
    ...SINGLETON,
  },
  {
    checks: { 'kube-score': ['deployment-replicas'] },
    fails: both(recreated, served, alone, (subject) => !scaled(subject)),
    ...SINGLETON,
  },
  {
    checks: { polaris: ['missingPodDisruptionBudget'] },
    fails: both(unbudgeted, alone),
    decided: 'a budget for one pod would keep its node from being drained',
  },
  {
    checks: { polaris: ['topologySpreadConstraint'] },
    fails: both(
      staysUp,
      neverTwo,
      pods(({ spec: pod }) => pod['topologySpreadConstraints'] === undefined),
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
    fails: pods(({ spec: pod }) => pod['automountServiceAccountToken'] === true),
    optOuts: ['token-unused'],
    decided: 'the program asks the API of Kubernetes, with a Role of its own',
  },
  {
    checks: { 'kube-linter': ['default-service-account'] },
    fails: pods(({ spec: pod }) => /^(default)?$/.test(String(pod['serviceAccountName'] ?? ''))),
    optOuts: ['own-service-account'],
  },
  {
    checks: { 'kube-linter': ['non-isolated-pod'], 'kube-score': ['pod-networkpolicy'], polaris: ['missingNetworkPolicy'] },
    optOuts: ['network-fenced'],
  },
  {
    checks: { polaris: ['missingNetworkPolicy'] },
    fails: fencedOneWay,
    decided: 'its policy has no rule for a direction in which nobody is to come or to go',
  },
  {
    checks: { polaris: ['tlsSettingsMissing'] },
    fails: ofKind('Ingress', ({ spec }) => lacks('tls')(spec)),
    optOuts: ['tls', 'url-scheme-served'],
  },
  // Names.
  {
    checks: { polaris: ['metadataAndInstanceMismatched'] },
    fails: namedByContent,
    decided: 'its name ends in a hash of what it does, and its instance is the same for all of them',
  },
];
