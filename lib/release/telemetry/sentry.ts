import type { IConstruct } from 'constructs';
import { declare } from '../../support/declare';
import { reject } from '../../support/reject';
import { fromSecret, type SecretKey } from '../../support/secret-key';
import { reachesOf, requirePlace, type Whereabouts } from '../whereabouts';
import { type Told } from './told';
import { requireSecret } from './tracing';

/**
 * Where errors go: Sentry, or what speaks as it does. Its SDK reads these three variables at its start, where its configuration
 * does not say the same.
 *
 * @see https://hexdocs.pm/sentry/Sentry.html
 */
export interface Sentry extends Whereabouts {
  /** The host of the DSN, such as `o4501.ingest.de.sentry.io`, which the fence opens: the Secret alone knows it otherwise. */
  readonly host: string;
  /** Its port. @default 443 */
  readonly port?: number;
  /** The Secret's key that holds the DSN: `SENTRY_DSN`. @default - the key of this name in the release's own Secret */
  readonly dsn?: SecretKey;
  /** What events are told apart by: `SENTRY_ENVIRONMENT`. @default - the environment's name; alone, `production` of the SDK */
  readonly environment?: string;
  /** The version that is to blame: `SENTRY_RELEASE`. @default - the application, `@`, and the version of its image: `shop@1.4.2` */
  readonly release?: string;
}

/** What pods are told about their errors. */
export function sentryOf(scope: IConstruct, sentry: Sentry, application: string, secrets: object): Told {
  const { host, port = 443, dsn, environment, release, cidrs, targetPort } = sentry;
  requirePlace(scope, 'sentry', { host, port });
  const reaches = reachesOf(scope, 'sentry', { host, port }, { cidrs, targetPort });
  requireDsn(scope, dsn, secrets);
  requireNames(scope, sentry);
  declare(scope, { backingServices: [{ variable: 'SENTRY_DSN', address: { host, ports: [port, targetPort ?? []].flat() } }] });
  return {
    config: environment === undefined ? {} : { SENTRY_ENVIRONMENT: environment },
    fields: {},
    of: ({ version }) => {
      // Without either the SDK asks the image.
      const blamed = release ?? (version && `${application}@${version}`);
      return { ...(dsn ? { SENTRY_DSN: fromSecret(dsn) } : {}), ...(blamed ? { SENTRY_RELEASE: blamed } : {}) };
    },
    secrets: dsn ? [dsn] : [],
    reaches,
  };
}

/** Refuses a DSN that comes from nowhere: the SDK would send nothing, and say nothing. */
function requireDsn(scope: IConstruct, dsn: SecretKey | undefined, secrets: object): void {
  if (dsn) requireSecret(scope, 'sentry.dsn', dsn);
  else if (!('SENTRY_DSN' in secrets)) {
    const fix = "write { secret: 'sentry', key: 'dsn' }, or add SENTRY_DSN to the keys of the release's Secret";
    reject(scope, { prop: 'sentry.dsn', must: 'say which key of a Secret holds the DSN', got: dsn, fix });
  }
}

/** Refuses names that Sentry does not take: https://docs.sentry.io/product/releases/naming-releases/ */
function requireNames(scope: IConstruct, { environment, release }: Sentry): void {
  if (environment !== undefined && (!/^[^\s/]{1,64}$/.test(environment) || environment === 'None')) {
    const fix = "write it as 'production'";
    const must = 'be at most 64 characters without spaces and "/"';
    reject(scope, { prop: 'sentry.environment', must, got: environment, fix });
  }
  if (release !== undefined && (!/^[^\s/\\]{1,200}$/.test(release) || /^\.{1,2}$/.test(release))) {
    const fix = "write it as 'shop@1.4.2'";
    reject(scope, { prop: 'sentry.release', must: 'be at most 200 characters without spaces and slashes', got: release, fix });
  }
}
