import { failure } from '../../../shared/errors/codes';
import { openAll } from '../../mysql/session/open-all';
import { mapInTurns } from '../../mysql/loop-turn';
import { sleep } from '../../mysql/time';
import type { Session } from '../../mysql/types';
import type { DefinedObject, Definition } from '../../copy/schema/defined';
import { keyOf } from '../../copy/schema/defined';
import { shareOut } from '../../copy/rows/workers';
import { readerSession, type CopyJob, type End } from '../../copy/snapshot/sessions';
import { differencesOf, type DefinitionDifference, type LeftOutObject, type Side } from './differences';
import type { Printer } from './normal';
import { definedObjects, readDefinition } from './read';

/** Sessions that read definitions of one server at the same time. */
const readers = 3;
/** Where statements on definitions are not held back while both sides are read, what differs is looked at again so often. */
const looks = 6;
const lookMs = 1_000;
/** Objects that are named in an error. */
const most = 10;

/**
 * Holds the definitions of a copy against those that it was made from, as the copy read them.
 *
 * @throws Failure `definitions-differ` naming the objects and what differs
 */
export async function compareCopiedDefinitions(job: CopyJob, definitions: readonly Definition[], leftOut: readonly LeftOutObject[]): Promise<void> {
  const source = await readerSession(job.source, job.step.signal);
  let printer: Printer;
  try {
    printer = await printerOf(source);
  } finally {
    source.destroy();
  }
  await withReaders(job, job.target, async (sessions) => {
    const copied = await readAll(job, sessions, definitions);
    refuse(job, await differencesIn({ printer, definitions }, { printer: await printerOf(sessions[0]), definitions: copied }, leftOut));
  });
}

/**
 * Holds all definitions of a link's scope against each other, those that only one side has too. The source's must stand still meanwhile
 * (LOCK INSTANCE FOR BACKUP) and the standby must have got to where it is; before 8.0, which has no such lock, what differs must do so for
 * some seconds.
 *
 * @throws Failure `definitions-differ` naming the objects and what differs
 */
export async function compareDefinitions(job: CopyJob, leftOut: readonly LeftOutObject[]): Promise<void> {
  await withReaders(job, job.source, (there) => withReaders(job, job.target, async (here) => {
    const [source, target] = [await printerOf(there[0]), await printerOf(here[0])];
    const look = async (only: ReadonlySet<string> | null): Promise<readonly DefinitionDifference[]> => {
      const of = async (sessions: Sessions): Promise<readonly Definition[]> =>
        readAll(job, sessions, (await definedObjects(sessions[0], { scope: job.scope })).filter((object) => only?.has(keyOf(object)) !== false));
      const [one, other] = await Promise.all([of(there), of(here)]);
      return differencesIn({ printer: source, definitions: one }, { printer: target, definitions: other }, leftOut);
    };
    let found = await look(null);
    for (let left = there[0].dialect.features.hasBackupLock ? 0 : looks; left > 0 && found.length > 0; left--) {
      await sleep(lookMs, job.step.signal);
      found = await look(new Set(found.map(keyOf)));
    }
    refuse(job, found);
  }));
}

/** As {@link differencesOf}: definitions of two releases are taken apart to be compared, which takes seconds of thousands. */
async function differencesIn(source: Side, target: Side, leftOut: readonly LeftOutObject[]): Promise<readonly DefinitionDifference[]> {
  const byKey = ({ definitions }: Side): ReadonlyMap<string, Definition> => new Map(definitions.map((definition) => [keyOf(definition), definition]));
  const [here, there] = [byKey(source), byKey(target)];
  const of = (all: ReadonlyMap<string, Definition>, key: string): readonly Definition[] => [all.get(key)].flatMap((one) => one ?? []);
  return (await mapInTurns(new Set([...here.keys(), ...there.keys()]), (key) =>
    differencesOf({ ...source, definitions: of(here, key) }, { ...target, definitions: of(there, key) }, leftOut))).flat();
}

type Sessions = readonly [Session, ...Session[]];

async function withReaders(job: CopyJob, end: End, work: (sessions: Sessions) => Promise<void>): Promise<void> {
  const [first, ...others] = await openAll(Array.from({ length: readers }, () => () => readerSession(end, job.step.signal)));
  if (first === undefined) throw failure('internal', { detail: 'no session to read definitions on' });
  try {
    await work([first, ...others]);
  } finally {
    for (const session of [first, ...others]) session.destroy();
  }
}

async function readAll(job: CopyJob, sessions: Sessions, objects: readonly DefinedObject[]): Promise<readonly Definition[]> {
  const definitions: Definition[] = [];
  await shareOut(sessions, objects, async (session, object) => {
    job.step.checkpoint();
    const definition = await readDefinition(session, object);
    if (definition !== null) definitions.push(definition);
  });
  return definitions;
}

async function printerOf(session: Session): Promise<Printer> {
  const rows = await session.query<{ charset: string; collation: string }>(
    "SELECT CHARACTER_SET_NAME AS charset, COLLATION_NAME AS collation FROM information_schema.COLLATIONS WHERE IS_DEFAULT = 'Yes'",
  );
  return { version: session.version, defaults: new Map(rows.map(({ charset, collation }) => [charset, collation])) };
}

function refuse({ step, target }: CopyJob, found: readonly DefinitionDifference[]): void {
  if (found.length === 0) return;
  const text = ({ kind, database, name }: DefinedObject): string => `${kind} ${kind === 'DATABASE' ? name : `${database}.${name}`}`;
  for (const one of found) step.log('error', 'sync.log.definitionDiffers', { name: text(one), part: one.part, source: one.source, target: one.target });
  const objects = found.slice(0, most).map((one) => `${text(one)} (${one.part})`).join(', ');
  const detail = found.slice(0, most).map((one) => `${text(one)}: ${one.part}: ${one.source} | ${one.target}`).join('; ');
  throw failure('definitions-differ', { count: found.length, objects }, { server: target.name, detail });
}
