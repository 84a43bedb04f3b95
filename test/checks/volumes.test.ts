import { claimWritable } from '../../lib/checks/rollout/claims';
import { mountsApart, mountsBesideProgram } from '../../lib/checks/rollout/mounts';
import type { Manifest } from '../../lib/index';
import { saidOf } from '../support/said';

/** A pod of a program of somebody else. */
function pod(spec: Manifest, container: Manifest = {}, kind = 'Deployment', others: Manifest = {}): Manifest {
  const containers = [{ name: 'search', image: 'registry.example.com/search:1.0.0', ...container }];
  const template = { metadata: { labels: { app: 'search' } }, spec: { containers, ...spec } };
  const own = { selector: { matchLabels: { app: 'search' } }, template, ...others };
  return { apiVersion: 'apps/v1', kind, metadata: { name: 'search' }, spec: own };
}

describe('claim-writable', () => {
  const volumes = [{ name: 'data', persistentVolumeClaim: { claimName: 'search' } }];
  const volumeMounts = [{ name: 'data', mountPath: '/data' }];
  const nobody = { runAsNonRoot: true, runAsUser: 10001 };
  const claim = (accessModes: string[]): Manifest => ({
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: 'search' },
    spec: { accessModes, resources: { requests: { storage: '1Gi' } } },
  });
  const found = (...objects: Manifest[]) => saidOf(claimWritable, ...objects).length;

  test('fails when a program that is not root writes to a fresh volume', () => {
    expect(saidOf(claimWritable, pod({ volumes, securityContext: nobody }, { volumeMounts }))).toEqual([
      "[30-phoenix/Deployment-search] 'spec.template.spec.securityContext.fsGroup' must be set: the volume data comes as root's, and the containers are not root, got nothing; set it to the group of the program, with fsGroupChangePolicy: OnRootMismatch; where the volume's owner is set otherwise, as on an NFS server, leave the rule out (claim-writable)",
    ]);
  });

  test('fails whatever brings the volume, and wherever the user is named', () => {
    const template = { metadata: { name: 'data' }, spec: {} };
    const own = { volumeMounts, securityContext: { runAsUser: 5000 } };
    expect(found(pod({}, own, 'StatefulSet', { volumeClaimTemplates: [template] }))).toBe(1);
    expect(found(pod({ volumes: [{ name: 'data', ephemeral: { volumeClaimTemplate: { spec: {} } } }] }, own))).toBe(1);
    expect(found(pod({ volumes, securityContext: { runAsNonRoot: true } }, { volumeMounts }))).toBe(1);
    const ofDriver = (csi: Manifest) =>
      found(pod({ volumes: [{ name: 'data', csi: { driver: 'disk.example.com', ...csi } }] }, own));
    expect([ofDriver({ fsType: 'xfs' }), ofDriver({ fsType: 'xfs', readOnly: true }), ofDriver({})]).toEqual([1, 0, 0]);
    expect(found(claim(['ReadWriteOnce']), pod({ volumes, securityContext: { runAsUser: 0 } }, own))).toBe(1);
  });

  test.each<[string, Manifest, Manifest]>([
    ['the pod has a group for its files', { securityContext: { ...nobody, fsGroup: 10001 } }, {}],
    ['it is of a group that the volume has', { securityContext: { ...nobody, supplementalGroups: [5555] } }, {}],
    ['it is root', { securityContext: { runAsUser: 0 } }, {}],
    ['nobody says who it is', {}, {}],
    ['the container is root, whatever the pod is', { securityContext: nobody }, { securityContext: { runAsUser: 0 } }],
    ['it only reads', { securityContext: nobody }, { volumeMounts: [{ ...volumeMounts[0], readOnly: true }] }],
    ['it mounts none of them', { securityContext: nobody }, { volumeMounts: [] }],
    ['it runs on Windows', { securityContext: nobody, os: { name: 'windows' } }, {}],
    [
      'a container before it, as root, gives the volume away',
      {
        securityContext: nobody,
        initContainers: [{ name: 'own', image: 'busybox:1.37', volumeMounts, securityContext: { runAsUser: 0 } }],
      },
      {},
    ],
    [
      'the volume is read alone',
      { securityContext: nobody, volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'search', readOnly: true } }] },
      {},
    ],
  ])('accepts it where %s', (_, spec, container) => {
    expect(found(pod({ volumes, ...spec }, { volumeMounts, ...container }))).toBe(0);
  });

  test('accepts a claim that many may read and nobody may write', () => {
    expect(found(claim(['ReadOnlyMany']), pod({ volumes, securityContext: nobody }, { volumeMounts }))).toBe(0);
  });
});

describe('mounts-beside-program', () => {
  const scripts: Manifest = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'scripts' },
    data: { 'run.sh': 'exec true', worker: 'exec true' },
  };
  /** What is said of files at a path, by the value got. */
  const hidden = (
    mountPath: string,
    command: string[],
    mount: Manifest = {},
    source: Manifest = { secret: { secretName: 'k' } },
  ) =>
    saidOf(
      mountsBesideProgram,
      scripts,
      pod({ volumes: [{ name: 'files', ...source }] }, { command, volumeMounts: [{ name: 'files', mountPath, ...mount }] }),
    );
  const shop = ['/opt/shop/bin/shop', 'start'];

  test('fails when files hide what starts', () => {
    expect(hidden('/opt/shop/bin/', shop)).toEqual([
      '[30-phoenix/Deployment-search] \'spec.template.spec.containers[0].volumeMounts[0].mountPath\' must not hide /opt/shop/bin, which what it runs from /opt/shop needs, got "/opt/shop/bin/"; mount it in a folder of its own, such as /etc/app, or one file of it by subPath (mounts-beside-program)',
    ]);
  });

  test.each([
    ...['/opt', '/opt/shop', '/opt/shop/lib', '/opt/./shop//releases', '/opt/shop/erts-14.2', '/opt/shop/releases/0.3.1'],
    ...[
      '/opt/shop/lib/shop-0.3.1',
      '/opt/shop/lib/shop-0.3.1/ebin',
      '/sbin',
      '/usr/local/lib',
      '/lib64',
      '/sys',
      '/dev',
      '/proc/net',
    ],
  ])('fails when a volume is at %s', (path) => {
    expect(hidden(path, shop)).toHaveLength(1);
  });

  test.each([
    ...[
      '/opt/shop/etc',
      '/opt/shop/lib/tzdata-1.1.2/priv',
      '/opt/shop/lib/shop-0.3.1/priv/static/uploads',
      '/opt/other',
      '/dev/shm',
    ],
    ...['/etc/ssl/certs', '/usr/share/fonts', '/usr/local/share/ca', '/var', '/run', '/home/app', '/opt/shop-data', '/library'],
  ])('accepts a volume at %s', (path) => {
    expect(hidden(path, shop)).toEqual([]);
  });

  test('accepts one file in the place of another', () => {
    expect(hidden('/opt/shop/releases/0.3.1/env.sh', shop, { subPath: 'env.sh' })).toEqual([]);
    expect(hidden('/etc/hosts.allow', shop, { subPath: 'allow' })).toEqual([]);
    expect(hidden('/opt/shop/bin/shop', shop, { subPath: 'shop' })).toEqual([]);
    expect(hidden('/opt/shop/lib/shop-0.3.1/priv/keys.pem', shop, { subPath: 'keys.pem' })).toEqual([]);
  });

  test('fails when a folder of a volume is in the place of one that it needs', () => {
    const claim = { persistentVolumeClaim: { claimName: 'shop' } };
    for (const path of ['/etc', '/opt/shop/bin', '/opt/shop/lib/shop-0.3.1', '/opt/shop/releases/0.3.1'])
      expect(hidden(path, shop, { subPath: 'there' }, claim)).toHaveLength(1);
  });

  test('accepts scripts that are the program, and refuses an empty folder in their place', () => {
    const ofScripts = { configMap: { name: 'scripts' } };
    expect(hidden('/scripts', ['/scripts/run.sh'], {}, ofScripts)).toEqual([]);
    expect(hidden('/opt/jobs/bin', ['/opt/jobs/bin/worker', 'start'], {}, ofScripts)).toEqual([]);
    expect(hidden('/opt/jobs/bin', ['/opt/jobs/bin/other', 'start'], {}, ofScripts)).toHaveLength(1);
    expect(hidden('/scripts', ['/scripts/run.sh'], {}, { emptyDir: { sizeLimit: '1Mi' } })).toHaveLength(1);
  });

  test('accepts what a container before it has filled, and what brings its own files', () => {
    const before = (mountPath: string) =>
      saidOf(
        mountsBesideProgram,
        pod(
          {
            volumes: [{ name: 'files', emptyDir: { sizeLimit: '1Gi' } }],
            initContainers: [{ name: 'copy', image: 'shop:1.0.0', volumeMounts: [{ name: 'files', mountPath }] }],
          },
          { command: shop, volumeMounts: [{ name: 'files', mountPath: '/opt/shop' }] },
        ),
      );
    expect(before('/copy')).toEqual([]);
    // It is as empty there, and hides the same from both.
    expect(before('/opt/shop')).toHaveLength(1);
    expect(hidden('/opt/shop', shop, {}, { image: { reference: 'shop:1.0.0' } })).toEqual([]);
    expect(hidden('/sys', ['node-exporter'], {}, { hostPath: { path: '/sys' } })).toEqual([]);
  });

  test('says once what all containers of a pod have', () => {
    const volumeMounts = [{ name: 'files', mountPath: '/usr/lib' }];
    const containers = ['web', 'side'].map((name) => ({ name, image: `${name}:1.0.0`, volumeMounts }));
    expect(saidOf(mountsBesideProgram, pod({ volumes: [{ name: 'files', emptyDir: {} }], containers }))).toHaveLength(1);
  });
});

describe('mounts-apart', () => {
  const claimed = (name: string, claimName: string): Manifest => ({ name, persistentVolumeClaim: { claimName } });
  const keys: Manifest = { name: 'keys', secret: { secretName: 'keys', items: [{ key: 'a', path: 'a.pem' }] } };
  const found = (volumes: Manifest[], volumeMounts: Manifest[], ...others: Manifest[]) =>
    saidOf(mountsApart, ...others, pod({ volumes }, { volumeMounts }));

  test('fails when one claim is two volumes of a pod', () => {
    expect(found([claimed('one', 'files'), claimed('two', 'files')], [])).toEqual([
      '[30-phoenix/Deployment-search] \'spec.template.spec.volumes[1].persistentVolumeClaim.claimName\' must be in one volume of the pod, got "files"; mount the volume one twice, each time another folder of it by subPath (mounts-apart)',
    ]);
  });

  test('fails when one path is written in two ways', () => {
    const two = [
      { name: 'one', mountPath: '/data' },
      { name: 'two', mountPath: '/data/' },
    ];
    expect(found([claimed('one', 'a'), claimed('two', 'b')], two)).toEqual([
      '[30-phoenix/Deployment-search] \'spec.template.spec.containers[0].volumeMounts[1].mountPath\' must not be /data once more, got "/data/"; mount one of the two elsewhere (mounts-apart)',
    ]);
  });

  test('fails when a mount is within files that nobody may write to', () => {
    const within = [
      { name: 'keys', mountPath: '/etc/shop' },
      { name: 'one', mountPath: '/etc/shop/cache' },
    ];
    expect(found([keys, { name: 'one', emptyDir: {} }], within)).toEqual([
      '[30-phoenix/Deployment-search] \'spec.template.spec.containers[0].volumeMounts[1].mountPath\' must not be within /etc/shop, where nobody may make a place for it, got "/etc/shop/cache"; mount it beside that, or all of it there, by one projected volume (mounts-apart)',
    ]);
    const all = { name: 'keys', projected: { sources: [{ secret: { name: 'keys', items: [{ key: 'a', path: 'a.pem' }] } }] } };
    expect(found([all, { name: 'one', emptyDir: {} }], within)).toHaveLength(1);
    const config = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'shop' }, data: { 'shop.conf': '' } };
    expect(
      found(
        [
          { name: 'keys', configMap: { name: 'shop' } },
          { name: 'one', emptyDir: {} },
        ],
        within,
        config,
      ),
    ).toHaveLength(1);
  });

  test.each<[string, Manifest[], Manifest[]]>([
    ['two claims', [claimed('one', 'a'), claimed('two', 'b')], []],
    [
      'a claim in two places by one volume',
      [claimed('one', 'a')],
      [
        { name: 'one', mountPath: '/a', subPath: 'a' },
        { name: 'one', mountPath: '/b', subPath: 'b' },
      ],
    ],
    [
      'a file in the place of one that is there',
      [keys, claimed('one', 'a')],
      [
        { name: 'keys', mountPath: '/keys' },
        { name: 'one', mountPath: '/keys/a.pem', subPath: 'a.pem' },
      ],
    ],
    [
      'a folder within one that may be written to',
      [keys, claimed('one', 'a')],
      [
        { name: 'one', mountPath: '/data' },
        { name: 'keys', mountPath: '/data/keys' },
      ],
    ],
    [
      'files whose names nobody knows',
      [{ name: 'keys', secret: { secretName: 'of-a-vault' } }, claimed('one', 'a')],
      [
        { name: 'keys', mountPath: '/keys' },
        { name: 'one', mountPath: '/keys/data' },
      ],
    ],
    [
      'a neighbour with the same beginning, and one file beside others',
      [keys, claimed('one', 'a')],
      [
        { name: 'keys', mountPath: '/keys/a.pem', subPath: 'a.pem' },
        { name: 'one', mountPath: '/keys/data' },
        { name: 'one', mountPath: '/keys-of-others' },
      ],
    ],
  ])('accepts %s', (_, volumes, volumeMounts) => {
    expect(found(volumes, volumeMounts)).toEqual([]);
  });
});
