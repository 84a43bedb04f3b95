import { spawnSync } from 'node:child_process';
import { type Chart, Duration, Size } from 'cdk8s';
import { Cpu } from 'cdk8s-plus-27';
import { DatabaseBackup, type DatabaseBackupProps } from '../../lib/constructs/database-backup';
import { DatabaseRestore, type DatabaseRestoreProps } from '../../lib/constructs/database-restore';
import { RestoreDrill, type RestoreDrillProps } from '../../lib/constructs/restore-drill';
import type { BackupBucket, BackupTarget } from '../../lib/database/backup/backup-target';
import { backupEngine } from '../../lib/database/backup/backup-engine';
import { environments, staging } from '../support/stack';
import {
  CloudIdentity,
  CloudNativePg,
  KeyedSecret,
  OptOut,
  postgresLink,
  Resources,
  SinglePostgres,
  type DatabaseLink,
  type Manifest,
} from '../../lib/index';
import { declaredIn } from '../../lib/support/declare';
import { chart, objects, one, refusalsOf } from '../support/chart';
import { faultsOf } from '../support/environments';
import { dumps } from '../support/variants';
import { quotaOf, vary } from '../support/vary';

const image = 'docker.io/library/postgres:18.6';
const database = postgresLink({
  host: 'db.example.com',
  port: 5432,
  database: 'shop',
  user: 'shop',
  connections: 100,
  password: { secret: 'db', key: 'password' },
});
const mysql: DatabaseLink = { ...database, adapter: 'mysql', port: 3306 };
const resources = Resources.guaranteed({
  cpu: Cpu.millis(500),
  memory: Size.mebibytes(512),
  ephemeralStorage: Size.gibibytes(10),
});
const claim = { claim: { name: 'shop-dumps', storage: Size.gibibytes(20) } };
const inBucket: BackupBucket = {
  endpoint: 'https://s3.example.com',
  name: 'dumps',
  folder: 'shop/staging',
  image: 'docker.io/rclone/rclone:1.71.0',
  accessKey: { secret: 's3', key: 'id' },
  secretKey: { secret: 's3', key: 'secret' },
};
const bucket: BackupTarget = { bucket: inBucket };
const dump = 'shop-20260131T033000Z.dump';
const common = { name: 'shop-db', database, image, target: claim, resources };
const schedule = '30 3 * * *';

function backup(props: Partial<DatabaseBackupProps> = {}) {
  const tried = chart();
  const made = new DatabaseBackup(tried, 'Backup', { ...common, schedule, ...props });
  return { tried, made, cronJob: one(tried, 'CronJob'), pod: podOf(one(tried, 'CronJob')) };
}

function restore(props: Partial<DatabaseRestoreProps> = {}) {
  const tried = chart();
  const made = new DatabaseRestore(tried, 'Restore', { ...common, dump, ...props });
  return { tried, made, job: one(tried, 'Job'), pod: podOf(one(tried, 'Job')) };
}

function drill(props: Partial<RestoreDrillProps> = {}) {
  const tried = chart();
  const made = new RestoreDrill(tried, 'Drill', { ...common, schedule, ...props });
  return { tried, made, cronJob: one(tried, 'CronJob'), pod: podOf(one(tried, 'CronJob')) };
}

function podOf({ spec }: Manifest): Manifest {
  return (spec.jobTemplate?.spec ?? spec).template.spec as Manifest;
}

/** The containers of a pod in the order in which they run. */
function steps(pod: Manifest): Manifest[] {
  return [...((pod['initContainers'] ?? []) as Manifest[]), ...(pod['containers'] as Manifest[])];
}

function variables({ env }: Manifest): Record<string, unknown> {
  return Object.fromEntries((env as Manifest[]).map(({ name, value, valueFrom }) => [name, value ?? valueFrom.secretKeyRef]));
}

function last(pod: Manifest): Manifest {
  return steps(pod).at(-1) ?? {};
}

/** The text that a container runs: a file of the ConfigMap that its pod mounts. */
function script(container: Manifest | undefined, tried: Chart): string {
  const [, file = ''] = container?.['command'] as string[];
  const [, name = ''] = /^\/etc\/backup-scripts\/(.*)$/.exec(file) ?? [];
  return one(tried, 'ConfigMap')['data'][name] as string;
}

const all = [
  ...[claim, bucket].flatMap((target) => [
    ...[backup({ target }), drill({ target }), restore({ target })],
    ...[backup({ target, database: mysql }), drill({ target, database: mysql })],
    restore({ target, database: mysql, dump: 'shop-20260131T033000Z.sql.gz' }),
  ]),
];

describe('all of them', () => {
  test('run as a number of their own, without a token, and cannot write to their images', () => {
    for (const { pod } of all) {
      expect(pod).toMatchObject({ automountServiceAccountToken: false, restartPolicy: 'Never' });
      expect(pod['securityContext']).toMatchObject({ runAsNonRoot: true, runAsUser: 10001, runAsGroup: 10001 });
      for (const { securityContext, resources: own } of steps(pod)) {
        expect(securityContext).toMatchObject({ readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } });
        expect(own.limits).toMatchObject({ 'ephemeral-storage': '10Gi', memory: '512Mi' });
      }
    }
  });

  test('run scripts that the shells of their images can read', () => {
    for (const { container, tried } of all.flatMap(({ pod, tried: of }) =>
      steps(pod).map((one) => ({ container: one, tried: of })),
    )) {
      const { status, stderr } = spawnSync('bash', ['-n'], { input: script(container, tried), encoding: 'utf8' });
      expect([status, stderr]).toEqual([0, '']);
      expect(script(container, tried)).toMatch(/^set -eu/);
      expect(container['volumeMounts']).toContainEqual({
        name: 'backup-scripts',
        mountPath: '/etc/backup-scripts',
        readOnly: true,
      });
    }
  });

  test('have their scripts in an object of their own that nobody changes, and a command of one line', () => {
    for (const { pod, tried } of all) {
      const { immutable, metadata } = one(tried, 'ConfigMap');
      expect([immutable, metadata.name]).toEqual([true, expect.stringMatching(/^shop-db-[a-z-]+-scripts-[0-9a-f]{10}$/)]);
      for (const { command } of steps(pod)) expect(command).toHaveLength(2);
    }
  });

  test('get their secrets from Secrets alone', () => {
    for (const container of all.flatMap(({ pod }) => steps(pod))) {
      for (const [name, value] of Object.entries(variables(container)))
        if (/PASS|PWD|KEY/.test(name)) expect(typeof value).toBe('object');
    }
  });
});

describe('a backup', () => {
  test('runs one at a time, at most an hour late, and is tried three times', () => {
    const { jobTemplate, ...spec } = backup().cronJob['spec'];
    expect(spec).toEqual({
      schedule,
      timeZone: 'Etc/UTC',
      concurrencyPolicy: 'Forbid',
      startingDeadlineSeconds: 3600,
      successfulJobsHistoryLimit: 3,
      failedJobsHistoryLimit: 1,
    });
    expect(jobTemplate.spec).toMatchObject({ backoffLimit: 2, activeDeadlineSeconds: 7200 });
  });

  test('asks the server as the application does, and never for a password', () => {
    expect(variables(last(backup().pod))).toEqual({
      PGHOST: 'db.example.com',
      PGPORT: '5432',
      PGUSER: 'shop',
      PGDATABASE: 'shop',
      PGCONNECT_TIMEOUT: '10',
      PGPASSWORD: { name: 'db', key: 'password' },
      DATABASE: 'shop',
      BACKUPS: '/backups',
      KEEP: '14',
      DEADLINE: '7200',
    });
    expect(script(last(backup().pod), backup().tried)).toContain('pg_dump --dbname="$server" --no-password --format=custom');
  });

  test('makes a claim that nothing owns and that no version changes', () => {
    const { tried, made } = backup();
    const { metadata, spec } = one(tried, 'PersistentVolumeClaim');
    expect(metadata).toEqual({
      name: 'shop-dumps',
      namespace: 'test',
      labels: {
        'app.kubernetes.io/name': 'postgresql',
        'app.kubernetes.io/instance': 'shop-db-backup',
        'app.kubernetes.io/component': 'backup',
      },
    });
    expect(spec).toEqual({ accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '20Gi' } } });
    expect(made.claim?.name).toBe('shop-dumps');
  });

  test('may write to a volume that belongs to root', () => {
    const { pod } = backup();
    expect(pod['securityContext']).toMatchObject({ fsGroup: 10001, fsGroupChangePolicy: 'OnRootMismatch' });
    expect(last(pod)['volumeMounts']).toContainEqual({ name: 'backups', mountPath: '/backups' });
  });

  test('uses a claim that is there, and says so to the rules', () => {
    const { tried, made } = backup({ target: { claim: { name: 'shop-dumps', existing: true } } });
    expect(objects(tried).map(({ kind }) => kind)).toEqual(['ServiceAccount', 'ConfigMap', 'CronJob']);
    expect(made.claim).toBeUndefined();
    expect(declaredIn(tried).externals).toContainEqual({ kind: 'PersistentVolumeClaim', name: 'shop-dumps' });
  });

  test('dumps first and uploads then, where there is a bucket', () => {
    const { tried, pod } = backup({ target: bucket });
    const [dumping, upload, ...others] = steps(pod);
    expect([dumping?.['name'], upload?.['name'], others]).toEqual(['dump', 'upload', []]);
    expect(upload?.['image']).toBe('docker.io/rclone/rclone:1.71.0');
    expect(variables(upload ?? {})).toEqual({
      BACKUPS: '/tmp',
      DATABASE: 'shop',
      KEEP: '14',
      BUCKET: 'dumps/shop/staging',
      RCLONE_CONFIG: '',
      RCLONE_CONFIG_BACKUP_TYPE: 's3',
      RCLONE_CONFIG_BACKUP_PROVIDER: 'Other',
      RCLONE_CONFIG_BACKUP_REGION: 'us-east-1',
      RCLONE_CONFIG_BACKUP_ENDPOINT: 'https://s3.example.com',
      RCLONE_CONFIG_BACKUP_NO_CHECK_BUCKET: 'true',
      RCLONE_CONFIG_BACKUP_ACCESS_KEY_ID: { name: 's3', key: 'id' },
      RCLONE_CONFIG_BACKUP_SECRET_ACCESS_KEY: { name: 's3', key: 'secret' },
    });
    expect(script(dumping, tried)).not.toContain('KEEP');
    expect(objects(tried).map(({ kind }) => kind)).toEqual(['ServiceAccount', 'ConfigMap', 'CronJob']);
    const scripts = { name: 'backup-scripts', configMap: { name: one(tried, 'ConfigMap')['metadata'].name } };
    expect(pod['volumes']).toEqual([{ name: 'tmp', emptyDir: { sizeLimit: '10176Mi' } }, scripts]);
  });

  test('reaches its server and its bucket, and nothing else', () => {
    const peer = { cidr: '0.0.0.0/0' };
    expect(declaredIn(backup().tried).traffic).toMatchObject([{ pods: 'shop-db-backup', sends: [{ port: 5432, peer }] }]);
    const minio = { ...inBucket, endpoint: 'https://minio.minio.svc:9000', peer: { namespace: 'minio' } };
    const [own] = declaredIn(backup({ target: { bucket: minio } }).tried).traffic;
    expect(own).toMatchObject({
      sends: [
        { port: 5432, peer },
        { port: 9000, peer: { namespace: 'minio' } },
      ],
      reachesOut: false,
    });
  });

  test('encrypts where the application does', () => {
    const certificate = { name: 'database-ca', path: '/etc/database-ca', source: { configMap: { name: 'ca' } } };
    const config = { PGSSLMODE: 'verify-full', PGSSLROOTCERT: '/etc/database-ca/ca.pem' };
    const { pod } = backup({ database: { ...database, config, mounts: [certificate] } });
    expect(variables(last(pod))).toMatchObject(config);
    expect(last(pod)['volumeMounts']).toContainEqual({ name: 'database-ca', mountPath: '/etc/database-ca', readOnly: true });
    const query = { ...database, config: { DATABASE_URL: 'ecto://shop@db.example.com:5432/shop?ssl=true' } };
    expect(variables(last(backup({ database: query }).pod))).toMatchObject({ PGSSLMODE: 'require' });
  });

  test('dumps MySQL by the same route', () => {
    const { pod, cronJob, tried } = backup({ database: mysql, image: 'docker.io/library/mysql:8.4.6' });
    expect(variables(last(pod))).toMatchObject({
      MYSQL_HOST: 'db.example.com',
      MYSQL_TCP_PORT: '3306',
      MYSQL_USER: 'shop',
      MYSQL_DATABASE: 'shop',
      MYSQL_PWD: { name: 'db', key: 'password' },
    });
    expect(script(last(pod), tried)).toContain('--single-transaction');
    expect(cronJob['metadata'].labels['app.kubernetes.io/name']).toBe('mysql');
    const config = { MYSQL_SSL_MODE: 'VERIFY_IDENTITY', MYSQL_SSL_CA: '/etc/database-ca/ca.pem' };
    expect(variables(last(backup({ database: { ...mysql, config } }).pod))).toMatchObject(config);
  });

  test('keeps names with a dollar sign as they are', () => {
    const odd = { ...database, database: 'shop$$1', user: 'shop$(x' };
    expect(variables(last(backup({ database: odd }).pod))).toMatchObject({ PGDATABASE: 'shop$$$1', DATABASE: 'shop$$$1' });
  });

  test('has every prop in its place', () => {
    const everything: Required<DatabaseBackupProps> = {
      ...common,
      target: { claim: { ...claim.claim, storageClass: 'fast' } },
      imagePullPolicy: 'IfNotPresent',
      deadline: Duration.hours(1),
      schedule: '@daily',
      timeZone: 'Europe/Berlin',
      keep: 30,
      identity: CloudIdentity.aws({ roleArn: 'arn:aws:iam::123456789012:role/backup' }),
      pods: { nodeSelector: { pool: 'batch' } },
      delivery: 'argo',
    };
    const { tried, cronJob, pod } = backup(everything);
    expect(cronJob['spec']).toMatchObject({ schedule: '@daily', timeZone: 'Europe/Berlin' });
    expect(cronJob['spec'].jobTemplate.spec.activeDeadlineSeconds).toBe(3600);
    expect(last(pod)['imagePullPolicy']).toBe('IfNotPresent');
    expect(one(tried, 'ServiceAccount')['metadata'].annotations).toEqual(everything.identity.annotations);
    expect(pod['nodeSelector']).toEqual({ pool: 'batch' });
    expect(variables(last(pod))).toMatchObject({ KEEP: '30', DEADLINE: '3600' });
    const { metadata, spec } = one(tried, 'PersistentVolumeClaim');
    expect(spec.storageClassName).toBe('fast');
    // Dumps stay, and no sync waits for the first of them.
    expect(metadata.annotations).toEqual({
      'argocd.argoproj.io/sync-options': 'Delete=false,Prune=false',
      'argocd.argoproj.io/sync-wave': '4',
    });
    const elsewhere: Required<BackupBucket> = {
      ...inBucket,
      endpoint: 'http://minio:9000',
      region: 'eu-1',
      provider: 'Minio',
      peer: { namespace: 'minio' },
      clearText: OptOut.because('stays inside of the cluster'),
    };
    expect(variables(last(backup({ target: { bucket: elsewhere } }).pod))).toMatchObject({
      RCLONE_CONFIG_BACKUP_ENDPOINT: 'http://minio:9000',
      RCLONE_CONFIG_BACKUP_REGION: 'eu-1',
      RCLONE_CONFIG_BACKUP_PROVIDER: 'Minio',
    });
  });
});

describe('a restore', () => {
  test('runs once, under a name that changes with what it does', () => {
    const { made, job } = restore();
    expect(job['metadata'].name).toMatch(/^shop-db-restore-[0-9a-f]{10}$/);
    expect(made.jobName).toBe(job['metadata'].name);
    expect(job['spec']).toMatchObject({ backoffLimit: 3, activeDeadlineSeconds: 7200, ttlSecondsAfterFinished: 604800 });
    const other = restore({ dump: 'shop-20260201T033000Z.dump' });
    expect(other.job['metadata'].name).not.toBe(job['metadata'].name);
  });

  test('cannot write to the dumps, and makes no claim', () => {
    const { tried, pod } = restore();
    expect(last(pod)['volumeMounts']).toContainEqual({ name: 'backups', mountPath: '/backups', readOnly: true });
    expect(objects(tried).map(({ kind }) => kind)).toEqual(['ServiceAccount', 'ConfigMap', 'Job']);
  });

  test('reads its dump in one transaction, into the database that it is told', () => {
    const { pod, tried } = restore({ into: 'shop_restored' });
    expect(variables(last(pod))).toMatchObject({ PGDATABASE: 'shop_restored', DUMP: dump });
    expect(script(last(pod), tried)).toContain('--single-transaction --exit-on-error --no-owner --no-privileges');
  });

  test('fetches its dump first, where there is a bucket', () => {
    const [download, restoring] = steps(restore({ target: bucket }).pod);
    expect([download?.['name'], restoring?.['name']]).toEqual(['download', 'restore']);
    expect(variables(download ?? {})).toMatchObject({ DUMP: dump, BACKUPS: '/tmp' });
    expect(variables(download ?? {})).not.toHaveProperty('PGPASSWORD');
    expect(variables(restoring ?? {})).not.toHaveProperty('RCLONE_CONFIG_BACKUP_TYPE');
  });

  test('has every prop in its place', () => {
    const everything: Required<DatabaseRestoreProps> = {
      ...common,
      imagePullPolicy: 'IfNotPresent',
      deadline: Duration.hours(6),
      dump,
      into: 'other',
      keep: Duration.days(1),
      identity: CloudIdentity.aws({ roleArn: 'arn:aws:iam::123456789012:role/restore' }),
      pods: { nodeSelector: { pool: 'batch' } },
    };
    const { tried, job, pod } = restore(everything);
    expect(one(tried, 'ServiceAccount')['metadata'].annotations).toEqual(everything.identity.annotations);
    expect(job['spec']).toMatchObject({ activeDeadlineSeconds: 21600, ttlSecondsAfterFinished: 86400 });
    expect(pod['nodeSelector']).toEqual({ pool: 'batch' });
    expect(last(pod)).toMatchObject({ name: 'restore', image, imagePullPolicy: 'IfNotPresent' });
  });
});

describe('a drill', () => {
  test('knows no password, and reaches nothing but the bucket', () => {
    const { tried, pod } = drill();
    expect(declaredIn(tried).traffic).toMatchObject([{ pods: 'shop-db-restore-drill', sends: [], reachesOut: false }]);
    expect(variables(last(pod))).toEqual({
      PGHOST: '/tmp',
      PGDATA: '/tmp/pgdata',
      PGUSER: 'shop',
      PGDATABASE: 'shop',
      BACKUPS: '/backups',
      DATABASE: 'shop',
      MAXIMUM_AGE: '93600',
      CHECK: '',
    });
    const [own] = declaredIn(drill({ target: bucket }).tried).traffic;
    expect(own?.sends).toEqual([{ port: 443, peer: { cidr: '0.0.0.0/0' } }]);
  });

  test('is asked once', () => {
    expect(drill().cronJob['spec'].jobTemplate.spec).toMatchObject({ backoffLimit: 0, activeDeadlineSeconds: 7200 });
  });

  test('has every prop in its place', () => {
    const everything: Required<RestoreDrillProps> = {
      ...common,
      target: bucket,
      imagePullPolicy: 'IfNotPresent',
      deadline: Duration.hours(1),
      schedule: '0 5 * * 0',
      timeZone: 'Europe/Berlin',
      maximumAge: Duration.days(8),
      check: 'select count(*) > 10 from users',
      pods: { nodeSelector: { pool: 'batch' } },
    };
    const { made, cronJob, pod } = drill(everything);
    expect(made.serviceAccount.name).toBe('shop-db-restore-drill');
    expect(cronJob['spec']).toMatchObject({ schedule: '0 5 * * 0', timeZone: 'Europe/Berlin' });
    expect(steps(pod).map(({ name, imagePullPolicy }) => [name, imagePullPolicy])).toEqual([
      ['download', 'IfNotPresent'],
      ['drill', 'IfNotPresent'],
    ]);
    expect(pod['nodeSelector']).toEqual({ pool: 'batch' });
    expect(variables(last(pod))).toMatchObject({ MAXIMUM_AGE: '691200', CHECK: 'select count(*) > 10 from users' });
  });
});

describe('an engine', () => {
  test('is that of the adapter', () => {
    expect(backupEngine(database).extension).toBe('dump');
    expect(backupEngine(mysql).extension).toBe('sql.gz');
  });
});

describe('in an environment', () => {
  test('no rule has anything against the three of them', () => {
    for (const environment of environments) {
      const { cpu, memory, storage, pods } = quotaOf(environment);
      const more = {
        cpu: Cpu.millis(Number.parseInt(cpu.amount) * 1000 + 2000),
        memory: Size.gibibytes(memory.toGibibytes() + 4),
      };
      const quota = { ...more, storage: Size.gibibytes(storage.toGibibytes() + 20), pods: pods + 3 };
      for (const kind of ['claim', 'bucket']) {
        const faults = faultsOf(vary(environment, { quota }), ({ postgres }) => {
          const keys = ['id', 'secret'] as const;
          const secret = new KeyedSecret(postgres, 'S3', { name: 's3', keys, source: { existing: true } });
          const place = {
            ...inBucket,
            accessKey: secret.key('id'),
            secretKey: secret.key('secret'),
            image: digested(inBucket.image),
          };
          const target = kind === 'claim' ? claim : { bucket: place };
          const of = { ...common, target, database: postgres.link, image: digested(image) };
          new DatabaseBackup(postgres, 'Backup', { ...of, schedule });
          new DatabaseRestore(postgres, 'Restore', { ...of, dump });
          new RestoreDrill(postgres, 'Drill', { ...of, schedule: '30 5 * * *' });
        });
        expect(faults).toEqual([]);
      }
    }
  });

  test('fails when a drill reads a claim that nobody makes', () => {
    const faults = faultsOf(staging, ({ postgres }) => {
      new RestoreDrill(postgres, 'Drill', { ...common, database: postgres.link, image: digested(image), schedule });
    });
    expect(faults.filter((fault) => fault.endsWith('(claim-exists)'))).toEqual([
      expect.stringContaining(`must name a PersistentVolumeClaim that exists, got "shop-dumps"`),
    ]);
  });
});

function digested(name: string): string {
  return `${name}@sha256:${'0123456789abcdef'.repeat(4)}`;
}

describe('what is refused', () => {
  const backups = (props: Partial<DatabaseBackupProps>) =>
    refusalsOf((tried) => new DatabaseBackup(tried, 'Backup', { ...common, schedule, ...props }));
  const restores = (props: Partial<DatabaseRestoreProps>) =>
    refusalsOf((tried) => new DatabaseRestore(tried, 'Restore', { ...common, dump, ...props }));
  const drills = (props: Partial<RestoreDrillProps>) =>
    refusalsOf((tried) => new RestoreDrill(tried, 'Drill', { ...common, schedule, ...props }));
  const buckets = (props: Partial<BackupBucket>) => backups({ target: { bucket: { ...inBucket, ...props } } });

  test.each(['*/5 * * * *', '0,30 * * * *', '@every 5m', '10-12 3 * * *'])('fails when the schedule is %s', (often) => {
    const must = 'run once an hour at most: one minute, no list, range or step';
    expect(backups({ schedule: often })).toEqual([
      `[chart/Backup] 'schedule' must ${must}, got "${often}"; write it as "30 3 * * *"`,
    ]);
    expect(drills({ schedule: often })).toHaveLength(1);
  });

  test('fails when the schedule or its time zone is none, by a rule that names the prop', () => {
    const quota = { ...staging.quota, storage: Size.gibibytes(50) };
    const drill = { schedule: '30 25 * * *' };
    expect(faultsOf({ ...staging, quota, backup: { ...dumps, schedule: '61 * * * *', timeZone: 'Mars', drill } })).toEqual([
      '[15-backup/Backup, 15-backup/Drill] \'backup.timeZone\' must be a time zone of the IANA database, got "Mars"; write "Europe/Berlin", or leave it out for "Etc/UTC" (cron-schedule)',
      '[15-backup/Backup] \'backup.schedule\' must have the minute from 0 to 59, got "61 * * * *"; write minute, hour, day, month, weekday: "30 3 * * *" (cron-schedule)',
      '[15-backup/Drill] \'backup.drill.schedule\' must have the hour from 0 to 23, got "30 25 * * *"; write minute, hour, day, month, weekday: "30 3 * * *" (cron-schedule)',
    ]);
  });

  describe('by an image of another version than the server', () => {
    const of = (server: string): DatabaseLink => ({ ...database, image: `registry.example.com/mirror/${server}` });
    const made = (server: string, tools: string) => {
      const props = { database: of(server), image: `docker.io/library/postgres:${tools}` };
      return [...backups(props), ...drills(props)];
    };

    test.each([
      ['postgresql:17.2', '16.9-alpine', 17],
      ['pgvector:0.8.0-pg18', '17.6', 18],
      [digested('postgis:16-3.5'), digested('postgres:9.6').replace(/^postgres:/, ''), 16],
    ])('fails when the server is %s and the programs are %s', (server, tools, version) => {
      const must = `be of PostgreSQL ${version} or newer, as the server is: older programs refuse it, or its dumps`;
      const got = `got "docker.io/library/postgres:${tools}"; write the image of the server, or the official one of ${version}`;
      expect(made(server, tools)).toEqual([
        `[chart/Backup] 'image' must ${must}, ${got}`,
        `[chart/Drill] 'image' must ${must}, ${got}`,
      ]);
    });

    test.each([
      ['postgresql:17.6', '17.2'],
      ['postgresql:16.9', '18.1'],
      ['postgresql:15', '15.13-bookworm'],
      // Its tag says no version.
      ['postgresql:trixie', '13'],
      ['postgresql:17.2', 'bookworm'],
    ])('takes programs for %s in %s', (server, tools) => {
      expect(made(server, tools)).toEqual([]);
    });

    test('takes mysqldump of another version, which the server answers', () => {
      expect(
        backups({ database: { ...mysql, image: 'docker.io/library/mysql:8.4.6' }, image: 'docker.io/library/mysql:8.0.43' }),
      ).toEqual([]);
    });

    test.each(['single', 'highly available'])('knows the version of a %s server that the cluster runs', (kind) => {
      const faults = refusalsOf((tried) => {
        const [of, user] = [{ name: 'shop-db', database: 'shop', storage: Size.gibibytes(5), resources }, 'shop'];
        const password = { secret: 'db', key: 'password' };
        const { link } =
          kind === 'single'
            ? new SinglePostgres(tried, 'Server', { ...of, user, image, password })
            : new CloudNativePg(tried, 'Server', {
                ...of,
                user,
                image: 'ghcr.io/cloudnative-pg/postgresql:18.1',
                instances: 3,
                backup: OptOut.because('dumps are enough for this one'),
              });
        new DatabaseBackup(tried, 'Backup', { ...common, schedule, database: link, image: 'docker.io/library/postgres:17.6' });
      });
      expect(faults).toEqual([expect.stringContaining("[chart/Backup] 'image' must be of PostgreSQL 18 or newer")]);
    });
  });

  test('fails when one dump is all that is kept', () => {
    expect(backups({ keep: 1 })).toEqual([
      "[chart/Backup] 'keep' must be a whole number from 2 to 1000, got 1; omit it to use 14",
    ]);
  });

  test('fails when the claim is too small, or named as none can be', () => {
    expect(backups({ target: { claim: { name: 'Dumps', storage: Size.mebibytes(500) } } })).toEqual([
      expect.stringMatching(/^\[chart\/Backup\] 'target\.claim\.name' must be lower-case letters/),
      "[chart/Backup] 'target.claim.storage' must be 1 GiB or more, got 500Mi; make room for all dumps that are kept and one more",
    ]);
  });

  test('fails when the scratch space holds no dump and no database', () => {
    const small = Resources.guaranteed({ cpu: Cpu.millis(500), memory: Size.mebibytes(256) });
    const must = 'be 1 GiB or more: the dump lies there';
    const fix = 'give it twice the size that the database has today';
    expect(backups({ resources: small })).toEqual([]);
    expect(backups({ resources: small, target: bucket })).toEqual([
      `[chart/Backup] 'resources.ephemeralStorage' must ${must}, got 512Mi; ${fix}`,
    ]);
    expect(restores({ resources: small, target: bucket })).toHaveLength(1);
    expect(drills({ resources: small })).toEqual([
      `[chart/Drill] 'resources.ephemeralStorage' must be 1 GiB or more: the restored database lies there, got 512Mi; ${fix}`,
      "[chart/Drill] 'resources.memory' must be 512 MiB or more, got 256Mi; give it Size.mebibytes(512) or more",
    ]);
  });

  test('fails when the endpoint is in clear text without a reason', () => {
    expect(buckets({ endpoint: 'http://minio:9000' })).toEqual([
      "[chart/Backup] 'target.bucket.endpoint' must be encrypted, got \"http://minio:9000\"; use https, or write clearText: OptOut.because('...') for a server in the cluster",
    ]);
    expect(buckets({ endpoint: 'http://minio:9000', clearText: OptOut.because('no') })).toEqual([
      `[chart/Backup] 'target.bucket.clearText' must give a reason of 10 or more characters, got "no"; write one sentence that a reviewer would accept`,
    ]);
  });

  test('fails when a part of the bucket has no such form', () => {
    const wrong = {
      endpoint: 's3.example.com/x',
      name: 'A',
      folder: '../x',
      region: 'eu 1',
      provider: 'a b',
      peer: { cidr: 'x' },
    };
    expect(buckets(wrong)).toEqual([
      `[chart/Backup] 'target.bucket.endpoint' must be a URL without a path, got "s3.example.com/x"; write it as https://s3.eu-central-1.amazonaws.com`,
      `[chart/Backup] 'target.bucket.folder' must be letters, digits, '-', '_' and '.' between single '/', got "../x"; write it as shop/production`,
      `[chart/Backup] 'target.bucket.name' must be the name of a bucket, got "A"; write it as shop-backups`,
      `[chart/Backup] 'target.bucket.peer.cidr' must be a range of addresses, got "x"; write it as 10.0.0.0/16, or 203.0.113.7/32 for one address`,
      `[chart/Backup] 'target.bucket.provider' must be one of rclone's providers, got "a b"; omit it to use "Other"`,
      `[chart/Backup] 'target.bucket.region' must be the name of a region, got "eu 1"; write it as eu-central-1`,
    ]);
  });

  test.each(['shop.dump', 'shop-20260131T033000Z.sql.gz', '../shop-20260131T033000Z.dump', 'newest'])(
    'fails when the dump to restore is %s',
    (name) => {
      expect(restores({ dump: name })).toEqual([
        `[chart/Restore] 'dump' must be the name of one dump, as the backup printed it, got "${name}"; write it as kube_native-20260131T033000Z.dump`,
      ]);
    },
  );

  test('fails when the database to restore into has no such name', () => {
    expect(restores({ into: 'a/b' })).toEqual([
      `[chart/Restore] 'into' must be 1 to 63 bytes of text without control characters, '/' and '=', and not begin with '-', got "a/b"; rename it, for example "kube_native"`,
    ]);
  });

  test('fails when a time is none', () => {
    expect(backups({ deadline: Duration.seconds(1) })).toEqual([
      "[chart/Backup] 'deadline' must be whole seconds from 10s to 86400s, got 1s; omit it to use 2 hours",
    ]);
    expect(restores({ keep: Duration.millis(1) })).toEqual([expect.stringContaining("'keep' must be whole seconds")]);
    expect(drills({ maximumAge: Duration.minutes(5) })).toEqual([
      "[chart/Drill] 'maximumAge' must be whole seconds from 3600s to 31536000s, got 300s; omit it to use 26 hours, for a backup every day",
    ]);
  });

  test('fails when the check asks nothing', () => {
    expect(drills({ check: ' ' })).toEqual([
      `[chart/Drill] 'check' must ask something, got " "; write a question such as "select count(*) > 0 from users", or omit it`,
    ]);
  });

  test('fails when the name leaves no room for what follows it', () => {
    expect(backups({ name: 'a'.repeat(45) })).toEqual([]);
    expect(backups({ name: 'a'.repeat(46) })).toHaveLength(1);
    expect(restores({ name: 'a'.repeat(45) })).toHaveLength(1);
    expect(drills({ name: 'a'.repeat(39) })).toHaveLength(1);
  });

  test('fails when a caller without types leaves something out', () => {
    const none = {} as unknown as DatabaseBackupProps;
    const thrown = () => refusalsOf((tried) => new DatabaseBackup(tried, 'Backup', none));
    expect(thrown()).toContain("[chart/Backup] 'name' must be given, got nothing; pass 'name' to DatabaseBackup");
    expect(backups({ target: {} as BackupTarget })).toEqual([
      "[chart/Backup] 'target' must be one of claim, bucket, got nothing; write { claim: { name, storage } }, or { bucket: ... }",
    ]);
  });
});
