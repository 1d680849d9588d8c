import type { BackupDetail, RestoreAccounts, RestoreOrder } from '../../../shared/domain/backup/backup';
import type { RestoreMoment } from '../../../shared/domain/backup/moment';
import type { DatabaseObjects } from '../../../shared/domain/fleet/view';
import { formatGtid, tryParseGtidSet } from '../../../shared/domain/gtid/set';
import { wholeInstance, type ScopeDatabase } from '../../../shared/domain/scope/scope';

/** Characters of an identifier of MySQL. */
const longest = 64;

/** What the form of a restore holds. */
export interface RestoreForm {
  readonly targetId: string;
  /** null: all of the backup. */
  readonly part: readonly ScopeDatabase[] | null;
  /** New names that were typed, by the database's name in the backup. */
  readonly typed: Readonly<Record<string, string>>;
  readonly accounts: RestoreAccounts;
  readonly asStandby: boolean;
  readonly moment: MomentForm;
}

/** To the moment of the backup; to all that a log holds now; to just before a transaction of it. */
export const restoreWays = ['backup', 'latest', 'before'] as const;

interface MomentForm {
  readonly way: (typeof restoreWays)[number];
  /** The instance whose log is followed; empty: none is chosen. */
  readonly logOf: string;
  /** As it was typed. */
  readonly gtid: string;
}

/** A typed GTID as servers write it; null: it is none, or more than one. Pure. */
export function gtidOf(text: string): string | null {
  const set = tryParseGtidSet(text);
  if (set instanceof Error || set.count() !== 1n) return null;
  const [gtid] = set.gtids();
  return gtid === undefined ? null : formatGtid(gtid);
}

/** The later moment that is ordered; null: the backup's own. As a standby there is no other. Pure. */
function untilOf({ asStandby, moment: { way, logOf, gtid } }: RestoreForm): RestoreMoment | null {
  if (asStandby || way === 'backup') return null;
  return { instanceId: logOf, before: way === 'latest' ? null : gtidOf(gtid) };
}

/** What a target has, as far as it could be read. */
export interface TargetNames {
  readonly names: readonly string[];
  /** Its names do not differ by letter case. */
  readonly folds: boolean;
}

type NameFault = 'empty' | 'long' | 'twice';

/** A database of a restore, the name that it gets, and what is wrong with that. */
export interface NamedDatabase {
  readonly from: string;
  readonly to: string;
  /** The target has one of the old name. */
  readonly exists: boolean;
  readonly fault: NameFault | null;
}

/** The databases of a backup as a server's would be listed. Pure. */
export function objectsOf({ databases, contents }: Pick<BackupDetail, 'databases' | 'contents'>): readonly DatabaseObjects[] {
  return [...databases].sort().map((name) => ({
    name, views: 0, routines: 0, triggers: 0, events: 0,
    tables: contents.filter(({ database }) => database === name).map(({ table, rows, plainBytes }) => ({ name: table, engine: null, rows, bytes: plainBytes })),
  }));
}

function cut(text: string, length: number): string {
  return [...text].slice(0, length).join('');
}

/** A name that is not taken: the database's own, else with `_restored` and a number. Pure. */
export function proposedName(database: string, isTaken: (name: string) => boolean): string {
  if (!isTaken(database)) return database;
  for (let n = 1; ; n += 1) {
    const ending = n === 1 ? '_restored' : `_restored_${n}`;
    const name = `${cut(database, longest - ending.length)}${ending}`;
    if (!isTaken(name)) return name;
  }
}

/** The databases that are restored, with their names on the target. As a standby they keep their names. Pure. */
export function namedDatabases(form: RestoreForm, databases: readonly string[], target: TargetNames): readonly NamedDatabase[] {
  const folded = (name: string): string => (target.folds ? name.toLowerCase() : name);
  const taken = new Set(target.names.map(folded));
  const given: string[] = [];
  const sorted = [...databases].sort();
  const chosen = form.part === null ? sorted : sorted.filter((name) => form.part?.some(({ database }) => database === name));
  const named = chosen.map((from) => {
    const to = form.asStandby ? from : (form.typed[from] ?? proposedName(from, (name) => taken.has(folded(name)) || given.includes(folded(name))));
    given.push(folded(to));
    return { from, to, exists: taken.has(folded(from)) };
  });
  return named.map((one, at) => ({ ...one, fault: faultOf(one.to, given.some((other, index) => index !== at && other === given[at])) }));
}

function faultOf(name: string, isTwice: boolean): NameFault | null {
  if (name.trim() === '') return 'empty';
  if ([...name].length > longest) return 'long';
  return isTwice ? 'twice' : null;
}

/** Whether the form says all that a plan needs. Pure. */
export function isComplete(form: RestoreForm, named: readonly NamedDatabase[]): boolean {
  const until = untilOf(form);
  if (until !== null && (until.instanceId === '' || (form.moment.way === 'before' && until.before === null))) return false;
  return form.targetId !== '' && (form.part === null || form.part.length > 0) && named.every(({ fault }) => fault === null);
}

/** What is ordered. Pure. */
export function orderOf(backupId: string, form: RestoreForm, named: readonly NamedDatabase[]): RestoreOrder {
  const until = untilOf(form);
  return {
    backupId, targetId: form.targetId, scope: form.part === null || form.asStandby ? wholeInstance : { kind: 'partial', databases: form.part },
    renamings: named.filter(({ from, to }) => from !== to).map(({ from, to }) => ({ from, to })),
    accounts: form.accounts, asStandby: form.asStandby, replace: false,
    ...(until === null ? {} : { until }),
  };
}
