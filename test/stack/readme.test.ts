import { read } from '../support/documents';
import { operators, readme } from './documents';
import { FORWARDED } from './operators';

test('README.md says what the environments come to: npm run docs', () => {
  expect(readme(read('README.md'))).toBe(read('README.md'));
});

test('docs/operators.md says what to type in each environment: npm run docs', () => {
  const page = read('docs/operators.md');
  expect(operators(page)).toBe(page);
  expect(page).toContain(`os:getenv("FORWARDED", "${FORWARDED}")`);
});
