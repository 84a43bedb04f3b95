import type { Manifest } from '../../support/edit';
import type { Finding, Rule, World } from '../rule';
import { inventoryOf } from '../../model/inventory';
import { maps, scalar } from '../../model/values';
import type { Container } from '../../model/pods';

/** Where the official images keep their data. */
const FOLDERS: readonly (readonly [image: RegExp, folder: string])[] = [
  [/(?:^|\/)(?:postgres|postgis\/postgis|timescale\/timescaledb)(?::|@|$)/, '/var/lib/postgresql'],
  [/(?:^|\/)(?:mysql|mariadb)(?::|@|$)/, '/var/lib/mysql'],
  [/(?:^|\/)mongo(?::|@|$)/, '/data/db'],
  [/(?:^|\/)couchdb(?::|@|$)/, '/opt/couchdb/data'],
  [/(?:^|\/)clickhouse-server(?::|@|$)/, '/var/lib/clickhouse'],
];

/** A database without a volume writes into its container. */
export const databaseKeepsData: Rule = {
  name: 'database-keeps-data',
  sentence: 'A database of a well-known image has a volume where it keeps its data.',
  why: 'Every restart of the container, and every change of its pod, begins with an empty database.',
  source: 'https://kubernetes.io/docs/concepts/storage/volumes/#background',
  *find(world: World): Iterable<Finding> {
    for (const { object, task, containers } of inventoryOf(world).pods) {
      for (const container of task ? [] : containers.filter(({ endsFirst }) => !endsFirst)) {
        const image = scalar(container.spec['image']) ?? '';
        const folder = movedTo(container) ?? FOLDERS.find(([pattern]) => pattern.test(image))?.[1];
        if (folder === undefined || !runsServer(container) || maps(container.spec['volumeMounts']).some(isWithin(folder)))
          continue;
        const fix = `mount a volume of a PersistentVolumeClaim there; an emptyDir where the data may be lost with the pod`;
        const field = `${container.path}.volumeMounts`;
        yield { object, field, must: `have a volume at ${folder}`, got: container.spec['volumeMounts'], fix };
      }
    }
  },
};

function movedTo({ spec, variables }: Container): string | undefined {
  return (scalar(spec['image']) ?? '').includes('postg') ? variables.byName.get('PGDATA')?.value : undefined;
}

/** Whether the image's own program runs: with another command it may be a client. */
function runsServer({ spec }: Container): boolean {
  return spec['command'] === undefined;
}

function isWithin(folder: string): (mount: Manifest) => boolean {
  const below = (outer: string, inner: string) => `${inner}/`.startsWith(`${outer.replace(/\/$/, '')}/`);
  return ({ mountPath }) => {
    const path = scalar(mountPath) ?? '';
    return below(folder, path) || below(path, folder);
  };
}
