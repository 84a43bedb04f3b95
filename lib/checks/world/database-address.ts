/** Where the URL of a database leads. */
export interface DatabaseAddress {
  readonly host: string;
  readonly port: number;
  /** What its scheme says of the server; `ecto` leaves it to the adapter. */
  readonly scheme: string;
}

/** The server in the URL of a database, with the port that is usual where none is written. */
export function addressIn(url: string | undefined): DatabaseAddress | undefined {
  const [, scheme = '', v6, name, port] = /^([a-z]+):\/\/(?:[^@/]*@)?(?:\[([^\]]+)\]|([^:/?]+))(?::(\d+))?/.exec(url ?? '') ?? [];
  const host = v6 ?? name;
  return host === undefined ? undefined : { host, port: Number(port ?? (scheme === 'mysql' ? 3306 : 5432)), scheme };
}
