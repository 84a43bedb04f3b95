import { join } from 'node:path';
import ts from 'typescript';

/** A piece of a document, and where it is, as an editor opens it. */
export interface Snippet {
  readonly at: string;
  readonly code: string;
}

/** The fenced blocks of a document in a language. */
export function blocks(name: string, text: string, language: string): Snippet[] {
  const fences = text.matchAll(new RegExp(`^( *)\`\`\`${language}\n([^]*?)^ *\`\`\`$`, 'gm'));
  return [...fences].map((fence) => ({
    at: `${name}:${text.slice(0, fence.index).split('\n').length + 1}`,
    code: (fence[2] ?? '').replaceAll(new RegExp(`^${fence[1] ?? ''}`, 'gm'), ''),
  }));
}

/** The pieces of code within the sentences of a document. */
export function spans(name: string, text: string): Snippet[] {
  const sentences = text.replace(/^ *```[^]*?^ *```$/gm, (fence) => fence.replaceAll(/[^\n]/g, ' '));
  return [...sentences.matchAll(/`([^`]+)`/g)].map((span) => ({
    at: `${name}:${sentences.slice(0, span.index).split('\n').length}`,
    code: (span[1] ?? '').replaceAll(/\s+/g, ' '),
  }));
}

/** The literals that a piece of fields alone may be a part of. */
const HOLDERS = [
  ...['NamedEnvironment', 'WebPods', 'StackFacts', 'PhoenixReleaseProps', 'ProbedDeploymentProps'],
  ...['CloudNativePgProps', 'GatewayRouteProps'],
];

/** Errors about names that the text around a piece explains, and about a field that it shows twice, each in another way. */
const LEFT_TO_THE_TEXT = new Set([2304, 2503, 2552, 18004, 1117]);

const LIBRARY = join(__dirname, '../../lib/index');
const DOOR = join(__dirname, '../../lib/checks/index');

/** The name of a file, as the first line of its piece says it: others of the document import it. */
export const FILE = /^\/\/ (\S+\.ts)\n/;

/** What the compiler says of each piece of TypeScript, with the library as it is: nothing, of one that is right. */
export function compile(pieces: readonly Snippet[]): [Snippet, readonly string[]][] {
  const target = ts.ScriptTarget.ES2022;
  const files = new Map<string, ts.SourceFile>();
  const forms = pieces.map((piece, number) => {
    const folder = join(__dirname, 'documents', piece.at.replace(/:.*/, ''));
    const named = formsOf(piece.code).map((form, which) => {
      const name = FILE.exec(piece.code)?.[1] ?? `piece-${number}-${which}.ts`;
      return [join(folder, name), form] as const;
    });
    for (const [file, form] of named) files.set(file, ts.createSourceFile(file, form, target));
    return { piece, names: named.map(([file]) => file) };
  });
  const options = { strict: true, noEmit: true, skipLibCheck: true, target, module: ts.ModuleKind.Node20, types: ['node'] };
  const disk = ts.createCompilerHost(options);
  const program = ts.createProgram([...files.keys()], options, {
    ...disk,
    // Folders that the pieces alone are in are not on the disk.
    directoryExists: undefined,
    fileExists: (file) => files.has(file) || disk.fileExists(file),
    getSourceFile: (file, ...rest) => files.get(file) ?? disk.getSourceFile(file, ...rest),
  });
  return forms.map(({ piece, names }) => {
    const answers = names.map((file) => errorsOf(program, file, piece));
    return [piece, answers.reduce((best, answer) => (answer.length < best.length ? answer : best))];
  });
}

/** What the compiler reads in the place of a piece: a program, or fields as those of each literal that may have them. */
function formsOf(code: string): string[] {
  const first = code.replaceAll(/^\s*\/\/.*$/gm, '').trimStart();
  if (!/^[\w$]+:/.test(first))
    return [
      `${code.replaceAll("'cdk8s-phoenix'", `'${LIBRARY}'`).replaceAll("'cdk8s-phoenix/checks'", `'${DOOR}'`)}\nexport {};`,
    ];
  return HOLDERS.map((holder) => `export const it: Partial<import('${LIBRARY}').${holder}> = {\n${code}\n};`);
}

function errorsOf(program: ts.Program, file: string, { code }: Snippet): string[] {
  const source = program.getSourceFile(file);
  const whole = code.includes('import ');
  return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)]
    .filter((error) => whole || !LEFT_TO_THE_TEXT.has(error.code))
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, ' '));
}
