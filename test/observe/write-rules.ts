import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promtoolFiles } from './promtool';
import { tried, watched } from './watched';

const [folder = 'rules'] = process.argv.slice(2);
mkdirSync(folder, { recursive: true });
for (const [name, text] of Object.entries(promtoolFiles(tried(watched).objects))) writeFileSync(join(folder, name), text);
