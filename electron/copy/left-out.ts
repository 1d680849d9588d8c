// What a copy was to carry and the target has not: by the catalogues of both, whatever the reason was.
import { isReservedAccount } from '../../shared/domain/accounts/shared-accounts';
import { isSameObject, type LeftOut } from '../../shared/domain/scope/left-out';
import { isDatabaseInScope } from '../../shared/domain/scope/filters';
import type { NamedObject } from '../../shared/domain/scope/named-objects';
import { ownSchema } from '../../shared/domain/scope/scope';
import { readObjects } from '../mysql/named-objects';
import type { Session } from '../mysql/types';
import type { CopyJob } from './snapshot/sessions';
import { takesPrograms, takesTable } from './schema/scope';

/** Tables of `mysql` that old servers make for themselves, and new ones have no more, or under another name. */
const oldSystemTables = /^(?:proc|event|host|inventory|ndb_.*|slave_.*|replica_.*|innodb_.*|firewall_.*|audit_log_.*|rds_.*)$/;

/** What the source has of what the copy carries, by name, now. */
export async function namesToCarry(job: CopyJob, reader: Session): Promise<readonly NamedObject[]> {
  return (await readObjects(reader)).filter((object) => isToCarry(job, object));
}

function isToCarry(job: CopyJob, { kind, database, name }: NamedObject): boolean {
  if (database === ownSchema) return false;
  if (kind === 'ACCOUNT') return job.scope.kind === 'instance' && !isReservedAccount(name.slice(0, name.lastIndexOf('@')));
  if (database === '') return true;
  if (database === 'mysql') return job.scope.kind === 'instance' && kind === 'TABLE' && !oldSystemTables.test(name);
  if (kind === 'TABLE') return takesTable(job, database, name);
  if (kind === 'TRIGGER') return isDatabaseInScope(job.scope, database) && takesPrograms(job, database);
  return takesPrograms(job, database);
}

/** Of these, what the target has not. `refused`: what it said of some of them. */
export async function leftOutOf(wanted: readonly NamedObject[], writer: Session, refused: readonly Refused[]): Promise<readonly Omit<LeftOut, 'at'>[]> {
  const isHere = isAmong(await readObjects(writer));
  return wanted
    .filter((object) => !isHere(object))
    .map((object) => ({ ...object, why: refused.findLast((one) => isSameObject(one.object, object))?.why ?? null }));
}

/** Of these, what a server has not. */
export async function absentFrom(session: Session, objects: readonly NamedObject[]): Promise<readonly NamedObject[]> {
  const isHere = isAmong(objects.length === 0 ? [] : await readObjects(session, objects));
  return objects.filter((object) => !isHere(object));
}

/** Whether something is one of these; asked for each of thousands, of thousands. */
function isAmong(objects: readonly NamedObject[]): (object: NamedObject) => boolean {
  const byName = new Map<string, NamedObject[]>();
  for (const object of objects) {
    const same = byName.get(object.name.toLowerCase());
    if (same === undefined) byName.set(object.name.toLowerCase(), [object]);
    else same.push(object);
  }
  return (object) => byName.get(object.name.toLowerCase())?.some((other) => isSameObject(object, other)) === true;
}

/** What a server said of something that was to be made. */
export interface Refused {
  readonly object: NamedObject;
  readonly why: string;
}
