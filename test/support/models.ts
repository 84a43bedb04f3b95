import { parseAllDocuments, type Tags } from 'yaml';
import type { Manifest } from '../../lib/index';

type Model = new (data: unknown) => { validate(): void };

/** Whose models have the kinds of a group, beside those of Kubernetes itself. */
const PACKAGES: Readonly<Record<string, string>> = {
  'cert-manager.io': '@kubernetes-models/cert-manager',
  'gateway.networking.k8s.io': '@kubernetes-models/gateway-api',
  'image.toolkit.fluxcd.io': '@kubernetes-models/flux-cd',
  'keda.sh': '@kubernetes-models/keda',
  'kustomize.toolkit.fluxcd.io': '@kubernetes-models/flux-cd',
  'monitoring.coreos.com': '@kubernetes-models/prometheus-operator',
  'networking.istio.io': '@kubernetes-models/istio',
  'notification.toolkit.fluxcd.io': '@kubernetes-models/flux-cd',
  'postgresql.cnpg.io': '@kubernetes-models/cloudnative-pg',
  'security.istio.io': '@kubernetes-models/istio',
  'source.toolkit.fluxcd.io': '@kubernetes-models/flux-cd',
  'traefik.io': '@kubernetes-models/traefik',
};

/** Groups that have no models on npm that run on this project's oldest Node. */
const UNKNOWN = [
  'barmancloud.cnpg.io',
  'bitnami.com',
  'cloud.google.com',
  'external-secrets.io',
  'externaldns.k8s.io',
  'networking.gke.io',
];
const OWN_OF_GATEWAYS = ['gateway.envoyproxy.io', 'gateway.nginx.org'];

/** What the models are too old for. What is written here is in both versions. */
const KINDS: Readonly<Record<string, string | undefined>> = {
  'image.toolkit.fluxcd.io/v1/ImagePolicy': 'image.toolkit.fluxcd.io/v1beta2/ImagePolicy',
  'image.toolkit.fluxcd.io/v1/ImageRepository': 'image.toolkit.fluxcd.io/v1beta2/ImageRepository',
  'image.toolkit.fluxcd.io/v1/ImageUpdateAutomation': 'image.toolkit.fluxcd.io/v1beta1/ImageUpdateAutomation',
  'networking.istio.io/v1/DestinationRule': 'networking.istio.io/v1beta1/DestinationRule',
  'networking.istio.io/v1/Gateway': 'networking.istio.io/v1beta1/Gateway',
  'networking.istio.io/v1/VirtualService': 'networking.istio.io/v1beta1/VirtualService',
  'security.istio.io/v1/PeerAuthentication': 'security.istio.io/v1beta1/PeerAuthentication',
  'source.toolkit.fluxcd.io/v1/OCIRepository': 'source.toolkit.fluxcd.io/v1beta2/OCIRepository',
};
/** Of CloudNativePG 1.25, after the models. */
const NEWER = ['postgresql.cnpg.io/v1/Database'];

/** As Kubernetes reads it: `e1` is a text. */
const options = {
  version: '1.1',
  customTags: (tags: Tags): Tags => tags.filter((tag) => typeof tag !== 'object' || tag.format !== 'EXP'),
} as const;

/** What the models of npm say of the objects in some YAML. Kinds that they do not have are reported too. */
export function invalidObjects(texts: readonly string[]): string[] {
  return texts
    .flatMap((text) => parseAllDocuments(text, options).map((document) => document.toJS() as Manifest))
    .flatMap((manifest) => {
      const { apiVersion, kind, metadata } = manifest;
      const [group = ''] = (apiVersion as string).split('/');
      const path = `${apiVersion}/${kind}`;
      if ([...UNKNOWN, ...OWN_OF_GATEWAYS].includes(group) || NEWER.includes(path)) return [];
      try {
        const models = PACKAGES[group] ?? 'kubernetes-models';
        const module = jest.requireActual<Record<string, Model>>(`${models}/${KINDS[path] ?? path}`);
        const model = module[kind];
        if (!model) return [`${kind} has no model`];
        const [version] = (KINDS[path] ?? path).split(`/${kind}`);
        new model({ ...manifest, apiVersion: version }).validate();
        return [];
      } catch (error) {
        return [`${kind} ${metadata.name}: ${(error as Error).message}`];
      }
    });
}
