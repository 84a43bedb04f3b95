import type { PhoenixApplication } from '../release/application';
import { appFaults } from '../support/app-faults';
import { wrongProps } from '../support/props';
import { dockerfile } from './dockerfile';
import { dockerignore } from './dockerignore';
import { imageFacts, type ImageFacts } from './facts';
import { sourceRefusals } from './source-refusals';
import { NO_FILES, type ImageFiles } from './written';

/**
 * The files that build the image of an application: `Dockerfile`, and `Dockerfile.dockerignore`, which says what of the source is
 * sent to the builder. None where `source` is left out.
 *
 * @param user number of the user that pods run it as @default 65534
 * @example synth('dist', environments, { image: () => imageFiles(application) });
 */
export function imageFiles(application: PhoenixApplication, user?: number): ImageFiles {
  const { source } = application;
  if (source === undefined) return NO_FILES;
  const wrong = wrongProps(application, 'PhoenixApplication', ' to imageFiles');
  const refusals =
    wrong.length > 0 ? wrong.map((one) => ({ ...one, prop: `application.${one.prop}` })) : sourceRefusals(application);
  if (refusals.length > 0) return { ...NO_FILES, faults: appFaults(refusals) };
  const facts = imageFacts(application, source, user);
  const files = new Map([['Dockerfile', dockerfile(facts)] as const, ['Dockerfile.dockerignore', dockerignore(facts)] as const]);
  return { files, faults: [], assumed: assumedOf(facts) };
}

/** That a registry changes no tag of what it is built from, where that is not said by a digest. */
function assumedOf({ bases }: ImageFacts): readonly string[] {
  const open = Object.entries(bases).filter(([, base]) => !base.includes('@'));
  if (open.length === 0) return [];
  const names = open.map(([, base]) => base).join(' and ');
  const props = open.map(([stage]) => `${stage}.digest`).join(' and ');
  return [
    `built from ${names} as their tags are on that day; 'docker buildx imagetools inspect' says the digests for application.source.bases: ${props}`,
  ];
}
