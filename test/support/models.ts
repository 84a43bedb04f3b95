import { parseAllDocuments } from 'yaml';
import type { Manifest } from '../../lib/index';

type Model = new (data: unknown) => { validate(): void };

/** Whose models have the kinds of a group, beside those of Kubernetes itself. */
const PACKAGES: Readonly<Record<string, string>> = {
  'cert-manager.io': '@kubernetes-models/cert-manager',
  'external-secrets.io': '@kubernetes-models/external-secrets',
  'gateway.networking.k8s.io': '@kubernetes-models/gateway-api',
  'keda.sh': '@kubernetes-models/keda',
  'kustomize.toolkit.fluxcd.io': '@kubernetes-models/flux-cd',
  'monitoring.coreos.com': '@kubernetes-models/prometheus-operator',
  'networking.istio.io': '@kubernetes-models/istio',
  'postgresql.cnpg.io': '@kubernetes-models/cloudnative-pg',
  'security.istio.io': '@kubernetes-models/istio',
  'traefik.io': '@kubernetes-models/traefik',
};

/** Groups that have no models on npm that run on this project's oldest Node. */
const UNKNOWN = ['barmancloud.cnpg.io', 'bitnami.com', 'cloud.google.com', 'externaldns.k8s.io', 'networking.gke.io'];
const OWN_OF_GATEWAYS = ['gateway.envoyproxy.io', 'gateway.nginx.org'];

/** What the models of npm say of the objects in some YAML. Kinds that they do not have are reported too. */
export function invalidObjects(texts: readonly string[]): string[] {
  return texts
    .flatMap((text) => parseAllDocuments(text, { version: '1.1' }).map((document) => document.toJS() as Manifest))
    .flatMap((manifest) => {
      const { apiVersion, kind, metadata } = manifest;
      const [group = ''] = (apiVersion as string).split('/');
      if ([...UNKNOWN, ...OWN_OF_GATEWAYS].includes(group)) return [];
      try {
        const models = PACKAGES[group] ?? 'kubernetes-models';
        const module = jest.requireActual<Record<string, Model>>(`${models}/${apiVersion}/${kind}`);
        const model = module[kind];
        if (!model) return [`${kind} has no model`];
        new model(manifest).validate();
        return [];
      } catch (error) {
        return [`${kind} ${metadata.name}: ${(error as Error).message}`];
      }
    });
}
