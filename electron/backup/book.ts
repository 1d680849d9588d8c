// What is known of backups beside their folders: where those are, and what looks at them found. Kept in `backups.json`.
import * as v from 'valibot';
import type { BackupFinding } from '../../shared/domain/backup/backup';
import type { AppError } from '../../shared/errors/codes';
import { openDocument } from '../storage/document';
import type { Document } from '../storage/types';

const error = v.custom<AppError>((value) => v.is(v.looseObject({ code: v.string(), params: v.record(v.string(), v.unknown()) }), value));
const finding = v.object({ at: v.number(), ok: v.boolean(), error: v.nullable(error) });
const known = v.object({ id: v.string(), verified: v.nullable(finding), proven: v.nullable(finding) });
const schema = v.object({ places: v.array(v.string()), known: v.array(known) });

export class BackupBook {
  readonly #document: Document<v.InferOutput<typeof schema>>;

  constructor(dataFolder: string) {
    this.#document = openDocument({ dataFolder, name: 'backups', version: 1, schema, empty: { places: [], known: [] } });
  }

  /** Folders beside the program's own. */
  get places(): readonly string[] {
    return this.#document.get().places;
  }

  addPlace(path: string): void {
    this.#document.update((book) => ({ ...book, places: [...new Set([...book.places, path])] }));
  }

  removePlace(path: string): void {
    this.#document.update((book) => ({ ...book, places: book.places.filter((one) => one !== path) }));
  }

  findings(id: string): { readonly verified: BackupFinding | null; readonly proven: BackupFinding | null } {
    return this.#document.get().known.find((one) => one.id === id) ?? { verified: null, proven: null };
  }

  note(id: string, what: 'verified' | 'proven', { at, ok, error: found }: BackupFinding): void {
    this.#document.update((book) => ({
      ...book, known: [...book.known.filter((one) => one.id !== id), { id, ...this.findings(id), [what]: { at, ok, error: found } }],
    }));
  }

  forget(id: string): void {
    this.#document.update((book) => ({ ...book, known: book.known.filter((one) => one.id !== id) }));
  }
}
