/** A field as it is written: `spec.ports[0].name`. */
export function fieldOf(path: readonly (string | number)[]): string {
  return path.map(step).join('').replace(/^\./, '');
}

function step(at: string | number): string {
  if (typeof at === 'number') return `[${at}]`;
  return /^[\w-]+$/.test(at) ? `.${at}` : `["${at}"]`;
}
