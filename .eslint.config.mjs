import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';

const layers = (folders, message, others = []) => ({
  'no-restricted-imports': [
    'error',
    { patterns: [...folders.map((folder) => ({ regex: `^(\\.\\./)+${folder}(/|$)`, message })), ...others] },
  ],
});

/** Rules judge objects wherever they come from: who checks YAML alone loads none of these. */
const modules = [{ regex: '^(cdk8s|cdk8s-plus-27|constructs)$', message: 'Rules and what they read need no construct.' }];

const noThrow = { selector: 'ThrowStatement', message: 'Call reject(): it names the path, the value and the remedy.' };
const noEnvironment = [
  {
    selector: "MemberExpression[object.name='process'][property.name=/^(env|argv|cwd|hrtime)$/]",
    message: 'The same input gives the same bytes: only main.ts reads the environment.',
  },
  { selector: "NewExpression[callee.name='Date']", message: 'No clock under lib/.' },
  {
    selector: 'MemberExpression[object.name=/^(Date|Math|crypto)$/][property.name=/^(now|random|randomUUID|randomBytes)$/]',
    message: 'No clock and no chance under lib/.',
  },
];

const stack = ['environments', 'application', 'build', 'index'];
const makers = ['charts', 'constructs', 'routes', 'observe', 'pod', 'release', 'database', 'image'];
const rules = [
  'references',
  'identity',
  'hosts',
  'beam',
  'rollout',
  'budgets',
  'secrets',
  'hardening',
  'metrics',
  'api',
  'changes',
  'apart',
];

export default defineConfig([
  { ignores: ['node_modules/', 'dist/', 'build/', 'imports/'] },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { project: './tsconfig.json' } },
    rules: {
      'max-lines': ['error', { max: 200, skipBlankLines: true, skipComments: true }],
      'max-lines-per-function': ['error', { max: 40, skipBlankLines: true, skipComments: true }],
      'no-console': 'error',
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/dot-notation': 'off', // the compiler wants brackets for what is not declared
      '@typescript-eslint/no-extraneous-class': 'off',
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { ignoreRestSiblings: true }], // names what is left out
      '@typescript-eslint/no-unnecessary-condition': 'off', // callers without types exist
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/no-base-to-string': 'off', // errors show whatever was passed
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off', // the YAML of any kind is untyped
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/restrict-plus-operands': 'off',
      '@typescript-eslint/restrict-template-expressions': 'off',
    },
  },
  { files: ['lib/**/*.ts'], rules: { 'no-restricted-syntax': ['error', noThrow, ...noEnvironment] } },
  { files: ['lib/support/reject.ts'], rules: { 'no-restricted-syntax': ['error', ...noEnvironment] } },
  {
    files: [
      'lib/synth.ts',
      'test/bench.ts',
      'test/bench/*.ts',
      'test/compare/{plan,rights,roll-outs,rules}.ts',
      'test/support/schemas/write-schemas.ts',
    ],
    rules: { 'no-console': 'off' },
  },
  {
    files: ['lib/*/**/*.ts'],
    ignores: ['lib/environments/**'],
    rules: layers(['environments', 'application', 'build', 'index'], 'The library knows no stack.'),
  },
  {
    files: ['lib/{constructs,observe,routes}/**/*.ts'],
    rules: layers(
      ['environments', 'charts', 'application', 'build', 'checks', 'app-checks', 'needs', 'model', 'schema'],
      'A construct knows neither charts nor environments.',
    ),
  },
  {
    files: ['lib/{pod,release,database}/**/*.ts'],
    rules: layers(
      ['environments', 'charts', 'constructs', 'routes', 'observe', 'checks', 'app-checks', 'needs', 'model', 'schema', 'build'],
      'Arrows point one way.',
    ),
  },
  {
    files: ['lib/image/**/*.ts'],
    rules: layers(
      ['environments', 'environment', 'charts', 'constructs', 'routes', 'checks', 'app-checks', 'database', 'build'],
      'An image is of the application, whatever environment it runs in.',
    ),
  },
  {
    files: ['lib/checks/**/*.ts'],
    rules: layers([...stack, ...makers, 'app-checks', 'needs'], 'Rules read finished objects, whoever made them.', modules),
  },
  {
    files: ['lib/checks/*/**/*.ts'],
    rules: layers(
      [...stack, ...makers, ...rules, 'app-checks', 'needs'],
      'What rules of two folders share is in lib/model.',
      modules,
    ),
  },
  {
    files: ['lib/{model,schema}/**/*.ts'],
    rules: layers(
      [...stack, ...makers, 'checks', 'app-checks', 'needs'],
      'What is read of finished objects knows neither rules nor who made them.',
      modules,
    ),
  },
  {
    files: ['lib/support/**/*.ts'],
    rules: layers(
      [
        'environments',
        'charts',
        'constructs',
        'routes',
        'observe',
        'checks',
        'app-checks',
        'needs',
        'model',
        'schema',
        'pod',
        'release',
        'database',
        'build',
      ],
      'Helpers know nothing.',
    ),
  },
  // It is a list.
  { files: ['lib/index.ts'], rules: { 'max-lines': 'off' } },
  // A literal is as long as it has knobs.
  { files: ['lib/environments/**/*.ts'], rules: { 'max-lines-per-function': 'off' } },
  { files: ['test/**/*.ts'], rules: { 'max-lines': 'off', 'max-lines-per-function': 'off' } },
]);
