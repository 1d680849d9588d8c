// What is known of backups beside their folders: where those are, what looks at them found, and how schedules take them. Kept in `backups.json`.
import * as v from 'valibot';
import type { BackupFinding } from '../../shared/domain/backup/backup';
import { defaultPolicy, type BackupPolicy } from '../../shared/domain/backup/policy';
import type { AppError } from '../../shared/errors/codes';
import { openDocument } from '../storage/document';
import type { Document } from '../storage/types';

const error = v.custom<AppError>((value) => v.is(v.looseObject({ code: v.string(), params: v.record(v.string(), v.unknown()) }), value));
const finding = v.object({ at: v.number(), ok: v.boolean(), error: v.nullable(error) });
const known = v.object({ id: v.string(), verified: v.nullable(finding), proven: v.nullable(finding) });
const kept = v.nullable(v.pipe(v.number(), v.integer(), v.minValue(1)));
const policy = v.object({
  instanceId: v.string(), place: v.nullable(v.string()), keepCount: kept, keepDays: kept,
  encrypted: v.optional(v.boolean(), false), proveDays: v.optional(kept, null),
});
const schema = v.object({ places: v.array(v.string()), known: v.array(known), policies: v.array(policy) });

export class BackupBook {
  readonly #document: Document<v.InferOutput<typeof schema>>;

  constructor(dataFolder: string) {
    this.#document = openDocument({ dataFolder, name: 'backups', version: 1, schema, empty: { places: [], known: [], policies: [] } });
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

  policy(instanceId: string): BackupPolicy {
    return this.#document.get().policies.find((one) => one.instanceId === instanceId) ?? defaultPolicy(instanceId);
  }

  setPolicy({ instanceId, place, keepCount, keepDays, encrypted, proveDays }: BackupPolicy): void {
    this.#document.update((book) => ({
      ...book, policies: [...book.policies.filter((one) => one.instanceId !== instanceId), { instanceId, place, keepCount, keepDays, encrypted, proveDays }],
    }));
  }

  /** Their instances are gone. */
  forgetPolicies(instanceIds: readonly string[]): void {
    this.#document.update((book) => {
      const policies = book.policies.filter((one) => !instanceIds.includes(one.instanceId));
      return policies.length === book.policies.length ? book : { ...book, policies };
    });
  }
}
