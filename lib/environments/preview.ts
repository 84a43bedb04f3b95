import { Duration, Size } from 'cdk8s';
import { Cpu } from 'cdk8s-plus-27';
import { OptOut, Resources, slug, type NamedEnvironment } from '../index';
import { publicRoute } from './route';
import { postgres } from './images';

const small = Resources.burstable({
  cpu: { request: Cpu.millis(100), limit: Cpu.units(1) },
  memory: { request: Size.mebibytes(256), limit: Size.mebibytes(512) },
});

/** A namespace that did not exist a minute ago has no Secrets: an operator fetches them, the same for all previews. */
const store = { kind: 'ClusterSecretStore', name: 'previews' } as const;

/**
 * An environment for one pull request: small, seeded, and gone after three days.
 *
 * @param of number of the pull request, or the name of its branch; any text
 * @param image what the pull request's build has pushed
 */
export function preview(of: string | number, image: string): NamedEnvironment {
  const text = `${of}`;
  const short = slug(text);
  return {
    name: `preview-${short}`,
    lifetime: { of: text, ttl: Duration.days(3) },
    image,
    kubernetes: '1.30',
    web: {
      host: `${short}.preview.kube-native.example.com`, // the Gateway has a certificate for *.preview.kube-native.example.com
      replicas: 1,
      resources: small,
      poolSize: 5,
    },
    route: publicRoute,
    migrations: { seeds: true },
    secrets: {
      external: { store, remote: { SECRET_KEY_BASE: 'preview/secret-key-base', RELEASE_COOKIE: 'preview/cookie' } },
    },
    databasePassword: { external: { store, remote: { password: 'preview/database-password' } } },
    database: {
      single: {
        image: postgres,
        storage: Size.gibibytes(1),
        deleteVolume: OptOut.because('nobody will miss the data of a preview'),
        resources: small,
      },
    },
    backup: OptOut.because('nobody will miss the data of a preview'),
    quota: { cpu: Cpu.units(1), memory: Size.gibibytes(3), storage: Size.gibibytes(1), pods: 8 },
    optOuts: { 'image-digest': OptOut.because('the image of a pull request is replaced at every push, and nobody relies on it') },
  };
}
