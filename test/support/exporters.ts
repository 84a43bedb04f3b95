import { Size } from 'cdk8s';
import { Cpu } from 'cdk8s-plus-27';
import { Resources, type DatabaseExporter } from '../../lib/index';

const digest = 'sha256:5a5a84b19854a9ffaa54082c166ff4ec27473a361e496e5ea167f298f2da9722';

/** What measures a PostgreSQL of one pod. */
export const exporter: DatabaseExporter = {
  image: `docker.io/prometheuscommunity/postgres-exporter:v0.20.1@${digest}`,
};

/** What measures a MySQL of one pod. */
export const mysqlExporter: DatabaseExporter = { image: `docker.io/prom/mysqld-exporter:v0.18.0@${digest}` };

export const tiny = Resources.burstable({
  cpu: { request: Cpu.millis(10), limit: Cpu.millis(200) },
  memory: { request: Size.mebibytes(32), limit: Size.mebibytes(96) },
  ephemeralStorage: Size.mebibytes(128),
});
