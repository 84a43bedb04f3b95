import { writeSync } from 'node:fs';
import { telemetryMetrics } from '../../../lib/index';

// The names that `telemetryMetrics` takes for granted, without labels.
const named = (value: unknown): string[] =>
  typeof value === 'string'
    ? value.startsWith('shop_')
      ? [value.replace(/\{.*/, '')]
      : []
    : typeof value === 'object' && value !== null
      ? Object.values(value).flatMap(named)
      : [];
const names = [...new Set(named(telemetryMetrics({ prefix: 'shop' })))];
writeSync(1, `${names.join('\n')}\n`);
