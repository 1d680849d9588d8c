import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { JsonPlaces, mostPlaces } from '../../../electron/mysql/rows/json-places';

/** A document as a server prints it: blanks behind commas and colons. */
function printed(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(printed).join(', ')}]`;
  if (typeof value === 'object' && value !== null) return `{${Object.entries(value).map(([key, member]) => `${JSON.stringify(key)}: ${printed(member)}`).join(', ')}}`;
  return JSON.stringify(value);
}

function placesIn(text: string, cuts: readonly number[] = []): readonly string[] | null {
  const bytes = Buffer.from(text, 'utf8');
  const places = new JsonPlaces();
  places.begin();
  const at = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  for (let i = 1; i < at.length; i++) places.feed(bytes, at[i - 1] ?? 0, at[i] ?? 0);
  places.end();
  return places.paths();
}

const open = (value: unknown): boolean => {
  if (typeof value === 'number') return !/e/i.test(JSON.stringify(value));
  return typeof value === 'string' && /^-?\d{4}-\d\d-\d\d|^-?\d{2,3}:\d\d:\d\d\.\d{6}$|^base64:type/.test(value);
};

function expected(value: unknown, path = '$'): readonly string[] {
  if (Array.isArray(value)) return value.flatMap((item: unknown, index) => expected(item, `${path}[${index}]`));
  if (typeof value === 'object' && value !== null) return Object.entries(value).flatMap(([key, member]) => expected(member, `${path}.${JSON.stringify(key)}`));
  return open(value) ? [path] : [];
}

describe('places of a document whose type its text leaves open', () => {
  it('are numbers without an exponent and what looks like a date, a time or bytes', () => {
    expect(placesIn('{"a": 1, "b": 1.50, "c": 1e20, "d": "2020-01-01", "e": "x", "f": [true, null, -0.0, "base64:type15:QUI="], "": {"q\\"": "10:00:00.000000"}}')).toEqual(
      ['$."a"', '$."b"', '$."d"', '$."f"[2]', '$."f"[3]', '$.""."q\\""'],
    );
    expect(placesIn('5')).toEqual(['$']);
    expect(placesIn('"2020-01-01 00:00:00.000000"')).toEqual(['$']);
    expect(placesIn('[]')).toEqual([]);
  });

  it('are found wherever the text is cut, and never fewer than there are', () => {
    const leaf = fc.oneof(
      fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true }), fc.string({ unit: 'grapheme' }), fc.constant(null), fc.boolean(),
      fc.constantFrom('2020-01-01', '10:00:00.000000', '-838:59:59.000000', '2020-01-01 10:00:00.000000', 'base64:type15:QUI='),
    );
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof({ depthSize: 'small' }, leaf, fc.array(tie('tree'), { maxLength: 4 }), fc.dictionary(fc.string({ unit: 'grapheme' }), tie('tree'), { maxKeys: 4, noNullPrototype: true })),
    }));
    fc.assert(fc.property(tree, fc.array(fc.nat(), { maxLength: 5 }), (value, cuts) => {
      const text = printed(value);
      const found = placesIn(text, cuts);
      expect(found).toEqual(placesIn(text));
      expect(found).toEqual(expect.arrayContaining([...expected(value)]));
    }));
  });

  it('are not told where they are too many', () => {
    const many = (count: number): string => `[${Array.from({ length: count }, (_none, at) => String(at)).join(', ')}]`;
    expect(placesIn(many(mostPlaces))).toHaveLength(mostPlaces);
    expect(placesIn(many(mostPlaces + 1))).toBeNull();
    const places = new JsonPlaces();
    for (let at = 0; at < 20_000; at++) {
      places.begin();
      const text = Buffer.from(`{"key${at}": "x"}`);
      places.feed(text, 0, text.length);
      places.end();
    }
    expect(places.paths()).toBeNull();
  });
});
