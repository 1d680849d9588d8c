// Documents as texts: one for all that mean the same, and what logged changes make of them.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonicalJson, withJsonChanges } from '../../../shared/domain/binlog/json-document';

describe('one text for one document', () => {
  test.each([
    ['{"b": 1, "a": 2}', '{"a":2,"b":1}'], ['{"bb": 1, "c": 2}', '{"c": 2, "bb": 1}'], ['[1.0]', '[1]'], ['"\\u00e9"', '"é"'], ['{}', ' { } '],
    ['{"é": 1, "zzz": 2}', '{"zzz": 2, "é": 1}'],
  ])('%s is %s', (one, other) => expect(canonicalJson(one)).toBe(canonicalJson(other)));

  test.each([['18446744073709551615', '18446744073709551614'], ['1.10', '1.1000001'], ['[]', '{}'], ['"1"', '1'], ['null', '"null"'], ['[1, 2]', '[2, 1]']])(
    '%s is not %s', (one, other) => expect(canonicalJson(one)).not.toBe(canonicalJson(other)),
  );

  test('a text that is no document stays as it is', () => {
    for (const text of ['', '{', '[1,]', '{"a" 1}', '1 2', '\\', '{"a": "\\x"}']) expect(canonicalJson(text)).toBe(text);
  });

  test('any document is itself, whatever the order of its keys', () => {
    fc.assert(fc.property(fc.json(), (text) => {
      const turned = JSON.stringify(JSON.parse(text), (_, value: unknown) =>
        (typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.fromEntries(Object.entries(value).reverse()) : value));
      expect(canonicalJson(turned)).toBe(canonicalJson(text));
      expect(canonicalJson(canonicalJson(text))).toBe(canonicalJson(text));
    }));
  });
});

describe('logged changes of a document', () => {
  const document = '{"a": {"b": [1, 2.50, "x"]}, "c d": null}';
  test.each([
    [[{ operation: 'REPLACE', path: '$.a.b[1]', value: '9' }], '{"a": {"b": [1, 9, "x"]}, "c d": null}'],
    [[{ operation: 'INSERT', path: '$.a.b[3]', value: '"y"' }], '{"a": {"b": [1, 2.50, "x", "y"]}, "c d": null}'],
    [[{ operation: 'REMOVE', path: '$.a.b[0]', value: null }, { operation: 'REMOVE', path: '$."c d"', value: null }], '{"a": {"b": [2.50, "x"]}}'],
    [[{ operation: 'INSERT', path: '$.z', value: '{"q": []}' }], '{"a": {"b": [1, 2.50, "x"]}, "z": {"q": []}, "c d": null}'],
  ] as const)('%j', (changes, after) => expect(withJsonChanges(document, changes)).toBe(after));

  test('what does not fit the document makes none', () => {
    for (const change of [
      { operation: 'REPLACE', path: '$.nothing', value: '1' }, { operation: 'REMOVE', path: '$.a.b[7]', value: null }, { operation: 'INSERT', path: '$.a', value: '1' }, { operation: 'REPLACE', path: '$.a.b.c', value: '1' },
      { operation: 'REPLACE', path: '$!', value: '1' },
    ] as const) expect(withJsonChanges(document, [change])).toBeNull();
  });
});
