// What a server means to do for a statement, as EXPLAIN FORMAT=JSON tells, made into a tree.

/** One operation; its inputs are its children. */
export interface PlanNode {
  /** `step`: named by the server's own words, as newer forms tell it. */
  readonly kind: 'step' | 'block' | 'table' | 'join' | 'sort' | 'group' | 'distinct' | 'union' | 'subquery' | 'materialized' | 'window' | 'buffer' | 'message';
  /** Name of a table, or the server's message. Untrusted. */
  readonly name: string;
  /** `ALL`, `ref`, `range` …: how the table is read; '': it is no table. */
  readonly access: string;
  readonly key: string;
  /** Rows that the server expects to read here each time, and which part of them it keeps, percent; null: not told. */
  readonly rows: number | null;
  readonly filtered: number | null;
  readonly cost: number | null;
  /** `filesort`, `temporary table`, `index only` …, in the server's terms. */
  readonly notes: readonly string[];
  /** The condition that is left to be checked, as the server prints it. */
  readonly condition: string;
  /** What was measured, where the statement ran; absent: it did not. `loops` 0: never reached. Milliseconds of one loop, rows of one loop. */
  readonly actual?: { readonly firstMs: number; readonly ms: number; readonly rows: number; readonly loops: number };
  readonly children: readonly PlanNode[];
}

/** What is told of a statement that was seen. */
export interface Explained {
  /** As somebody ran it, with `?` for literals unless they were asked for; null: the server keeps none. */
  readonly sample: string | null;
  readonly plan: PlanNode | null;
  /**
   * Why there is no plan. `other`: only what reads alone is explained; `cut`: the server keeps its beginning only; `derived`: explaining would run it;
   * `prepared`: what is kept of it has `?` for the values that it ran with;
   * `function`: it may call a stored function, which explaining may run with our rights; `modes`: where its literals end depends on an sql_mode that
   * nobody tells.
   */
  readonly without: 'no-sample' | 'other' | 'cut' | 'prepared' | 'derived' | 'function' | 'modes' | null;
}

type Json = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);
const text = (value: unknown): string => (typeof value === 'string' ? value : '');

function numeric(value: unknown): number | null {
  const found = typeof value === 'string' || typeof value === 'number' ? Number(value) : Number.NaN;
  return Number.isFinite(found) ? found : null;
}

const kinds: Readonly<Record<string, PlanNode['kind']>> = {
  query_block: 'block', table: 'table', ordering_operation: 'sort', grouping_operation: 'group', duplicates_removal: 'distinct', union_result: 'union',
  windowing: 'window', buffer_result: 'buffer', materialized_from_subquery: 'materialized', insert_from: 'block',
};
/** Lists of what stands beneath an operation. */
const lists = [
  'attached_subqueries', 'select_list_subqueries', 'order_by_subqueries', 'group_by_subqueries', 'having_subqueries', 'optimized_away_subqueries',
  'update_value_subqueries',
] as const;

/** The tree of version 1 of the form; what it does not know is left out, and never fails. */
export function planOf(json: unknown): PlanNode | null {
  return isObject(json) && isObject(json['query_block']) ? nodeOf('query_block', json['query_block']) : null;
}

function nodeOf(key: string, at: Json): PlanNode {
  const cost = isObject(at['cost_info']) ? at['cost_info'] : {};
  const notes = [
    ...(at['using_filesort'] === true ? ['filesort'] : []), ...(at['using_temporary_table'] === true ? ['temporary table'] : []),
    ...(at['using_index'] === true ? ['index only'] : []), ...(text(at['using_join_buffer']) === '' ? [] : [`join buffer (${text(at['using_join_buffer'])})`]),
    ...(at['dependent'] === true ? ['dependent'] : []), ...(at['using_index_for_group_by'] === undefined ? [] : ['index for group by']),
  ];
  return {
    kind: at['message'] !== undefined ? 'message' : (kinds[key] ?? 'subquery'),
    name: text(at['table_name']) === '' ? text(at['message']) : text(at['table_name']), access: text(at['access_type']), key: text(at['key']),
    rows: numeric(at['rows_examined_per_scan'] ?? at['rows']), filtered: numeric(at['filtered']),
    cost: numeric(cost['query_cost'] ?? cost['prefix_cost'] ?? cost['sort_cost']), notes, condition: text(at['attached_condition']),
    children: childrenOf(at),
  };
}

function childrenOf(at: Json): readonly PlanNode[] {
  const children: PlanNode[] = [];
  const joined = at['nested_loop'];
  if (Array.isArray(joined)) {
    const inputs = joined.filter(isObject).flatMap(childrenOf);
    children.push({ kind: 'join', name: '', access: '', key: '', rows: null, filtered: null, cost: null, notes: [], condition: '', children: inputs });
  }
  for (const key of Object.keys(kinds)) {
    const child = at[key];
    if (isObject(child)) children.push(nodeOf(key, child));
  }
  for (const key of lists) {
    const list = at[key];
    if (Array.isArray(list)) children.push(...list.filter(isObject).flatMap(subqueryOf));
  }
  const parts = at['query_specifications'];
  if (Array.isArray(parts)) children.push(...parts.filter(isObject).flatMap(subqueryOf));
  return children;
}

const subqueryOf = (at: Json): readonly PlanNode[] => {
  const inner = childrenOf(at);
  return [{ ...nodeOf('subquery', at), kind: 'subquery', children: inner }];
};
