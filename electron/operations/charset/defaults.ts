import { oneCharsetName } from '../../../shared/domain/sql/charset-name';
import { failure } from '../../../shared/errors/codes';
import { textOf } from '../../mysql/reading';
import type { Session, Statement } from '../../mysql/types';
import type { StepContext } from '../../tasks/types';
import type { CharsetInput } from './input';

type Row = Readonly<Record<string, unknown>>;
type ServerBefore = NonNullable<CharsetInput['server']>;

const same = (a: string | null, b: string | null): boolean => (a === null || b === null ? a === b : oneCharsetName(a) === oneCharsetName(b));

/**
 * The default of the server as one statement: the collation brings its character set with it on every series, running and from the next start on, where
 * what is persisted is set in the order of its time. With two there would be a server between them that nobody chose. An option file names both: with
 * the collation alone a server does not start.
 */
export function serverStatements({ dialect }: Pick<Session, 'dialect'>, charset: string,
  collation: string): { readonly statements: readonly Statement[]; readonly lines: readonly string[] } {
  const last = dialect.setLasting('collation_server', collation);
  return { statements: last.statements, lines: [...dialect.setLasting('character_set_server', charset).configLines, ...last.configLines] };
}

/** What of the default of a server is another thing than it was: the running one, and what is kept for the next start. */
interface Back {
  readonly running: boolean;
  readonly kept: boolean;
}

/**
 * The way back of it: what was kept for the next start, what was not kept is forgotten again; then the running values. Of the kept ones the collation is
 * the last, and tells whether both are back.
 */
export function serverBack({ dialect }: Pick<Session, 'dialect'>, { collation, persisted }: ServerBefore, { running, kept }: Back): readonly Statement[] {
  if (persisted === undefined || !dialect.features.hasSetPersist) return running ? dialect.setLasting('collation_server', collation).statements : [];
  const before = ([['character_set_server', persisted.charset], ['collation_server', persisted.collation]] as const)
    .map(([name, value]) => (value === null ? dialect.resetPersist(name) : dialect.setPersistOnly(name, value)));
  return [...(kept ? before : []), ...(running ? [dialect.setGlobal('collation_server', collation)] : [])];
}

/** What a server has, and what it keeps for its next start (8.0+). */
export async function readServerDefault(session: Session): Promise<ServerBefore> {
  const [row] = await session.query<Row>('SELECT @@GLOBAL.character_set_server AS charset, @@GLOBAL.collation_server AS collation');
  const now = { charset: textOf(row?.['charset']) ?? '', collation: textOf(row?.['collation']) ?? '' };
  if (!session.dialect.features.hasSetPersist) return now;
  const rows = await session.query<Row>("SELECT VARIABLE_NAME AS name, VARIABLE_VALUE AS value FROM performance_schema.persisted_variables "
    + "WHERE VARIABLE_NAME IN ('character_set_server', 'collation_server')");
  const kept = (name: string): string | null => textOf(rows.find((one) => textOf(one['name']) === name)?.['value']);
  return { ...now, persisted: { charset: kept('character_set_server'), collation: kept('collation_server') } };
}

/** null: there is no such database any more. */
export async function readDatabaseDefault(session: Session, database: string): Promise<string | null> {
  const [row] = await session.query<Row>('SELECT DEFAULT_COLLATION_NAME AS collation FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = ?', [database]);
  return textOf(row?.['collation']);
}

interface Default {
  readonly what: string;
  readonly from: string | null;
  readonly to: string;
  readonly now: string | null;
}

/**
 * Whether a default is still to be set. A run goes on long after its plan where the program died in between: what somebody chose meanwhile is no
 * longer what was planned from.
 *
 * @throws Failure `plan-outdated`
 */
export function isToBeSet({ what, from, to, now }: Default): boolean {
  if (same(now, to)) return false;
  if (!same(now, from)) throw failure('plan-outdated', { what: `${what}: ${now ?? '-'}` });
  return true;
}

/** Whether a default is to go back: what somebody chose since it was set here stays, and is told. */
export function isToGoBack(step: StepContext, { what, from, to, now }: Default): boolean {
  if (same(now, to)) return true;
  if (!same(now, from)) step.log('warning', 'charset.log.moved-on', { what, now: now ?? '-' });
  return false;
}

/** The default of a server as it runs, and what it keeps of it for its next start: null where it keeps nothing, or nobody looked at that. */
function serverDefaults(before: ServerBefore, to: string, now: ServerBefore): { readonly running: Default; readonly kept: Default | null } {
  const kept = before.persisted === undefined || now.persisted === undefined ? null
    : { what: 'collation_server (SET PERSIST)', from: before.persisted.collation, to, now: now.persisted.collation };
  return { running: { what: 'collation_server', from: before.collation, to, now: now.collation }, kept };
}

/**
 * What is still to be run for the default of a server to be `to`, now and after its next start.
 *
 * @throws Failure `plan-outdated`
 */
export function serverToDo(session: Pick<Session, 'dialect'>, before: ServerBefore, to: { readonly charset: string; readonly collation: string },
  now: ServerBefore): readonly Statement[] {
  const { running, kept } = serverDefaults(before, to.collation, now);
  const open = [running, ...(kept === null ? [] : [kept])].filter(isToBeSet);
  return open.length === 0 ? [] : serverStatements(session, to.charset, to.collation).statements;
}

/** What is still to be run for the default of a server to be what it was. */
export function serverToUndo(step: StepContext, session: Pick<Session, 'dialect'>, before: ServerBefore, to: string, now: ServerBefore): readonly Statement[] {
  const { running, kept } = serverDefaults(before, to, now);
  return serverBack(session, before, { running: isToGoBack(step, running), kept: kept !== null && isToGoBack(step, kept) });
}
