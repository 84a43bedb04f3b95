import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The nearest folder above that is a package: the sources lie deeper once they are built. */
export function packageRoot(folder: string): string {
  return existsSync(join(folder, 'package.json')) ? folder : packageRoot(dirname(folder));
}
