import { OptOut, type NetworkFenceProps } from '../index';
import type { WebRoute } from './environment';

/** The Gateway that the cluster has for all of its tenants. */
export const publicGateway: WebRoute = {
  gatewayApi: {
    gateway: { shared: { name: 'public', namespace: 'gateway', sectionName: 'https', httpSectionName: 'http' } },
    controller: 'envoy-gateway',
    tls: OptOut.because('the shared Gateway has the certificate'),
  },
};

/** Where its proxies run. */
export const gatewayProxies: NetworkFenceProps['clients'] = [{ namespace: 'envoy-gateway-system' }];
