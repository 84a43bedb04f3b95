import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { render, synthStack, type NamedEnvironment } from '../../lib/index';
import { build, facts, staging } from '../support/stack';
import { vary } from '../support/vary';

// A program of its own: `many 300` writes a stack of so many environments in this process, `warm 300` renders them alone, the first third
// uncounted. The last line that both print is what one takes of the processor, in milliseconds, and the peak of memory in MiB. It is
// bundled with the library of other commits too, so it imports little.

const [, , what = '', number = ''] = process.argv;
const count = Number(number);

function numbered(index: number): NamedEnvironment {
  const name = `staging-${index}`;
  return vary(staging, { name, namespace: name, web: { host: `${name}.example.com` } });
}

function processor(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

function many(): number {
  const folder = mkdtempSync(join(tmpdir(), 'bench-'));
  const environments = Object.fromEntries(Array.from({ length: count }, (_, index) => [`staging-${index}`, numbered(index)]));
  const taken = processor(() => {
    if (!synthStack({ ...facts, environments }, { outdir: folder })) throw new Error('there are faults');
  });
  rmSync(folder, { recursive: true });
  return taken / count;
}

function warm(): number {
  const taken = Array.from({ length: count }, (_, index) =>
    processor(() => {
      const { faults } = render(build(numbered(index)));
      if (faults.length > 0) throw new Error(faults.join('\n'));
    }),
  );
  const counted = taken.slice(count / 3);
  return counted.reduce((sum, one) => sum + one, 0) / counted.length;
}

const each = what === 'warm' ? warm() : many();
process.stdout.write(JSON.stringify({ each, peak: process.resourceUsage().maxRSS / 1024 }));
