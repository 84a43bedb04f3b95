import { Duration, Size } from 'cdk8s';
import type { k8s } from 'cdk8s-plus-27';
import { hardenedPod } from '../pod/hardened-pod';
import { Probe } from '../pod/probe';
import { fromSecret } from '../support/secret-key';
import { MYSQL_DATA, MYSQL_RUN, MYSQL_SCRIPTS } from './mysql-init';
import type { ServerPod } from './stateful-server';

/** Port of the server, in the container and in front of it. */
export const MYSQL_PORT = 3306;

/** Settings that have nothing to do with the size of the server. */
const SETTINGS = [
  `--port=${MYSQL_PORT}`,
  // With names, 127.0.0.1 is localhost: then whoever is in the pod's network is a superuser.
  '--skip-name-resolve',
  // A second port, with a protocol that Ecto does not speak.
  '--mysqlx=OFF',
  // Nobody replicates from here, and thirty days of it would fill the volume.
  '--skip-log-bin',
  // No statement reads or writes files of the container.
  '--secure-file-priv=NULL',
  // Its tables are broken after a kill.
  '--disabled-storage-engines=MyISAM',
];

/** The pod of a MySQL server from the official image. */
export function mysqlPod(server: ServerPod): k8s.PodSpec {
  const { name, image, imagePullPolicy, database, user, password, resources, runAsUser, init, parameters } = server;
  const ports = { mysql: MYSQL_PORT };
  const pod = hardenedPod({
    container: 'mysql',
    image,
    imagePullPolicy,
    ports,
    resources,
    user: runAsUser,
    serviceAccountName: name,
    command: ['bash', `${MYSQL_SCRIPTS}/start.sh`],
    args: [...SETTINGS, ...Object.entries(parameters).map(([setting, value]) => `--${setting}=${value}`)],
    variables: { DATABASE_NAME: database, DATABASE_OWNER: user, DATABASE_PASSWORD: fromSecret(password) },
    mounts: [
      { name: 'data', path: MYSQL_DATA },
      { name: 'init', path: MYSQL_SCRIPTS, source: { configMap: { name: init } } },
      // In memory, because the password is in one of its files.
      { name: 'run', path: MYSQL_RUN, memory: Size.mebibytes(1) },
    ],
    lifecycle: serverProbes(ports),
  });
  return {
    ...pod,
    // It stops by SIGTERM, and writes all that is dirty in the buffer pool.
    terminationGracePeriodSeconds: 120,
  };
}

function serverProbes(
  ports: Readonly<Record<string, number>>,
): Pick<k8s.Container, 'startupProbe' | 'readinessProbe' | 'livenessProbe'> {
  // An answer is enough, whatever it says: the one who asks has no account. In clear text, because a handshake of TLS costs
  // more than the answer. The server accepts connections before it answers.
  const address = ['--protocol=tcp', '--host=127.0.0.1', `--port=${MYSQL_PORT}`, '--ssl-mode=DISABLED'];
  const ready = Probe.exec({ command: ['mysqladmin', '--no-defaults', ...address, '--connect-timeout=3', 'ping'] });
  const alive = Probe.tcp({ port: 'mysql' });
  return {
    // Replaying the log after a crash takes its time, and a restart would only begin it again.
    startupProbe: ready.startup(ports, Duration.minutes(10)),
    readinessProbe: ready.readiness(ports),
    livenessProbe: alive.liveness(ports),
  };
}
