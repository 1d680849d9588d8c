import type { Command } from 'commander';
import { columnChanges, keyText, type DecodedTransaction } from '../../shared/domain/binlog/transaction';
import { inTheWayMessage, tableChangesText, type SkipPlan } from '../../shared/domain/sync/skip';
import { exitCodes, type ExitCode } from './exit-codes';
import type { Run, Start } from './run';
import { inBackground, orderAndWait, print } from './sync-commands';

interface SkipOptions {
  show?: boolean;
  gtid?: string;
  confirm?: string;
}

/** `sync skip` and `sync verify`: past a transaction that a standby cannot apply, and the proof that both sides are equal. */
export function skipCommands(sync: Command, start: Start): void {
  sync.command('skip').argument('<name>').option('--show').option('--gtid <gtid>').option('--confirm <standby>').action(start(skip));
  sync.command('verify').argument('<name>').option('--wait').action(start(async (run, name: string, options: { wait?: boolean }) => {
    const view = run.engine.sync.byName(name);
    if (options.wait !== true) return inBackground(run, view, ['sync', 'verify', name, '--wait']);
    return orderAndWait(run, view.id, () => run.call('sync.verify', { id: view.id }));
  }));
}

async function skip(run: Run, name: string, options: SkipOptions): Promise<ExitCode> {
  const { id } = run.engine.sync.byName(name);
  // Nothing is skipped that was not named.
  if (options.show === true || options.gtid === undefined) {
    const plan = await run.call('sync.planSkip', { id });
    run.out.result({ ok: true, plan }, () => printPlan(run, plan));
    return exitCodes.done;
  }
  const { outcome, stopped, sync } = await run.call('sync.skipTransaction', { id, gtid: options.gtid, phrase: options.confirm ?? '' });
  print(run, sync, { outcome, stopped });
  return outcome === 'runs' ? exitCodes.done : exitCodes.failed;
}

function printPlan(run: Run, plan: SkipPlan): void {
  const { out } = run;
  out.line(out.t('sync.skip.stopped', { errno: plan.errno }));
  out.line(`  ${plan.error}`);
  out.line(`  ${plan.gtid}`);
  printInTheWay(run, plan);
  out.line(out.t('sync.skip.transaction', { standby: plan.phrase }));
  if (plan.transaction !== null) printTransaction(run, plan.transaction);
  if (plan.unread !== null) {
    out.line(out.t('sync.skip.unread'));
    out.error(plan.unread);
  }
  out.line(out.t('sync.skip.reason', { reason: plan.reason, standby: plan.phrase, accounts: plan.accounts.join(', ') }));
  out.line(out.t('sync.skip.means', { executed: plan.isExecuted ? 'yes' : 'no', standby: plan.phrase }));
  for (const { server, sql } of plan.sql) out.line(`    ${server}: ${sql};`);
}

/** Where it is not alone. */
function printInTheWay({ out }: Run, { gtid, inTheWay }: SkipPlan): void {
  if (inTheWay.length < 2) return;
  out.line(out.t('sync.skip.in-the-way', { count: inTheWay.length }));
  for (const one of inTheWay) out.line(`  ${one.gtid}  ${out.t.message(inTheWayMessage(one, gtid))}`);
}

/** Values as JSON texts, each on its one line. */
function printTransaction({ out }: Run, { tables, statements, changes, truncated }: DecodedTransaction): void {
  const quoted = (value: string | null | undefined): string => (value === undefined ? '' : value === null ? 'NULL' : JSON.stringify(value));
  out.line(`  ${tableChangesText(tables)}`);
  for (const { text } of statements) out.line(`  ${quoted(text)}`);
  for (const change of changes) {
    out.line(`  ${out.t(`sync.skip.kind.${change.kind}`)} ${change.database}.${change.table} ${quoted(keyText(change))}`);
    for (const { column, before, after } of columnChanges(change).filter(({ isKey, isChanged }) => isKey || isChanged)) {
      out.line(`    ${quoted(column)}: ${quoted(before)} → ${quoted(after)}`);
    }
  }
  if (truncated) out.line(`  ${out.t('sync.skip.truncated')}`);
}
