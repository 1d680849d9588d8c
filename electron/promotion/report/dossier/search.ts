import type { DossierEntry, LostTransaction } from '../../../../shared/domain/promotion/dossier/dossier';
import type { LineFile } from '../../../comparison/logged/spill';

/**
 * Looks through the entries of a dossier: those of which a value, a name, a statement or a GTID holds what is sought, in whatever case. A line
 * is read as values only where its text holds it: a million of them take seconds, in which others are answered.
 *
 * @param wanted which entries come into question
 * @returns ids, in ascending order
 * @throws what the signal was aborted with
 */
export async function search(
  entries: LineFile, transactions: LineFile, sought: string, wanted: (id: number) => boolean, signal: AbortSignal,
): Promise<Uint32Array> {
  // As it stands within a text of JSON.
  const needle = JSON.stringify(sought).slice(1, -1).toLowerCase();
  const holds = (value: unknown): boolean => JSON.stringify(value).toLowerCase().includes(needle);
  const by = new Set<number>();
  await each(transactions, signal, (line, number) => {
    if (line.toLowerCase().includes(needle) && holds(valuesOfTransaction(JSON.parse(line) as LostTransaction))) by.add(number);
  });
  const found: number[] = [];
  await each(entries, signal, (line, id) => {
    if (!wanted(id)) return;
    const isInIt = line.toLowerCase().includes(needle) && holds(valuesOf(JSON.parse(line) as DossierEntry));
    if (isInIt || (by.size > 0 && transactionsOf(line).some((number) => by.has(number)))) found.push(id);
  });
  return Uint32Array.from(found);
}

async function each(file: LineFile, signal: AbortSignal, take: (line: string, number: number) => void): Promise<void> {
  let number = 0;
  for await (const lines of file.texts()) {
    signal.throwIfAborted();
    for (const line of lines) take(line, number++);
  }
}

const valuesOfTransaction = ({ gtid, thread, invoker, statements }: LostTransaction): unknown => [gtid, thread, invoker, statements];
const valuesOf = ({ database, table, key, before, after, today, gtids, statements }: DossierEntry): unknown =>
  [database, table, key, before, after, today, gtids, statements];

/** Of the text of an entry: within a value its quotes would stand behind a backslash. */
const transactionsOf = (line: string): readonly number[] => [...line.matchAll(/"transaction":(\d+)/g)].map(([, number]) => Number(number));
