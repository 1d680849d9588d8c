import type { PlannedChange } from '../../../shared/domain/operations/parameters/change';
import { sameValue } from '../../../shared/domain/operations/parameters/compare';
import type { ChangeOutcome, RecordedChange } from '../../../shared/domain/operations/parameters/history';
import type { Parameter } from '../../../shared/domain/operations/parameters/parameter';
import { errorOf, type AppError } from '../../../shared/errors/codes';
import type { Session } from '../../mysql/types';
import type { StatedChange } from './draft';

/** So long one statement may take, milliseconds: a server that resizes its memory may take its time. */
const statementLimitMs = 60_000;

export interface Applied {
  readonly changes: readonly RecordedChange[];
  readonly error: AppError | null;
}

/** Runs the statements of a set in their order; where one fails, what was done is taken back on a session of its own, the last first. */
export async function applySet(stated: readonly StatedChange[], connect: () => Promise<Session>): Promise<Applied> {
  const outcomes = new Map<string, ChangeOutcome>();
  let failed: { readonly at: number; readonly error: AppError } | null = null;
  await using(connect, async (session) => {
    for (const [at, { change, statements }] of stated.entries()) {
      try {
        for (const statement of statements) await session.run(statement, [], { timeoutMs: statementLimitMs });
        outcomes.set(change.name, statements.length === 0 ? 'by-hand' : 'done');
      } catch (thrown) {
        failed = { at, error: errorOf(thrown) };
        return;
      }
    }
  });
  const stop = failed as { readonly at: number; readonly error: AppError } | null;
  if (stop !== null) await takeBack(stated, stop.at, outcomes, connect);
  return { changes: stated.map(({ change }) => recorded(change, outcomes.get(change.name) ?? 'ahead', null)), error: stop?.error ?? null };
}

async function using(connect: () => Promise<Session>, use: (session: Session) => Promise<void>): Promise<void> {
  const session = await connect();
  try {
    await use(session);
  } finally {
    await session.close();
  }
}

/** The one that failed goes back too, as far as it came: a statement given up may have been carried out. */
async function takeBack(stated: readonly StatedChange[], at: number, outcomes: Map<string, ChangeOutcome>, connect: () => Promise<Session>): Promise<void> {
  const touched = stated.slice(0, at + 1).reverse();
  const settle = (name: string, isBack: boolean): void => {
    outcomes.set(name, name === stated[at]?.change.name ? (isBack ? 'failed' : 'stuck') : isBack ? 'taken-back' : 'stuck');
  };
  try {
    await using(connect, async (session) => {
      for (const { change, undo } of touched) {
        let isBack = true;
        for (const statement of undo) {
          try {
            await session.run(statement, [], { timeoutMs: statementLimitMs });
          } catch {
            // What stays as it is must not keep the others from going back; the report names it.
            isBack = change.name === stated[at]?.change.name;
          }
        }
        settle(change.name, isBack);
      }
    });
  } catch {
    // No session to take anything back with: all that was touched stays as it is, and is told so.
    for (const { change } of touched) settle(change.name, false);
  }
}

function recorded({ name, keep, value, before }: PlannedChange, outcome: ChangeOutcome, after: RecordedChange['after']): RecordedChange {
  return { name, keep, value, before, after, outcome };
}

/** A set that has not been begun, for the record. */
export function recordedAhead(stated: readonly StatedChange[]): readonly RecordedChange[] {
  return stated.map(({ change }) => recorded(change, 'ahead', null));
}

/** What the server says after it: each change as it came out, by value and by what is kept. */
export function readBack(stated: readonly StatedChange[], changes: readonly RecordedChange[], after: readonly Parameter[]): readonly RecordedChange[] {
  const now = new Map(after.map((one) => [one.name, one]));
  return changes.map((one, at): RecordedChange => {
    const parameter = now.get(one.name);
    const change = stated[at]?.change;
    if (parameter === undefined || change === undefined) return one;
    const standing = { value: parameter.value, persisted: parameter.persisted };
    return { ...one, after: standing, outcome: one.outcome === 'done' ? outcomeOf(change, standing) : one.outcome };
  });
}

function outcomeOf({ name, statements, takesEffect }: PlannedChange, { value, persisted }: NonNullable<RecordedChange['after']>): ChangeOutcome {
  const is = (text: string | null, wanted: string): boolean => text !== null && sameValue(name, text, wanted) !== 'different';
  const isSo = statements.every((statement) => {
    switch (statement.verb) {
      case 'persist':
        return is(value, statement.value) && is(persisted, statement.value);
      case 'persist-only':
        return is(persisted, statement.value);
      case 'global':
        return is(value, statement.value);
      case 'reset-persist':
        return persisted === null;
    }
  });
  return isSo ? (takesEffect === 'restart' ? 'at-restart' : 'done') : 'adjusted';
}

/** Variables that are other than before though nobody asked, by what the server itself keeps counting left out. */
export function changedAlong(stated: readonly StatedChange[], before: readonly Parameter[], after: readonly Parameter[]): readonly {
  readonly name: string; readonly before: string; readonly after: string;
}[] {
  const asked = new Set(stated.map(({ change }) => change.name));
  const old = new Map(before.map(({ name, value }) => [name, value]));
  return after.flatMap(({ name, value }) => {
    const was = old.get(name);
    return was === undefined || was === value || asked.has(name) || counted.test(name) ? [] : [{ name, before: was, after: value }];
  });
}

const counted = /^(?:gtid_|timestamp|rand_seed|pseudo_|last_insert_id|insert_id|error_count|warning_count|statement_id)/;
