import { InvalidArgumentError, type Command } from 'commander';
import type { TransferMove } from '../../shared/domain/operations/transfer/transfer';
import { failure } from '../../shared/errors/codes';
import { exitCodes } from './exit-codes';
import { refreshAll } from './fleet-commands';
import { moment, table } from './output';
import type { Run, Start } from './run';

interface TransferOptions {
  readonly to?: string;
  readonly out?: boolean;
  readonly dryRun?: boolean;
}

/** `project`: projects, and which instances belong to them. */
export function projectCommands(program: Command, start: Start): void {
  const project = program.command('project');
  project.command('add').argument('<project>').action(start(async (run, name: string) => {
    const added = await run.call('fleet.addProject', { name });
    run.out.result({ ok: true, project: added }, () => run.out.line(added.name));
  }));
  project.command('list').action(start(async (run) => {
    const { projects, instances } = run.engine.fleet.snapshot();
    const namesIn = (id: string): string[] => instances.filter(({ instance }) => instance.projectId === id).map(({ instance }) => instance.name);
    const list = projects.map((one) => ({ ...one, instances: namesIn(one.id) }));
    run.out.result({ ok: true, projects: list }, () => run.out.line(table(list.map((one) => [one.name, one.instances.join(', ')]))));
  }));
  project.command('rename').argument('<project>').argument('<name>').action(start(async (run, old: string, name: string) => {
    const renamed = await run.call('fleet.renameProject', { id: projectNamed(run, old), name });
    run.out.result({ ok: true, project: renamed }, () => run.out.line(renamed.name));
  }));
  project.command('remove').argument('<project>').action(start(async (run, name: string) => {
    await run.call('fleet.removeProject', { id: projectNamed(run, name) });
    run.out.result({ ok: true, removed: name }, () => run.out.line(run.out.t('transfer.terminal.removed', { name })));
  }));
  project.command('transfer').argument('<names...>').option('--to <project>').option('--out').option('--dry-run').action(start(transfer));
  project.command('history').action(start(async (run) => {
    const transfers = await run.call('transfer.history', undefined);
    run.out.result({ ok: true, transfers }, () => {
      const { t, line } = run.out;
      if (transfers.length === 0) line(t('transfer.history.none'));
      for (const { id, at, actor, toName, moves, undoneAt } of transfers) {
        const undone = undoneAt === null ? '' : `  (${t('transfer.history.undone')})`;
        line(`${id}  ${moment(at)}  ${actor}  → ${toName ?? t('common.no-project')}${undone}`);
        line(`      ${moves.map(({ name }) => name).join(', ')}`);
      }
    });
  }));
  project.command('undo').argument('<id>').action(start(async (run, id: string) => {
    await refreshAll(run);
    const { back, left } = await run.call('transfer.undo', { id });
    run.out.result({ ok: left.length === 0, back, left }, () => {
      printMoves(run, back.map((move) => ({ ...move, to: move.from })));
      for (const { name, reason } of left) run.out.line(`! ${name}: ${run.out.t(`transfer.left.${reason}`)}`);
    });
    return left.length === 0 ? exitCodes.done : exitCodes.failed;
  }));
}

async function transfer(run: Run, names: string[], options: TransferOptions): Promise<void | typeof exitCodes.refused> {
  if ((options.to === undefined) === (options.out !== true)) throw new InvalidArgumentError('--to <project> | --out');
  const projectId = options.to === undefined ? null : projectNamed(run, options.to);
  const instanceIds = names.map((name) => run.instance(name).id);
  await refreshAll(run);
  const plan = await run.call('transfer.plan', { instanceIds, projectId });
  const moves = plan.moves.map((move) => ({ ...move, to: projectId }));
  if (options.dryRun === true) {
    run.out.result({ ok: plan.refused.length === 0, dryRun: true, plan }, () => {
      printMoves(run, moves);
      for (const { name, reason } of plan.refused) run.out.line(`✗ ${name}: ${run.out.t(`transfer.refused.${reason}`)}`);
    });
    return plan.refused.length === 0 ? undefined : exitCodes.refused;
  }
  const record = await run.call('transfer.execute', { instanceIds, projectId });
  run.out.result({ ok: true, id: record.id, moves: record.moves }, () => {
    printMoves(run, record.moves.map((move) => ({ ...move, to: projectId })));
    run.out.line(run.out.t('transfer.terminal.done', { n: record.moves.length, id: record.id }));
  });
}

function printMoves(run: Run, moves: readonly (TransferMove & { readonly to: string | null })[]): void {
  const { projects } = run.engine.fleet.snapshot();
  const nameOf = (id: string | null): string => projects.find((one) => one.id === id)?.name ?? run.out.t('common.no-project');
  if (moves.length === 0) run.out.line(run.out.t('transfer.nothing'));
  else run.out.line(table(moves.map(({ name, from, to, follows }) => [
    name, nameOf(from), '→', nameOf(to), follows === null ? '' : run.out.t('transfer.follows', { name: follows }),
  ])));
}

function projectNamed(run: Run, name: string): string {
  const found = run.engine.fleet.snapshot().projects.find((one) => one.name === name);
  if (found === undefined) throw failure('not-found', { kind: 'project', name });
  return found.id;
}
