import { isBeyond, settingOf, undoSettingOf, type GtidMember, type GtidSetting, type GtidStepId } from '../../../shared/domain/operations/gtid-change';
import type { Dialect } from '../../mysql/dialect/dialect';
import { hasErrno, MysqlError } from '../../mysql/errors';
import type { Statement } from '../../mysql/types';
import { message } from '../../../shared/i18n/message';
import type { StepContext } from '../../tasks/types';
import type { GtidWork } from './work';

/** The statements of a step forward on one server: now, and after a restart where the server can keep it (8.0+). */
export function settingStatements(dialect: Dialect, { variable, value }: GtidSetting): readonly Statement[] {
  return dialect.setLasting(variable, value).statements;
}

/** The statements of a step back. With the last of them SET PERSIST holds again what it held before the task. */
export function undoStatements(dialect: Dialect, member: Pick<GtidMember, 'persisted'>, setting: GtidSetting): readonly Statement[] {
  const { variable, value, last } = setting;
  if (!last || !dialect.features.hasSetPersist) return settingStatements(dialect, setting);
  const kept = variable === 'gtid_mode' ? member.persisted.mode : member.persisted.consistency;
  if (kept === null) return [dialect.setGlobal(variable, value), dialect.resetPersist(variable)];
  return kept === value ? [dialect.setPersist(variable, value)] : [dialect.setGlobal(variable, value), dialect.setPersistOnly(variable, kept)];
}

/** ER_CANT_SET_GTID_MODE, and consistency: refused while transactions of the other kind, or violating ones, are under way. */
const ongoing = [3111, 3116, 3117];
const againMs = 2000;

/** Sets a server to a step's rung. A server that is there or beyond it is left alone. */
export async function stepUp(work: GtidWork, step: StepContext, id: GtidStepId, member: GtidMember): Promise<void> {
  const setting = settingOf(id, member);
  if (setting === null || isBeyond(setting, await work.stand(member.id), 'up')) return;
  await run(work, step, member, (dialect) => settingStatements(dialect, setting));
}

/** Takes a server one rung back. What was persisted is put back even where the variable itself is back already. */
export async function stepDown(work: GtidWork, step: StepContext, id: GtidStepId, member: GtidMember): Promise<void> {
  const setting = undoSettingOf(id, member);
  if (setting === null || (!setting.last && isBeyond(setting, await work.stand(member.id), 'down'))) return;
  await run(work, step, member, (dialect) => undoStatements(dialect, member, setting));
}

/**
 * Sees to it that a server still stands where these steps took it. Before 8.0 nothing that was set outlives a restart: a replica that
 * restarts in the middle is OFF again and refuses what its source sends. It is taken up step by step, and its threads are started.
 */
export async function holdSteps(work: GtidWork, step: StepContext, taken: readonly GtidStepId[], member: GtidMember): Promise<void> {
  if (taken.length === 0) return;
  const stand = await work.stand(member.id);
  const lost = taken.flatMap((id) => settingOf(id, member) ?? []).filter((setting) => !isBeyond(setting, stand, 'up'));
  if (lost.length === 0) return;
  step.log('warning', 'gtid.log.restarted', { server: member.name, mode: stand.mode });
  for (const setting of lost) await run(work, step, member, (dialect) => settingStatements(dialect, setting));
  for (const { channel } of member.links) await work.sql(step, member, ({ dialect }) => dialect.startReplica({ channel }));
}

async function run(work: GtidWork, step: StepContext, member: GtidMember, statementsFor: (dialect: Dialect) => readonly Statement[]): Promise<void> {
  const statements = await work.on(member.id, async ({ dialect }) => statementsFor(dialect));
  for (const statement of statements) {
    let detail = '';
    const attempt = async (): Promise<boolean> => {
      try {
        await work.sql(step, member, () => statement);
        return true;
      } catch (thrown) {
        if (!(thrown instanceof MysqlError) || !hasErrno(thrown, ...ongoing)) throw thrown;
        detail = thrown.error.detail ?? thrown.message;
        return false;
      }
    };
    if (await attempt()) continue;
    await step.waitFor(message('gtid.wait.refused', { server: member.name, detail }), attempt, { everyMs: againMs });
  }
}
