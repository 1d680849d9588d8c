// Plans in the server's own words: FORMAT=TREE, ANALYZE, and version 2 of FORMAT=JSON.
import { expect, it } from 'vitest';
import { planOfSteps, planOfTree } from '../../../shared/domain/slow/plan-steps';
import type { PlanNode } from '../../../shared/domain/slow/plan';

// As 9.7 tells it; a literal of the condition holds the end of a line.
const tree = `-> Limit: 2 row(s)  (actual time=0.0776..0.0779 rows=2 loops=1)
    -> Nested loop inner join  (cost=1.35 rows=3) (actual time=0.03..0.04 rows=3 loops=1)
        -> Filter: (d.t.s <> 'a\\
b')  (cost=0.55 rows=2) (actual time=0.02..0.03 rows=3 loops=1)
            -> Table scan on t  (cost=0.35..0.55 rows=1.5e+6) (never executed)
        -> Covering index lookup on u using t (t = d.t.id)  (cost=0.325 rows=1.5) (actual time=0.003..0.004 rows=1 loops=3)
-> Select #2 (subquery in projection; dependent)
    -> Aggregate: max(x.id)  (cost=0.746 rows=1)
`;
const shape = ({ kind, name, rows, cost, actual, children }: PlanNode): unknown => [kind === 'block' ? 'block' : name, rows, cost, actual?.loops ?? null, children.map(shape)];

it('reads a tree with what was measured, steps that were never reached, and a subquery beside it', () => {
  const plan = planOfTree(tree);
  expect(plan === null ? null : shape(plan)).toEqual(['block', null, null, null, [
    ['Limit: 2 row(s)', null, null, 1, [
      ['Nested loop inner join', 3, 1.35, 1, [
        ["Filter: (d.t.s <> 'a\\\nb')", 2, 0.55, 1, [['Table scan on t', 1_500_000, 0.55, 0, []]]],
        ['Covering index lookup on u using t (t = d.t.id)', 1.5, 0.325, 3, []],
      ]],
    ]],
    ['Select #2 (subquery in projection; dependent)', null, null, null, [['Aggregate: max(x.id)', 1, 0.746, null, []]]],
  ]]);
  const scan = plan?.children[0]?.children[0]?.children[0]?.children[0];
  expect([scan?.access, scan?.kind]).toEqual(['ALL', 'step']);
});

it.each(['', '<not executable by iterator executor>', '\n\n'])('finds no step in %j', (text) => {
  expect(planOfTree(text)).toBeNull();
});

it('keeps in the name what it does not understand', () => {
  expect(planOfTree('-> Rows fetched before execution  (cost=0..0 rows=1) (new=1)')).toMatchObject({ name: 'Rows fetched before execution  (cost=0..0 rows=1) (new=1)', rows: null });
});

it('reads version 2 of the JSON form, with its subqueries', () => {
  const plan = planOfSteps({
    query_plan: {
      operation: 'Limit: 2 row(s)', inputs: [{ operation: 'Table scan on t', access_type: 'table', estimated_rows: 3, estimated_total_cost: 0.55, actual_rows: 3, actual_loops: 1, actual_first_row_ms: 0.01, actual_last_row_ms: 0.02 }],
      inputs_from_select_list: [{ operation: 'Aggregate: max(x.id)', heading: 'Select #2', inputs: [7, null, { operation: 'Index scan' }] }],
    },
    query_type: 'select', json_schema_version: '2.0',
  });
  expect(plan === null ? null : shape(plan)).toEqual(['Limit: 2 row(s)', null, null, null, [
    ['Table scan on t', 3, 0.55, 1, []], ['Aggregate: max(x.id)', null, null, null, [['Index scan', null, null, null, []]]],
  ]]);
  expect(plan?.children[1]?.notes).toEqual(['Select #2']);
  expect(planOfSteps({ operation: 'Limit', inputs: [] })).toMatchObject({ name: 'Limit' });
  for (const other of [null, 7, [], {}, { query_block: {} }, { query_plan: [] }]) expect(planOfSteps(other)).toBeNull();
});
