import { message } from '../../i18n/message';
import { isSignificant, tokensIn, valueOf } from '../sql/tokens';
import { defineCheck, listed, missed, passed, type CheckDefinition } from './define';
import { coverageAt, notAdopted } from './objects-scope';
import type { Coverage } from './coverage';
import type { BrokenObject } from './facts';

function isCovered({ kind, database, name, table }: BrokenObject, coverage: Coverage): boolean {
  switch (kind) {
    case 'event':
      return coverage.wholeDatabase(database);
    case 'trigger':
      return coverage.table(database, table ?? name);
    case 'view':
    case 'table':
      return coverage.table(database, name);
    default:
      return kind satisfies never;
  }
}

/** The columns that a trigger's body names with NEW or OLD and that its table has not. Every write of the table fails by them. */
export function columnsGone(body: string, columns: readonly string[]): readonly string[] {
  const here = new Set(columns.map((column) => column.toLowerCase()));
  const tokens = tokensIn(body).filter(isSignificant);
  const named = tokens.flatMap((token, at) => {
    const [row, point, column] = [token, tokens[at + 1], tokens[at + 2]];
    const isRow = (row.kind === 'word' || row.kind === 'name') && /^(new|old)$/i.test(valueOf(row)) && tokens[at - 1]?.text !== '.';
    return isRow && point?.text === '.' && (column?.kind === 'word' || column?.kind === 'name') ? [valueOf(column)] : [];
  });
  return [...new Set(named.filter((column) => !here.has(column.toLowerCase())))];
}

export const brokenChecks: readonly CheckDefinition[] = [
  defineCheck({
    id: 'obj.broken', group: 'objects', level: 'warn', needs: ['sourceServer', 'sourceBroken'],
    applies: (input) => notAdopted(input) ?? (input.seed === 'clone' ? message('checks.skip.clone-brings') : null),
    decide: ({ sourceServer, sourceBroken }, { scope }) => {
      const coverage = coverageAt(sourceServer, scope);
      const broken = sourceBroken.filter((object) => isCovered(object, coverage));
      if (broken.length === 0) return passed(message('checks.obj.broken.none'));
      const names = broken.map(({ kind, database, name }) => `${kind} ${database}.${name}`);
      const items = broken.map(({ detail }, at) => `${names[at] ?? ''}: ${detail}`);
      return missed('warn', message('checks.obj.broken.found', listed(names)), { items, remedy: { on: 'source', text: message('checks.obj.broken.fix') } });
    },
  }),
];
