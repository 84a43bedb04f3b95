import { writeFileSync } from 'node:fs';
import { propsText } from './props-table';

// Before all else, because what writes the other documents asks the table.
writeFileSync('lib/support/props.json', propsText());
