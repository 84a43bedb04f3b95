import type { Finding, Rule, World } from '../rule';
import { type BeamContainer, beamContainers, isMixRelease, placeOf } from '../world/beam';
import { BOOT_VARIABLES, type Misuse } from './boot-variables';

/** Names that the scripts of old releases read as settings of their own. */
const DISTILLERY = ['NAME', 'COOKIE', 'VMARGS_PATH', 'SYS_CONFIG_PATH', 'ERL_OPTS', 'EXTRA_OPTS'];

/** Some names mean something to the boot scripts already. */
export const reservedVariables: Rule = {
  name: 'reserved-variables',
  sentence: 'No variable takes from the boot script of a release a setting of its own, or gives it a value that stops it.',
  why: 'The scripts build folders, the name of the node and the command line from them: "ping" asks another node, or the VM does not start.',
  source: 'https://hexdocs.pm/mix/Mix.Tasks.Release.html#module-environment-variables',
  *find(world: World): Iterable<Finding> {
    const told = new Set<string>();
    for (const beam of beamContainers(world)) {
      for (const { name, got, ...misuse } of misused(beam)) {
        const place = placeOf(beam, name);
        const key = `${place.object.construct.node.path} ${place.field}`;
        if (!told.has(key)) yield { ...place, ...misuse, got };
        told.add(key);
      }
    }
  },
};

interface Misused extends Misuse {
  readonly name: string;
  readonly got: string;
}

function* misused(beam: BeamContainer): Iterable<Misused> {
  const { byName } = beam.variables;
  // A field of the pod is given on purpose, by those who make the name of the node from it.
  if (byName.has('HOSTNAME') && !/^<(?:status|spec|metadata)\./.test(byName.get('HOSTNAME')?.value ?? '')) {
    const must = 'be left to Kubernetes, which sets it to the name of the pod';
    yield { name: 'HOSTNAME', got: 'HOSTNAME', must, fix: 'remove it, or rename it: PHX_HOST is the public host name' };
  }
  for (const name of byName.has('REPLACE_OS_VARS') ? DISTILLERY : []) {
    const fix = `rename it, for example APP_${name}`;
    if (byName.has(name)) yield { name, got: name, must: 'not be set: the scripts of Distillery read it as theirs', fix };
  }
  if (!isMixRelease(beam)) return;
  for (const [name, judge] of BOOT_VARIABLES) {
    const { value, secret } = byName.get(name) ?? {};
    // What comes from the cluster is known there alone; an empty value is none to the scripts.
    if (value === undefined || value === '' || value.includes('<')) continue;
    const misuse = judge(value, beam);
    if (misuse) yield { name, got: secret === undefined ? value : 'a value from a Secret', ...misuse };
  }
}
