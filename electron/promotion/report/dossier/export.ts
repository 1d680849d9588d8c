import { appliable, lossClasses } from '../../../../shared/domain/promotion/dossier/classes';
import { caveats, csvEntry, csvHead, entryTitle, markdownEntry, markdownHead, proofText } from '../../../../shared/domain/promotion/dossier/export';
import type { EntryFilter, ShownEntry } from '../../../../shared/domain/promotion/dossier/dossier';
import { message, type Message } from '../../../../shared/i18n/message';
import { translator } from '../../../../shared/i18n/translate';
import type { Session } from '../../../mysql/types';
import { offsetTrouble, TodayTables, type TodayTable } from '../../../comparison/logged/tables-today';
import { statementSessionOf } from '../../../comparison/logged/sql';
import { entrySql, standsAgainst } from './statements';
import type { DossierStore } from './store';
import type { DossierExport } from './types';

/** Entries that are made into one piece of text. */
const piece = 200;

/** The text of an export, piece by piece: no more than a few entries are in memory. `open`: a session on the new primary, for SQL alone. */
export async function* exported(store: DossierStore, { format, language, filter }: DossierExport, open: () => Promise<Session>): AsyncGenerator<string> {
  const { dossier } = store;
  const t = translator(language);
  switch (format) {
    case 'json':
      yield `{"dossier":${JSON.stringify(dossier)},"entries":[`;
      yield* pieces(store, filter, (entry, at) => `${at === 0 ? '' : ','}\n${JSON.stringify(entry)}`);
      yield '\n]}\n';
      return;
    case 'md':
      yield* markdownHead(dossier, t);
      yield* pieces(store, filter, (entry) => markdownEntry(entry, t));
      return;
    case 'csv':
      // The mark by which spreadsheets know UTF-8.
      yield `\uFEFF${csvHead}`;
      yield* pieces(store, filter, (entry) => csvEntry(entry, t));
      return;
    case 'sql':
      yield* sqlOf(store, filter, await open(), (one) => t.message(one));
      return;
    default: {
      const never: never = format;
      return never;
    }
  }
}

async function* pieces(store: DossierStore, filter: EntryFilter, textOf: (entry: ShownEntry, at: number) => string): AsyncGenerator<string> {
  const ids = await store.ids(filter);
  for (let at = 0; at < ids.length; at += piece) {
    yield [...ids.subarray(at, at + piece)].map((id, i) => textOf(store.shown(store.entry(id)), at + i)).join('');
  }
}

/** Text of a server within a comment: it ends where the line does. */
const comment = (text: string): string => `-- ${JSON.stringify(text)}\n`;

async function* sqlOf(store: DossierStore, filter: EntryFilter, session: Session, translate: (one: Message) => string): AsyncGenerator<string> {
  const tables = new TodayTables(session);
  const troubles = new Map<TodayTable, 'stored' | 'key' | null>();
  const troubleOf = async (table: TodayTable): Promise<'stored' | 'key' | null> => {
    if (!troubles.has(table)) troubles.set(table, await offsetTrouble(session, table));
    return troubles.get(table) ?? null;
  };
  for (const one of caveats(store.dossier)) yield comment(translate(one));
  yield (await statementSessionOf(session)).map((sql) => `${sql};\n`).join('');
  const groups = await store.byGroup(filter);
  for (const lossClass of lossClasses) {
    const ofClass = groups.filter((group) => group.class === lossClass);
    if (ofClass.length === 0) continue;
    const isApplied = appliable.includes(lossClass);
    yield `\n-- ${lossClass}: ${String(ofClass.reduce((sum, { ids }) => sum + ids.length, 0))}\n${isApplied ? 'START TRANSACTION;\n' : ''}`;
    for (const id of store.inOrder(ofClass)) {
      const entry = store.shown(store.entry(id));
      const table = entry.table === '' ? null : await tables.of(entry.database, entry.table);
      const sql = table === null || !isApplied ? null : entrySql(entry, table);
      yield comment(`${entryTitle(entry)}: ${translate(proofText(entry))}`) + entry.statements.map(comment).join('');
      if (sql === null || table === null) continue;
      const why = standsAgainst(table, sql, await troubleOf(table));
      // What applying it here refuses is not run from a file either.
      yield why === null ? `${sql.apply};\n` : comment(translate(message(`dossier.refused.${why}`, { class: '' }))) + comment(sql.apply);
    }
    if (isApplied) yield 'COMMIT;\n';
  }
}
