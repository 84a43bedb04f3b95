import type { Environment, OptOut } from '../index';
import { development } from './development';
import { production } from './production';
import { staging } from './staging';

/** Every environment by its name, in the order of promotion. */
export const environments: Readonly<Record<string, Environment>> = { development, staging, production };

/**
 * Environments that are gone, or have another name now: each with the reason, such as where its data are. With `PREVIOUS`,
 * one that is gone and stands not here is a fault.
 */
export const retired: Readonly<Record<string, OptOut>> = {};
