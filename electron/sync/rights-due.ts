import { hasOwnRights, objectRightChanges, type RightsVerdict } from '../../shared/domain/accounts/object-rights';
import { defaultAccountChoice } from '../../shared/domain/accounts/shared-accounts';
import { accountName, administratorsOf, quotedName } from '../../shared/domain/accounts/state';
import type { Instance } from '../../shared/domain/fleet/instance';
import { isSameObject, type RefusedRights } from '../../shared/domain/scope/left-out';
import type { NamedObject } from '../../shared/domain/scope/named-objects';
import { AuditedRun } from '../fleet/audited';
import type { FleetServers } from '../fleet/types';
import { readObjectRights } from '../mysql/accounts/object-rights';
import { digestKey, readAccountStates } from '../mysql/accounts/states';
import { hasErrno, isRefusal } from '../mysql/errors';
import { readObjects } from '../mysql/named-objects';
import { quoteString } from '../mysql/quote';
import { plain } from '../mysql/statement';
import { waitUntil } from '../mysql/time';
import type { Session } from '../mysql/types';
import { executedOn } from '../replication/gtid';
import type { LeftOutRecord } from '../replication/left-out';
import { linkStatus } from '../replication/status';
import { unlogged, withEnd, writableSession, type Another } from '../replication/read-only';
import { lockServers, type LockTarget } from '../tasks/server-lock';
import type { SyncRecord } from './records';
import type { DefaultsDeps } from './scope/parted';

export interface RightsDeps extends Omit<DefaultsDeps, 'fleet'> {
  readonly fleet: Pick<FleetServers, 'withSession' | 'connect'> & { instance(id: string): Pick<Instance, 'name'> };
}

/** For how long a standby may take to execute what its source had when its rights were read. */
const catchUpMs = 3_000;

/**
 * Gives what was left out, and is on the standby by now, the rights that it has on the source: statements on them were passed over while it was
 * not there, or refused by the first copy. Outside of the binary log and under the lock of the server: while somebody operates there nothing is
 * done, and a server that was opened meanwhile is no standby any more. What cannot be given is on record, with the statement.
 */
export async function carryRights(deps: RightsDeps, spec: SyncRecord['spec'], record: LeftOutRecord): Promise<void> {
  // A part carries no accounts.
  if (spec.scope.kind === 'partial') return;
  const due = record.due();
  const objects = [...due, ...record.list().filter((one) => !due.some((other) => isSameObject(one, other)))].filter(hasOwnRights);
  const judge = async (): Promise<RightsVerdict> => {
    const { waiting, ...verdict } = await judged(deps, spec, objects, record);
    record.rightsEqual(verdict.equal);
    record.rightsWait(waiting);
    return verdict;
  };
  if (objects.length === 0) return;
  const found = await judge();
  // What was refused is the user's to do: it is not tried again and again.
  const known = record.refusedRights();
  const changes = found.changes.filter(({ sql, object }) => !known.some((one) => one.sql === sql && isSameObject(one, object)));
  if (changes.length === 0) return;
  const refused = await give(deps, spec, { changes });
  if (refused === null) return;
  if (refused.length > 0) record.rightsRefused(refused);
  // What changed on the source in between is not taken for equal: it is read once more.
  await judge();
}

/** `waiting`: of these the standby has what it may have others rights on. Where it is behind nothing more can be said now. */
async function judged(
  { fleet }: Pick<RightsDeps, 'fleet'>, spec: SyncRecord['spec'], objects: readonly NamedObject[], { isRevoked }: Pick<LeftOutRecord, 'isRevoked'>,
): Promise<RightsVerdict & { readonly waiting: readonly NamedObject[] }> {
  const before = await fleet.withSession(spec.sourceId, async (session) => (
    { reading: await readObjectRights(session, objects), executed: await executedOn(session) }
  ));
  const standby = await fleet.withSession(spec.standbyId, async (session) => {
    const hasAll = async (): Promise<boolean> => before.executed.isSubsetOf(await executedOn(session));
    const isBehind = !(await (await mayCatchUp(session) ? waitUntil(hasAll, { everyMs: 50, limitMs: catchUpMs }) : hasAll()));
    return { isBehind, ...(await readObjectRights(session, objects)) };
  });
  const isThere = (object: NamedObject): boolean => standby.there.some((one) => isSameObject(one, object));
  if (standby.isBehind) return { equal: [], changes: [], waiting: objects.filter(isThere) };
  const after = await fleet.withSession(spec.sourceId, (session) => readObjectRights(session, objects));
  const takes = (spec.accounts ?? defaultAccountChoice) === 'take-source';
  const around = { before: before.reading, standby, after };
  const verdictFor = (kept: ReadonlySet<string>): RightsVerdict => objectRightChanges(objects, around, { kept, takes, isRevoked });
  // All accounts are read only where there is something to change.
  const nobody = verdictFor(new Set());
  const found = nobody.changes.length === 0 ? nobody : verdictFor(await fleet.withSession(spec.standbyId, administrators));
  return { ...found, waiting: objects.filter((object) => isThere(object) && !found.equal.includes(object)) };
}

/** Not where it applies nothing now, or everything later on purpose: it is not asked over and over. */
async function mayCatchUp(session: Session): Promise<boolean> {
  const status = await linkStatus(session);
  return status !== null && status.applierRuns && status.delaySeconds === 0;
}

/** They keep what they have, as they do at the first copy. */
async function administrators(session: Session): Promise<ReadonlySet<string>> {
  const states = await readAccountStates(session, digestKey());
  const names = administratorsOf(states);
  return new Set(states.filter((state) => names.has(accountName(state))).map(quotedName));
}

/** ER_NO_SUCH_TABLE, ER_SP_DOES_NOT_EXIST. */
const noSuchObject = [1146, 1305];

/** null: nothing was done, it is no closed standby now. Else what the server refused. */
async function give(
  { fleet, audit, clock, isSettled }: RightsDeps, { name, standbyId }: SyncRecord['spec'], { changes }: Pick<RightsVerdict, 'changes'>,
): Promise<readonly RefusedRights[] | null> {
  const audited = new AuditedRun(audit, 'sync.carry-rights', name);
  const detail = { sql: changes.map(({ sql }) => sql).join('; ') };
  const target = { name: fleet.instance(standbyId).name, connect: (options: Parameters<LockTarget['connect']>[0]) => fleet.connect(standbyId, options) };
  const locks = await lockServers([target], { kind: 'cure', name }, clock);
  try {
    return await fleet.withSession(standbyId, async (session) => {
      const [row] = await session.query<{ closed: number | string; mode: string }>('SELECT @@GLOBAL.read_only AS closed, @@SESSION.sql_mode AS mode');
      if (Number(row?.closed) !== 1 || !isSettled()) return null;
      audited.before(detail);
      const refused: RefusedRights[] = [];
      const setMode = (mode: string): Promise<unknown> => session.run(plain(`SET SESSION sql_mode = ${quoteString(mode)}`));
      const all = async (): Promise<void> => {
        // Before 8.0 a GRANT would make an account that was dropped meanwhile, with no password.
        await setMode(session.dialect.features.hasRoles ? '' : 'NO_AUTO_CREATE_USER');
        for (const { object, sql } of changes) {
          try {
            await session.run(plain(sql));
          } catch (thrown) {
            if (!isRefusal(thrown)) throw thrown;
            // Dropped meanwhile: it is asked anew once it is back.
            if (hasErrno(thrown, ...noSuchObject) && !(await readObjects(session, [object])).some((one) => isSameObject(one, object))) continue;
            refused.push({ kind: object.kind, database: object.database, name: object.name, sql, why: thrown.message });
          }
        }
      };
      const another: Another = (use) => fleet.withSession(standbyId, use);
      const server = writableSession(session, (statement) => session.run(statement), another);
      await unlogged(server, () => withEnd(all, () => setMode(row?.mode ?? '')));
      audited.done({ ...detail, refused: refused.map(({ sql }) => sql).join('; ') });
      return refused;
    });
  } finally {
    await locks.release();
  }
}
