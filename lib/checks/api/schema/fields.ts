import { definitions, kinds } from './fields.json';

// fields.json is Kubernetes' own OpenAPI document in short: each definition is one line of `<field>[!][@<minor>]=<type>`.
// `!` stands for a field that the API server wants, `@` for the first minor release in which it is on by default (nothing:
// at least since 1.27), `[name]` for a list whose items differ in `name`, `{}` for a mapping, `A|B@31` for the values that
// the server knows. It was made once from the documents of 1.27, 1.30, 1.33 and 1.36, with the releases between from the
// models of the Python client, and the stages of features from the server's list of feature gates. A field of a new
// release is added by hand, in its definition's line.

/** A field of a built-in kind. */
export interface Field {
  readonly required: boolean;
  /** The first minor release in which the API server takes it without a feature gate. */
  readonly since: number;
  readonly shape: 'one' | 'list' | 'mapping';
  /** The fields in which the items of a list must differ; none where they need not. */
  readonly keys: readonly string[];
  /** A scalar's name, or that of another definition. */
  readonly type: string;
  /** The values that the server knows, and since which minor release. */
  readonly values?: ReadonlyMap<string, number>;
}

/** The fields of one type of object. */
export interface Definition {
  readonly name: string;
  readonly fields: ReadonlyMap<string, Field>;
  readonly required: readonly string[];
}

const OLDEST = 27;
const lines: Readonly<Record<string, string>> = definitions;
const names: ReadonlyMap<string, string> = new Map(Object.entries(kinds));
const parsed = new Map<string, Definition>();

/** What is known of a kind; nothing of those that a cluster adds. */
export function definitionOf(apiVersion: unknown, kind: unknown): Definition | undefined {
  const name = names.get(`${apiVersion}/${kind}`);
  return name === undefined ? undefined : definition(name);
}

/** A definition by its name; parsed when it is first used. */
export function definition(name: string): Definition | undefined {
  const known = parsed.get(name);
  if (known) return known;
  const line = lines[name];
  if (line === undefined) return undefined;
  const made = parse(name, line);
  parsed.set(name, made);
  return made;
}

function parse(name: string, line: string): Definition {
  const fields = new Map(line.split(' ').map(parseField));
  return { name, fields, required: [...fields].filter(([, { required }]) => required).map(([field]) => field) };
}

const FIELD = /^(?<name>[^!@=]+)(?<required>!?)(?:@(?<since>\d+))?=(?:\[(?<list>[^\]]*)\]|(?<mapping>\{\}))?(?<type>.+)$/;

function parseField(token: string): [string, Field] {
  const { name = token, required, since, list, mapping, type = 'any' } = FIELD.exec(token)?.groups ?? {};
  const field = {
    required: required === '!',
    since: Number(since ?? OLDEST),
    shape: list !== undefined ? 'list' : mapping !== undefined ? 'mapping' : 'one',
    keys: (list ?? '').split(',').filter((key) => key !== ''),
    type,
    values: type.includes('|') ? parseValues(type) : undefined,
  } as const;
  return [name, field];
}

function parseValues(type: string): ReadonlyMap<string, number> {
  return new Map(
    type.split('|').map((value) => {
      const [text = '', since] = value.split('@');
      return [text, Number(since ?? OLDEST)];
    }),
  );
}
