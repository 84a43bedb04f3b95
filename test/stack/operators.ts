import { Checks } from '../../lib/app-checks/checks';
import { beamContainers, commandOf, type BeamContainer } from '../../lib/model/beam';
import { distributionPorts } from '../../lib/model/ports';
import { text } from '../../lib/model/values';
import type { App } from 'cdk8s';

/** The port of the laptop in the commands, and in the module of the page. */
export const FORWARDED = 14370;

/** What is typed to look into a pod of an environment, from its finished objects. */
export function operatorCommands(name: string, app: App): string {
  const own = beamContainers(Checks.of(app).world).filter(({ workload, endsFirst: init }) => !workload.task && !init);
  const [web, ...others] = own;
  if (!web) throw new Error(`${name} has no pods that run`);
  const { namespace } = web.workload;
  const kubectl = `kubectl -n ${namespace}`;
  const labelled = ({ workload: { labels } }: BeamContainer): string =>
    `app.kubernetes.io/instance=${text(labels['app.kubernetes.io/instance']) ?? ''}`;
  const workers = others.map((beam) => `# or one of ${beam.workload.name}: -l ${labelled(beam)}`);
  const [program = ''] = commandOf(web);
  const inside = `-c ${text(web.spec['name']) ?? ''} -- `;
  return [
    `### ${name}`,
    '',
    '```sh',
    `POD=$(${kubectl} get pods -l ${labelled(web)} --field-selector status.phase=Running -o jsonpath='{.items[0].metadata.name}')`,
    ...workers,
    '',
    '# in the pod',
    `${kubectl} exec -it "$POD" ${inside}${program} remote`,
    `${kubectl} exec "$POD" ${inside}${program} rpc 'IO.inspect({node(), Node.list()})'`,
    '',
    '# from the laptop',
    `${kubectl} port-forward "pod/$POD" ${FORWARDED}:${distributionPorts(web)?.nodes.first ?? 'unknown'} &`,
    `NODE="${nodeOf(web, kubectl)}"`,
    `COOKIE=$(${kubectl} exec "$POD" ${inside}printenv RELEASE_COOKIE)`,
    '',
    '# the dump of the last crash; and one of now, which ends the VM',
    `${kubectl} exec "$POD" ${inside}cat ${valueIn(web, 'ERL_CRASH_DUMP')} > erl_crash.dump`,
    `${kubectl} exec "$POD" ${inside}sh -c 'kill -USR1 $(${program} pid)'`,
    '```',
  ].join('\n');
}

/** The name of the node, of which the address of the pod is asked where it is part of it. */
function nodeOf(beam: BeamContainer, kubectl: string): string {
  const asked = (field: string): string => `$(${kubectl} get pod "$POD" -o jsonpath='{.${field}}')`;
  return valueIn(beam, 'RELEASE_NODE').replaceAll(/<([\w.]+)>/g, (_, field: string) => asked(field));
}

function valueIn({ variables, workload }: BeamContainer, name: string): string {
  const { value } = variables.byName.get(name) ?? {};
  if (value === undefined) throw new Error(`${name} of ${workload.name} is not in the YAML`);
  return value;
}
