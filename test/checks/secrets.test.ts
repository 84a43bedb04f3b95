import { ApiObject, JsonPatch } from 'cdk8s';
import { literalSecrets, secretInName, secretInPlainText } from '../../lib/checks/secrets/shown';
import type { Rule } from '../../lib/checks/rule';
import { passwordForm } from '../../lib/checks/secrets/passwords';
import { environments, development } from '../support/stack';
import { patch, type Manifest } from '../../lib/index';
import { faultsOf } from '../support/environments';
import { staging } from '../support/alone';
import { foundIn } from '../support/raw';
import { vary } from '../support/vary';

const replace =
  'keep it in a Secret of the cluster, refer to that with valueFrom.secretKeyRef, and replace it: this one is known now';

/** The same as `field: must`. */
function findings(rule: Rule, ...manifests: Manifest[]): string[] {
  return foundIn(rule, manifests).map(({ field, must }) => `${field}: ${must}`);
}

function configMap(data: Record<string, string>, name = 'settings'): Manifest {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data };
}

function pod(container: Manifest, metadata: Manifest = {}): Manifest {
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web', ...metadata }, spec: { containers: [container] } };
}

/** What is found in one variable. */
function inVariable(name: string, value: string): string[] {
  return findings(secretInPlainText, pod({ env: [{ name, value }] })).map((found) => found.replace(/^.*?: must /, ''));
}

/** Made up here, so that no scanner takes this file for a leak. */
const made = (...parts: string[]) => parts.join('');
const RANDOM = 'q8Zt3LxW0vRb7NcYk2HsJ9mDfG5pAeU1oTiXhB4V';

describe.each(environments)('the rules about secrets in $name', (environment) => {
  it('find nothing that is not left out on purpose', () => {
    const names = [literalSecrets, secretInPlainText, secretInName].map(({ name }) => `(${name})`);
    expect(faultsOf(environment).filter((fault) => names.some((name) => fault.endsWith(name)))).toEqual([]);
  });
});

describe('a Secret', () => {
  it('fails when its values stand in the YAML', () => {
    const faults = faultsOf(vary(development, { optOuts: {} }));
    expect(faults).toContain(
      '[05-secrets/Release/Default] \'data\' must not stand in the YAML, got "values for RELEASE_COOKIE, SECRET_KEY_BASE"; ' +
        'create the Secret in the cluster, and refer to it by name (literal-secrets)',
    );
  });

  it('fails when it is added by hand with encoded values', () => {
    const faults = faultsOf(staging, ({ release }) => {
      new ApiObject(release, 'Raw', {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name: 'smtp' },
        data: { password: 'aHVudGVyMg==' },
      });
    });
    expect(faults.join('\n')).toContain("'data' must not stand in the YAML");
  });

  it('may stand there without values', () => {
    const token = { type: 'kubernetes.io/service-account-token' };
    expect(findings(literalSecrets, { kind: 'Secret', ...token }, { kind: 'Secret', data: {}, stringData: 'x' })).toEqual([]);
  });
});

describe('a secret in plain text', () => {
  it('fails when a variable of the web pods holds it', () => {
    const add = JsonPatch.add('/spec/template/spec/containers/0/env/-', { name: 'SMTP_PASSWORD', value: 'hunter2' });
    const faults = faultsOf(staging, ({ release }) => patch(release.web.deployment, 'mail for staging', add));
    expect(faults).toEqual([
      "[30-phoenix/Release/Web/Deployment] 'spec.template.spec.containers[0].env[3].value' must not show the secret " +
        `SMTP_PASSWORD in plain text, got "a value of 7 characters"; ${replace} (secret-in-plain-text)`,
    ]);
  });

  it('fails when the ConfigMap of a release holds it', () => {
    const add = JsonPatch.add('/data/ERL_FLAGS', '+S 1:1 -setcookie monster');
    const faults = faultsOf(staging, ({ release }) => patch(release.configMap.configMap, 'joins the cluster', add));
    const ours = faults.filter((fault) => fault.includes('(secret-in-'));
    expect(ours[0]).toBe(
      '[30-phoenix/Release/Config/Default] \'data["ERL_FLAGS"]\' must not show an Erlang cookie in plain text, ' +
        `got "a value of 25 characters"; ${replace} (secret-in-plain-text)`,
    );
    // Its name goes with it.
    expect(ours).toHaveLength(1);
  });

  it('is never printed', () => {
    const value = made('sk', '_live_', 'abcdefghijklmnopqrstuvwx');
    const object = configMap({ STRIPE: value, 'a.env': `TOKEN=${value}`, url: `amqp://user:${value}@rabbit` });
    const found = foundIn(secretInPlainText, [object]).map(({ field, must, got, fix }) => [field, must, got, fix].join(' '));
    expect(found).toHaveLength(3);
    expect(found.join('\n')).not.toContain(value.slice(8));
  });

  it.each([
    ['API_KEY', 'abc123'],
    ['apiKey', 'abc123'],
    ['AWS_SECRET_ACCESS_KEY', 'abc123'],
    ['CLIENT_SECRET_2', 'abc123'],
    ['DB_PASS', 'abc123'],
    ['ERLANG_COOKIE', 'monster'],
    ['GITHUB_TOKEN', 'abc123'],
    ['PGPASSWORD', '12345'],
    ['RELEASE_COOKIE', 'monster'],
    ['SECRET_KEY_BASE', 'for-development'],
    ['SIGNING_KEY', 'abc123'],
    ['SMTP_CREDENTIALS', 'a:b'],
    ['SSH_PRIVATE_KEY', 'abc123'],
    ['smtp-password', 'true story'],
  ])('fails when a variable is named %s', (name, value) => {
    expect(inVariable(name, value)).toEqual([`spec.containers[0].env[0].value: not show the secret ${name} in plain text`]);
  });

  it.each([
    ['SECRET_NAME', 'web-tls'],
    ['TOKEN_TTL', 'forever'],
    ['MAX_TOKENS', '4096'],
    ['ACCESS_TOKEN_LIFETIME', 'P1D'],
    ['CACHE_KEY_PREFIX', 'web:'],
    ['PASSWORD_MIN_LENGTH', '12'],
    ['PASSWORD_FILE', 'password'],
    ['PGPASSFILE', '/run/secrets/pgpass'],
    ['PASSWORD_RESET_URL', 'https://example.com/reset'],
    ['SECRET_STORE', 'vault'],
    ['SECRET_PATH', 'secret/data/web'],
    ['API_TOKEN', '/run/secrets/token'],
    ['API_SECRET', 'vault:secret/data/web#key'],
    ['REQUIRE_PASSWORD', 'true'],
    ['SMTP_PASSWORD', ''],
    ['SMTP_PASSWORD', '$(RELAY_PASSWORD)'],
    ['COOKIE_DOMAIN', 'example.com'],
    ['VAPID_PUBLIC_KEY', RANDOM],
    ['TOKENIZERS_PARALLELISM', 'two'],
    ['COMPASS', 'north'],
    ['KEYBOARD', 'qwerty'],
    ['GIT_SHA', '0123456789abcdef0123456789abcdef01234567'],
    ['DATABASE_URL', 'ecto://kube_native@db.test.svc.cluster.local:5432/kube_native'],
    ['DATABASE_URL', 'ecto://kube_native:$(PGPASSWORD)@db/kube_native'],
    ['SENTRY_DSN', 'https://0123456789abcdef@o1.ingest.sentry.io/1'],
    ['ERL_FLAGS', '-setcookie $(RELEASE_COOKIE)'],
    ['LONG', 'a-long-list-of-words-that-nobody-could-take-for-a-key'],
    ['LONG_PATH', '/var/lib/a-folder/with-many/more-folders/in-it/0'],
  ])('may be told about by %s=%s', (name, value) => {
    expect(inVariable(name, value)).toEqual([]);
  });

  it.each([
    ['a URL with a password', 'amqp://guest:guest@rabbit:5672/'],
    ['a URL with a password', 'redis://:hunter2@redis:6379'],
    ['a private key', made('-----BEGIN RSA ', 'PRIVATE', ' KEY-----\nMIIE')],
    ['a private key', Buffer.from(made('-----BEGIN ', 'PRIVATE', ' KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQ')).toString('base64')],
    ['an AWS access key', made('AK', 'IAIOSFODNN7EXAMPLE')],
    ['a GitHub token', made('gh', 'p_', 'a'.repeat(36))],
    ['a Slack token', made('xo', 'xb-', '123456789012-abcdef')],
    ['a Stripe key', made('rk', '_test_', 'abcdefghijklmnopqrstuvwx')],
    ['a JWT', made('ey', 'JhbGciOiJIUzI1NiJ9.', 'ey', 'JzdWIiOiIxMjM0In0.', 'c2lnbmF0dXJlLW9mLWl0')],
    ['a password in SQL', "CREATE ROLE web LOGIN PASSWORD 'hunter2'"],
    ['an Erlang cookie', '-sname web -setcookie monster'],
    ['the secret password', 'jdbc:postgresql://db/web?user=web&password=hunter2'],
    ['MADE, which is as random as a key,', RANDOM],
    ['MADE, which is as random as a key,', '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08'],
  ])('fails when the text is %s, whatever its name', (what, value) => {
    expect(inVariable('MADE', value)).toEqual([`spec.containers[0].env[0].value: not show ${what} in plain text`]);
  });

  it.each([
    ['an option', ['--password=hunter2'], 'args[0]: not show the secret password'],
    ['an option and the next word', ['serve', '--api-token', 'abc123'], 'args[2]: not show the secret api-token'],
    ['a line for a shell', ['-c', 'export PGPASSWORD=hunter2; psql'], 'args[1]: not show the secret PGPASSWORD'],
    ['a URL', ['psql', 'postgres://web:hunter2@db/web'], 'args[1]: not show a URL with a password'],
  ])('fails when a command has it as %s', (_, args, found) => {
    expect(findings(secretInPlainText, pod({ args }))).toEqual([`spec.containers[0].${found} in plain text`]);
  });

  it('may be referred to by a command', () => {
    const args = [
      '--password=$(PGPASSWORD)',
      '--token',
      '$TOKEN',
      '--token-ttl',
      'long',
      '--password',
      '--verbose',
      '--no-password',
    ];
    expect(findings(secretInPlainText, pod({ args, command: ['sh', '-c', 'psql --password="$PGPASSWORD"'] }))).toEqual([]);
  });

  it.each([
    ['a dotenv file', 'PORT=4000\nSECRET_KEY_BASE=abcdef', 'SECRET_KEY_BASE'],
    ['YAML', 'smtp:\n  host: mail\n  password: hunter2\n', 'password'],
    ['JSON', '{"user": "web", "clientSecret": "hunter2"}', 'clientSecret'],
    ['Elixir', 'config :web, Web.Endpoint,\n  secret_key_base: "abcdef"\n', 'secret_key_base'],
    ['a configuration file', '[smtp]\npassword = hunter2\n', 'password'],
  ])('fails when %s in a ConfigMap holds it', (_, file, name) => {
    expect(findings(secretInPlainText, configMap({ settings: file }))).toEqual([
      `data["settings"]: not show the secret ${name} in plain text`,
    ]);
  });

  it.each([
    ['a script', '\\set password `printf %s "$POSTGRES_PASSWORD"`\nCREATE ROLE web PASSWORD :\'password\';\n'],
    ['a program', 'config :web, secret_key_base: System.fetch_env!("SECRET_KEY_BASE")\ntoken = opts[:token]\n'],
    ['a template', 'password: ${SMTP_PASSWORD}\ntoken: {{ .Token }}\nsecret: <secret>\n'],
    ['settings about secrets', 'password_encryption = scram-sha-256\nsecretName: web-tls\ntoken-file: /run/token\n'],
    [
      'a certificate',
      '-----BEGIN CERTIFICATE-----\nMIIBszCCAVmgAwIBAgIUQ3J5cHRvVGVzdENlcnRpZmljYXRlMTAKBggqhkjOPQQD\n-----END CERTIFICATE-----\n',
    ],
  ])('may be told about by %s in a ConfigMap', (_, file) => {
    expect(findings(secretInPlainText, configMap({ settings: file }))).toEqual([]);
  });

  it('fails when an annotation, a header or any other text of the object holds it', () => {
    const object = pod(
      { livenessProbe: { httpGet: { httpHeaders: [{ name: 'Authorization', value: 'Basic d2ViOmh1bnRlcjI=' }] } } },
      { annotations: { 'example.com/api-token': 'abc123' } },
    );
    const custom = { kind: 'ScaledObject', spec: { triggers: [{ metadata: { host: 'amqp://web:hunter2@rabbit/' } }] } };
    expect(findings(secretInPlainText, object, custom)).toEqual([
      'metadata.annotations["example.com/api-token"]: not show the secret api-token in plain text',
      'spec.containers[0].livenessProbe.httpGet.httpHeaders[0].value: not show the secret Authorization in plain text',
      'spec.triggers[0].metadata.host: not show a URL with a password in plain text',
    ]);
  });

  it('may be named by an annotation', () => {
    const annotations = {
      'nginx.ingress.kubernetes.io/auth-secret': 'test/basic-auth',
      'nginx.ingress.kubernetes.io/session-cookie-max-age': '172800',
      'vault.hashicorp.com/agent-inject-secret-database': 'database/creds/web',
      'vault.hashicorp.com/agent-inject-token': 'true',
      'checksum/secret': '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
    };
    expect(findings(secretInPlainText, pod({}, { annotations }))).toEqual([]);
  });

  it('is searched for in time even in a large file of one word', () => {
    const started = process.hrtime.bigint();
    const words = ['A', 'a-', 'key.', 'token=', 'https://', "password:'"].map((word) => word.repeat(100000 / word.length));
    findings(secretInPlainText, configMap(Object.fromEntries(words.map((word, index) => [`file-${index}`, `token ${word}`]))));
    expect(Number(process.hrtime.bigint() - started) / 1e9).toBeLessThan(5);
  });

  it.each([undefined, null, 'text', 7, [null, 'x', 7]])('passes over what is no container, variable or mapping: %j', (junk) => {
    const spec = { containers: [{ env: junk, args: junk, command: junk, livenessProbe: junk }, junk], volumes: junk };
    const objects = [
      { kind: 'Pod', metadata: { annotations: junk }, spec },
      { kind: 'ConfigMap', data: junk },
      { metadata: junk },
    ];
    expect([secretInPlainText, secretInName, literalSecrets].flatMap((rule) => findings(rule, ...objects))).toEqual([]);
  });
});

describe('a name', () => {
  it('fails when it is the hash of a ConfigMap or a Job with a secret in it', () => {
    const objects = [configMap({ PASSWORD: 'hunter2' }, 'web-0123456789'), configMap({ PORT: '4000' }, 'web-9876543210')];
    expect(findings(secretInName, ...objects)).toEqual(['metadata.name: not be made from a secret']);
  });

  it('fails when it is the hash of a Secret, also where literal Secrets are left out', () => {
    const faults = faultsOf(development, ({ release }) => {
      const metadata = { name: 'smtp-0123456789' };
      new ApiObject(release, 'Raw', { apiVersion: 'v1', kind: 'Secret', metadata, stringData: { password: 'hunter2' } });
    });
    expect(faults).toContain(
      '[30-phoenix/Release/Raw] \'metadata.name\' must not be made from a secret, got "smtp-0123456789"; ' +
        'give the Secret a name without a hash, and let the others refer to it by that name (secret-in-name)',
    );
  });

  it('may end in digits where the object holds no secret, or is of a kind that is not hashed', () => {
    const account = { kind: 'ServiceAccount', metadata: { name: 'web-0123456789' }, data: { PASSWORD: 'x' } };
    expect(findings(secretInName, configMap({ PASSWORD: 'hunter2' }), account)).toEqual([]);
  });
});

describe('password-form', () => {
  const secret = (values: Manifest): Manifest => ({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'db' }, ...values });
  const ofDatabase = (name = 'PGPASSWORD') =>
    pod({ name: 'web', env: [{ name, valueFrom: { secretKeyRef: { name: 'db', key: 'password' } } }] });
  const said = (password: string, name?: string) =>
    foundIn(passwordForm, [secret({ stringData: { password } }), ofDatabase(name), ofDatabase(name)]);

  test.each([
    ['a ligature', 'o\ufb03ce'],
    ['an accent apart from its letter', 'cafe\u0301'],
    ['a space that does not break', 'two\u00a0words'],
    ['a letter of full width', '\uff21bc'],
    ['a hyphen that is not seen', 'long\u00adword'],
  ])('fails when it has %s, once, and does not show it', (_, password) => {
    expect(said(password)).toMatchObject([{ field: 'stringData.password', got: `${password.length} characters` }]);
  });

  test('reads what is encoded too', () => {
    const data = { password: Buffer.from('\ufb01x').toString('base64') };
    expect(foundIn(passwordForm, [secret({ data }), ofDatabase()]).map(({ field }) => field)).toEqual(['data.password']);
  });

  test('accepts all that clients send alike, and what is not for PostgreSQL', () => {
    for (const password of ['plain', 'line\nend', ' a\tb ', 'p\u00e4ss\u00df \u65e5\u672c', `$(x) %41 '"`])
      expect(said(password)).toEqual([]);
    expect(said('o\ufb03ce', 'MYSQL_PWD')).toEqual([]);
  });

  test.each(['PGPASSWORD', 'MYSQL_PWD', 'DB_PASSWORD', 'WAREHOUSE_DATABASE_PASSWORD', 'REDIS_PASSWORD', 'POSTGRES_PASSWORD'])(
    'fails when a line end is behind the password of %s, whatever the engine',
    (name) => {
      for (const password of ['hunter2\n', 'hunter2\r\n']) {
        expect(said(password, name)).toMatchObject([
          {
            field: 'stringData.password',
            must: 'not end in a line end, which clients send along',
            got: `${password.length} characters`,
          },
        ]);
      }
      expect(said('hunter2', name)).toEqual([]);
    },
  );

  test('looks at URLs and at what stands in the variable itself, but not at secrets of other things', () => {
    const fields = (...objects: Manifest[]) => foundIn(passwordForm, objects).map(({ field }) => field);
    expect(fields(pod({ name: 'web', env: [{ name: 'DATABASE_URL', value: 'mysql://u:p@db/shop\n' }] }))).toHaveLength(1);
    expect(fields(pod({ name: 'web', env: [{ name: 'MYSQL_PWD', value: 'hunter2\n' }] }))).toHaveLength(1);
    for (const name of ['SMTP_PASSWORD', 'MOTD', 'DATABASE_NAME']) expect(said('hunter2\n', name)).toEqual([]);
  });

  test('looks at what CloudNativePG is given', () => {
    const cluster = (spec: Manifest) => ({
      apiVersion: 'postgresql.cnpg.io/v1',
      kind: 'Cluster',
      metadata: { name: 'db' },
      spec,
    });
    const owner = cluster({ bootstrap: { initdb: { secret: { name: 'db' } } } });
    const role = cluster({ managed: { roles: [{ name: 'x', passwordSecret: { name: 'db' } }] } });
    const fields = (values: Manifest, of: Manifest) => foundIn(passwordForm, [secret(values), of]).map(({ field }) => field);
    expect(fields({ stringData: { username: 'shop\n', password: 'p\n' } }, owner)).toEqual([
      'stringData.username',
      'stringData.password',
    ]);
    expect(fields({ data: { password: Buffer.from('p\n').toString('base64') } }, role)).toEqual(['data.password']);
    expect(fields({ stringData: { username: 'shop', password: 'p', note: 'x\n' } }, owner)).toEqual([]);
    expect(fields({ stringData: { password: 'p\n' } }, cluster({}))).toEqual([]);
  });
});
