import * as v from 'valibot';
import type { TransferRecord } from '../../../shared/domain/operations/transfer/transfer';
import { failure } from '../../../shared/errors/codes';
import { openDocument, type OpenDocument } from '../../storage/document';

const schema = v.object({
  transfers: v.array(v.object({
    id: v.string(),
    at: v.number(),
    actor: v.string(),
    to: v.nullable(v.string()),
    toName: v.nullable(v.string()),
    moves: v.array(v.object({ instanceId: v.string(), name: v.string(), from: v.nullable(v.string()), follows: v.nullable(v.string()) })),
    undoneAt: v.nullable(v.number()),
  })),
});

/** Most transfers that are kept. */
const mostKept = 500;

/** The transfers that were made, kept in `transfers.json`. */
export class TransferBook {
  readonly #document: OpenDocument<v.InferOutput<typeof schema>>;

  /** See `openDocument` for what it throws. */
  constructor(dataFolder: string) {
    this.#document = openDocument({ dataFolder, name: 'transfers', version: 1, schema, empty: { transfers: [] } });
  }

  /** Newest first. */
  all(): readonly TransferRecord[] {
    return [...this.#document.get().transfers].reverse();
  }

  record(id: string): TransferRecord {
    const found = this.all().find((one) => one.id === id);
    if (found === undefined) throw failure('not-found', { kind: 'change', name: id });
    return found;
  }

  add(record: TransferRecord): void {
    this.#document.update((old) => ({ transfers: [...old.transfers, { ...record, moves: [...record.moves] }].slice(-mostKept) }));
  }

  undone(id: string, at: number): void {
    this.#document.update((old) => ({ transfers: old.transfers.map((one) => (one.id === id ? { ...one, undoneAt: at } : one)) }));
  }
}
