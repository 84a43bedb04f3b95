/** What is wrong with the number of a port. Names and other types are for other rules. */
export function portFault(port: unknown): { readonly must: string; readonly fix: string } | undefined {
  if (typeof port !== 'number' || (port >= 1 && port <= 65535)) return undefined;
  return { must: 'be a port from 1 to 65535', fix: 'write the port that the container listens on' };
}
