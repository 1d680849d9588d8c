/** The largest input the contract knows is the text of an inventory file; whatever is beyond this is refused unread. */
const limits = { characters: 60_000_000, values: 500_000, depth: 24 } as const;

/** Why an input is too large or too deep to be looked at; null: it is not. Walks without recursion, stops at the limit. */
export function tooLarge(input: unknown): string | null {
  let characters = 0;
  let values = 0;
  const open: { readonly value: unknown; readonly depth: number }[] = [{ value: input, depth: 0 }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { value, depth } = next;
    values += 1;
    if (values > limits.values) return `more than ${limits.values} values`;
    if (depth > limits.depth) return `nested deeper than ${limits.depth}`;
    if (typeof value === 'string') characters += value.length;
    else if (typeof value === 'object' && value !== null) {
      // Structured cloning brings typed arrays, maps and the like across; the contract has none of them.
      const prototype: unknown = Object.getPrototypeOf(value);
      if (!Array.isArray(value) && prototype !== Object.prototype && prototype !== null) return 'something that is not plain data';
      if (Array.isArray(value) && value.length > limits.values) return `more than ${limits.values} values`;
      for (const key of Object.keys(value)) {
        characters += Array.isArray(value) ? 0 : key.length;
        open.push({ value: (value as Record<string, unknown>)[key], depth: depth + 1 });
        if (open.length > limits.values) return `more than ${limits.values} values`;
      }
    }
    if (characters > limits.characters) return `more than ${limits.characters} characters`;
  }
  return null;
}
