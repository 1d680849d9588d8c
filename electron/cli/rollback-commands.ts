import type { Command } from 'commander';
import { besideWays, type BesideOrder, type BesidePlan, type BesideWay } from '../../shared/domain/operations/rollback/beside-plan';
import type { RollbackObject } from '../../shared/domain/operations/rollback/names';
import type { RollbackRecord } from '../../shared/domain/operations/rollback/record';
import type { LoggedTransaction, TransactionFilter } from '../../shared/domain/operations/rollback/transaction';
import { failure } from '../../shared/errors/codes';
import { besideCounts, rollbackReport, rollbackState, rollbackSubject } from '../../shared/i18n/rollback-report';
import { placeText } from '../storage/placed-file';
import { moment, table } from './output';
import type { Run, Start } from './run';
import { preconditionLine } from './plan-text';
import { rollbackCopyCommands } from './rollback-copy-commands';
import { carryOut, printUndo, tableOf, transactionsIn, type RunOptions } from './rollback-plans';
import { choice, instant, wholeNumber } from './arguments';

interface BesideOptions extends RunOptions {
  readonly objects: string;
  readonly before?: string;
  readonly to?: number;
  readonly suffix: string;
  readonly way: BesideWay;
}

/** `rollback`: what a log holds, its transactions, and taking some of them back. */
export function rollbackCommands(program: Command, start: Start): void {
  const rollback = program.command('rollback');
  rollback.command('window').argument('<name>').action(start(showWindow));
  rollback.command('transactions').argument('<name>').option('--table <table>').option('--since <time>', '', instant).option('--until <time>', '', instant)
    .option('--top <count>', '', wholeNumber(1, 500), 50).action(start(list));
  for (const verb of ['plan', 'run'] as const) {
    const command = rollback.command(verb).argument('<name>').requiredOption('--objects <spec>').option('--before <gtid>').option('--to <time>', '', instant)
      .option('--suffix <suffix>', '', '_bak').option('--way <way>', '', choice(besideWays), 'auto');
    if (verb === 'run') command.option('--confirm <name>').option('--accept-warnings').option('--dry-run');
    command.action(start(async (run, name: string, options: BesideOptions) => {
      const plan = await run.call('rollback.planBeside', await orderOf(run, name, options));
      return carryOut(run, plan, { ...options, dryRun: verb === 'plan' || options.dryRun === true }, () => printBeside(run, plan));
    }));
  }
  rollback.command('undo').argument('<name>').argument('<gtids...>').option('--confirm <name>').option('--accept-conflicts').option('--dry-run')
    .action(start(async (run, name: string, gtids: string[], options: RunOptions) => {
      const plan = await run.call('rollback.planUndo', { instanceId: run.instance(name).id, gtids: transactionsIn(gtids) });
      return carryOut(run, plan, options, () => printUndo(run, plan));
    }));
  rollbackCopyCommands(rollback, start);
  rollback.command('log').argument('[id]').option('--instance <name>').option('--out <file>').action(start(log));
}

async function showWindow(run: Run, name: string): Promise<void> {
  const found = await run.call('rollback.window', { instanceId: run.instance(name).id });
  run.out.result({ ok: true, window: found }, () => {
    const { t, line } = run.out;
    line(found.from === null ? t('rollback.window.empty')
      : t('rollback.window.line', { files: found.files.length, transactions: found.transactions, from: moment(found.from) }));
    if (found.format !== 'ROW' || found.image !== 'FULL') line(`! ${t('rollback.window.format', { format: found.format, image: found.image })}`);
    for (const { id, at, reachable } of found.backups) line(`${reachable ? '✓' : '✗'} ${t('rollback.window.backup', { at: moment(at) })}  ${id}`);
  });
}

async function list(run: Run, name: string, options: { table?: string; since?: number; until?: number; top: number }): Promise<void> {
  const filter: TransactionFilter = { ...tableOf(options.table), from: options.since ?? null, until: options.until ?? null };
  const page = await run.call('rollback.transactions', { instanceId: run.instance(name).id, filter, most: options.top });
  run.out.result({ ok: true, ...page }, () => {
    const { t, line } = run.out;
    if (page.transactions.length === 0) line(t('rollback.list.none'));
    else line(table(page.transactions.map((one) => [moment(one.at), one.gtid, t(`rollback.kind.${one.kind}`), whatOf(run, one)])));
    if (page.more) line(t('rollback.list.more'));
    if (!page.complete) line(t('rollback.list.partial'));
  });
}

function whatOf({ out: { t } }: Run, { tables, statements }: LoggedTransaction): string {
  const changes = tables.map(({ database, table: of, inserted, updated, deleted }) =>
    `${database}.${of} ${t('rollback.change.words', { inserted, updated, deleted })}`);
  return [...changes, ...statements.map((text) => text.replaceAll(/\s+/g, ' ').slice(0, 100))].join('; ');
}

/** The transaction before which it is: named, or the one that a moment means. */
async function orderOf(run: Run, name: string, { objects, before, to, suffix, way }: BesideOptions): Promise<BesideOrder> {
  const instanceId = run.instance(name).id;
  if ((before === undefined) === (to === undefined)) throw failure('invalid-input', { field: '--before | --to', reason: '1' });
  let gtid = before ?? '';
  if (to !== undefined) {
    const found = await run.call('rollback.transactionAt', { instanceId, at: to });
    if (found === null) throw failure('not-found', { kind: 'transaction', name: moment(to) });
    ({ gtid } = found);
  }
  const chosen = objects.split(',').map((one) => one.trim()).filter((one) => one !== '').map((one): RollbackObject => {
    const { database, table: of } = tableOf(one);
    return { database: database ?? '', table: of };
  });
  return { instanceId, gtid, objects: chosen, names: null, suffix, way };
}

function printBeside(run: Run, plan: BesidePlan): void {
  const { t, line } = run.out;
  line(t('rollback.beside.text', { gtid: plan.moment.gtid }));
  line(`  ${moment(plan.moment.at)}  ${whatOf(run, plan.moment)}`);
  line(besideCounts(t, plan));
  for (const one of plan.preconditions) run.out.line(preconditionLine(run.out.t, one));
  line(table(plan.names.map((one) => [`  ${one.database}.${one.table}`, '→', `${one.newDatabase}.${one.newTable}`])));
}

async function log(run: Run, id: string | undefined, options: { instance?: string; out?: string }): Promise<void> {
  const instanceId = options.instance === undefined ? null : run.instance(options.instance).id;
  const records = await run.call('rollback.records', { instanceId });
  const { t, line } = run.out;
  if (id === undefined) {
    run.out.result({ ok: true, records }, () => {
      if (records.length === 0) line(t('rollback.record.none'));
      else line(table(records.map((one) => [one.id, moment(one.at), one.name, one.actor, rollbackSubject(t, one), rollbackState(t, one)])));
    });
    return;
  }
  const record: RollbackRecord | undefined = records.find((one) => one.id === id);
  if (record === undefined) throw failure('not-found', { kind: 'rollback', name: id });
  const report = rollbackReport(t, record, moment);
  if (options.out !== undefined) await placeText(options.out, report);
  run.out.result({ ok: true, record }, () => line(report));
}
