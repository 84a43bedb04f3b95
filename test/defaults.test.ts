import ts from 'typescript';
import { program } from './support/props-table';

/** What an interface says of a prop that is left out, and what the code puts in its place. */
interface Default {
  readonly prop: string;
  readonly said: string;
  readonly taken: string;
}

/** `@default X` as an expression: without words after it, and not of those that begin with a dash, which are words alone. */
function saidOf(prop: ts.Symbol, checker: ts.TypeChecker): string | undefined {
  const [tag] = prop.getJsDocTags(checker).filter(({ name }) => name === 'default');
  const text = tag && ts.displayPartsToString(tag.text).trim();
  return text === undefined || text.startsWith('-') ? undefined : text.replaceAll(/\s+/g, ' ');
}

/** Every prop that is taken out of a props object with a default beside it, in one file. */
function defaultsIn(source: ts.SourceFile, checker: ts.TypeChecker): readonly Default[] {
  const found: Default[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isBindingElement(node) && node.initializer && ts.isIdentifier(node.name)) {
      const name = (node.propertyName ?? node.name).getText();
      const type = checker.getTypeAtLocation(node.parent);
      const prop = checker.getPropertyOfType(type, name);
      const declared = prop?.valueDeclaration;
      const said = prop && declared && ts.isPropertySignature(declared) ? saidOf(prop, checker) : undefined;
      const owner = declared && ts.isInterfaceDeclaration(declared.parent) ? declared.parent.name.text : '';
      if (said !== undefined) found.push({ prop: `${owner}.${name}`, said, taken: node.initializer.getText() });
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/** A constant of the library by the values that it has in files of its own, on one line each; what is none as it is. */
function plain(text: string, constants: ReadonlyMap<string, readonly string[]>): string[] {
  return (constants.get(text) ?? [text]).map((value) =>
    value
      .replaceAll(/\s+/g, ' ')
      .replaceAll('"', "'")
      .replaceAll('( ', '(')
      .replaceAll(/, ([)}])/g, (_, end: string) => (end === '}' ? ' }' : end)),
  );
}

test('what a docstring calls the default is what the code takes', () => {
  const library = program();
  const checker = library.getTypeChecker();
  const sources = library
    .getSourceFiles()
    .filter(({ fileName }) => /\/lib\/(?!.*\.d\.ts)/.test(fileName) && !fileName.includes('node_modules'));
  const constants = new Map<string, string[]>();
  for (const statement of sources.flatMap((source) => [...source.statements]))
    for (const one of ts.isVariableStatement(statement) ? statement.declarationList.declarations : []) {
      const name = one.name.getText();
      if (one.initializer) constants.set(name, [...(constants.get(name) ?? []), one.initializer.getText()]);
    }
  const all = sources.flatMap((source) => defaultsIn(source, checker));
  expect(all.length).toBeGreaterThan(80);
  const different = all.filter(({ said, taken }) => {
    const values = plain(taken, constants);
    const isSaid = (value: string) => said === value || said.startsWith(`${value} `) || said.startsWith(`${value}, `);
    return !values.some(isSaid) && said !== taken;
  });
  expect(different).toEqual([]);
});
