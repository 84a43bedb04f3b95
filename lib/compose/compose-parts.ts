import type { World } from '../model/world';
import { inventoryOf } from '../model/inventory';
import { map, nameOf as objectName, namespaceOf, scalars, text } from '../model/values';
import { entriesOf } from '../model/variables';
import { literal } from '../support/literal';
import { isEncrypted } from '../support/sops';
import type { Pod } from '../model/pods';
import type { ComposeFacts } from './compose';
import { programOf } from './compose-container';
import { environmentFile, secretVariable, shellQuoted } from './compose-secrets';
import { COMPOSE_FOLDER, WRITTEN, type ImageFile, type ImageFiles } from '../image/written';

/** A service of compose.yaml. */
export type Service = Readonly<Record<string, unknown>>;

/** What the services of one file share: their names, their volumes, the files beside it, and what it has to tell. */
export class Parts {
  /** Names of volumes. */
  readonly volumes: string[] = [];

  private readonly beside = new Map<ImageFile, string>();
  private readonly secrets = new Map<string, string>();
  private readonly left: string[] = [];
  private readonly hosts: readonly (readonly [host: RegExp, name: string])[];

  constructor(
    readonly world: World,
    readonly facts: ComposeFacts,
    private readonly names: ReadonlyMap<Pod, string>,
  ) {
    const { servedBy } = inventoryOf(world);
    this.hosts = inventoryOf(world)
      .ofKind('Service')
      .flatMap((service) => {
        const [first] = servedBy(service).filter((one) => names.has(one));
        const host = `${objectName(service.manifest) ?? ''}.${namespaceOf(service.manifest)}`;
        // With or without the cluster's domain, and as a part of no longer name.
        const whole = new RegExp(`(?<![\\w.-])${literal(host)}(?:\\.svc(?:\\.[a-z0-9-]+)*\\.?)?(?![\\w.-])`, 'g');
        return first ? [[whole, this.nameOf(first)] as const] : [];
      });
  }

  /** The name of a service. */
  nameOf(workload: Pod): string {
    return this.names.get(workload) ?? workload.name;
  }

  /** A text with the names of services in the place of the cluster's names for them. */
  locally(value: string): string {
    return this.hosts.reduce((before, [host, name]) => before.replace(host, name), value);
  }

  /** The host of a database that no container here is; undefined where there is none. */
  unreached(servers: readonly Pod[]): string | undefined {
    const names = new Set(servers.map((one) => this.nameOf(one)));
    const found = this.world.databases.find(({ host }) => !names.has(this.locally(host)));
    return found && (found.server ?? found.host);
  }

  /** The value of a Secret's key, `<name>/<key>`: a variable of the file beside this one, or one that whoever starts it sets. */
  secret(key: string, value: string | undefined): string {
    const name = secretVariable(key);
    if (value !== undefined) this.secrets.set(name, value);
    const { environment } = this.facts;
    const lack = value === undefined ? `no literal of ${environment} has it` : 'it stands in .env beside compose.yaml';
    return `\${${name}:?${lack}}`;
  }

  /** A file beside this one. Returns its path from here. */
  file(path: string, content: string): string {
    this.beside.set(`${COMPOSE_FOLDER}/${path}`, content);
    return `./${COMPOSE_FOLDER}/${path}`;
  }

  /** Says what is not here, and why. */
  tell(line: string): void {
    if (!this.left.includes(line)) this.left.push(line);
  }

  /** Says that the pods of an object are not here, and how to run once what they run by the clock. */
  leave(workload: Pod): void {
    const { kind, name, labels } = workload;
    const words = commandOf(workload);
    const once = text(labels['app.kubernetes.io/name']) === this.facts.application && words.length > 0;
    const run = once ? `; once: docker compose run --rm web ${words.map(inShell).join(' ')}` : '';
    this.tell(`${kind} ${name}${run}`);
  }

  /** What stands before the file. */
  header(): string {
    const { environment } = this.facts;
    const { build } = this.facts;
    const lines = [
      `The environment ${environment} on one machine, from the same literal as its pods. In the folder of the stack:`,
      `  docker compose -f dist/image/compose.yaml up${build ? ' --build' : ''}`,
      '  docker compose -f dist/image/compose.yaml down --volumes   and its data are gone',
      ...(this.left.length > 0 ? ['Not here:', ...this.left.map((line) => `- ${line}`)] : []),
    ];
    return [WRITTEN, ...lines.map((line) => `# ${line}`), ''].join('\n');
  }

  /** The files beside compose.yaml, the one with the literal secrets last. */
  files(): ImageFiles['files'] {
    const secrets = this.secrets.size === 0 ? [] : [['.env', environmentFile(this.secrets, this.facts.environment)] as const];
    return new Map([...this.beside, ...secrets]);
  }

  /** The data of a ConfigMap or a Secret of the environment, as text; undefined where it is not in the YAML. */
  dataOf(kind: 'ConfigMap' | 'Secret', name: string, namespace: string): Readonly<Record<string, string>> | undefined {
    const manifest = inventoryOf(this.world).find(kind, name, namespace)?.object?.manifest;
    if (!manifest || isEncrypted(manifest)) return undefined;
    return Object.fromEntries([...entriesOf(manifest)].map(([key, value]) => [key, value ?? '']));
  }
}

/** The words behind the program of a release, which is the entry point of its services. */
function commandOf(workload: Pod): readonly string[] {
  const spec = map(programOf(workload)?.spec);
  const [, ...words] = [...scalars(spec['command']), ...scalars(spec['args'])];
  return words;
}

function inShell(word: string): string {
  return /^[\w./:=-]+$/.test(word) ? word : shellQuoted(word);
}
