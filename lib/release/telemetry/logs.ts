import type { Variables } from '../../pod/variables';
import { NODE_NAME, POD_NAME, type Told } from './told';

/** The levels of Elixir's Logger. */
export type LogLevel = 'debug' | 'info' | 'notice' | 'warning' | 'error' | 'critical' | 'alert' | 'emergency';

/** What lines of logs say beside what happened: `POD_NAME`, `NODE_NAME`, and `APP_VERSION` of the image. */
export interface Logs {
  /** The least that is logged, where the application reads it: `LOG_LEVEL`. @default - as the application is configured */
  readonly level?: LogLevel;
}

/** What pods are told about their logs. */
export function logsOf({ level }: Logs): Told {
  return {
    config: level === undefined ? {} : { LOG_LEVEL: level },
    fields: { ...POD_NAME, ...NODE_NAME },
    of: ({ version }): Variables => (version ? { APP_VERSION: version } : {}),
    secrets: [],
    reaches: [],
  };
}
