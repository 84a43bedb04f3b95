import type { ImageSource } from '../image-source';
import type { ApplicationMetrics, MetricNames } from './names';

const apps = new WeakMap<MetricNames, string>();

/** Keeps the application that names of PromEx begin with. */
export function keepOtpApp(names: MetricNames, otpApp: string): MetricNames {
  apps.set(names, otpApp);
  return names;
}

/** What is believed of names that begin with an application which the umbrella has not; nothing where that is not known. */
export function assumedOtpApp(metrics: ApplicationMetrics | undefined, source: ImageSource | undefined): string | undefined {
  const otpApp = metrics?.names && apps.get(metrics.names);
  const known = source?.apps;
  if (otpApp === undefined || known === undefined || known.includes(otpApp)) return undefined;
  return `metrics are taken to begin with ${otpApp}, which is none of the umbrella's applications ${known.join(', ')}: promEx is told the otp_app of 'use PromEx'`;
}
