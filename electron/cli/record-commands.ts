import type { InputOf } from '../../shared/contract/methods';
import type { Command } from 'commander';
import { auditIsDamaged, auditProofText } from '../../shared/domain/audit-proof';
import { operations, type LockReason, type Operation } from '../../shared/domain/fleet/policy';
import { auditSentence } from '../../shared/i18n/audit-text';
import type { SecretStatus } from '../../shared/domain/settings';
import { failure } from '../../shared/errors/codes';
import type { MessageKey } from '../../shared/i18n/en';
import { choice, wholeNumber } from './arguments';
import { exitCodes } from './exit-codes';
import { refreshAll } from './fleet-commands';
import { moment, table } from './output';
import type { Run, Start } from './run';

/** `operation`, `tasks`, `audit`, `secrets`. */
export function recordCommands(program: Command, start: Start): void {
  const operation = program.command('operation');
  operation.command('list').argument('<name>').action(start(async (run, name: string) => {
    await refreshAll(run);
    const list = await run.call('operations.list', { instanceId: run.instance(name).id });
    const { t } = run.out;
    run.out.result({
      ok: true,
      operations: list.map((one) => ({
        operation: one.operation, state: one.permission.allowed ? 'allowed' : 'locked', reason: one.permission.allowed ? null : one.permission.reason,
        built: one.built,
      })),
    }, () =>
      run.out.line(table(list.map((one) => [
        one.operation, one.permission.allowed ? t('terminal.allowed') : t('terminal.locked'), one.permission.allowed ? '' : t(lockKey(one.permission.reason)),
      ]))));
  }));
  operation.command('run').argument('<name>').argument('<operation>').option('--project <project>')
    .action(start(async (run, name: string, word: string, options: { project?: string }) => {
      const chosen: Operation = choice(operations)(word);
      await refreshAll(run);
      await run.call('operations.run', { instanceId: run.instance(name).id, operation: chosen, input: operationInput(run, chosen, options) });
      run.out.result({ ok: true, operation: chosen, instance: name }, () => run.out.line(run.out.t('terminal.operationDone', { operation: chosen, name })));
    }));

  program.command('tasks').action(start(async (run) => {
    const list = await run.call('tasks.list', undefined);
    run.out.result({ ok: true, tasks: list }, () => run.out.line(
      list.length === 0
        ? run.out.t('terminal.noTasks')
        : table(list.map((task) => [task.id, task.kind, task.name, task.state, moment(task.createdAt)])),
    ));
  }));
  secretsCommands(program, start);
  program.command('audit').option('--limit <n>', '', wholeNumber(1, 10_000), 200).action(start(async (run, options: { limit: number }) => {
    const entries = await run.call('audit.list', { limit: options.limit });
    const proof = await run.call('audit.verify', undefined);
    const { t, line, result } = run.out;
    result({ ok: !auditIsDamaged(proof), entries, proof }, () => {
      line(entries.length === 0 ? t('terminal.noAudit')
        : table(entries.map((entry) => [moment(entry.at), entry.actor, auditSentence(t, entry), t(`audit.outcome.${entry.outcome}`)])));
      line(`${t('terminal.auditProof', { text: t.message(auditProofText(proof)) })}${proof.end === null ? '' : `  ${proof.end}`}`);
    });
    return auditIsDamaged(proof) ? exitCodes.failed : exitCodes.done;
  }));
}

/** `secrets`: where passwords are kept, and an empty store in place of one that cannot be opened. */
function secretsCommands(program: Command, start: Start): void {
  const print = (run: Run, status: SecretStatus): void => {
    const { t, line, result } = run.out;
    const { tier, damage, locked } = status;
    result({ ok: true, ...status }, () => {
      line(t(`settings.secrets.${tier}`));
      if (damage !== undefined) line(`! ${t(`settings.secrets.damaged-${damage.what}`, { file: damage.file })}`);
      else if (locked) line(t('settings.secrets.locked'));
    });
  };
  const secrets = program.command('secrets');
  secrets.command('status').action(start(async (run) => print(run, await run.call('secrets.status', undefined))));
  secrets.command('start-over').requiredOption('--confirm <word>').action(start(async (run, options: { confirm: string }) => {
    if (options.confirm !== startOverWord) throw failure('confirm-mismatch', { expected: startOverWord });
    print(run, await run.call('secrets.startOver', undefined));
  }));
}

const startOverWord = 'start-over';

function lockKey(reason: LockReason): MessageKey {
  return `terminal.lock.${reason}`;
}

function operationInput(run: Run, operation: Operation, options: { project?: string }): InputOf<'operations.run'>['input'] {
  if (operation !== 'transfer-project' || options.project === undefined) return {};
  const { projects } = run.engine.fleet.snapshot();
  const project = projects.find((one) => one.name === options.project);
  if (project === undefined) throw failure('not-found', { kind: 'project', name: options.project });
  return { projectId: project.id };
}
