import { LOGIN, type ClusterNeeds, type NeededObject } from './cluster-needs';

/** How values of well-known keys are made, for a shell. */
const VALUES: Readonly<Record<string, string>> = {
  SECRET_KEY_BASE: '"$(mix phx.gen.secret)"',
  RELEASE_COOKIE: '"$(openssl rand -hex 32)"',
  password: '"$(openssl rand -hex 24)"',
};

/** What a cluster must have for an environment, a line each, with the commands that make its Secrets and ConfigMaps. */
export function needsText(name: string, { cluster, namespace, objects, operators, beside, kinds }: ClusterNeeds): string {
  const lines = [
    `${name}, in the namespace ${namespace}, needs:`,
    ...objects.flatMap((object) => [`- ${described(object, namespace)}`, ...commandFor(object, namespace, cluster)]),
    ...operators.map(
      ({ title, release, because }) => `- ${title}${because === undefined ? '' : ` ${release} or newer, for ${because}`}`,
    ),
    ...beside.map((what) => `- ${what}`),
    `- the right to get, create and patch ${kinds.join(', ')}`,
  ];
  return `${lines.join('\n')}\n`;
}

/** In one line, how much there is to see to: `production needs 3 Secrets and 2 operators`; nothing where there is nothing. */
export function needsLine(name: string, { objects, operators }: ClusterNeeds): string | undefined {
  const secrets = objects.filter(({ kind }) => kind === 'Secret').length;
  const others = objects.length - secrets;
  const counts = [
    [secrets, 'Secret'],
    [others, 'other object'],
    [operators.length, 'operator'],
  ] as const;
  const parts = counts.filter(([count]) => count > 0).map(([count, what]) => `${count} ${what}${count === 1 ? '' : 's'}`);
  if (parts.length === 0) return undefined;
  return `${name} needs ${parts.join(', ').replace(/, ([^,]*)$/, ' and $1')} in the cluster: npm run needs`;
}

function described({ kind, name, namespace, keys }: NeededObject, home: string): string {
  const place = namespace === undefined || namespace === home ? '' : ` in the namespace ${namespace}`;
  return `${kind} ${name}${place}${keys.length === 0 ? '' : ` with ${kind === 'Gateway' ? 'the listeners ' : ''}${keys.join(', ')}`}`;
}

/** The start of a command. The context is taken to be called as the environment calls its cluster: no other one is meant. */
function kubectl(cluster: string | undefined): string {
  return cluster === undefined ? 'kubectl' : `kubectl --context ${cluster}`;
}

/** The command that makes a Secret or ConfigMap, where it is in the namespace of the environment. */
export function commandFor(
  { kind, name, namespace = '', keys, ...about }: NeededObject,
  home: string,
  cluster?: string,
): string[] {
  const { registry, givenElsewhere = false } = about;
  if (namespace !== home || keys.length === 0) return [];
  const create = `  ${kubectl(cluster)} -n ${home} create`;
  if (kind === 'ConfigMap') return [`${create} configmap ${name} ${keys.map((key) => `--from-file=${key}='...'`).join(' ')}`];
  if (kind !== 'Secret') return [];
  if (keys.includes('tls.crt')) return [`${create} secret tls ${name} --cert=tls.crt --key=tls.key`];
  if (keys.includes(LOGIN)) {
    const server = registry === 'docker.io' ? 'https://index.docker.io/v1/' : (registry ?? '...');
    const login = `--docker-server=${server} --docker-username='...' --docker-password='...'`;
    return [`${create} secret docker-registry ${name} ${login}`];
  }
  return [`${create} secret generic ${name} ${literals(keys, givenElsewhere)}`];
}

/** The command that adds keys to a Secret that is there, in the namespace of the environment. */
export function keyCommandFor(
  { kind, name, namespace = '', keys, givenElsewhere = false }: NeededObject,
  home: string,
  cluster?: string,
): string[] {
  if (kind !== 'Secret' || namespace !== home || keys.length === 0) return [];
  const patch = `kubectl create secret generic ${name} ${literals(keys, givenElsewhere)} --dry-run=client -o json`;
  return [`${kubectl(cluster)} -n ${home} patch secret ${name} --patch "$(${patch})"`];
}

function literals(keys: readonly string[], givenElsewhere: boolean): string {
  return keys.map((key) => `--from-literal=${key}=${(givenElsewhere ? undefined : VALUES[key]) ?? "'...'"}`).join(' ');
}
