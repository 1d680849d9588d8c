// The plan of an undo: everything read, nothing changed.
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { countOfVerdict, mostListed, type UndoCount, type UndoEntry, type UndoPlan } from '../../../shared/domain/operations/rollback/undo-plan';
import { isConflict } from '../../../shared/domain/operations/rollback/undo';
import type { Precondition } from '../../../shared/domain/tasks/plan';
import { message } from '../../../shared/i18n/message';
import type { InOneOffset } from '../../comparison/logged/tables-today';
import type { LiveSession } from '../../mysql/session/session';
import { planLifeMs } from '../../tasks/plan-drafts';
import { comparing, untilGivenUp } from './given-up';
import { options } from './log-reading';
import type { UndoObstruction, UndoReading } from './undo-reading';
import { openReading, type ActsOrder } from './undo-source';
import { proofSql } from './undo-proof';
import { UndoCounts, undoSession, undoTitle } from './undo-run';
import type { RollbackDeps } from './work';

/** Statements of a plan that are shown. */
const mostShown = 50;

export type UndoRequest = { readonly kind: 'undo'; readonly instanceId: string } & ActsOrder;

export interface UndoDraft {
  readonly plan: UndoPlan;
  readonly request: UndoRequest;
  readonly basis: string;
}

/** Reads the log and the rows of the tables as they are. @throws Failure `transaction-not-logged`, `rollback-too-many` */
export async function draftUndo(deps: RollbackDeps, id: string, name: string, request: UndoRequest, signal?: AbortSignal): Promise<UndoDraft> {
  const { fleet, clock, dataFolder } = deps;
  const { instanceId } = request;
  const folder = join(dataFolder, 'rollback', `plan-${id}`);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const sessions: LiveSession[] = [];
  const connect = async (): Promise<LiveSession> => {
    const session = await fleet.connect(instanceId, 'pair' in request ? comparing(signal) : options(signal));
    sessions.push(session);
    return session;
  };
  try {
    const reading = await untilGivenUp(sessions, signal, () => openReading(folder, { fleet, instanceId, name }, request, connect, signal));
    try {
      const counts = new UndoCounts();
      const [conflicts, rest, sql]: [UndoEntry[], UndoEntry[], string[]] = [[], [], []];
      for (const one of reading.statements()) {
        counts.add(one);
        const list = isConflict(one.entry.verdict) ? conflicts : rest;
        if (list.length < mostListed) list.push(one.entry);
        if (one.sql !== null && sql.length < mostShown) sql.push(one.sql);
      }
      const all = counts.all();
      const opening = await undoSession(sessions[0] ?? await connect());
      const now = clock();
      const preconditions = preconditionsOf(reading, all);
      return {
        request, basis: counts.basis(reading),
        plan: {
          id, kind: 'rollback', createdAt: now, expiresAt: now + planLifeMs, instanceId, name, gtids: 'gtids' in request ? request.gtids : [], counts: all,
          entries: [...conflicts, ...rest].slice(0, mostListed), preconditions, phrase: name,
          steps: [{
            id: 'undo', title: undoTitle(name, request), pointOfNoReturn: false, undoable: true,
            sql: [...opening, 'START TRANSACTION', proofSql(id), ...sql].map((text) => ({ server: name, sql: text })),
          }, {
            id: 'commit', title: message('rollback.step.commit', { name }), pointOfNoReturn: true, undoable: false, sql: [{ server: name, sql: 'COMMIT' }],
          }],
          warnings: [],
        },
      };
    } finally {
      reading.close();
    }
  } finally {
    for (const session of sessions) session.destroy();
    rmSync(folder, { recursive: true, force: true });
  }
}

function zonePreconditions({ stored, kept }: InOneOffset): readonly Precondition[] {
  const shown = (tables: readonly string[]): { readonly tables: string } => ({ tables: tables.slice(0, 10).join(', ') });
  const [title, sql] = [message('rollback.precondition.zone'), 'SELECT @@GLOBAL.time_zone'];
  return [
    ...(kept.length === 0 ? [] : [{
      id: 'zone-kept', title, status: 'fail', sql, measured: message('rollback.zone.kept', shown(kept)), remedy: message('rollback.cure.kept'),
    } satisfies Precondition]),
    ...(stored.length === 0 ? [] : [{
      id: 'zone', title, status: 'warn', sql, measured: message('rollback.zone', shown(stored)), remedy: message('rollback.cure.zone'),
    } satisfies Precondition]),
  ];
}

/** The text of an obstruction with its cure. */
const cures = {
  'ddl': 'moment', 'statement': 'beside', 'unreadable': 'beside', 'table-missing': 'backup', 'table-differs': 'backup', 'table-changed': 'backup',
  'names-unknown': 'backup', 'system': 'none', 'engine': 'none',
} as const satisfies Record<UndoObstruction['why'], string>;

function preconditionsOf(
  { obstructions, inOneOffset }: Pick<UndoReading, 'obstructions' | 'inOneOffset'>, counts: readonly UndoCount[],
): readonly Precondition[] {
  const [ready, partial] = [countOfVerdict(counts, (verdict) => verdict === 'ready'), countOfVerdict(counts, (verdict) => verdict === 'partial-image')];
  const conflicts = countOfVerdict(counts, isConflict);
  const log = 'COM_BINLOG_DUMP_GTID';
  return [
    ...obstructions.map(({ why, what }, at): Precondition => ({
      id: `${why}:${String(at)}`, title: message('rollback.precondition.readable'), status: 'fail', sql: log,
      measured: message(`rollback.obstruction.${why}`, { what: what.length > 200 ? `${what.slice(0, 199)}…` : what }),
      remedy: message(`rollback.cure.${cures[why]}`),
    })),
    ...(obstructions.length > 0 ? [] : [{
      id: 'rows', title: message('rollback.precondition.rows'), status: ready === 0 ? 'fail' : 'pass', sql: 'SELECT … WHERE …',
      measured: message(ready === 0 ? 'rollback.rows.none' : 'rollback.rows.ready', { ready }), remedy: null,
    } satisfies Precondition]),
    ...(conflicts === 0 ? [] : [{
      id: 'conflicts', title: message('rollback.precondition.conflicts'), status: 'warn', sql: 'SELECT … WHERE …',
      measured: message('rollback.rows.conflicts', { conflicts }),
      remedy: message(partial === 0 ? 'rollback.cure.conflicts' : 'rollback.cure.partial', { partial }),
    } satisfies Precondition]),
    ...zonePreconditions(inOneOffset),
  ];
}
