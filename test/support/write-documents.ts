import { writeFileSync } from 'node:fs';
import { operators, readme } from '../stack/documents';
import { documents, expected, read } from './documents';

for (const name of Object.keys(documents).filter((one) => one.endsWith('.md'))) writeFileSync(name, expected(name));
writeFileSync('README.md', readme(read('README.md')));
writeFileSync('docs/operators.md', operators(read('docs/operators.md')));
