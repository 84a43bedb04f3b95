import { development } from './development';
import type { Environment } from './environment';
import { production } from './production';
import { staging } from './staging';

/** Every environment, in the order of promotion. */
export const environments: readonly Environment[] = [development, staging, production];
