import { check } from '../../lib/command/check';
import { Folder, piped, shop } from './folder';

const folder = new Folder();
afterAll(() => folder.remove());

function notesOf(options: Parameters<typeof piped>[1]): string[] {
  const { text } = piped(shop, { severity: 'error', ...options });
  return text.split('\n').filter((line) => line.startsWith('note: '));
}

describe('what was said and means nothing', () => {
  test.each([
    ['Secrets/shop', `be of a kind that is known, got "Secrets"; did you mean 'Secret/shop'?`],
    ['SECRET/shop', `be of a kind that is known, got "SECRET"; did you mean 'Secret/shop'?`],
    ['NetworkPolicies/shop', `be of a kind that is known, got "NetworkPolicies"; did you mean 'NetworkPolicy/shop'?`],
    ['Secret/shop:', 'name each key once, with commas between them, got ""'],
    ['Secret/shop:a:b', 'name each key once, with commas between them, got "a:b"'],
    ['Secret/shop:a,,b', 'name each key once, with commas between them, got "a,,b"'],
    ['Secret/shop:a,a', 'name each key once, with commas between them, got "a,a"'],
    ['Service/shop:http', 'have no keys, which a Secret and a ConfigMap alone have, got "Service/shop:http"; write Service/shop'],
    ['Secret//shop', 'be a kind and a name, got "Secret//shop"'],
    ['a/b/Secret/shop', 'be a kind and a name'],
    ['Live/Secret/shop', 'begin with a namespace, got "Live"'],
    ['Secret/Shop_1', 'have a name that an object can have, got "Shop_1"'],
  ])('is refused: --provide %s', (provide, said) => {
    const { text, code } = piped(shop, { provide: [provide] });
    expect(text).toContain(`check '--provide' must ${said}`);
    expect(code).toBe(2);
  });

  test.each(['', '!', ' '])('is refused: --beam %j', (beam) => {
    const { text, code } = piped(shop, { beam: [beam] });
    expect(text).toContain(`check '--beam' must name a container, got`);
    expect(code).toBe(2);
  });

  test('is refused with its line where a file says it', () => {
    folder.write(
      'wrong.yaml',
      `kubernetes: '1.99'
severity: eror
provide:
  - Secret/smtp
  - Secrets/smtp:
beam: ['!']
leaveOut:
  image-dgest: we take what comes
  image-digest:
    - no
    - reason: because
      objects: []
`,
    );
    const lines = (options = {}) => piped(shop, { config: 'wrong.yaml', ...options }).text.split('\n');
    expect(lines().map((line) => line.split(' must')[0])).toEqual([
      "wrong.yaml:5:5 'provide[1]'",
      "wrong.yaml:10:7 'leaveOut.image-digest[0]'",
      '2 faults; nothing was checked',
      '',
    ]);
    folder.write(
      'wrong.yaml',
      `kubernetes: '1.99'\nseverity: eror\nprovide:\n  - Secret/smtp\n  - "Secret/smtp:"\nbeam: ['!']\n`,
    );
    expect(lines().map((line) => line.split(' must')[0])).toEqual([
      "wrong.yaml:1:1 'kubernetes'",
      "wrong.yaml:2:1 'severity'",
      "wrong.yaml:5:6 'provide[1]'",
      "wrong.yaml:6:9 'beam[0]'",
      '4 faults; nothing was checked',
      '',
    ]);
    folder.write('wrong.yaml', 'provide: [Secret/shop, Secrets/shop]\n');
    expect(lines()[0]).toMatch(/^wrong\.yaml:1:24 'provide\[1\]' must be of a kind that is known/);
  });
});

describe('what nobody needed', () => {
  test.each([
    ['Secret/shop', []],
    ['Secret/shpo', ["--provide Secret/shpo: nothing in the input names it; did you mean 'Secret/shop'?"]],
    ['other/Secret/shop', ['--provide other/Secret/shop: nothing in the input names it; take it out, or correct it']],
    ['Widget/shop', ['--provide Widget/shop: nothing in the input names it; take it out, or correct it']],
    [
      'ClusterRole/system:basic',
      ['--provide ClusterRole/system:basic: nothing in the input names it; take it out, or correct it'],
    ],
    ['Namespace/default', []],
  ])('is told: --provide %s', (provide, said) => {
    expect(notesOf({ provide: [provide] })).toEqual(said.map((text) => `note: ${text}`));
  });

  test.each([
    ['shop', []],
    ['!shop/web', []],
    ['shop/wbe', ["--beam shop/wbe: no container is called so; did you mean 'shop/web'?"]],
    ['!elsewhere', ['--beam !elsewhere: no container is called so; there are shop/web']],
  ])('is told: --beam %s', (beam, said) => {
    expect(notesOf({ beam: [beam] })).toEqual(said.map((text) => `note: ${text}`));
  });

  test('is told: a rule that is left out of nothing, and objects that nobody has', () => {
    expect(notesOf({ leaveOut: ['single-writer=the volume is on NFS'] })).toEqual([
      'note: --leave-out single-writer: it finds nothing that is left out; take it out',
    ]);
    folder.write(
      'leave.yaml',
      'leaveOut:\n  target-ports:\n    - reason: opened by a library\n      objects: [Service/shop, Service/shpo]\n',
    );
    expect(notesOf({ config: 'leave.yaml' })).toEqual([
      'note: left out: target-ports, found once: opened by a library',
      "note: leave.yaml:3 'leaveOut.target-ports[0]' Service/shpo: no object is called so; did you mean 'Service/shop'?",
    ]);
  });

  test('is told: a rule that the file leaves out too; the reason is that of the command line', () => {
    folder.write('twice.yaml', 'leaveOut:\n  target-ports: opened by a library\n');
    expect(notesOf({ config: 'twice.yaml', leaveOut: ['target-ports=opened when it has booted'] })).toEqual([
      'note: left out: target-ports, found once: opened when it has booted',
      "note: twice.yaml:2 'leaveOut.target-ports' target-ports: it finds nothing that is not left out already; take it out",
    ]);
  });

  test('is a pipe that is empty beside files, as of a command that has failed', () => {
    folder.write('shop.yaml', shop);
    const { text } = check(['shop.yaml', '-'], {}, () => Buffer.alloc(0));
    expect(text).toContain('note: passed over -: nothing is in it\n');
    expect(check(['shop.yaml', '.'], {}, () => Buffer.alloc(0)).text).not.toContain('nothing is in it');
  });

  test.each(['sarif', 'junit'])('stands in %s, and beside it for the log', (format) => {
    const { text, aside } = piped(shop, { format, beam: ['nosuch'] });
    expect(text).toContain('--beam nosuch: no container is called so');
    expect(aside).toMatch(
      /^note: --beam nosuch: no container is called so; there are shop\/web\n\d+ errors?, \d+ warnings in 3 objects/,
    );
  });

  test.each(['json', 'github', 'text'])('stands in %s', (format) => {
    const { text, aside } = piped(shop, { format, beam: ['nosuch'] });
    expect(text).toContain('--beam nosuch: no container is called so');
    expect(aside).toBeUndefined();
  });
});
