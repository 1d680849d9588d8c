// The old primary is brought back to where its successor took over: what only it has is undone from its own binary log, and is no longer in
// its GTIDs either. All of that is one transaction, so that a row that moved on since, or anything else in the way, harms nothing.
import { randomUUID } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseGtidSet, type GtidSet } from '../../../shared/domain/gtid/set';
import { undoStanding, type UndoIntent } from '../../../shared/domain/promotion/failback/undo';
import { failure } from '../../../shared/errors/codes';
import { message } from '../../../shared/i18n/message';
import { automaticGtid, takeGtid } from '../../mysql/empty-transaction';
import { isRefusal } from '../../mysql/errors';
import type { LiveSession } from '../../mysql/session/session';
import { executedOn } from '../../replication/gtid';
import { withEnd, withoutSuperReadOnly, writableSession } from '../../replication/read-only';
import { ServerSessions, serverOf } from '../../replication/servers';
import type { Step, StepContext } from '../../tasks/types';
import { zoneOf } from '../../copy/rows/clock';
import { statementSession } from '../../comparison/logged/sql';
import { isFenced } from '../steps/fence';
import { fenceForGood } from '../steps/fence-alone';
import { refuseSetBack } from './follow';
import { keepDossier } from './keep';
import { refusal, UndoLog } from './undo-log';
import type { FailbackWork } from './work';

/** Where an undoing is kept durably, over tasks: what it meant to do is read again by whatever takes it up. */
export interface UndoBook {
  readonly dataFolder: string;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
  /** Of the failback; null: none was begun. */
  readonly undoOf: (id: string) => UndoIntent | null;
  /** It is on the disk when this returns. */
  readonly noteUndo: (id: string, undo: UndoIntent) => void;
}

/** A statement may look for its row in a table without a key. */
const statementMs = 600_000;
/** Changes between two tellings of how far it is. */
const told = 1_000;

/** What a session needs besides, so that a row is put back as it was and nothing else is written along. */
export const undoSession = (zone: string): readonly string[] => [
  ...statementSession(zone).filter((sql) => !sql.includes('foreign_key_checks')), 'SET SESSION foreign_key_checks = 0, SESSION unique_checks = 1',
];

/** Everything that is to be undone is kept in a file first, then undone in one transaction. */
export function undoStep(book: UndoBook, work: FailbackWork): Step {
  return { id: 'undo', title: message('failback.step.undo', { server: work.input.oldName }), run: (context) => undo(book, work, context) };
}

/** The GTIDs of the old primary are those of what it has now. There is no going back behind it, only on to its end. */
export function numbersStep(book: UndoBook, work: FailbackWork): Step {
  const run = (context: StepContext): Promise<void> => number(book, work, context);
  return {
    id: 'numbers',
    title: message('failback.step.numbers', { server: work.input.oldName }),
    run,
    undo: async (context) => {
      // A server without its numbers would pass for one that has nothing: that is never left behind.
      if (book.undoOf(work.input.id)?.state === 'resetting') await run(context);
    },
  };
}

/** A restart may have opened a server that cannot keep its fence by itself, and a program that died within the undoing left it half open. */
async function closed(work: FailbackWork, context: StepContext): Promise<void> {
  const { oldId, oldName } = work.input;
  if (await isFenced(work.old(context))) return;
  // A fence of before 5.7.8 holds a lock as long as its sessions live: they must not outlive it here.
  const sessions = new ServerSessions(work.fleet);
  try {
    await fenceForGood(sessions, serverOf(sessions, context, oldId, oldName));
  } finally {
    await sessions.close();
  }
}

interface Sets {
  readonly own: GtidSet;
  readonly undone: GtidSet;
  readonly target: GtidSet;
}

function setsOf({ own, gtid, target }: UndoIntent): Sets {
  return { own: parseGtidSet(own), undone: parseGtidSet(own).union(parseGtidSet(gtid)), target: parseGtidSet(target) };
}

async function undo(book: UndoBook, work: FailbackWork, context: StepContext): Promise<void> {
  const { id, oldName: name, successorName, givenUp = '' } = work.input;
  const old = work.old(context);
  await closed(work, context);
  const executed = await executedOn(old);
  const known = book.undoOf(id);
  if (known !== null && known.state !== 'done' && ['undone', 'emptied', 'numbered'].includes(undoStanding(executed, setsOf(known), known.state))) return;
  const theirs = await executedOn(work.successor(context));
  await refuseSetBack(old, work.successor(context), executed, theirs);
  const lost = executed.subtract(theirs);
  if (lost.isEmpty()) return;
  if (!lost.isSubsetOf(parseGtidSet(givenUp))) throw failure(
    'failback-diverged',
    { name, successor: successorName, count: Number(lost.count()) },
    { server: name },
  );
  const replicas = Number(await old.text('control', "SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE COMMAND LIKE 'Binlog Dump%'"));
  if (replicas > 0) throw failure('failback-foreign', { name, count: replicas });
  const folder = join(book.dataFolder, 'failback-undo', id);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const sessions: LiveSession[] = [];
  const connect = async (): Promise<LiveSession> => {
    const session = await work.fleet.connect(work.input.oldId, { queryTimeoutMs: statementMs, signal: context.signal });
    sessions.push(session);
    return session;
  };
  try {
    const writer = await connect();
    const log = await UndoLog.read(folder, writer, await connect(), lost, context.signal);
    try {
      const file = await keepDossier(book, work, lost, context.signal);
      context.log('info', 'failback.note.kept', { server: name, file });
      const intent: UndoIntent = { state: 'meant', gtid: `${randomUUID()}:1`, own: executed.toLine(), target: executed.subtract(lost).toLine(), file };
      book.noteUndo(id, intent);
      const rows = await takeBack(work, context, writer, log, intent);
      context.log('info', 'failback.note.undone', { server: name, rows, count: Number(lost.count()) });
    } finally {
      log.close();
    }
  } finally {
    for (const session of sessions) session.destroy();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Takes every change back in one transaction of a number of its own, by which it is known afterwards. Returns how many were. */
async function takeBack(work: FailbackWork, context: StepContext, writer: LiveSession, log: UndoLog, { gtid }: UndoIntent): Promise<number> {
  const { oldId, oldName } = work.input;
  const run = (sql: Parameters<LiveSession['run']>[0]): Promise<unknown> => context.sql(writer, oldName, sql);
  for (const sql of undoSession(await zoneOf(writer))) await run(sql);
  return withoutSuperReadOnly(writableSession(writer, run, (use) => work.fleet.withSession(oldId, use)), () =>
    withEnd(async () => {
      await run(takeGtid(gtid));
      await run('START TRANSACTION');
      const rows = await eachInverse(context, writer, log, oldName);
      await run('COMMIT');
      return rows;
    }, async () => {
      if (writer.closed) return;
      // Behind a commit there is nothing to be rolled back.
      await writer.run('ROLLBACK');
      await writer.run(automaticGtid);
    }));
}

async function eachInverse(context: StepContext, writer: LiveSession, log: UndoLog, server: string): Promise<number> {
  let done = 0;
  for await (const { sql, table } of log.statements()) {
    const rows = await writer.run(sql).catch((thrown: unknown) => {
      if (!isRefusal(thrown)) throw thrown;
      throw refusal(server, 'server', table, thrown.error.detail ?? thrown.error.code);
    });
    if (rows.affectedRows !== 1) throw refusal(server, 'moved', table);
    if (++done % told !== 0) continue;
    context.checkpoint();
    context.progress({ text: null, done, total: log.count, unit: 'rows', rate: null, etaSeconds: null });
  }
  return done;
}

async function number(book: UndoBook, work: FailbackWork, context: StepContext): Promise<void> {
  const { id, oldName: name, successorName } = work.input;
  const intent = book.undoOf(id);
  if (intent === null || intent.state === 'done') return;
  const old = work.old(context);
  await closed(work, context);
  const sets = setsOf(intent);
  const executed = await executedOn(old);
  const standing = undoStanding(executed, sets, intent.state);
  if (standing === 'not-undone' || standing === 'written-since') {
    throw failure('failback-diverged', { name, successor: successorName, count: Number(executed.subtract(sets.target).count()) }, { server: name });
  }
  const dialect = await old.dialect();
  if (standing === 'undone') {
    book.noteUndo(id, { ...intent, state: 'resetting' });
    await old.sql('control', dialect.resetBinaryLogsAndGtids());
  }
  if (standing !== 'numbered' && !sets.target.isEmpty()) await old.sql('control', dialect.setGtidPurged(intent.target, 'replace'));
  const now = await executedOn(old);
  if (!now.equals(sets.target)) throw failure('step-failed', { step: 'numbers', server: name }, { server: name, detail: `gtid_executed = ${now.shorten()}` });
  book.noteUndo(id, { ...intent, state: 'done' });
}
