import { parseArgs } from 'node:util';
import { comparePlan } from './compare/plan';
import { compareRights } from './compare/rights';
import { compareRollOuts } from './compare/roll-outs';
import { compareRules } from './compare/rules';
import { useServer } from './compare/server';

/**
 * Compares what is said here with a cluster of the newest Kubernetes to play with, which has the definitions of the custom kinds, and
 * which `kubectl proxy` serves, at `--server http://127.0.0.1:8001` unless another place is named. In four parts, each of which may be
 * named alone: `rules` asks the server what the rules do not know; `rights` asks it what those who deploy may do; `plan` applies changes, and looks whether what the plan says of each
 * happens (those alone whose names hold `--only TEXT`); `roll-outs` does so with pods that run, of the image `--image`.
 */
async function main(): Promise<void> {
  const options = { server: { type: 'string' }, only: { type: 'string' }, image: { type: 'string' } } as const;
  const { values, positionals } = parseArgs({ options, allowPositionals: true });
  if (values.server !== undefined) useServer(values.server);
  const [what] = positionals;
  if (what === 'rules' || what === undefined) await compareRules();
  if (what === 'rights' || what === undefined) await compareRights();
  if (what === 'plan' || what === undefined) await comparePlan(values.only ?? '');
  if (what === 'roll-outs' || what === undefined) await compareRollOuts(values.image ?? 'registry.k8s.io/pause:3.10');
}

void main();
