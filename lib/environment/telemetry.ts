import type { Environment } from './environment';
import type { NamedEnvironment } from './parts';

/** Where traces and errors go, with the name of the environment by which they are told apart from those of others. */
export function seenIn({ name, tracing, sentry }: NamedEnvironment): Pick<Environment, 'tracing' | 'sentry'> {
  return {
    ...(tracing ? { tracing: { ...tracing, attributes: { 'deployment.environment.name': name, ...tracing.attributes } } } : {}),
    ...(sentry ? { sentry: { ...sentry, environment: sentry.environment ?? name } } : {}),
  };
}
