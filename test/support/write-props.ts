import { writeFileSync } from 'node:fs';
import { program, propsTable } from './props-table';

// Before all else, because what writes the other documents asks the table.
writeFileSync('lib/support/props.json', `${JSON.stringify(propsTable(program()), null, 2)}\n`);
