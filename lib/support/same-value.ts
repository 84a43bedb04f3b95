/** Whether a text stands for one thing alone, and not for any that is called `web` or has three of something. */
export function isTelling(value: string): boolean {
  return value.length >= 20 || (value.length >= 4 && /[^a-z]/.test(value) && !/^[a-z]+[A-Z][A-Za-z]*$/.test(value));
}

/** Whether a value stands in a text with nothing of a word round it: `my_shop` in `my_shop-migrate`, no `400` in `4000`. */
export function holds(text: string, value: string): boolean {
  for (let at = text.indexOf(value); value !== '' && at >= 0; at = text.indexOf(value, at + 1)) {
    if (!/[A-Za-z0-9]/.test(`${text[at - 1] ?? ''}${text[at + value.length] ?? ''}`)) return true;
  }
  return false;
}
