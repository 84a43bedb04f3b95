import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { App } from 'cdk8s';
import { buildEnvironment, render, type Manifest, type NamedEnvironment } from '../../../lib/index';
import { readYaml } from '../../../lib/support/read-yaml';
import { application, production } from '../../support/stack';
import { vary } from '../../support/vary';

// What the nodes of each kind, and a Livebook beside them, are started with: the variables of their containers as lines of a shell,
// and the files of ConfigMaps below a folder of their own.
const [folder = 'nodes', otp = '25'] = process.argv.slice(2);
const livebook = {
  image: 'registry.example.com/livebook:1.0.0@sha256:4d1f0e9a6c5b38277f1d2e3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a6978',
};
const kinds: Readonly<Record<string, NamedEnvironment>> = {
  alone: vary(production, { beam: undefined }),
  clustered: vary(production, { livebook }),
  'epmd-less': vary(production, { livebook, beam: { epmd: false } }),
  tls: vary(production, { beam: { tls: { issuer: { kind: 'Issuer', name: 'mesh' } } } }),
};

/** A text as a word of the shell, in which nothing means anything. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** The lines of a container's variables. What a Secret has is `COOKIE` of the shell, and the address of the pod `POD_IP`. */
function linesOf({ env = [], envFrom = [] }: Manifest, maps: ReadonlyMap<string, Manifest>, root: string): string {
  const placed = (text: string): string => text.replaceAll('/etc/', `${root}/etc/`);
  const config = (envFrom as Manifest[]).flatMap(({ configMapRef }) =>
    Object.entries(maps.get(configMapRef?.name)?.['data'] ?? {}),
  );
  const lines = config.map(([name, value]) => `export ${name}=${quoted(placed(String(value)))}`);
  for (const { name, value, valueFrom } of env as Manifest[]) {
    const isCookie = valueFrom?.secretKeyRef?.key === 'RELEASE_COOKIE';
    if (isCookie) lines.push(`export ${name}="$COOKIE"`);
    // Those of $(NAME) are variables further up.
    if (value !== undefined) lines.push(`export ${name}=${quoted(placed(value)).replaceAll(/\$\((\w+)\)/g, `'"$$$1"'`)}`);
  }
  return `${lines.join('\n')}\n`;
}

for (const [kind, environment] of Object.entries(kinds)) {
  const app = new App();
  buildEnvironment(app, { application: { ...application, image: { otp } } }, environment);
  const { files, apart, faults } = render(app);
  if (faults.length > 0) throw new Error(faults.join('\n'));
  const objects = [...files.values(), ...apart.map(({ text }) => text)].flatMap((text) => readYaml(text) as Manifest[]);
  const maps = new Map(objects.filter((one) => one['kind'] === 'ConfigMap').map((one) => [String(one['metadata'].name), one]));
  const podsOf = (end: string) =>
    objects.filter(({ kind: of, metadata }) => ['Deployment', 'Job'].includes(of) && new RegExp(end).test(metadata.name));
  const root = join(folder, kind);
  for (const [name, end] of [
    ['node', '^kube-native$'],
    ['livebook', '-livebook-'],
  ] as const) {
    for (const { spec } of podsOf(end)) {
      const [container] = spec.template.spec.containers as Manifest[];
      const mounted = new Map((container?.['volumeMounts'] as Manifest[]).map((mount) => [mount['name'], mount['mountPath']]));
      for (const { name: volume, configMap } of spec.template.spec.volumes as Manifest[]) {
        for (const [file, text] of Object.entries<string>(maps.get(configMap?.name)?.['data'] ?? {})) {
          const place = mounted.get(volume) as string | undefined;
          // Others have it too, which run before.
          if (place === undefined) continue;
          const path = join(root, place, file);
          mkdirSync(dirname(path), { recursive: true });
          writeFileSync(path, text.replaceAll('/etc/', `${root}/etc/`));
        }
      }
      mkdirSync(root, { recursive: true });
      writeFileSync(join(root, `${name}.sh`), linesOf(container ?? {}, maps, root));
    }
  }
}
