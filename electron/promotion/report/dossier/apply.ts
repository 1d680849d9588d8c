import { closeSync, fsyncSync, openSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { LossClass, Verdict } from '../../../../shared/domain/promotion/dossier/classes';
import { changedColumns, classify, type Today } from '../../../../shared/domain/promotion/dossier/classify';
import type { DossierEntry, DossierOutcome, RefusalWhy } from '../../../../shared/domain/promotion/dossier/dossier';
import { entryTitle } from '../../../../shared/domain/promotion/dossier/export';
import type { NetChange } from '../../../../shared/domain/promotion/dossier/net';
import { failure } from '../../../../shared/errors/codes';
import { MysqlError } from '../../../mysql/errors';
import type { LiveSession } from '../../../mysql/session/session';
import { writeAll } from '../../../storage/careful-write';
import { storageFailure } from '../../../storage/storage-failure';
import { offsetTrouble, TodayTables } from '../../../comparison/logged/tables-today';
import { readChildren, readToday } from '../../../comparison/logged/lookup';
import { LineFile } from '../../../comparison/logged/spill';
import { statementSessionOf } from '../../../comparison/logged/sql';
import { entrySql, imageOf, standsAgainst, type EntrySql } from './statements';
import type { DossierStore } from './store';
import type { TodayTable } from '../../../comparison/logged/tables-today';

type ClassOutcome = DossierOutcome['classes'][number];
type Refused = ClassOutcome['refused'][number];

/** Rows that are locked, looked at and written together. */
const chunk = 100;
/** Refused rows that are listed by name; all are counted by the difference to what was asked for. */
const refusedLimit = 10_000;
/** Statements wait for locks of others no longer than this, seconds. */
const lockSeconds = 10;
/** After these the server has taken the whole transaction back: nothing of it may go on. */
const endsTransaction: readonly number[] = [1205, 1213, 1614, 1290, 1836];

/**
 * Applies rows of one class to the new primary, in one transaction. Each row is locked and judged once more before it is written: what is of
 * another class by now is refused and listed. What was written is read again before the commit: it must be there as the log had it. The
 * statements that take it back are on the disk before the commit.
 *
 * @throws Failure what the server or the disk refused; then nothing of the class was applied, but where the commit itself went unanswered
 */
export async function applyClass(
  session: LiveSession, store: DossierStore, lossClass: LossClass, ids: readonly number[], undoPath: string,
): Promise<ClassOutcome> {
  const work = new Application(session, store, lossClass, undoPath);
  try {
    await work.begin();
    for (let at = 0; at < ids.length; at += chunk) await work.take(ids.slice(at, at + chunk).map((id) => store.entry(id)));
    return await work.commit();
  } catch (thrown) {
    await session.run('ROLLBACK').catch(() => session.destroy());
    throw thrown;
  } finally {
    work.close();
  }
}

/** One that others of the same class may let pass. */
interface Waiting {
  readonly entry: DossierEntry;
  readonly verdict: Verdict;
  readonly why: RefusalWhy;
}

function byTable(entries: readonly DossierEntry[]): Iterable<readonly DossierEntry[]> {
  const groups = new Map<string, DossierEntry[]>();
  for (const entry of entries) {
    const key = JSON.stringify([entry.database, entry.table]);
    const known = groups.get(key);
    if (known === undefined) groups.set(key, [entry]);
    else known.push(entry);
  }
  return groups.values();
}

const inverse = { INSERT: 'DELETE', DELETE: 'INSERT', UPDATE: 'UPDATE' } as const;

class Application {
  private readonly tables: TodayTables;
  private readonly undo: LineFile;
  private readonly undoOffsets: number[] = [];
  private readonly refused: Refused[] = [];
  private applied = 0;
  private opening: readonly string[] = [];

  constructor(private readonly session: LiveSession, store: DossierStore, private readonly lossClass: LossClass, private readonly undoPath: string) {
    this.tables = new TodayTables(session);
    this.undo = new LineFile(join(store.folder, `undo-${lossClass}`));
  }

  async begin(): Promise<void> {
    this.opening = await statementSessionOf(this.session);
    for (const sql of this.opening) await this.session.run(sql);
    await this.session.run(`SET SESSION innodb_lock_wait_timeout = ${String(lockSeconds)}, SESSION lock_wait_timeout = ${String(lockSeconds)}`);
    await this.session.run('START TRANSACTION');
  }

  /** What waits for a parent, or for children to go, is tried again as long as any other was written. */
  async take(entries: readonly DossierEntry[]): Promise<void> {
    for (let left = entries; left.length > 0;) {
      const before = this.applied;
      const waiting: Waiting[] = [];
      for (const group of byTable(left)) waiting.push(...await this.takeTable(group));
      if (this.applied === before) for (const { entry, verdict, why } of waiting) this.refuse(entry, verdict, why);
      left = this.applied === before ? [] : waiting.map(({ entry }) => entry);
    }
  }

  private async takeTable(entries: readonly DossierEntry[]): Promise<readonly Waiting[]> {
    const { database, table: name } = entries[0] as DossierEntry;
    const table = await this.tables.of(database, name);
    if (table === null) {
      for (const entry of entries) this.refuse(entry, { class: 'unreadable', proof: { code: 'table-missing', names: [] } }, 'moved-on');
      return [];
    }
    const nets = entries.map(netOf);
    const found = await readToday(this.session, table, nets, true);
    const verdicts = nets.map((net, i) => classify(net, found[i] as Today, table));
    const children = await this.childrenOf(table, entries, found, nets);
    const isOff = await offsetTrouble(this.session, table);
    const written: number[] = [];
    const waiting: Waiting[] = [];
    for (const [i, entry] of entries.entries()) {
      const verdict = verdicts[i] as Verdict;
      const today = (found[i] as Today).target;
      const sql = verdict.class === entry.class ? entrySql({ ...entry, today: today === null ? null : [...today] }, table) : null;
      const why = sql === null ? 'moved-on' : standsAgainst(table, sql, isOff) ?? (children.has(i) ? 'children' : await this.write(table, sql, isOff));
      if (why === null) written.push(i);
      else if (verdict.class === 'parent-missing' || why === 'children') waiting.push({ entry, verdict, why });
      else this.refuse(entry, verdict, why);
    }
    await this.prove(table, written.map((i) => nets[i] as NetChange));
    return waiting;
  }

  /** Rows of other tables that a foreign key would change along: only what was lost is written, and nothing beside it. */
  private childrenOf(table: TodayTable, entries: readonly DossierEntry[], found: readonly Today[], nets: readonly NetChange[]): Promise<ReadonlySet<number>> {
    if (this.lossClass === 'insert-free' || table.children.length === 0) return Promise.resolve(new Set());
    return readChildren(this.session, table, found.map(({ target }) => target), entries.map((_, i) => {
      const net = nets[i] as NetChange;
      return net.after === null ? null : changedColumns(net, table);
    }));
  }

  /** Runs the statement; why it did nothing, or null where it wrote its row. */
  private async write(table: TodayTable, { event, apply, undo }: EntrySql, isOff: 'stored' | 'key' | null): Promise<RefusalWhy | null> {
    try {
      const { affectedRows } = await this.session.run(apply);
      if (affectedRows > 1) throw failure('internal', { detail: `${String(affectedRows)} rows written for one` });
      if (affectedRows === 0) return 'moved-on';
    } catch (thrown) {
      if (!(thrown instanceof MysqlError) || thrown.errno === 0 || endsTransaction.includes(thrown.errno) || this.session.closed) throw thrown;
      return 'server';
    }
    // Taking it back may do what applying it does not: then it is for its reader to decide, and no statement that a client runs.
    const why = standsAgainst(table, { event: inverse[event] }, isOff);
    this.undoOffsets.push(this.undo.append([why === null ? `${undo};` : `-- ${why}: ${undo.replaceAll(/[\r\n\u2028\u2029]+/g, ' ')};`]));
    this.applied++;
    return null;
  }

  /** Reads what was written, as the transaction sees it. */
  private async prove(table: TodayTable, nets: readonly NetChange[]): Promise<void> {
    // Without a key a row that was written cannot be told from another that is equal.
    if (nets.length === 0 || table.key.length === 0) return;
    const found = await readToday(this.session, table, nets, false);
    for (const [i, net] of nets.entries()) {
      const { class: is } = classify(net, found[i] as Today, table);
      if (is !== 'already-there') throw failure(
        'step-failed',
        { step: 'dossier', server: this.session.label },
        { server: this.session.label, detail: `${table.database}.${table.table}: ${is}` },
      );
    }
  }

  private refuse(entry: DossierEntry, { class: is, proof }: Verdict, why: RefusalWhy): void {
    if (this.refused.length < refusedLimit) this.refused.push({ id: entry.id, title: entryTitle(entry), class: is, proof, why });
  }

  async commit(): Promise<ClassOutcome> {
    if (this.applied > 0) this.writeUndo();
    await this.session.run('COMMIT');
    return { class: this.lossClass, applied: this.applied, refused: this.refused, undoFile: this.applied > 0 ? this.undoPath : null };
  }

  /** The way back, the last first, on the disk for certain. */
  private writeUndo(): void {
    this.undo.flush();
    try {
      const file = openSync(this.undoPath, 'wx', 0o600);
      try {
        writeAll(file, [...this.opening, 'START TRANSACTION'].map((sql) => `${sql};\n`).join(''));
        for (const at of [...this.undoOffsets].reverse()) writeAll(file, `${this.undo.lineAt<[string]>(at)[0]}\n`);
        writeAll(file, 'COMMIT;\n');
        fsyncSync(file);
      } finally {
        closeSync(file);
      }
    } catch (thrown) {
      throw storageFailure(thrown, this.undoPath);
    }
  }

  close(): void {
    this.undo.close();
    rmSync(this.undo.path, { force: true });
  }
}

/** An entry as the change that it is. What the log held of a document in part was made whole, or its class is none that is applied. */
function netOf({ before, after, changed }: DossierEntry): NetChange {
  return {
    before: before === null ? null : imageOf(before), after: after === null ? null : imageOf(after),
    written: new Set([...changed, ...(before === null ? (after ?? []).map(([name]) => name) : [])]),
  };
}

