const secretFields: readonly string[] = ['password', 'passphrase'];

/** Shorter ones would blank innocent text; nobody reads a secret of three characters out of a sentence. */
const shortest = 4;

/** The secrets that a call brought in, so that nothing that goes out of it, answer or log, can hold one. */
export function secretsIn(input: unknown): readonly string[] {
  const found: string[] = [];
  const open: unknown[] = [input];
  for (let value = open.pop(); value !== undefined; value = open.pop()) {
    if (typeof value !== 'object' || value === null) continue;
    for (const [key, inner] of Object.entries(value)) {
      if (typeof inner === 'string' && secretFields.includes(key)) {
        if (inner.length >= shortest) found.push(inner);
      } else if (inner !== undefined) open.push(inner);
    }
  }
  return found;
}

/** A text, or the texts within plain data, with every secret blanked. */
export function blank<Value>(value: Value, secrets: readonly string[]): Value {
  if (secrets.length === 0) return value;
  if (typeof value === 'string') {
    let text: string = value;
    for (const secret of secrets) text = text.replaceAll(secret, '…');
    return text as Value;
  }
  if (Array.isArray(value)) return value.map((inner: unknown) => blank(inner, secrets)) as Value;
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, inner]: [string, unknown]) => [key, blank(inner, secrets)])) as Value;
  }
  return value;
}
