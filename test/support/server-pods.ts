import type { ServerPods } from '../../lib/index';

/** All that the pods of a database may be told. */
export const serverPods: Required<ServerPods> = {
  imagePullSecrets: ['mirror'],
  nodeSelector: { disk: 'fast' },
  tolerations: [{ key: 'database', operator: 'Exists' }],
  priorityClassName: 'database',
};

/** The same as it stands in the YAML. */
export const settled = { ...serverPods, imagePullSecrets: [{ name: 'mirror' }] };
