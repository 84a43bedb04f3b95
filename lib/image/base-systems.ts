import type { BaseImages, ImageSource } from '../release/image-source';
import { parseImage } from '../support/image';
import type { Refusal } from '../support/reject';

/** Releases of Debian, in their order. */
const DEBIAN = ['jessie', 'stretch', 'buster', 'bullseye', 'bookworm', 'trixie', 'forky'];
/** From which on each has the third OpenSSL, and so what was linked with an older one of these. */
const OPENSSL_3 = { debian: DEBIAN.indexOf('bookworm'), alpine: 17 };

/** A system as its images are called. */
interface Named {
  readonly family: 'debian' | 'alpine';
  /** Its place in the order of releases. */
  readonly release: number;
  readonly name: string;
}

/**
 * A release is linked with the C library and the OpenSSL of the system that it was built on. A newer one will do while it has both
 * under the same names; an older one has no `GLIBC_2.38`, and another C library none at all.
 */
export function baseSystemRefusals(source: ImageSource, { builder, runner }: BaseImages): readonly Refusal[] {
  if (builder?.image === undefined && runner?.image === undefined) return [];
  const own = 'debian' in source ? `debian:${source.debian}` : `alpine:${source.alpine}`;
  const [built, run] = [named(builder?.image ?? own), named(runner?.image ?? own)];
  if (!built || !run || runs(built, run)) return [];
  const stage = runner?.image === undefined ? 'builder' : 'runner';
  const other = stage === 'runner' ? built : run;
  const must = `be of ${other.name}, as the other stage is: the release is linked with the libraries of what it was built on`;
  const fix = `write an image of ${other.name} in both, and that release in '${'debian' in source ? 'debian' : 'alpine'}'`;
  const got = (stage === 'runner' ? runner : builder)?.image;
  return [{ prop: `application.source.bases.${stage}.image`, must, got, fix }];
}

function runs(built: Named, run: Named): boolean {
  if (built.family !== run.family) return false;
  return built.release === run.release || (run.release > built.release && built.release >= OPENSSL_3[built.family]);
}

/** The system of an image, where its name says it; of Ubuntu and others nothing is known. */
function named(image: string): Named | undefined {
  const { repository = '', tag = '' } = parseImage(image) ?? {};
  const release = DEBIAN.findIndex((name) => new RegExp(`\\b${name}\\b`).test(tag));
  if (release !== -1) return { family: 'debian', release, name: `Debian ${DEBIAN[release] ?? ''}` };
  const [, minor] = (repository.endsWith('alpine') ? /^3\.(\d+)/ : /alpine-?3\.(\d+)/).exec(tag) ?? [];
  return minor === undefined ? undefined : { family: 'alpine', release: Number(minor), name: `Alpine 3.${minor}` };
}
