import { isUtf8 } from 'node:buffer';
import { lstatSync, readdirSync, realpathSync, statSync, type Stats } from 'node:fs';
import { basename, join } from 'node:path';
import { bytesOf } from './bytes';
import type { Fault } from './fault';
import { Lines } from './lines';

/** A text that was read. */
export interface InputFile {
  /** Its path as it was named, with the name of the file behind it; `-` for the standard input. */
  readonly file: string;
  readonly text: string;
  /** Whether it was named itself: then it must hold objects. */
  readonly named: boolean;
}

/** What is not read, and why. */
export interface Skipped {
  readonly file: string;
  readonly line?: number;
  readonly why: string;
  /** What to do where there is nothing else. @default - name other files */
  readonly fix?: string;
}

/** All that was found. */
export interface Input {
  readonly files: readonly InputFile[];
  readonly skipped: readonly Skipped[];
  readonly faults: readonly Fault[];
}

/** A file of more bytes than this is no YAML that somebody applies. */
export const MOST_BYTES = 20 * 1024 * 1024;
/** What a shell hands over by `<(...)`, and its standard input by another name. */
const HANDED_OVER = /^\/(?:dev\/(?:fd\/\d+|stdin|null)|proc\/(?:self|\d+)\/fd\/\d+)$/;
const OBJECTS = /\.(?:ya?ml|json)$/i;
/** The file that is read where it stands in the working folder: it says what is to be judged, and is not. */
export const CONFIG = '.cdk8s-phoenix.yaml';
const FOLDERS_OF_OTHERS = new Set(['node_modules', '.git']);

const WHAT_IS_READ = 'name a file, a folder, or - for the standard input';

/** Reads files and folders, those as deep as they go. */
export class InputReader {
  private readonly files: InputFile[] = [];
  private readonly skipped: Skipped[] = [];
  private readonly faults: Fault[] = [];
  private readonly seen = new Set<string>();

  /** @param standardInput reads what is piped in; it is called where `-` is named */
  constructor(private readonly standardInput: () => Buffer) {}

  read(paths: readonly string[]): Input {
    for (const path of paths) this.attempt(path, () => this.readNamed(path));
    return { files: this.files, skipped: this.skipped, faults: this.faults };
  }

  /** Reads one file, which nobody has looked for objects in. */
  readAlone(path: string): Input {
    this.attempt(path, () => {
      const stat = statSync(path, { throwIfNoEntry: false });
      if (stat && !stat.isDirectory()) this.readFile(path, stat, true);
    });
    return { files: this.files, skipped: this.skipped, faults: this.faults };
  }

  private readNamed(path: string): void {
    if (path === '-') {
      this.add('-', this.standardInput(), true);
      return;
    }
    const stat = statSync(path, { throwIfNoEntry: false });
    const shown = path.replace(/(?<=.)\/+$/, '');
    if (stat?.isDirectory()) this.readFolder(shown);
    else if (stat) this.readFile(shown, stat, true);
    else this.faults.push({ file: path, prop: 'input', must: 'be there', got: path, fix: WHAT_IS_READ });
  }

  private readFolder(folder: string): void {
    const real = realpathSync(folder);
    // A link may lead back to where it is.
    if (this.seen.has(real)) {
      this.skipped.push({ file: folder, why: 'a link to a folder that is read already' });
      return;
    }
    this.seen.add(real);
    const names = readdirSync(folder).sort();
    const chart = names.includes('Chart.yaml') && names.includes('templates');
    if (chart) {
      const fix = `render it: helm template ${folder} | npx cdk8s-phoenix check -`;
      this.faults.push({ file: folder, prop: 'input', must: 'be rendered', got: 'the templates of a Helm chart', fix });
      return;
    }
    for (const name of names) {
      // In the log of a workflow a line that begins with :: or ## is a command.
      const path = join(folder, name).replace(/^(?=[:#])/, './');
      this.attempt(path, () => this.readEntry(path, name));
    }
  }

  private readEntry(path: string, name: string): void {
    const stat = statSync(path, { throwIfNoEntry: false });
    if (stat?.isDirectory()) {
      if (!FOLDERS_OF_OTHERS.has(name)) this.readFolder(path);
    } else if (!OBJECTS.test(name) || name === CONFIG) return;
    else if (stat?.isFile()) this.readFile(path, stat, false);
    else if (lstatSync(path).isSymbolicLink()) this.skipped.push({ file: path, why: 'a link to nothing' });
    else this.skipped.push({ file: path, why: 'no file' });
  }

  /** Reads something; why that is not to be had is a fault of it. */
  private attempt(file: string, read: () => void): void {
    try {
      read();
    } catch (error) {
      if (String(error).includes('ELOOP')) {
        this.skipped.push({ file, why: 'a link that leads back to itself' });
        return;
      }
      const got = error instanceof Error ? (error.message.split(',')[0] ?? error.name) : String(error);
      const fix = got.startsWith('EACCES') ? 'look at its permissions' : WHAT_IS_READ;
      this.faults.push({ file, prop: 'input', must: 'be readable', got, fix });
    }
  }

  private readFile(file: string, stat: Stats, named: boolean): void {
    if (!stat.isFile() && !HANDED_OVER.test(file)) {
      const got = stat.isFIFO() ? 'a named pipe' : stat.isSocket() ? 'a socket' : 'a device';
      const fix = stat.isFIFO() ? `read it as the standard input: npx cdk8s-phoenix check - < ${file}` : WHAT_IS_READ;
      // Whoever opens one waits for somebody else to write, for ever.
      this.faults.push({ file, prop: 'input', must: 'be a file or a folder', got, fix });
      return;
    }
    // What a shell hands over has no path of its own.
    const real = stat.isFile() ? realpathSync(file) : file;
    if (this.seen.has(real)) {
      this.skipped.push({ file, why: 'a file that is read already, under another name' });
      return;
    }
    this.seen.add(real);
    if (stat.size > MOST_BYTES) this.tooLarge(file, `${Math.round(stat.size / 1024 / 1024)} MB`);
    else if (this.isOfOthers(file)) this.skipped.push({ file, why: 'no Kubernetes object' });
    else this.add(file, bytesOf(file, MOST_BYTES), named);
  }

  /** Files whose name says that they are read by another program. */
  private isOfOthers(file: string): boolean {
    return /^(?:package(?:-lock)?|tsconfig)\.json$/.test(basename(file));
  }

  private tooLarge(file: string, got: string): void {
    const fix = 'name the files that are applied';
    this.faults.push({ file, prop: 'size', must: 'be at most 20 MB', got, fix });
  }

  private add(file: string, bytes: Buffer, named: boolean): void {
    if (bytes.length > MOST_BYTES) {
      this.tooLarge(file, 'more than that');
      return;
    }
    // Files that were put one behind the other have one each.
    const text = bytes.toString('utf8').replace(/^\uFEFF|(?<=^---[ \t]*\r?\n)\uFEFF/gm, '');
    const [got, sign] = foreign(bytes);
    if (got === undefined) this.files.push({ file, text, named });
    else {
      const place = sign === undefined ? undefined : new Lines(text).positionOf(Math.max(text.indexOf(sign), 0));
      const fix = 'save it as UTF-8, or leave it out';
      this.faults.push({ file, ...place, prop: 'content', must: 'be text in UTF-8', got, fix });
    }
  }
}

/** What bytes are that are no text in UTF-8, and what shows where. */
function foreign(bytes: Buffer): readonly [what?: string, sign?: string] {
  if (/^(?:fffe|feff)/.test(bytes.subarray(0, 2).toString('hex'))) return ['UTF-16, as PowerShell writes it'];
  if (bytes.includes(0)) return ['binary data'];
  return isUtf8(bytes) ? [] : ['bytes of another encoding', '\uFFFD'];
}
