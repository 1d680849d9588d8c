import { hasOwnRights } from '../../shared/domain/accounts/object-rights';
import { isCarried, isSameObject, withLeftOut, type LeftOut } from '../../shared/domain/scope/left-out';
import type { NamedObject } from '../../shared/domain/scope/named-objects';
import { AuditedRun } from '../fleet/audited';
import type { FleetServers } from '../fleet/types';
import type { Account } from '../mysql/dialect/accounts';
import { readObjects } from '../mysql/named-objects';
import type { Session } from '../mysql/types';
import { executedOn } from '../replication/gtid';
import type { LeftOutRecord } from '../replication/left-out';
import { newPassword } from '../replication/login';
import { unlogged, writableSession } from '../replication/read-only';
import type { AuditLog } from '../storage/types';
import type { SyncBook } from './book';
import { refusedIn, type SyncRecord } from './records';

export interface SettleDeps {
  readonly fleet: Pick<FleetServers, 'withSession'>;
  readonly audit: Pick<AuditLog, 'append'>;
}

/** So many of the statements that were passed over are kept; all are counted. */
const keptPassed = 50;

/** What a sync task remembers of what its first copy left out. */
export function leftOutRecord(book: Pick<SyncBook, 'record' | 'change'>, id: string, clock: () => number): LeftOutRecord {
  const change = (next: (before: readonly LeftOut[]) => readonly LeftOut[], rest: (record: SyncRecord) => Partial<SyncRecord> = () => ({})): void => {
    book.change(id, (record) => {
      const leftOut = next(record.leftOut).map((one) => ({ ...one }));
      const over = record.leftOut.filter((one) => hasOwnRights(one) && !leftOut.some((other) => isSameObject(one, other)));
      return { ...record, leftOut, rightsDue: withDue(record, over, true), ...rest(record) };
    });
  };
  const changeDue = (next: (before: SyncRecord['rightsDue']) => SyncRecord['rightsDue']): void => {
    book.change(id, (record) => ({ ...record, rightsDue: next(record.rightsDue) }));
  };
  const dated = (objects: readonly (NamedObject & { readonly why: string | null })[]): LeftOut[] => objects.map((one) => ({ ...one, at: clock() }));
  return {
    list: () => book.record(id).leftOut,
    // What an earlier copy left out of what the link carried before stays: a wider scope copies only what is new in it.
    copied: (found, withRights) => {
      const { outcome, leftOut, rightsDue, spec } = book.record(id);
      const kept = outcome === 'linked' ? leftOut.filter((one) => isCarried(spec.scope, one)) : [];
      if (kept.length === leftOut.length && found.length + withRights.length + rightsDue.length === 0) return;
      // Of what was copied anew the copy brought the rights.
      const dueBefore = outcome === 'linked' ? rightsDue : [];
      change(() => withLeftOut(kept, dated(found)), () => ({ rightsDue: withDue({ spec, rightsDue: dueBefore }, withRights) }));
    },
    passed: ({ gtid, object, inPart }, gone, added) => {
      const why = (one: NamedObject): string | null => book.record(id).leftOut.find((other) => isSameObject(one, other))?.why ?? null;
      const joined = dated(added.map((one) => ({ ...one, why: why(object) })));
      change((before) => withLeftOut(before, joined, gone), ({ passed }) => ({
        passed: { count: passed.count + 1, last: [...passed.last, { gtid, object: { ...object }, inPart, at: clock() }].slice(-keptPassed) },
      }));
    },
    settled: (objects) => {
      if (objects.length > 0) change((before) => withLeftOut(before, [], objects));
    },
    due: () => book.record(id).rightsDue,
    rightsEqual: (objects) => {
      const isEqual = (one: NamedObject): boolean => objects.some((other) => isSameObject(one, other));
      if (book.record(id).rightsDue.some(isEqual)) changeDue((before) => before.filter((one) => !isEqual(one)));
    },
    revoked: (object, accounts) => book.change(id, (record) => ({
      ...record,
      rightsDue: withDue(record, [object]).map((one) => (
        isSameObject(one, object) ? { ...one, revoked: [...new Set([...one.revoked, ...accounts.map(({ name }) => name)])] } : one
      )),
    })),
    isRevoked: (object, account) => book.record(id).rightsDue.some((one) => isSameObject(one, object) && one.revoked.includes(account.name)),
    rightsWait: (objects) => {
      const isWaiting = (one: NamedObject): boolean => objects.some((other) => isSameObject(one, other));
      const isChanged = book.record(id).rightsDue.some((one) => one.waits !== isWaiting(one));
      if (isChanged) changeDue((before) => before.map((one) => ({ ...one, waits: isWaiting(one) })));
    },
    refusedRights: () => refusedIn(book.record(id)),
    // Also of what stands there and is left out all the same, as a table without its rows is.
    rightsRefused: (refused) => book.change(id, (record) => ({
      ...record,
      rightsDue: withDue(record, refused).map((one) => {
        const more = refused.filter((other) => isSameObject(one, other) && one.refused.every(({ sql }) => sql !== other.sql));
        return { ...one, refused: [...one.refused, ...more.map(({ sql, why }) => ({ sql, why }))] };
      }),
    })),
  };
}

/** What rights are due on with these as well, which are on the standby where they wait. Accounts are no part of a part. */
function withDue({ rightsDue, spec }: Pick<SyncRecord, 'rightsDue' | 'spec'>, more: readonly NamedObject[], waits = false): SyncRecord['rightsDue'] {
  if (spec.scope.kind === 'partial') return rightsDue;
  const added = more.filter((one, at) => ![...rightsDue, ...more.slice(0, at)].some((other) => isSameObject(one, other)));
  return [...rightsDue, ...added.map(({ kind, database, name }) => ({ kind, database, name, refused: [], revoked: [], waits }))];
}

/**
 * Forgets what was left out and is on the standby by now, whoever made it there (but for a table, whose rows may be missing), and what the
 * source has no more, once the standby has executed everything that the source had then: no statement on it is to come.
 *
 * Before 8.0 a GRANT made the account that it names, with no password: such a one is closed, and stays left out until its login is the source's.
 */
export async function settleLeftOut({ fleet, audit }: SettleDeps, spec: SyncRecord['spec'], record: LeftOutRecord): Promise<void> {
  const known = record.list();
  if (known.length === 0) return;
  const strangers = await strangersOf(fleet, spec, known);
  for (const one of strangers) if (one.isOpen) await closeAccount({ fleet, audit }, spec, one);
  // The set after the names: what was dropped before is in it.
  const source = await fleet.withSession(spec.sourceId, async (session) => ({ here: await readObjects(session, known), executed: await executedOn(session) }));
  const standby = await fleet.withSession(spec.standbyId, async (session) => ({
    executed: await executedOn(session), here: await readObjects(session, known), tables: await baseTables(session, known),
  }));
  const isIn = (here: readonly NamedObject[], object: NamedObject): boolean => here.some((one) => isSameObject(one, object));
  // A table that stands there may have no rows: made by hand, or by a CREATE TABLE IF NOT EXISTS, which is logged where it does nothing.
  const tables = new Set(standby.tables.map(({ db, name }) => `${db}\0${name}`));
  const isThere = (object: NamedObject): boolean => {
    if (!isIn(standby.here, object) || strangers.some((one) => isSameObject(one.object, object))) return false;
    return object.kind !== 'TABLE' || !tables.has(`${object.database}\0${object.name}`);
  };
  const hasAll = source.executed.isSubsetOf(standby.executed);
  record.settled(known.filter((object) => isThere(object) || (hasAll && !isIn(source.here, object))));
}

async function baseTables(session: Session, known: readonly NamedObject[]): Promise<readonly { readonly db: string; readonly name: string }[]> {
  const names = known.filter(({ kind }) => kind === 'TABLE').map(({ name }) => name);
  if (names.length === 0) return [];
  const places = names.map(() => '?').join(', ');
  const select = "SELECT TABLE_SCHEMA AS db, TABLE_NAME AS name FROM information_schema.TABLES WHERE TABLE_TYPE = 'BASE TABLE' AND TABLE_NAME IN";
  return session.query<{ db: string; name: string }>(`${select} (${places})`, names);
}

/** An account of the standby whose login is not that of the source's. */
interface Stranger {
  readonly object: NamedObject;
  readonly account: Account;
  /** Whoever knows its name can log in. */
  readonly isOpen: boolean;
}

interface Login {
  readonly user: string;
  readonly host: string;
  readonly plugin: string;
  readonly secret: string;
}

/** Of the accounts that were left out, those that are on a standby before 8.0 with another login than the source's. */
async function strangersOf(fleet: SettleDeps['fleet'], { sourceId, standbyId }: SyncRecord['spec'], known: readonly LeftOut[]): Promise<readonly Stranger[]> {
  const accounts = known.filter(({ kind }) => kind === 'ACCOUNT');
  if (accounts.length === 0) return [];
  const here = await fleet.withSession(standbyId, async (session) => (session.dialect.features.hasRoles ? [] : logins(session)));
  if (here.length === 0) return [];
  const there = await fleet.withSession(sourceId, logins);
  const isOf = (object: NamedObject) => ({ user, host }: Login): boolean => object.name === `${user}@${host.toLowerCase()}`;
  return accounts.flatMap((object): readonly Stranger[] => {
    const [one, original] = [here.find(isOf(object)), there.find(isOf(object))];
    if (one === undefined || original === undefined || (one.plugin === original.plugin && one.secret === original.secret)) return [];
    const isOpen = one.secret === '' && (one.plugin === '' || one.plugin === 'mysql_native_password');
    return [{ object, account: { user: one.user, host: one.host }, isOpen }];
  });
}

async function logins(session: Session): Promise<readonly Login[]> {
  const secret = session.dialect.features.hasAlterUserPassword ? 'authentication_string' : "IF(Password = '', IFNULL(authentication_string, ''), Password)";
  return session.query<Login>(`SELECT User AS user, Host AS host, plugin, HEX(${secret}) AS secret FROM mysql.user`);
}

/** Gives an account that has none a password that nobody knows, outside of the binary log. */
async function closeAccount({ fleet, audit }: SettleDeps, { name, standbyId }: SyncRecord['spec'], { object, account }: Stranger): Promise<void> {
  const record = new AuditedRun(audit, 'sync.close-account', name);
  await fleet.withSession(standbyId, (session) => {
    const server = writableSession(session, (statement) => session.run(statement), (use) => fleet.withSession(standbyId, use));
    return unlogged(server, async () => {
      record.before({ account: object.name });
      await session.run(session.dialect.changePassword(account, newPassword()));
    });
  });
  record.done({ account: object.name });
}
