// A folder of mydumper's, looked at: its files in the order in which they are taken, each as it is now.
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import {
  databaseIn, inOrder, kindOf, loadedIn, metadataIn, preambleOf, rowFiles, withEvents, type DumpMetadata,
} from '../../../shared/domain/operations/import/folder';
import type { DumpPart } from '../../../shared/domain/operations/import/parts';
import type { ImportFile } from '../../../shared/domain/operations/import/plan';
import { failure } from '../../../shared/errors/codes';
import { lookAt, plainBytes, reading } from './source';

/** Of a file that makes a database, or tells where rows are: more says nothing of it. */
const longestDefinition = 64 * 1024;

/**
 * What is to be imported: a file, or a folder of mydumper's as one.
 *
 * @throws Failure `import-file` where it cannot be read, or is a folder of something else
 */
export async function lookAtDump(path: string): Promise<ImportFile> {
  return (await reading(path, () => stat(path))).isDirectory() ? lookAtFolder(path) : lookAt(path);
}

async function lookAtFolder(path: string): Promise<ImportFile> {
  const names = await reading(path, () => readdir(path));
  // Of MySQL Shell: rows without what says their form in SQL.
  if (names.includes('@.json')) throw failure('import-file', { path, reason: 'shell' });
  const known = names.map((name) => ({ name, of: kindOf(name) })).flatMap(({ name, of }) => (of === null || of === 'other' ? [] : [{ name, ...of }]));
  // Of other folders nothing says in which order their files are to be taken.
  const isDump = known.length > 0 && (names.includes('metadata') || known.some(({ kind }) => kind === 'table' || kind === 'database'));
  if (!isDump) throw failure('import-file', { path, reason: names.includes('manifest.json') ? 'backup' : 'nodump' });
  const told = metadataIn(names.includes('metadata') ? await metadataOf(join(path, 'metadata')) : '');
  const databases = new Map<string, string>();
  for (const { name, kind, stem } of known) if (kind === 'database') databases.set(stem, (await databaseMadeBy(join(path, name))) ?? stem);
  const stems = [...databases.keys(), ...known.flatMap(({ kind, stem }) => (kind === 'programs' || kind === 'events' ? [stem] : []))];
  const made = new Set(databases.values());
  const parts: DumpPart[] = [];
  // Asked once: of a dump of statements no file is read twice, nor each name compared with all.
  const there = names.some((name) => rowFiles.test(name)) ? new Set(names) : null;
  for (const { name, kind, stem } of inOrder(withEvents(known))) {
    const inName = databaseIn(stem, stems);
    const database = kind === 'database' ? null : (databases.get(inName) ?? inName);
    const part = await partOf(path, name, { kind, database }, told, database !== null && !made.has(database));
    parts.push(kind === 'rows' && there !== null ? await loadedBy(path, part, there) : part);
    if (database !== null) made.add(database);
  }
  const taken = new Set(parts.map(({ name }) => name));
  return {
    path, format: 'folder', parts, size: [...new Map(parts.map(({ name, size }) => [name, size])).values()].reduce((sum, size) => sum + size, 0),
    changedAt: parts.reduce((last, { changedAt }) => Math.max(last, changedAt), 0),
    folder: {
      files: known.length, finished: told.finished, rows: told.rows, ignored: names.filter((name) => kindOf(name) === 'other' && !taken.has(name)).sort(),
    },
  };
}

/** Of 50,000 tables it has a few megabytes. */
const longestMetadata = 64 * 1024 * 1024;

async function metadataOf(path: string): Promise<string> {
  const { size } = await lookAt(path);
  if (size > longestMetadata) throw failure('import-file', { path, reason: 'notafile' });
  return reading(path, () => readFile(path, 'utf8'));
}

async function partOf(
  folder: string, name: string, of: Pick<DumpPart, 'kind' | 'database'>, told: DumpMetadata, creates: boolean,
): Promise<DumpPart> {
  const { size, changedAt, touchedAt = changedAt, format } = await lookAt(join(folder, name));
  if (format === 'folder') throw failure('import-file', { path: join(folder, name), reason: 'notafile' });
  return { name, ...of, size, changedAt, touchedAt, format, preamble: preambleOf(of, told, creates) };
}

/** The beginning of the text of a file, or all of it. */
async function beginningOf(file: ImportFile): Promise<string> {
  let text = '';
  for await (const { bytes } of plainBytes(file, undefined)) {
    text += Buffer.from(bytes).toString('utf8');
    if (text.length > longestDefinition) break;
  }
  return text;
}

/** What a file of rows may be stored as: the statement names it as it was before it was compressed, or as it lies there. */
const storedAs = ['', '.zst', '.gz'] as const;

/** The file whose rows a file of statements loads, in its place; the file itself, where it holds its rows. */
async function loadedBy(folder: string, part: DumpPart, there: ReadonlySet<string>): Promise<DumpPart> {
  const text = await beginningOf(fileOf({ path: folder }, part));
  const named = text.length > longestDefinition ? null : loadedIn(text);
  const found = named === null ? undefined : storedAs.map((ending) => `${named}${ending}`).find((name) => there.has(name));
  if (found === undefined) return part;
  const { size, changedAt, touchedAt = changedAt, format } = await lookAt(join(folder, found));
  if (format === 'folder') return part;
  return { ...part, name: found, size, changedAt, touchedAt, format, preamble: `${part.preamble} ${text}`, load: part.name };
}

/** The database that a file makes, by what it says: its name may stand for another. */
async function databaseMadeBy(path: string): Promise<string | null> {
  const text = await beginningOf(await lookAt(path));
  return /\bCREATE\s+DATABASE\b[^`"]*[`"]((?:[^`"]|``|"")+)[`"]/i.exec(text)?.[1]?.replaceAll('``', '`') ?? null;
}

/** A file of a folder as a file. */
export function fileOf({ path }: Pick<ImportFile, 'path'>, { name, size, changedAt, touchedAt, format }: DumpPart): ImportFile {
  return { path: join(path, name), size, changedAt, touchedAt, format };
}

/** Where something stands, for whoever reads it: the file in a folder, else the file. */
export const shownName = ({ path }: Pick<ImportFile, 'path'>, part: DumpPart | null | undefined): string => part?.name ?? basename(path);
