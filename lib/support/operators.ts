/** What serves custom kinds in a cluster, and how it is called in sentences. */
export const OPERATORS = {
  'barman-cloud': 'the Barman Cloud plugin',
  'cert-manager': 'cert-manager',
  'cloudnative-pg': 'CloudNativePG',
  'envoy-gateway': 'Envoy Gateway',
  'external-dns': 'ExternalDNS',
  'external-secrets': 'External Secrets',
  flux: 'Flux',
  'gateway-api': 'the Gateway API',
  istio: 'Istio',
  keda: 'KEDA',
  'nginx-gateway-fabric': 'NGINX Gateway Fabric',
  'prometheus-operator': 'the Prometheus operator',
  'sealed-secrets': 'Sealed Secrets',
  traefik: 'Traefik',
} as const;

/** What serves custom kinds, by the name of its project. */
export type OperatorName = keyof typeof OPERATORS;

/** A minor release: `1.7`. */
export type Release = `${number}.${number}`;

/** The oldest release of each operator that an environment meets. Of one that is not named it is the newest. */
export type Operators = Readonly<Partial<Record<OperatorName, Release>>>;
