import type { Construct } from 'constructs';
import { requireSources, type Variables } from '../pod/variables';
import { backing } from '../release/backing-services';
import { reachedByIpv6 } from '../release/connection';
import type { ReleaseSettings } from '../release/release-variables';
import { requireConfig, tellOrigins } from '../release/repeats';
import type { NamedDatabase } from '../release/repo';
import { telemetryOf } from '../release/telemetry/telemetry';
import { imageVersion } from '../support/image';
import { databaseUse, repoPools } from './database-use';
import type { PhoenixReleaseProps } from './phoenix-release-props';
import { secretsOf } from './release-databases';

/** What the variables of a release are made from. */
export function settingsOf(
  scope: Construct,
  props: PhoenixReleaseProps,
  own: Pick<ReleaseSettings, 'address' | 'mounts' | 'others'>,
): ReleaseSettings {
  const { application, image, database, erlangFlags = [], databases = {} } = props;
  const use = databaseUse(scope, props, 'omit it to use 10');
  const cluster = props.cluster?.member(application, imageVersion(image));
  const { ipv6 = reachedByIpv6(database, cluster) } = props;
  return { ...own, ...use, pools: repoPools(scope, own.others, databases, props), application, erlangFlags, cluster, ipv6 };
}

/** Variables that the environment gives, those of its backing services and of what is seen of it among them, and where these are. */
export function givenVariables(scope: Construct, props: PhoenixReleaseProps, others: readonly NamedDatabase[]) {
  const { application, config = {}, variables = {}, secret, database, backingServices = {} } = props;
  requireConfig(scope, config);
  tellOrigins(scope, config);
  requireSources(scope, 'variables', variables);
  const given = { config, variables, backingServices, secret: secret.variables, secretName: secret.secretName };
  const telemetry = telemetryOf(scope, props, { ...given, application: application.name });
  const known = { ...config, ...variables, ...secret.variables };
  const { reaches, ...more } = backing(scope, backingServices, known);
  const secrets: Variables = { ...variables, ...secret.variables, ...more.secrets, ...secretsOf(database, others) };
  return {
    added: { ...config, ...more.config, ...telemetry.config },
    secrets,
    reaches: [...reaches, ...telemetry.reaches],
    telemetry,
  };
}
