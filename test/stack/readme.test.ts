import { read } from '../support/documents';
import { readme } from './documents';

test('README.md says what the environments come to: npm run docs', () => {
  expect(readme(read('README.md'))).toBe(read('README.md'));
});
