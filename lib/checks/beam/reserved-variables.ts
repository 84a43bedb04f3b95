import type { Finding, Rule, World } from '../rule';
import { beamContainers, placeOf } from '../world/beam';

/** Names that the scripts of old releases read as settings of their own. */
const DISTILLERY = ['NAME', 'COOKIE', 'VMARGS_PATH', 'SYS_CONFIG_PATH', 'ERL_OPTS', 'EXTRA_OPTS'];

/** Some names mean something to the boot scripts already. */
export const reservedVariables: Rule = {
  name: 'reserved-variables',
  sentence: 'No variable has a name that a boot script of a release takes for a setting of its own.',
  why: 'The scripts build the name of the node and the command line from them: "ping" asks another node, or the VM does not start.',
  source: 'https://github.com/bitwalker/distillery',
  *find(world: World): Iterable<Finding> {
    for (const beam of beamContainers(world)) {
      const reserved = beam.variables.byName.has('REPLACE_OS_VARS') ? ['HOSTNAME', ...DISTILLERY] : ['HOSTNAME'];
      for (const name of reserved.filter((wanted) => beam.variables.byName.has(wanted))) {
        const [must, fix] =
          name === 'HOSTNAME'
            ? [
                'be left to Kubernetes, which sets it to the name of the pod',
                'remove it, or rename it: PHX_HOST is the public host name',
              ]
            : ['not be set: the scripts of Distillery read it as theirs', `rename it, for example APP_${name}`];
        yield { ...placeOf(beam, name), must, got: name, fix };
      }
    }
  },
};
