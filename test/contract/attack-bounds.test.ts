// Every field of the contract has an end, and no input may bring one that the contract does not know.
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import * as inputs from '../../shared/contract/inputs';
import { methods } from '../../shared/contract/methods';

interface Node {
  readonly kind: string;
  readonly type: string;
  readonly pipe?: readonly Node[];
  readonly entries?: Readonly<Record<string, Node>>;
  readonly item?: Node;
  readonly wrapped?: Node;
  readonly key?: Node;
  readonly value?: Node;
  readonly options?: readonly Node[];
}

/** Types without a size of their own. */
const finite = ['boolean', 'null', 'undefined', 'literal', 'picklist'];
const boundsOf: Readonly<Record<string, readonly string[]>> = { string: ['max_length'], array: ['max_length'], number: ['max_value', 'finite'], record: ['max_entries'] };

/** Paths of what has no end, or takes what nobody knows. */
function openEnds(schema: Node, path: string): string[] {
  const actions = (schema.pipe ?? []).filter(({ kind }) => kind !== 'schema').map(({ type }) => type);
  const bounds = boundsOf[schema.type];
  const own = bounds !== undefined && !bounds.some((bound) => actions.includes(bound)) ? [`${path}: ${schema.type} without an end`] : [];
  const inner = (one: Node | undefined, name: string): string[] => (one === undefined ? [] : openEnds(one, `${path}${name}`));
  switch (schema.type) {
    case 'strict_object':
      return Object.entries(schema.entries ?? {}).flatMap(([name, entry]) => inner(entry, `.${name}`));
    case 'string':
    case 'number':
      return own;
    case 'array':
      return [...own, ...inner(schema.item, '[]')];
    case 'record':
      return [...own, ...inner(schema.key, '{key}'), ...inner(schema.value, '{}')];
    case 'optional':
    case 'nullable':
      return inner(schema.wrapped, '');
    case 'variant':
    case 'union':
      return (schema.options ?? []).flatMap((option) => inner(option, '|'));
    default:
      return finite.includes(schema.type) ? [] : [`${path}: ${schema.type} takes what nobody knows`];
  }
}

const isSchema = (value: unknown): value is Node => typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'schema' && 'type' in value;

describe('the contract', () => {
  it.each(Object.entries(methods))('%s takes nothing without an end', (name, { input }) => {
    expect(isSchema(input)).toBe(true);
    if (isSchema(input)) expect(openEnds(input, name)).toEqual([]);
  });

  it.each(Object.entries(inputs).filter(([, schema]) => isSchema(schema)))('its part %s neither', (name, schema) => {
    if (isSchema(schema)) expect(openEnds(schema, name)).toEqual([]);
  });

  it('finds what has no end', () => {
    const bad = v.object({ a: v.string() });
    const deep = v.strictObject({ list: v.array(v.pipe(v.string(), v.maxLength(1))), any: v.unknown(), more: v.optional(v.number()) });
    for (const [schema, count] of [[bad, 1], [deep, 3]] as const) if (isSchema(schema)) expect(openEnds(schema, 'x')).toHaveLength(count);
    expect.assertions(2);
  });

  it('refuses a field that it does not know, at every depth', () => {
    expect(v.safeParse(methods['fleet.refresh'].input, { id: 'a', more: 1 }).success).toBe(false);
    expect(v.safeParse(methods['sync.missing'].input, { sourceId: 'a', standbyId: 'b', scope: { kind: 'instance', more: 1 } }).success).toBe(false);
    const nested = JSON.parse('{"id":"a","__proto__":{"x":1}}') as unknown;
    expect(v.safeParse(methods['fleet.refresh'].input, nested).success).toBe(false);
  });

  // Nothing at all would be compared and proven equal, copied, or applied, without a word.
  it('a choice of nothing is no choice', () => {
    const of = (tables: readonly string[] | null) => ({ kind: 'partial', databases: [{ database: 'shop', tables }] });
    expect([null, ['orders'], []].map((tables) => v.safeParse(inputs.scope, of(tables)).success)).toEqual([true, true, false]);
    const applied = (rows: readonly number[]) => ({ id: '00000000-0000-4000-8000-000000000001', classes: ['insert-free'], rows, phrase: 'p' });
    expect([[3], []].map((rows) => v.safeParse(inputs.dossierApply, applied(rows)).success)).toEqual([true, false]);
  });
});
