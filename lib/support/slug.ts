import { createHash } from 'node:crypto';

/**
 * A short name out of any text, such as a branch's: lower-case letters, digits and `-`, fit for a part of a namespace, a
 * host or a label. What is changed or cut gets six digits of a hash, so that two texts never share a name.
 *
 * @param text any text
 * @param maximum length, 8 or more
 */
export function slug(text: string, maximum = 20): string {
  const plain =
    text
      .toLowerCase()
      .match(/[a-z0-9]+/g)
      ?.join('-') ?? '';
  // One that ends like a hash is hashed itself: it could be the name of another text.
  if (plain === text && plain.length <= maximum && !/(?:^|-)[0-9a-f]{6}$/.test(plain)) return plain;
  const hash = createHash('sha256').update(text).digest('hex').slice(0, 6);
  const start = plain.slice(0, maximum - 7).replace(/-$/, '');
  return start === '' ? hash : `${start}-${hash}`;
}
