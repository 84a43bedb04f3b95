import type { Manifest } from '../../support/edit';
import { parseImage, versionIn, type Version } from '../../support/image';
import { map, maps, scalar } from './values';

/** The databases whose official images are known. */
export type Engine = 'PostgreSQL' | 'MySQL' | 'MariaDB';

/** A server of a database among the containers of a pod that keeps its files. */
export interface DatabaseServer {
  readonly index: number;
  readonly image: string;
  readonly engine: Engine;
  /** An image by its digest alone does not say it. */
  readonly version?: Version;
  readonly container: Manifest;
}

const ENGINES: ReadonlyMap<string, Engine> = new Map([
  ...['postgres', 'postgresql', 'postgis', 'pgvector', 'timescaledb'].map((name) => [name, 'PostgreSQL'] as const),
  ['mysql', 'MySQL'],
  ['mysql-server', 'MySQL'],
  ['mariadb', 'MariaDB'],
]);

/** The database in the pods of a StatefulSet or a Deployment, where they keep files. */
export function databaseIn({ spec }: Manifest): DatabaseServer | undefined {
  const { template, volumeClaimTemplates } = map(spec);
  const { containers, volumes } = map(map(template)['spec']);
  const keeps = maps(volumeClaimTemplates).length > 0 || maps(volumes).some((volume) => 'persistentVolumeClaim' in volume);
  if (!keeps) return undefined;
  for (const [index, container] of maps(containers).entries()) {
    const image = scalar(container['image']) ?? '';
    const { repository = '', tag = '' } = parseImage(image) ?? {};
    const engine = ENGINES.get(repository.slice(repository.lastIndexOf('/') + 1));
    if (engine) return { index, image, engine, version: versionIn(tag), container };
  }
  return undefined;
}
