/* eslint-disable @typescript-eslint/no-require-imports -- a table is read where an object of its group is there */
// Written by `npm run schemas`.
import type { Table } from './grammar';

/** The tables of custom kinds, by their API group. */
export const groups: Readonly<Record<string, () => Table>> = {
  'argoproj.io': () => require('./custom/argoproj.io.json') as Table,
  'autoscaling.k8s.io': () => require('./custom/autoscaling.k8s.io.json') as Table,
  'barmancloud.cnpg.io': () => require('./custom/barmancloud.cnpg.io.json') as Table,
  'bitnami.com': () => require('./custom/bitnami.com.json') as Table,
  'cert-manager.io': () => require('./custom/cert-manager.io.json') as Table,
  'external-secrets.io': () => require('./custom/external-secrets.io.json') as Table,
  'externaldns.k8s.io': () => require('./custom/externaldns.k8s.io.json') as Table,
  'gateway.envoyproxy.io': () => require('./custom/gateway.envoyproxy.io.json') as Table,
  'gateway.networking.k8s.io': () => require('./custom/gateway.networking.k8s.io.json') as Table,
  'gateway.nginx.org': () => require('./custom/gateway.nginx.org.json') as Table,
  'grafana.integreatly.org': () => require('./custom/grafana.integreatly.org.json') as Table,
  'image.toolkit.fluxcd.io': () => require('./custom/image.toolkit.fluxcd.io.json') as Table,
  'keda.sh': () => require('./custom/keda.sh.json') as Table,
  'kustomize.toolkit.fluxcd.io': () => require('./custom/kustomize.toolkit.fluxcd.io.json') as Table,
  'monitoring.coreos.com': () => require('./custom/monitoring.coreos.com.json') as Table,
  'networking.istio.io': () => require('./custom/networking.istio.io.json') as Table,
  'notification.toolkit.fluxcd.io': () => require('./custom/notification.toolkit.fluxcd.io.json') as Table,
  'postgresql.cnpg.io': () => require('./custom/postgresql.cnpg.io.json') as Table,
  'security.istio.io': () => require('./custom/security.istio.io.json') as Table,
  'source.toolkit.fluxcd.io': () => require('./custom/source.toolkit.fluxcd.io.json') as Table,
  'telemetry.istio.io': () => require('./custom/telemetry.istio.io.json') as Table,
  'traefik.io': () => require('./custom/traefik.io.json') as Table,
};
