import { App } from 'cdk8s';
import { stack } from '../../lib/environments';
import { buildEnvironment, imageFiles, render } from '../../lib/index';

const preview = stack.preview?.('123', 'registry.example.com/preview:123');
const all = [
  ...Object.entries(stack.environments).map(([name, environment]) => ({ ...environment, name: environment.name ?? name })),
  ...(preview ? [preview] : []),
];

// The files are locked in here: read what changed, then `npm test -- -u`.
test.each(all.map((environment) => [environment.name, environment] as const))(
  '%s becomes exactly these files',
  (name, environment) => {
    const app = new App();
    buildEnvironment(app, stack, environment);
    const { files, faults } = render(app);
    expect(faults).toEqual([]);
    const inOrder = [...files].toSorted(([one], [other]) => (one < other ? -1 : 1));
    expect(inOrder.map(([path, text]) => `# ${name}/${path}\n${text}`).join('\n')).toMatchSnapshot();
  },
);

test('the image is built by exactly these files', () => {
  const { files, faults } = imageFiles(stack.application);
  expect(faults).toEqual([]);
  expect([...files].map(([name, text]) => `# image/${name}\n${text}`).join('\n')).toMatchSnapshot();
});
