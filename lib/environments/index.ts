import type { Stack } from '../index';
import { application } from '../application';
import { development } from './development';
import { preview } from './preview';
import { production } from './production';
import { staging } from './staging';

/** The application and where it runs. */
export const stack: Stack = {
  application,
  secretKeys: ['SECRET_KEY_BASE', 'RELEASE_COOKIE'], // each a variable of every pod; docs/secrets.md
  // In the order of promotion. Which image each one runs is in images/<name>.yaml, or in its literal.
  environments: { development, staging, production },
  preview,
  // Environments that are gone, or have another name now, each with the reason, such as where its data are: with `PREVIOUS`,
  // one that is gone and stands not here is a fault.
  retired: {},
};
