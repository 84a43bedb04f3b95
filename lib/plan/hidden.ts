import { plainSecrets } from '../checks/secrets/plain-secrets';
import { isSecretName } from '../checks/secrets/signs';
import { map } from '../model/values';
import { hidesName, hidesNumbers, isHarmlessWithin, ownName } from './secret-names';
import { hidesText, hidesWords } from './secret-texts';

/** Where a value stands: its name, and whether something around it is called a secret. */
interface Place {
  readonly name: string;
  /** The name of what it stands in. */
  readonly parent: string;
  readonly within: boolean;
}

/**
 * Whether a value must not be shown. A report is read by more people than a cluster, so that more is hidden than a rule may refuse:
 * by the names on the way to it, by its form, and by what stands in it.
 */
export function isSecretAt(path: string, value: unknown): boolean {
  return hides(placeOf(path), value);
}

/** What kubectl has kept of an object, with all values. */
const KEPT = 'last-applied-configuration';

function hides(place: Place, value: unknown): boolean {
  const { name } = place;
  if (typeof value === 'string') return name.endsWith(KEPT) || hidesScalar(place, value);
  if (typeof value === 'number') return hidesNumbers(name) && hidesName(name);
  if (typeof value !== 'object' || value === null) return false;
  if (Array.isArray(value)) {
    const texts = value.filter((item) => typeof item === 'string');
    // Words of a command may stand under any name.
    return hidesWords(texts) || plainSecrets({ value: { args: value } }).length > 0 || value.some((item) => hides(place, item));
  }
  const { name: own, key = own, value: text } = map(value);
  const isPair = typeof key === 'string' && text !== undefined;
  return (
    (isPair && hides(inside(place, key), text)) ||
    Object.entries(map(value)).some(([inner, item]) => !(isPair && inner === 'value') && hides(inside(place, inner), item))
  );
}

function hidesScalar({ name, parent, within }: Place, text: string): boolean {
  if (isSecretName(ownName(name)) && text !== '') return true;
  return hidesText(name, text) || (within && !isHarmlessWithin(name, parent) && hidesText('secret', text));
}

function inside({ name, within }: Place, inner: string): Place {
  return { name: inner, parent: name, within: within || hidesName(name) };
}

/** The last name on a path, whether one before it speaks of a secret. Names of items are those of things, such as a container. */
function placeOf(path: string): Place {
  const steps = [...path.matchAll(/\["([^"]*)"\]|\[([^\]]*)\]|([^.[\]]+)/g)];
  const names = steps
    .map(([, quoted, item, plain]) => ({ name: quoted ?? item ?? plain ?? '', isItem: item !== undefined }))
    .filter(({ name, isItem }) => !(isItem && /^\d+$/.test(name)));
  const isValue = names.length > 1 && names.at(-1)?.name === 'value';
  const [last, ...others] = (isValue ? names.slice(0, -1) : names).reverse();
  return {
    name: last?.name ?? '',
    parent: others[0]?.name ?? '',
    within: others.some(({ name, isItem }) => !isItem && hidesName(name)),
  };
}
