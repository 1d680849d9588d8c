// A folder as mydumper writes it: which of its files come in which order, and what its metadata says.
import type { DumpPart, PartKind } from './parts';

/** In the order in which they are taken: a view may call a function, and an event that is enabled runs at once. */
const order: readonly PartKind[] = ['database', 'sequence', 'table', 'rows', 'triggers', 'programs', 'view', 'events'];

const endings: readonly (readonly [RegExp, PartKind])[] = [
  [/-schema-create$/, 'database'], [/-schema-sequence$/, 'sequence'], [/-schema-triggers$/, 'triggers'], [/-schema-(?:post|routines)$/, 'programs'],
  [/-schema-events$/, 'events'], [/-schema-view$/, 'view'], [/-schema$/, 'table'],
];
/** What is beside the statements and says nothing that is needed. */
const besides = /^metadata(?:\.partial.*|\.header)?$|^resume$|-(?:metadata|checksum|schema-checksum|schema-(?:post|triggers|create)-checksum)(?:\.(?:gz|zst))?$/;
/** The name that newer versions put in place of one that no file can have. */
const masked = /^mydumper_\d+$/;

/** What a file of such a folder is by its name; `other`: nothing that is imported, null: nothing that is looked at. */
export function kindOf(name: string): { readonly kind: PartKind; readonly stem: string } | 'other' | null {
  if (besides.test(name)) return null;
  const found = /^(.+)\.sql(?:\.(?:gz|zst))?$/.exec(name);
  const stem = found?.[1];
  if (stem === undefined || stem === 'all-schema-create-tablespace') return 'other';
  for (const [ending, kind] of endings) if (ending.test(stem)) return { kind, stem: stem.replace(ending, '') };
  return stem.includes('.') ? { kind: 'rows', stem } : 'other';
}

/** Files of rows without statements (--load-data, --csv). */
export const rowFiles = /\.(?:dat|csv|tsv|txt)(?:\.(?:gz|zst))?$/;

/** The file that the one LOAD DATA of a text names, without folder and what says how it is compressed; null: there is none, or several. */
export function loadedIn(text: string): string | null {
  const found = [...text.matchAll(/^LOAD\s+DATA\s+(?:LOCAL\s+)?INFILE\s+'((?:[^'\\]|\\.|'')+)'/gim)];
  const path = found[0]?.[1]?.replaceAll("''", "'").replaceAll(/\\(.)/g, '$1');
  return found.length === 1 && path !== undefined ? (path.split('/').at(-1) ?? path).replace(/\.(?:gz|zst)$/, '') : null;
}

/** The database of a file as its name tells: one that is known, else what stands before the first point. */
export function databaseIn(stem: string, known: readonly string[]): string {
  const found = known.filter((name) => stem === name || stem.startsWith(`${name}.`)).sort((a, b) => b.length - a.length)[0];
  return found ?? stem.split('.', 1)[0] ?? stem;
}

/** The files in the order in which they are taken. */
export function inOrder<Part extends { readonly name: string; readonly kind: PartKind }>(parts: readonly Part[]): readonly Part[] {
  const rank = (kind: PartKind): number => order.indexOf(kind);
  return parts.toSorted((a, b) => rank(a.kind) - rank(b.kind) || (a.name < b.name ? -1 : 1));
}

/** What the metadata of a dump says: whether it was ended, how its sessions are to be, and how many rows its tables have. */
export interface DumpMetadata {
  readonly finished: boolean;
  readonly sqlMode: string | null;
  readonly timeZone: string | null;
  /** Of `database.table`, as far as files are named so: how many. */
  readonly rows: readonly (readonly [table: string, rows: number])[];
}

/** Reads the metadata, of old versions (a text) and of new ones (sections). */
export function metadataIn(text: string): DumpMetadata {
  const found: { sqlMode: string | null; timeZone: string | null } = { sqlMode: null, timeZone: null };
  const rows: (readonly [string, number])[] = [];
  let section = '';
  for (const line of text.split(/\r?\n/)) {
    section = /^\[(.*)\]\s*$/.exec(line)?.[1] ?? section;
    const [, key = '', value = ''] = /^\s*([\w-]+)\s*=\s*(.*)$/.exec(line) ?? [];
    if (section === 'myloader_session_variables') {
      const quoted = /^'([\w,/+:-]*)'/.exec(value)?.[1] ?? null;
      if (key.toLowerCase() === 'sql_mode') found.sqlMode = quoted;
      if (key.toLowerCase() === 'time_zone') found.timeZone = quoted;
    }
    const [, database = '', table = ''] = /^[`"]([^`"]+)[`"]\.[`"]([^`"]+)[`"]$/.exec(section) ?? [];
    const isNamed = table !== '' && !masked.test(database) && !masked.test(table);
    if (isNamed && key.toLowerCase() === 'rows' && Number(value) > 0) rows.push([`${database}.${table}`, Number(value)]);
  }
  return { finished: /^(?:# )?Finished dump at:/m.test(text), ...found, rows };
}

/** Tables of which the metadata tells more rows than the files have; `counted`: those, null where a statement does not tell. */
export function shortOfRows({ rows }: Pick<DumpMetadata, 'rows'>, counted: ReadonlyMap<string, number | null>): readonly string[] {
  return rows.filter(([table, told]) => (counted.get(table) === undefined ? 0 : counted.get(table) ?? told) < told).map(([table]) => table);
}

/** A file of programs is taken once more for its events. */
export function withEvents<Part extends { readonly kind: PartKind }>(parts: readonly Part[]): readonly Part[] {
  return parts.flatMap((part) => (part.kind === 'programs' ? [part, { ...part, kind: 'events' as const }] : [part]));
}

/**
 * What a session is set to before a file: as the loader of such folders has its own, whatever the file before it left there. `creates`: nothing else in
 * the folder makes its database.
 */
export function preambleOf({ kind, database }: Pick<DumpPart, 'kind' | 'database'>, { sqlMode, timeZone }: DumpMetadata, creates: boolean): string {
  const quoted = `\`${(database ?? '').replaceAll('`', '``')}\``;
  const settings = [
    'SET NAMES binary;', `SET SESSION sql_mode = '${sqlMode ?? 'NO_AUTO_VALUE_ON_ZERO'}', foreign_key_checks = 0, time_zone = ${
      timeZone === null ? 'DEFAULT' : `'${timeZone}'`};`,
  ];
  const into = kind === 'database' || database === null ? [] : [...(creates ? [`CREATE DATABASE IF NOT EXISTS ${quoted};`] : []), `USE ${quoted};`];
  return [...settings, ...into].join(' ');
}

/** A database whose file says only that it is to be made is made where it is not there, as the loader of such folders does. */
export function whereMissing(text: string): string {
  return text.replace(/^((?:\s|\/\*(?!!)[\s\S]*?\*\/)*CREATE\s+(?:DATABASE|SCHEMA)\s+)(?!\/\*!|IF\b)/i, '$1IF NOT EXISTS ');
}

