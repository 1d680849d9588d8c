import type { Command } from 'commander';
import { isListedInPart, rowDifferences, type RowDifference, type TableComparison } from '../../shared/domain/operations/rollback/compare';
import { copiesOf, type RollbackRecord } from '../../shared/domain/operations/rollback/record';
import type { UndoCell } from '../../shared/domain/operations/rollback/undo-plan';
import { failure } from '../../shared/errors/codes';
import { table } from './output';
import { preconditionLine } from './plan-text';
import { carryOut, printUndo, tableOf, valueText, type RunOptions } from './rollback-plans';
import type { Run, Start } from './run';

interface CopyBackOptions extends RunOptions {
  readonly table?: string;
  readonly differences: string;
  readonly row?: string[];
}

/** `rollback compare | copy-back | swap`: what is done with tables that were brought back beside their originals. */
export function rollbackCopyCommands(rollback: Command, start: Start): void {
  rollback.command('compare').argument('<id>').option('--table <table>').action(start(compare));
  rollback.command('copy-back').argument('<id>').option('--table <table>').option('--differences <list>', '', 'missing,changed').option('--row <key...>')
    .option('--confirm <name>').option('--accept-conflicts').option('--dry-run').action(start(async (run, id: string, options: CopyBackOptions) => {
      const [pair] = await pairsOf(run, id, options.table, true);
      const differences = differencesOf(options.differences);
      const order = { recordId: id, database: pair?.database ?? '', table: pair?.table ?? '', differences, rows: options.row ?? null };
      const plan = await run.call('rollback.planCopyBack', order);
      return carryOut(run, plan, options, () => printUndo(run, plan));
    }));
  rollback.command('swap').argument('<id>').option('--table <table>').option('--confirm <name>').option('--accept-warnings').option('--dry-run')
    .action(start(async (run, id: string, options: RunOptions & { readonly table?: string }) => {
      const named = options.table === undefined ? null : await pairsOf(run, id, options.table, true);
      const tables = named?.map(({ database, table: of }) => ({ database, table: of })) ?? null;
      const plan = await run.call('rollback.planSwap', { recordId: id, tables });
      return carryOut(run, plan, options, () => {
        for (const one of plan.preconditions) run.out.line(preconditionLine(run.out.t, one));
        run.out.line(table(plan.names.map((one) => [`  ${one.database}.${one.table}`, '↔', `${one.newDatabase}.${one.newTable}`])));
      });
    }));
}

/** The tables of a rollback with their copies, or the one that is named; `isOne`: exactly one is meant. */
async function pairsOf(run: Run, id: string, named: string | undefined, isOne: boolean): Promise<RollbackRecord['names']> {
  const record = (await run.call('rollback.records', { instanceId: null })).find((one) => one.id === id);
  if (record === undefined) throw failure('not-found', { kind: 'rollback', name: id });
  const wanted = tableOf(named);
  const found = copiesOf(record).filter((one) => named === undefined || (one.database === wanted.database && one.table === wanted.table));
  if (found.length === 0) throw failure('not-found', { kind: 'table', name: named ?? record.name });
  const names = found.map(({ database, table: of }) => `${database}.${of}`);
  if (isOne && found.length > 1) throw failure('invalid-input', { field: '--table', reason: names.join(' | ') });
  return found;
}

function differencesOf(text: string): readonly RowDifference[] {
  const words = text.split(',').map((one) => one.trim());
  const found = rowDifferences.filter((one) => words.includes(one));
  if (found.length === 0 || words.length !== found.length) throw failure('invalid-input', { field: '--differences', reason: rowDifferences.join(',') });
  return found;
}

async function compare(run: Run, id: string, options: { readonly table?: string }): Promise<void> {
  const pairs = await pairsOf(run, id, options.table, false);
  const tables: TableComparison[] = [];
  for (const { database, table: of } of pairs) tables.push(await run.call('rollback.compare', { recordId: id, database, table: of }));
  run.out.result({ ok: true, tables }, () => {
    const { t, line } = run.out;
    for (const { name, counts, rows } of tables) {
      line(`${name.database}.${name.table} ↔ ${name.newDatabase}.${name.newTable}: ${t('rollback.compare.counts', counts)}`);
      if (isListedInPart({ counts, rows })) line(`  ${t('rollback.compare.listed')}`);
      line(table(rows.map(({ id: row, difference, cells }) =>
        [`  ${row}`, t(`rollback.difference.${difference}`), cells.map(cellText).join(', ').slice(0, 120)])));
    }
  });
}

const cellText = ({ name, now, back }: UndoCell): string => `${name}: ${valueText(now)} → ${valueText(back)}`;
