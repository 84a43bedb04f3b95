/** PostgreSQL's official image for Debian, the same wherever we run it ourselves. */
export const postgres =
  'docker.io/library/postgres:18.6-trixie@sha256:5a5a84b19854a9ffaa54082c166ff4ec27473a361e496e5ea167f298f2da9722';
