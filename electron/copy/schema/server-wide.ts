import { atLeast } from '../../../shared/domain/fleet/version';
import { isRefusal } from '../../mysql/errors';
import { quoteId, quoteString, quoteTable } from '../../mysql/quote';
import type { Session } from '../../mysql/types';
import { ofUsers } from '../../mysql/user-schemas';
import type { CopyJob } from '../snapshot/sessions';
import type { Catalogue } from './catalogue';

interface SpatialSystem {
  readonly id: string | number;
  readonly name: string;
  readonly organization: string | null;
  readonly organizationId: string | number | null;
  readonly definition: string;
  readonly description: string | null;
}

/**
 * Creates the spatial reference systems that only the source has (8.0 on), before the tables whose columns name them: a server takes no
 * column of a system that it does not know (3548). They belong to no database and harm nobody, so they stay where a copy is taken back.
 * Manual: "CREATE SPATIAL REFERENCE SYSTEM Statement".
 */
export async function createSpatialSystems(job: CopyJob, reader: Session, writer: Session): Promise<void> {
  if (!atLeast(reader.version, 8, 0, 11) || !atLeast(writer.version, 8, 0, 11)) return;
  const idsOf = async (session: Session): Promise<readonly string[]> =>
    (await session.query<{ id: string | number }>('SELECT SRS_ID AS id FROM information_schema.ST_SPATIAL_REFERENCE_SYSTEMS')).map(({ id }) => String(id));
  const [here, there] = await Promise.all([idsOf(reader), idsOf(writer)]);
  const known = new Set(there);
  const missing = here.filter((id) => !known.has(id));
  if (missing.length === 0) return;
  const systems = await systemsOf(reader, missing);
  for (const system of systems) await attempt(job, `SRID ${String(system.id)}`, () => job.step.sql(writer, job.target.name, spatialStatement(system)));
}

/** The statements that make the spatial reference systems which columns of these tables name (8.0.11 on), but those that every server brings along. */
export async function usedSpatialSystems(reader: Session, { tables }: Catalogue): Promise<readonly { readonly id: string; readonly statement: string }[]> {
  if (!atLeast(reader.version, 8, 0, 11)) return [];
  const used = await reader.query<{ db: string; tab: string; id: string | number }>(
    `SELECT TABLE_SCHEMA AS db, TABLE_NAME AS tab, SRS_ID AS id FROM information_schema.COLUMNS WHERE SRS_ID IS NOT NULL AND ${ofUsers('TABLE_SCHEMA')}`,
  );
  const mine = new Set(tables.map(({ database, name }) => quoteTable(database, name)));
  // 0 is no system, and has no definition.
  const ids = [...new Set(used.filter(({ db, tab }) => mine.has(quoteTable(db, tab))).map(({ id }) => String(id)))].filter((id) => id !== '0');
  const systems = ids.length === 0 ? [] : await systemsOf(reader, ids);
  const own = systems.filter(({ id, organization, organizationId }) => organization !== 'EPSG' || String(organizationId) !== String(id));
  return own.map((system) => ({ id: String(system.id), statement: spatialStatement(system) }));
}

function systemsOf(reader: Session, ids: readonly string[]): Promise<SpatialSystem[]> {
  return reader.query<SpatialSystem>(
    `SELECT SRS_ID AS id, SRS_NAME AS name, ORGANIZATION AS organization, ORGANIZATION_COORDSYS_ID AS organizationId,
       DEFINITION AS definition, DESCRIPTION AS description
     FROM information_schema.ST_SPATIAL_REFERENCE_SYSTEMS WHERE SRS_ID IN (?)`, [ids],
  );
}

function spatialStatement({ id, name, organization, organizationId, definition, description }: SpatialSystem): string {
  const parts = [`CREATE SPATIAL REFERENCE SYSTEM IF NOT EXISTS ${String(id)} NAME ${quoteString(name)} DEFINITION ${quoteString(definition)}`];
  if (organization !== null) parts.push(`ORGANIZATION ${quoteString(organization)} IDENTIFIED BY ${String(organizationId ?? 0)}`);
  if (description !== null) parts.push(`DESCRIPTION ${quoteString(description)}`);
  return parts.join(' ');
}

/**
 * Gives the columns the histograms that they have on the source (8.0 on): statements after the copy then get the plans they get there. From
 * 8.0.31 on as they are, before that a server computes its own, of as many buckets. Manual: "Histogram Statistics Analysis".
 */
export async function createHistograms(job: CopyJob, reader: Session, writer: Session, { tables }: Catalogue): Promise<void> {
  if (!atLeast(reader.version, 8, 0, 3) || !atLeast(writer.version, 8, 0, 3)) return;
  const rows = await reader.query<{ db: string; tab: string; col: string; histogram: string }>(
    `SELECT SCHEMA_NAME AS db, TABLE_NAME AS tab, COLUMN_NAME AS col, CAST(HISTOGRAM AS CHAR) AS histogram
     FROM information_schema.COLUMN_STATISTICS WHERE ${ofUsers('SCHEMA_NAME')}`,
  );
  const copied = new Set(tables.map(({ database, name }) => quoteTable(database, name)));
  for (const { db, tab, col, histogram } of rows) {
    const table = quoteTable(db, tab);
    if (!copied.has(table)) continue;
    const how = atLeast(writer.version, 8, 0, 31) ? `USING DATA ${quoteString(histogram)}` : `WITH ${bucketsOf(histogram)} BUCKETS`;
    const name = `${db}.${tab}.${col}`;
    await attempt(job, name, async () => {
      const told = await writer.query<{ Msg_type: string; Msg_text: string }>(
        `ANALYZE NO_WRITE_TO_BINLOG TABLE ${table} UPDATE HISTOGRAM ON ${quoteId(col)} ${how}`,
      );
      const refusal = told.find(({ Msg_type }) => Msg_type.toLowerCase() === 'error');
      if (refusal !== undefined) job.step.log('warning', 'sync.log.serverWideLeft', { name, detail: refusal.Msg_text });
    });
  }
}

function bucketsOf(histogram: string): number {
  const parsed = JSON.parse(histogram) as { readonly 'number-of-buckets-specified'?: number };
  return parsed['number-of-buckets-specified'] ?? 100;
}

/** What the target refuses is left out with a word. */
async function attempt(job: CopyJob, name: string, work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (thrown) {
    if (!isRefusal(thrown)) throw thrown;
    job.step.log('warning', 'sync.log.serverWideLeft', { name, detail: thrown.message });
  }
}
