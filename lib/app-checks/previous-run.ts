import { ApiObject, App } from 'cdk8s';
import { join } from 'node:path';
import type { Manifest } from '../support/edit';
import type { OptOut } from '../support/opt-out';
import { reject, rejections, sentence } from '../support/reject';
import { AppChecks } from './app-checks';
import { groupKind } from '../checks/changes/changes';
import { readPrevious } from './previous';
import { openPrevious, type PreviousOutput } from './previous-output';
import { map, maps } from '../model/values';

/** What is told about an earlier run. */
export interface PreviousRunOptions {
  /** Folder with what was synthesized before. */
  readonly folder: string;
  /** The folder that is written now. */
  readonly outdir: string;
  /** The environments that are built. */
  readonly built: readonly string[];
  /** Environments that there are beside those. */
  readonly others: readonly string[];
  /** Environments that are gone on purpose, with the reasons. */
  readonly retired: Readonly<Record<string, OptOut>>;
}

/** An environment of the earlier run that there is no more. */
interface Gone {
  readonly name: string;
  readonly objects: readonly Manifest[];
  /** The environment that is the same under another name, and by what it was recognized. */
  successor?: { readonly name: string; readonly by: 'namespace' | 'objects' };
}

/** What was synthesized before, beside what is synthesized now: each environment has its own former objects, and none goes unseen. */
export class PreviousRun {
  /** What is wrong with the folder, or with environments that are gone. Complete once all are built. */
  get faults(): readonly string[] {
    return [...this.unread, ...this.gone.filter(({ name }) => !this.isRetired(name)).map(goneFault)];
  }

  private readonly output: PreviousOutput | undefined;
  private readonly gone: readonly Gone[];
  private readonly unread: string[] = [];

  constructor(private readonly options: PreviousRunOptions) {
    const { folder, outdir, built, others, retired } = options;
    const app = new App();
    const wanted = [...built, ...others];
    for (const name of Object.keys(retired).filter((one) => wanted.includes(one))) {
      const fix = 'take it out of one of the two';
      reject(app, { prop: `retired.${name}`, must: 'be no environment any more', got: name, fix });
    }
    this.output = openPrevious(app, { folder, outdir, wanted });
    const names = (this.output?.names ?? []).filter((name) => !wanted.includes(name));
    const gone = names.map((name): Gone => ({ name, objects: readPrevious(app, join(folder, name)) }));
    // Nobody misses a preview.
    this.gone = gone.filter(({ objects }) => objects.length > 0 && !objects.some(isPreview));
    this.unread.push(...rejections(app));
  }

  /** Gives an environment its former objects; before it is built, so that its code sees them. */
  before(name: string, app: App): void {
    const { folder } = this.options;
    if (this.output?.names.includes(name)) AppChecks.of(app).previous = readPrevious(app, join(folder, name));
  }

  /** Looks for a new environment among those that are gone, once it is built: what it was is compared all the same. */
  recognize(name: string, app: App): void {
    if (!this.output || this.output.names.includes(name)) return;
    const free = this.gone.filter(({ successor }) => !successor);
    if (free.length === 0) return;
    const now = app.node.findAll().filter((construct) => ApiObject.isApiObject(construct));
    const homes = homesOf(now.map(({ kind, name: own, metadata }) => ({ kind, metadata: { name: own, ...metadata.toJson() } })));
    const kept = free.find(({ objects }) => homesOf(objects).some((home) => homes.includes(home)));
    const alike = kept ?? free.find(({ objects }) => share(objects, now) > 0.5);
    if (!alike) return;
    alike.successor = { name, by: kept ? 'namespace' : 'objects' };
    // Where the move is meant, all of it is new.
    if (!kept && this.isRetired(alike.name)) return;
    AppChecks.of(app).previous = kept ? alike.objects : moved(alike.objects, homes[0] ?? '');
  }

  /** What was compared, in one line; and what was retired, with what is left of it. */
  get report(): readonly string[] {
    const { folder, built, retired } = this.options;
    if (!this.output) return [];
    const { names } = this.output;
    const before = new Map(this.gone.flatMap(({ name, successor }) => (successor ? [[successor.name, name] as const] : [])));
    const compared = built.filter((name) => names.includes(name) || before.has(name));
    const texts = compared.map((name) => (before.has(name) ? `${name} (was ${before.get(name)})` : name));
    const fresh = built.filter((name) => !compared.includes(name));
    const parts = [texts.join(', ') || 'no environment', ...(fresh.length > 0 ? [`new: ${fresh.join(', ')}`] : [])];
    const left = this.gone.flatMap((one) => {
      const reason = retired[one.name]?.reason;
      return reason === undefined ? [] : [`${one.name}: retired: ${reason}${remains(one)}`];
    });
    return [`compared with ${folder}: ${parts.join('; ')}`, ...left];
  }

  private isRetired(name: string): boolean {
    return this.options.retired[name] !== undefined;
  }
}

function goneFault({ name, objects, successor }: Gone): string {
  const homes = homesOf(objects).join(', ');
  const keepers = objects.filter(keepsData).map(({ kind, metadata }) => `${kind} ${map(metadata)['name']}`);
  const data = keepers.length > 0 ? `its data (${keepers.join(', ')})` : 'what it runs';
  const settle = `name it in 'retired' with the reason`;
  const must = `be built still, or be named in 'retired'`;
  const at = { prop: 'environment', must };
  if (!successor) {
    const fix = `bring it back, or save ${data} in the namespace ${homes}, which is nobody's then, and ${settle}`;
    return `${name}: [app] ${sentence({ ...at, got: undefined, fix })}`;
  }
  const { name: next, by } = successor;
  if (by === 'namespace') {
    const fix = `point what applies the folder ${name} to ${next} first, or it may delete ${data}; then ${settle}`;
    return `${name}: [app] ${sentence({ ...at, got: `${next}, which has its namespace`, fix })}`;
  }
  const fix = `take the name back, or move ${data}: it stays in the namespace ${homes}, and ${next} begins empty; then ${settle}`;
  return `${name}: [app] ${sentence({ ...at, got: `${next}, which has its objects`, fix })}`;
}

/** What has to be deleted by hand of an environment that was retired. */
function remains({ objects, successor }: Gone): string {
  if (successor?.by === 'namespace') return '';
  const namespaces = objects.filter(({ kind }) => kind === 'Namespace').map(({ metadata }) => String(map(metadata)['name']));
  return namespaces.length > 0
    ? `; once nobody needs it: kubectl delete namespace ${namespaces.join(' ')}, which deletes its volumes too`
    : '';
}

function isPreview({ kind, metadata }: Manifest): boolean {
  return kind === 'Namespace' && map(map(metadata)['annotations'])['janitor/ttl'] !== undefined;
}

function keepsData(manifest: Manifest): boolean {
  const kind = groupKind(manifest);
  if (kind === 'apps/StatefulSet') return maps(map(manifest['spec'])['volumeClaimTemplates']).length > 0;
  return kind === 'PersistentVolumeClaim' || kind === 'postgresql.cnpg.io/Cluster';
}

/** The namespaces that an environment makes, else those that its objects are in. */
function homesOf(objects: readonly Manifest[]): string[] {
  const made = objects.filter(({ kind }) => kind === 'Namespace').map(({ metadata }) => String(map(metadata)['name']));
  const used = objects.flatMap(({ metadata }) => (map(metadata)['namespace'] as string | undefined) ?? []);
  return [...new Set(made.length > 0 ? made : used)];
}

/** How many of the former objects there are again, by kind and name. */
function share(before: readonly Manifest[], now: readonly ApiObject[]): number {
  const names = new Set(now.map(({ kind, name }) => `${kind}/${name}`));
  return before.filter(({ kind, metadata }) => names.has(`${kind}/${map(metadata)['name']}`)).length / before.length;
}

/** The former objects as they would be in another namespace, to see what else changed with the name. */
function moved(objects: readonly Manifest[], to: string): Manifest[] {
  const homes = homesOf(objects);
  return objects.map((object) => {
    const text = homes.reduce((all, home) => all.replaceAll(`.${home}.svc`, `.${to}.svc`), JSON.stringify(object));
    const copy = JSON.parse(text) as Manifest;
    const { name, namespace } = map(copy['metadata']);
    const isHome = copy['kind'] === 'Namespace' && homes.includes(String(name));
    const place = homes.includes(String(namespace)) ? { namespace: to } : {};
    return { ...copy, metadata: { ...map(copy['metadata']), ...place, ...(isHome ? { name: to } : {}) } };
  });
}
