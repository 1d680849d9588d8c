import fc from 'fast-check';
import { expect, it } from 'vitest';
import { planOf, type PlanNode } from '../../../shared/domain/slow/plan';

const lines = (node: PlanNode, depth = 0): readonly string[] =>
  [`${' '.repeat(depth)}${node.kind} ${node.name} ${node.access} ${node.key} ${node.rows ?? ''}`.trimEnd(), ...node.children.flatMap((child) => lines(child, depth + 1))];

it('a join under a sort, with a subquery, becomes a tree', () => {
  const plan = planOf({
    query_block: {
      select_id: 1, cost_info: { query_cost: '12.50' },
      ordering_operation: {
        using_filesort: true, using_temporary_table: true,
        nested_loop: [
          { table: { table_name: 'a', access_type: 'ALL', rows_examined_per_scan: 100, filtered: '33.33', attached_condition: '(`d`.`a`.`x` > 1)' } },
          { table: { table_name: 'b', access_type: 'ref', key: 'ib', rows_examined_per_scan: 2, filtered: '100.00', using_index: true } },
        ],
      },
      select_list_subqueries: [{ dependent: true, query_block: { select_id: 2, table: { table_name: 'c', access_type: 'eq_ref', key: 'PRIMARY', rows_examined_per_scan: 1 } } }],
    },
  });
  expect(plan).not.toBeNull();
  expect(plan === null ? [] : lines(plan)).toEqual([
    'block', ' sort', '  join', '   table a ALL  100', '   table b ref ib 2', ' subquery', '  block', '   table c eq_ref PRIMARY 1',
  ]);
  expect(plan?.cost).toBe(12.5);
  expect(plan?.children[0]?.notes).toEqual(['filesort', 'temporary table']);
  expect(plan?.children[0]?.children[0]?.children.map(({ filtered, notes, condition }) => [filtered, notes, condition]))
    .toEqual([[33.33, [], '(`d`.`a`.`x` > 1)'], [100, ['index only'], '']]);
});

it('a union has its parts', () => {
  const part = (name: string): object => ({ query_block: { table: { table_name: name, access_type: 'ALL' } } });
  const plan = planOf({ query_block: { union_result: { using_temporary_table: true, query_specifications: [part('a'), part('b')] } } });
  expect(plan === null ? [] : lines(plan)).toEqual(['block', ' union', '  subquery', '   block', '    table a ALL', '  subquery', '   block', '    table b ALL']);
});

it('a message of the server is one', () => expect(planOf({ query_block: { select_id: 1, message: 'No tables used' } })).toMatchObject({ kind: 'message', name: 'No tables used' }));

it('whatever a server sends, it does not fail', () => {
  fc.assert(fc.property(fc.jsonValue(), (json) => {
    planOf(json);
    planOf({ query_block: json });
  }));
});
