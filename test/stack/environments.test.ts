import { App } from 'cdk8s';
import { stack } from '../../lib/environments';
import { buildEnvironment, imageFiles, render } from '../../lib/index';

// What staging and production run is in images/, and changes without a change of these files.
const image = 'registry.example.com/kube-native:1.0.0@sha256:4d1f0e9a6c5b38277f1d2e3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a6978';
const preview = stack.preview?.('123', 'registry.example.com/preview:123');
const all = [
  ...Object.entries(stack.environments).map(([name, environment]) => ({ image, ...environment, name: environment.name ?? name })),
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
