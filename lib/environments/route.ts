import { OptOut, type WebRoute } from '../index';

/** The Gateway that the cluster has for all of its tenants. */
export const publicRoute: WebRoute = {
  gatewayApi: {
    gateway: { shared: { name: 'public', namespace: 'gateway', sectionName: 'https', httpSectionName: 'http' } },
    controller: 'envoy-gateway',
    tls: OptOut.because('the shared Gateway has the certificate'),
  },
  proxies: [{ namespace: 'envoy-gateway-system' }],
};
