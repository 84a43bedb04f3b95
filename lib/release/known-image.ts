import type { KnownFacts } from '../support/facts';
import type { Refusal } from '../support/reject';
import type { PhoenixApplication } from './application';

/** What somebody knows of an image that was built elsewhere. */
export interface KnownImage {
  /** Version of Erlang/OTP in it, of one number or more: `25`, `25.3.2`. @default - not known */
  readonly otp?: string;
  /** Version of Elixir in it, of two numbers or more: `1.14`, `1.14.5`. @default - not known */
  readonly elixir?: string;
  /** User that its files are for: `USER`, as a number. @default - any user may run it */
  readonly user?: number;
  /** Port that it listens on whatever `PORT` says, as where that is compiled in: `EXPOSE`. @default - the one in `PORT` */
  readonly port?: number;
}

const OTP = /^\d{2}(?:\.\d+)*(?:-rc\d+)?$/;
const ELIXIR = /^\d+\.\d+(?:\.\d+)?(?:-[\w.]+)?$/;

/** What is wrong with what is known of an image. */
export function knownImageRefusals({ image, source }: PhoenixApplication): readonly Refusal[] {
  if (image === undefined) return [];
  const at = 'application.image';
  const { otp, elixir, user, port } = image;
  const wrong = (prop: string, got: unknown, right: boolean, must: string, fix: string): Refusal[] =>
    got === undefined || right ? [] : [{ prop: `${at}.${prop}`, must, got, fix }];
  const whole = (value: number | undefined, most: number): boolean =>
    value !== undefined && Number.isInteger(value) && value > 0 && value <= most;
  return [
    ...(source === undefined
      ? []
      : [{ prop: at, must: 'be left out beside source, which says it', got: image, fix: 'remove one of the two' }]),
    ...wrong(
      'otp',
      otp,
      OTP.test(otp ?? ''),
      'be a version of Erlang/OTP',
      "write what the file OTP_VERSION in it says: '25.3.2'",
    ),
    ...wrong('elixir', elixir, ELIXIR.test(elixir ?? ''), 'be a version of Elixir', "write it as '1.14.5'"),
    ...wrong('user', user, whole(user, 2 ** 31 - 1), 'be the number of a user that is not root', "write what 'id -u' says in it"),
    ...wrong('port', port, whole(port, 65535), 'be a port', 'write the one that it listens on, such as 4000'),
  ];
}

/** What the rules hold the pods of an image to: of one that `source` builds, what its Dockerfile says. */
export function knownFacts({ image: known, source, release }: PhoenixApplication, image: string): readonly KnownFacts[] {
  if (known) return [{ ...known, image, from: 'application.image' }];
  if (!source) return [];
  const { build } = release;
  const program = build === undefined ? {} : { program: `${build.root}/bin/${release.release}` };
  return [{ image, from: 'application.source', otp: source.otp, elixir: source.elixir, ...program }];
}
