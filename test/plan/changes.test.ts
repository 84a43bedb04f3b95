import { everydayChanges } from './changes';
import { report } from './report';

describe('what is said of a change', () => {
  test.each(Object.entries(everydayChanges))('%s', (_, { before, now, of }) => {
    expect(report(before, now, of)).toMatchSnapshot();
  });
});
