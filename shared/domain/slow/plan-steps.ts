// Plans as newer servers tell them: FORMAT=TREE, what ANALYZE measured, and version 2 of FORMAT=JSON. Each step is named by the server's own words.
import type { PlanNode } from './plan';

type Json = Readonly<Record<string, unknown>>;
const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);
const finite = (value: unknown): number | null => {
  const found = typeof value === 'string' || typeof value === 'number' ? Number(value) : Number.NaN;
  return Number.isFinite(found) ? found : null;
};
const numberOf = (value: unknown): number => finite(value) ?? 0;

const step = (name: string, more: Partial<PlanNode>): PlanNode => ({
  kind: 'step', name, access: /^Table scan\b/.test(name) ? 'ALL' : '', key: '', rows: null, filtered: null, cost: null, notes: [], condition: '', children: [], ...more,
});

const number = String.raw`([-+.e\d]+)`;
const measured = new RegExp(String.raw`\s*\(actual time=${number}\.\.${number} rows=${number} loops=${number}\)\s*$`);
const never = /\s*\(never executed\)\s*$/;
/** Newer servers tell the cost until the first row, too. */
const expected = new RegExp(String.raw`\s*\(cost=(?:${number}\.\.)?${number} rows=${number}\)\s*$|\s*\(rows=${number}\)\s*$`);

/** The tree of FORMAT=TREE, with what was measured where it was run; what is not understood stays in the name of its step. null: there is no step. */
export function planOfTree(text: string): PlanNode | null {
  const lines: { depth: number; text: string }[] = [];
  for (const line of text.split('\n')) {
    const found = /^( *)-> (.*)$/.exec(line);
    const last = lines.at(-1);
    if (found !== null) lines.push({ depth: (found[1] ?? '').length, text: found[2] ?? '' });
    // A literal may hold the end of a line.
    else if (last !== undefined && line.trim() !== '') last.text += `\n${line}`;
  }
  const roots = childrenOf(lines, 0, lines.length);
  if (roots.length <= 1) return roots[0] ?? null;
  return step('', { kind: 'block', children: roots });
}

/** The steps of some lines, each with those that stand deeper behind it. */
function childrenOf(lines: readonly { readonly depth: number; readonly text: string }[], from: number, to: number): readonly PlanNode[] {
  const children: PlanNode[] = [];
  let at = from;
  while (at < to) {
    const line = lines[at];
    if (line === undefined) break;
    let end = at + 1;
    while (end < to && (lines[end]?.depth ?? 0) > line.depth) end += 1;
    children.push(stepOf(line.text, childrenOf(lines, at + 1, end)));
    at = end;
  }
  return children;
}

function stepOf(text: string, children: readonly PlanNode[]): PlanNode {
  const actual = measured.exec(text);
  const isNever = never.test(text);
  const rest = text.replace(measured, '').replace(never, '');
  const guess = expected.exec(rest);
  return step(rest.replace(expected, ''), {
    rows: finite(guess?.[3] ?? guess?.[4]), cost: finite(guess?.[2]), children,
    ...(actual === null ? {} : { actual: { firstMs: numberOf(actual[1]), ms: numberOf(actual[2]), rows: numberOf(actual[3]), loops: numberOf(actual[4]) } }),
    ...(isNever ? { actual: { firstMs: 0, ms: 0, rows: 0, loops: 0 } } : {}),
  });
}

/** The tree of version 2 of FORMAT=JSON; what it does not know is left out, and never fails. null: it is another form. */
export function planOfSteps(json: unknown): PlanNode | null {
  if (!isObject(json)) return null;
  const root = json['query_plan'] ?? json;
  return isObject(root) && typeof root['operation'] === 'string' ? nodeOf(root) : null;
}

function nodeOf(at: Json): PlanNode {
  const { operation, heading } = at;
  const [rows, loops] = [finite(at['actual_rows']), finite(at['actual_loops'])];
  // `inputs`, and `inputs_from_select_list` and its kin for subqueries.
  const children = Object.keys(at).filter((key) => key.startsWith('inputs')).sort()
    .flatMap((key) => { const list = at[key]; return Array.isArray(list) ? list.filter(isObject).map(nodeOf) : []; });
  return step(typeof operation === 'string' ? operation : '', {
    rows: finite(at['estimated_rows']), cost: finite(at['estimated_total_cost']), notes: typeof heading === 'string' ? [heading] : [], children,
    ...(rows === null || loops === null ? {} : {
      actual: { firstMs: numberOf(at['actual_first_row_ms']), ms: numberOf(at['actual_last_row_ms']), rows, loops },
    }),
  });
}
