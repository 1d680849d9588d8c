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
import { isRefusal } from '../mysql/errors';
import { quoteString } from '../mysql/quote';
import { plain } from '../mysql/statement';
import { waitUntil } from '../mysql/time';
import type { Session } from '../mysql/types';
import { executedOn } from '../replication/gtid';
import type { LeftOutRecord } from '../replication/left-out';
import { unlogged, withEnd, writableSession } from '../replication/read-only';
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
  const objects = [...record.due(), ...record.list()].filter(hasOwnRights);
  const found = objects.length === 0 ? null : await judged(deps, spec, objects);
  if (found === null) return;
  record.rightsEqual(found.equal);
  // What was refused is the user's to do: it is not tried again and again.
  const known = record.refusedRights();
  const changes = found.changes.filter(({ sql, object }) => !known.some((one) => one.sql === sql && isSameObject(one, object)));
  if (changes.length === 0) return;
  const refused = await give(deps, spec, { changes });
  if (refused === null) return;
  if (refused.length > 0) record.rightsRefused(refused);
  // What changed on the source in between is not taken for equal: it is read once more.
  record.rightsEqual((await judged(deps, spec, objects))?.equal ?? []);
}

/** null: the standby is behind, and nothing can be said now. */
async function judged({ fleet }: Pick<RightsDeps, 'fleet'>, spec: SyncRecord['spec'], objects: readonly NamedObject[]): Promise<RightsVerdict | null> {
  const before = await fleet.withSession(spec.sourceId, async (session) => (
    { reading: await readObjectRights(session, objects), executed: await executedOn(session) }
  ));
  const standby = await fleet.withSession(spec.standbyId, async (session) => {
    const hasAll = async (): Promise<boolean> => before.executed.isSubsetOf(await executedOn(session));
    if (!(await waitUntil(hasAll, { everyMs: 50, limitMs: catchUpMs }))) return null;
    return readObjectRights(session, objects);
  });
  if (standby === null) return null;
  const after = await fleet.withSession(spec.sourceId, (session) => readObjectRights(session, objects));
  const takes = (spec.accounts ?? defaultAccountChoice) === 'take-source';
  const around = { before: before.reading, standby, after };
  const found = objectRightChanges(objects, around, { kept: new Set(), takes });
  // All accounts are read only where there is something to change.
  if (found.changes.length === 0) return found;
  return objectRightChanges(objects, around, { kept: await fleet.withSession(spec.standbyId, administrators), takes });
}

/** They keep what they have, as they do at the first copy. */
async function administrators(session: Session): Promise<ReadonlySet<string>> {
  const states = await readAccountStates(session, digestKey());
  const names = administratorsOf(states);
  return new Set(states.filter((state) => names.has(accountName(state))).map(quotedName));
}

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
            refused.push({ ...object, sql, why: thrown.message });
          }
        }
      };
      await unlogged(writableSession(session, (statement) => session.run(statement)), () => withEnd(all, () => setMode(row?.mode ?? '')));
      audited.done({ ...detail, refused: refused.map(({ sql }) => sql).join('; ') });
      return refused;
    });
  } finally {
    await locks.release();
  }
}
