import { Duration, Size } from 'cdk8s';
import type { k8s } from 'cdk8s-plus-27';
import { hardenedPod } from '../pod/hardened-pod';
import type { Mount, PodMount } from '../pod/mount';
import { Probe } from '../pod/probe';
import { literally } from '../pod/variables';
import type { Resources } from '../pod/resources';
import { bytes } from '../support/quantity';
import { fromSecret } from '../support/secret-key';
import { PGDATA, SCRIPTS, START, VOLUME } from './postgres-init';
import type { ServerPod } from './stateful-server';

/** Port of the server, in the container and in front of it. */
export const POSTGRES_PORT = 5432;

/** The pod of a PostgreSQL server from the official image. */
export function postgresPod(server: ServerPod): k8s.PodSpec {
  const { name, image, imagePullPolicy, database, user, password, resources, runAsUser, init, parameters } = server;
  const ports = { postgresql: POSTGRES_PORT };
  const pod = hardenedPod({
    container: 'postgresql',
    image,
    imagePullPolicy,
    ports,
    resources,
    user: runAsUser,
    serviceAccountName: name,
    command: ['bash', '-eu', START],
    args: ['postgres', ...Object.entries(parameters).flatMap(([parameter, value]) => ['-c', `${parameter}=${value}`])],
    variables: {
      PGDATA,
      // Without the second, whoever is in the pod's network is a superuser.
      POSTGRES_INITDB_ARGS: '--data-checksums --auth-host=scram-sha-256',
      DATABASE_PASSWORD: fromSecret(password),
      ...literally({ DATABASE_NAME: database, DATABASE_OWNER: user }),
    },
    mounts: serverMounts(resources, init),
    lifecycle: {
      ...serverProbes(user, database, ports),
      // SIGTERM alone would wait for every client to leave; after this it changes nothing any more.
      lifecycle: { preStop: { exec: { command: ['pg_ctl', 'stop', `--pgdata=${PGDATA}`, '--mode=fast', '--no-wait'] } } },
    },
  });
  return {
    ...pod,
    // The last checkpoint writes all that is dirty in the shared buffers.
    terminationGracePeriodSeconds: 120,
  };
}

function serverMounts({ scratch: room, memory: { limit } }: Resources, init: string): (Mount | PodMount)[] {
  return [
    { name: 'data', path: VOLUME },
    { name: 'init', path: SCRIPTS, source: { configMap: { name: init } } },
    { name: 'tmp', path: '/tmp', scratch: room },
    { name: 'run', path: '/var/run/postgresql', scratch: Size.mebibytes(1) },
    // Parallel queries share memory here; a container's own has 64 MiB, and then they fail.
    { name: 'shm', path: '/dev/shm', memory: Size.mebibytes(Math.max(64, Math.floor(bytes(limit) / 8 / 1048576))) },
  ];
}

/** The first start's temporary server listens on its socket alone, so that asking by address waits for the real one. */
function serverProbes(
  user: string,
  database: string,
  ports: Readonly<Record<string, number>>,
): Pick<k8s.Container, 'startupProbe' | 'readinessProbe' | 'livenessProbe'> {
  const ready = Probe.exec({ command: ['pg_isready', '--host=127.0.0.1', `--username=${user}`, `--dbname=${database}`] });
  const alive = Probe.tcp({ port: 'postgresql' });
  return {
    // Replaying the log after a crash takes its time, and a restart would only begin it again.
    startupProbe: ready.startup(ports, Duration.minutes(10)),
    readinessProbe: ready.readiness(ports),
    livenessProbe: alive.liveness(ports),
  };
}
