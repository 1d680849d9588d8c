import { resolve } from 'node:path';
import { InvalidArgumentError, type Command } from 'commander';
import { keepsText, mostKept, mostProveDays, provesText, type BackupPolicy } from '../../shared/domain/backup/policy';
import type { ScheduleView } from '../../shared/domain/schedules/schedule';
import { failure } from '../../shared/errors/codes';
import { backupPassphraseVariable, passphraseOf } from './passwords';
import type { Run, Start } from './run';
import { scheduleCommands } from './schedule-commands';

interface KeepOptions {
  keep?: number | 'all';
  keepDays?: number;
  to?: string;
  passphraseEnv?: string;
  proveDays?: number;
}

/** `backup schedule add|list|remove`: an instance that is backed up by itself, and what of that is kept. */
export function backupScheduleCommands(backup: Command, start: Start): void {
  scheduleCommands(backup, {
    kind: 'backup',
    names: ['<instance>'],
    options: (add) => add.option('--keep <n>', '', keepGiven).option('--keep-days <n>', '', upTo(mostKept.days)).option('--to <dir>')
      .option('--passphrase-env <var>').option('--prove-days <n>', '', upTo(mostProveDays)),
    subject: (run, [name = '']) => run.instance(name).id,
    prepare: (run, instanceId, add) => prepare(run, instanceId, add.opts<KeepOptions>()),
    more,
  }, start);
}

function upTo(most: number): (text: string) => number {
  return (text) => {
    const given = Number(text);
    if (!/^\d+$/u.test(text) || given < 1 || given > most) throw new InvalidArgumentError(`1–${most}`);
    return given;
  };
}

function keepGiven(text: string): number | 'all' {
  return text === 'all' ? text : upTo(mostKept.count)(text);
}

/** What is kept by the options; those that are not given leave the policy as it stands. */
function policyGiven(run: Run, policy: BackupPolicy, { keep, keepDays, to, passphraseEnv, proveDays }: KeepOptions): BackupPolicy {
  if (keep === 'all' && keepDays !== undefined) throw failure('invalid-input', { field: '--keep', reason: run.out.t('backup.terminal.keep-all') });
  const rules = keep === undefined && keepDays === undefined ? {} : { keepCount: keep === 'all' ? null : keep ?? null, keepDays: keepDays ?? null };
  return {
    ...policy, ...rules, ...(to === undefined ? {} : { place: resolve(to) }), ...(passphraseEnv === undefined ? {} : { encrypted: true }),
    ...(proveDays === undefined ? {} : { proveDays }),
  };
}

async function prepare(run: Run, instanceId: string, options: KeepOptions): Promise<void> {
  const policy = await run.call('backup.policy', { id: instanceId });
  const wanted = policyGiven(run, policy, options);
  const known = (await run.call('schedules.list', undefined)).find((one) => one.kind === 'backup' && one.subject === instanceId);
  // What the one that there is keeps is not changed by one that is refused.
  if (known !== undefined) throw failure('name-taken', { kind: 'schedule', name: known.name });
  if (options.to !== undefined && wanted.place !== null) await run.call('backup.addPlace', { path: wanted.place });
  // The variable of every run is read by each: nothing of it is kept.
  const { name } = run.engine.fleet.instance(instanceId);
  const passphrase = options.passphraseEnv === backupPassphraseVariable(name) ? null : passphraseOf(options);
  if (passphrase !== null || JSON.stringify(wanted) !== JSON.stringify(policy)) await run.call('backup.setPolicy', { ...wanted, passphrase });
}

async function more(run: Run, { subject }: ScheduleView): ReturnType<NonNullable<Parameters<typeof scheduleCommands>[1]['more']>> {
  const { t } = run.out;
  const policy = await run.call('backup.policy', { id: subject });
  return {
    fields: { policy },
    rows: [
      [t('backup.terminal.kept'), t.message(keepsText(policy))],
      [t('backup.terminal.to'), policy.place ?? t('backup.terminal.own')],
      [t('backup.terminal.encryption'), t(policy.encrypted ? 'backup.terminal.encrypted' : 'backup.terminal.not-encrypted')],
      [t('backup.terminal.proof'), t.message(provesText(policy))],
    ],
  };
}
