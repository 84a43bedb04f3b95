import { dirname, join, normalize } from 'node:path';
import { createProgram, ModuleKind, ModuleResolutionKind, preProcessFile, ScriptTarget } from 'typescript';

const ENTRY = 'lib/checks/index.ts';

/** The packages that the types of a file name, and those of all files that they lead to. */
function packagesIn(declarations: ReadonlyMap<string, string>, file: string, seen = new Set<string>()): string[] {
  const text = declarations.get(file);
  if (text === undefined || seen.has(file)) return [];
  seen.add(file);
  return preProcessFile(text).importedFiles.flatMap(({ fileName }) => {
    if (!fileName.startsWith('.')) return [`${fileName} in ${file}`];
    const path = normalize(join(dirname(file), fileName));
    return packagesIn(declarations, declarations.has(`${path}.d.ts`) ? `${path}.d.ts` : join(path, 'index.d.ts'), seen);
  });
}

test('whoever writes rules needs the types of neither cdk8s nor constructs', () => {
  const declarations = new Map<string, string>();
  const options = {
    ...{
      declaration: true,
      emitDeclarationOnly: true,
      noCheck: true,
      strict: true,
      resolveJsonModule: true,
      esModuleInterop: true,
    },
    ...{ target: ScriptTarget.ES2022, module: ModuleKind.CommonJS, moduleResolution: ModuleResolutionKind.Node10 },
    ...{ outDir: 'out', rootDir: '.', skipLibCheck: true },
  };
  createProgram([ENTRY], options).emit(undefined, (file, text) => declarations.set(file.replace(/^out\//, ''), text));
  const seen = new Set<string>();
  expect(packagesIn(declarations, 'lib/checks/index.d.ts', seen)).toEqual([]);
  expect([...seen]).toContain('lib/model/pods.d.ts');
});
