import { App } from 'cdk8s';
import { loadAll } from 'js-yaml';
import { OptOut, render, type AccessSubject, type Manifest } from '../../lib/index';
import { shipper } from '../support/sidecars';
import { build, facts, production } from '../support/stack';
import { vary, type Variation } from '../support/vary';
import { ofDeployer, ofImageDeployer, type Requests } from './requests';
import { REPOSITORY } from './swaps';

export const deployer: AccessSubject = { user: 'github:repo:acme/shop-stack:environment:production' };
export const imageDeployer: AccessSubject = { user: 'github:repo:acme/shop:environment:production' };

/** Nothing but its pods has the image. */
export const imageAlone = {
  image: `${REPOSITORY}@sha256:${'89abcdef01234567'.repeat(4)}`,
  migrations: OptOut.because('the stack of the back office migrates the schema'),
} satisfies Variation;

/** An environment with people who have rights, in a namespace. */
export interface Ruled {
  readonly who: string;
  readonly namespace: string;
  readonly subject: AccessSubject;
  /** Its objects. */
  readonly objects: readonly Manifest[];
  /** The file that gives them their rights. */
  readonly rights: readonly Manifest[];
  readonly requests: Requests;
}

function ruled(who: string, namespace: string, subject: AccessSubject, requests: Requests, change: Variation): Ruled {
  const app = build(vary(production, { namespace, cluster: 'compare' }, change), new App(), facts);
  const { faults, files, apart } = render(app);
  if (faults.length > 0) throw new Error(faults.join('\n'));
  const read = (texts: Iterable<string>): Manifest[] =>
    [...texts].flatMap((text) => loadAll(text) as Manifest[]).filter((one: Manifest | null) => one !== null);
  return { who, namespace, subject, objects: read(files.values()), rights: read(apart.map(({ text }) => text)), requests };
}

/** One who deploys all of an environment, and one who rolls out the images of another. */
export function ruledEnvironments(namespaces: readonly [string, string]): readonly [Ruled, Ruled] {
  const [whole, images] = namespaces;
  return [
    ruled('a deployer', whole, deployer, ofDeployer(whole), { deployers: [deployer] }),
    ruled('an image deployer', images, imageDeployer, ofImageDeployer(images), {
      ...imageAlone,
      web: { sidecars: { shipper, second: shipper } },
      imageDeployers: [imageDeployer],
    }),
  ];
}
