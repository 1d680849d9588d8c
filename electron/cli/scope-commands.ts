import type { Command } from 'commander';
import { partText, type PartialScope, type PlannedPart, type ScopeChangePlan } from '../../shared/domain/scope/change';
import type { Scope } from '../../shared/domain/scope/scope';
import { countChecks } from '../../shared/domain/checks/check';
import { failure } from '../../shared/errors/codes';
import { choice, parseScope } from './arguments';
import { whole } from './dependencies';
import { exitCodes, type ExitCode } from './exit-codes';
import type { Run, Start } from './run';
import { inBackground, orderAndWait, print, printReport } from './sync-commands';

interface ScopeOptions {
  set: Scope;
  dryRun?: boolean;
  acceptWarnings?: boolean;
  dropRemoved?: boolean;
  confirm?: string;
  wait?: boolean;
  withDependencies?: boolean;
}

/** `sync scope`: what a partial sync task carries. */
export function scopeCommands(sync: Command, start: Start): void {
  sync.command('scope').argument('<name>').requiredOption('--set <spec>', '', parseScope)
    .option('--with-dependencies').option('--dry-run').option('--accept-warnings').option('--drop-removed').option('--confirm <name>').option('--wait')
    .action(start(change));
  sync.command('filters').argument('<name>').option('--by-itself <on|off>', '', choice(['on', 'off'] as const))
    .action(start(async (run, name: string, options: { byItself?: 'on' | 'off' }) => {
      const { id } = run.engine.sync.byName(name);
      const view = options.byItself === undefined
        ? await run.call('sync.reapplyFilters', { id })
        : await run.call('sync.setRestoresFilters', { id, on: options.byItself === 'on' });
      print(run, view, { restoresFilters: view.restoresFilters, filtersLost: view.filtersLost });
    }));
}

async function change(run: Run, name: string, options: ScopeOptions): Promise<ExitCode> {
  const view = run.engine.sync.byName(name);
  const scope = options.withDependencies === true ? await whole(run, view.spec.sourceId, view.spec.standbyId, options.set) : options.set;
  if (scope.kind !== 'partial') throw failure('scope-not-partial', { name });
  const order = { id: view.id, scope, dropRemoved: options.dropRemoved === true };
  if (options.dryRun === true) {
    const plan = await run.call('sync.planScope', order);
    const counts = countChecks(plan.report.results);
    run.out.result({ ok: counts.fail === 0, plan, counts }, () => printPlan(run, plan));
    return counts.fail === 0 ? exitCodes.done : exitCodes.refused;
  }
  const command = () => run.call('sync.changeScope', { ...order, acceptWarnings: options.acceptWarnings === true, phrase: options.confirm ?? null });
  if (options.wait === true) return orderAndWait(run, view.id, command);
  const args = ['sync', 'scope', name, '--set', specText(scope), '--wait'];
  if (options.acceptWarnings === true) args.push('--accept-warnings');
  if (options.dropRemoved === true) args.push('--drop-removed');
  if (options.confirm !== undefined) args.push('--confirm', options.confirm);
  return inBackground(run, view, args);
}

/** A scope as `--set` takes it. */
function specText({ databases }: PartialScope): string {
  const quoted = (name: string): string => `\`${name.replaceAll('`', '``')}\``;
  return databases
    .flatMap(({ database, tables }) => (tables === null ? [quoted(database)] : tables.map((table) => `${quoted(database)}.${quoted(table)}`)))
    .join(',');
}

function printPlan(run: Run, plan: ScopeChangePlan): void {
  const { out } = run;
  const parts = (planned: readonly PlannedPart[]): string => planned.map(({ part }) => partText(part)).join(', ');
  if (plan.added.length > 0) out.line(out.t('terminal.scope.added', { parts: parts(plan.added) }));
  if (plan.removed.length > 0) out.line(out.t('terminal.scope.removed', { parts: parts(plan.removed) }));
  if (plan.inTheWay.length > 0) out.line(out.t('terminal.scope.inTheWay', { names: plan.inTheWay.join(', ') }));
  if (plan.dropped.length > 0) out.line(out.t('terminal.scope.dropped', { names: plan.dropped.join(', ') }));
  if (plan.pauseSeconds !== null && plan.added.length > 0) out.line(out.t('terminal.scope.pause', { seconds: plan.pauseSeconds }));
  for (const step of plan.steps) {
    out.line(`  ${out.t.message(step.title)}`);
    for (const { server, sql } of step.sql) out.line(`      ${server}: ${sql};`);
  }
  printReport(run, plan.report);
}
