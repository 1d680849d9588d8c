// The files of a folder that is imported as one: their statements are one stream, in which a place tells the file as well.

/** How a file is stored. */
export type StoredFormat = 'plain' | 'gzip' | 'zstd';

/** What a file of a folder holds. */
export const partKinds = ['database', 'sequence', 'table', 'rows', 'triggers', 'programs', 'view', 'events'] as const;
export type PartKind = (typeof partKinds)[number];

/** A file of a folder as it was when it was looked at. */
export interface DumpPart {
  readonly name: string;
  readonly kind: PartKind;
  /** Into which it goes; null: it names its own. */
  readonly database: string | null;
  readonly size: number;
  /** Milliseconds since the epoch, as those of a file alone. */
  readonly changedAt: number;
  readonly touchedAt: number;
  readonly format: StoredFormat;
  /** What the session is set to before it, as statements. */
  readonly preamble: string;
  /** It holds rows and no statements: the file whose LOAD DATA, at the end of the preamble, says in which form. */
  readonly load?: string | undefined;
  /** Its plain bytes with those of the preamble, once it was read whole. */
  readonly bytes?: number | undefined;
}

/** How many stored bytes are read for all of it: one file of a folder may be taken twice. */
export function bytesToRead({ size, parts }: { readonly size: number; readonly parts?: readonly DumpPart[] | undefined }): number {
  return parts?.reduce((sum, part) => sum + part.size, 0) ?? size;
}

/** The file in which a place stands: one that ends there, where the next one begins; null: there is none. */
export function partAt(parts: readonly DumpPart[] | undefined, at: number): DumpPart | null {
  let from = 0;
  for (const part of parts ?? []) {
    from += part.bytes ?? 0;
    if (at <= from) return part;
  }
  return parts?.at(-1) ?? null;
}
