import { databaseIn, type Engine } from '../model/databases';
import { map, maps, scalar, scalars } from '../model/values';
import type { Pod, Container } from '../model/pods';
import { healthOf, heldTo, programOf, variablesOf } from './compose-container';
import type { Parts, Service } from './compose-parts';
import { escaped } from './compose-secrets';

/** Where the scripts of a first start are, in the official image of PostgreSQL. */
const SCRIPTS = '/docker-entrypoint-initdb.d';

/**
 * A database server as its official image runs on one machine: the entry point of the image makes the data in a folder of the
 * image, whose rights a new volume takes over, so that the server is the same user as in its pod. The pod has start scripts and a
 * path of its own because there a first start may be killed, and a volume comes with the rights of its group.
 */
export function databaseService(workload: Pod, parts: Parts): Service {
  const container = programOf(workload);
  const server = databaseIn(workload.object.manifest);
  if (!container || !server) return {};
  const { variables } = container;
  const value = (name: string): string => variables.byName.get(name)?.value ?? '';
  const { engine, version } = server;
  const postgres = engine === 'PostgreSQL';
  const name = parts.nameOf(workload);
  parts.volumes.push(name);
  const own = variablesOf(container, parts);
  return {
    image: server.image,
    command: scalars(container.spec['args']).map(escaped),
    environment: postgres ? ofPostgres(own) : ofMysql(own, value),
    volumes: [`${name}:${folderOf(engine, version?.[0])}`, ...(postgres ? scriptsOf(workload, container, parts) : [])],
    // The root stays writable, unlike the pod's: for a user of its own, Podman makes a folder in memory that only root may write to.
    ...heldTo(workload, container, false),
    ...healthOf(container),
  };
}

/** Where the volume of the official image is; that of PostgreSQL moved with version 18. */
function folderOf(engine: Engine, major = Infinity): string {
  if (engine !== 'PostgreSQL') return '/var/lib/mysql';
  return major >= 18 ? '/var/lib/postgresql' : '/var/lib/postgresql/data';
}

/** The scripts take the password away that the entry point asks for: the superuser logs in from inside of the container alone. */
function ofPostgres({ PGDATA: _path, ...own }: Service): Service {
  return { ...own, POSTGRES_PASSWORD: own['DATABASE_PASSWORD'] };
}

function ofMysql({ DATABASE_PASSWORD: password }: Service, value: (name: string) => string): Service {
  return {
    MYSQL_DATABASE: escaped(value('DATABASE_NAME')),
    MYSQL_USER: escaped(value('DATABASE_OWNER')),
    MYSQL_PASSWORD: password,
    MYSQL_RANDOM_ROOT_PASSWORD: 'yes',
  };
}

/** The scripts that make the owner and the database, as the pod has them: the same rights here as there. */
function scriptsOf(workload: Pod, { spec }: Container, parts: Parts): readonly string[] {
  const { spec: pod, namespace } = workload;
  const mount = maps(spec['volumeMounts']).find(({ mountPath }) => mountPath === SCRIPTS);
  const volume = maps(pod['volumes']).find(({ name }) => name === mount?.['name']);
  const data = parts.dataOf('ConfigMap', scalar(map(volume?.['configMap'])['name']) ?? '', namespace) ?? {};
  const folder = parts.nameOf(workload);
  // The entry point passes over the others, which are for the pod.
  const files = Object.entries(data).filter(([key]) => key.endsWith('.sh'));
  return files.map(([key, content]) => `${parts.file(`${folder}/${key}`, content)}:${SCRIPTS}/${key}:ro`);
}
