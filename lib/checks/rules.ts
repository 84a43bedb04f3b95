import { imageDigest } from './image-digest';
import { literalSecrets } from './literal-secrets';
import { quotaFits } from './quota-fits';
import type { Rule } from './rule';
import { uniqueObjects } from './unique-objects';

/** The rules that every App starts with. */
export const rules: readonly Rule[] = [uniqueObjects, literalSecrets, imageDigest, quotaFits];
