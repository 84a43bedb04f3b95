/** Makes a reader that looks at each world, or each manifest, once and then remembers what it found. */
export function once<Subject extends object, Found>(read: (subject: Subject) => Found): (subject: Subject) => Found {
  const known = new WeakMap<Subject, { readonly found: Found }>();
  return (subject) => {
    const before = known.get(subject);
    if (before) return before.found;
    const found = read(subject);
    known.set(subject, { found });
    return found;
  };
}
