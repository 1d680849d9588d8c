import { oneCharsetName } from '../../../shared/domain/sql/charset-name';
import { failure } from '../../../shared/errors/codes';
import { textOf } from '../../mysql/reading';
import type { Session, Statement } from '../../mysql/types';
import type { StepContext } from '../../tasks/types';
import type { CharsetInput } from './input';

type Row = Readonly<Record<string, unknown>>;
type ServerBefore = NonNullable<CharsetInput['server']>;

const same = (a: string | null, b: string): boolean => a !== null && oneCharsetName(a) === oneCharsetName(b);

/** The default of the server as statements: both variables, the collation after the character set that resets it. */
export function serverStatements({ dialect }: Pick<Session, 'dialect'>, charset: string,
  collation: string): { readonly statements: readonly Statement[]; readonly lines: readonly string[] } {
  const changes = [dialect.setLasting('character_set_server', charset), dialect.setLasting('collation_server', collation)];
  return { statements: changes.flatMap(({ statements }) => statements), lines: changes.flatMap(({ configLines }) => configLines) };
}

/** The way back of it: the running values, and what was kept for the next start; what was not kept is forgotten again. */
export function serverBack({ dialect }: Pick<Session, 'dialect'>, { charset, collation, persisted }: ServerBefore): readonly Statement[] {
  if (persisted === undefined || !dialect.features.hasSetPersist) return serverStatements({ dialect }, charset, collation).statements;
  const kept = ([['character_set_server', persisted.charset], ['collation_server', persisted.collation]] as const)
    .map(([name, value]) => (value === null ? dialect.resetPersist(name) : dialect.setPersistOnly(name, value)));
  return [dialect.setGlobal('character_set_server', charset), dialect.setGlobal('collation_server', collation), ...kept];
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
  readonly from: string;
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
