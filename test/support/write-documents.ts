import { writeFileSync } from 'node:fs';
import { documents, expected } from './documents';

for (const name of Object.keys(documents)) writeFileSync(name, expected(name));
