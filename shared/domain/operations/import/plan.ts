import type { Plan } from '../../tasks/plan';
import type { StartCharacters } from './lead-bytes';
import type { DumpPart, StoredFormat } from './parts';
import type { CreatedObject, Harm, LeftOutReason, ObjectName, ReachWay, RefusedReason } from './verdict';

/** `folder`: of mydumper, whose files are taken one behind the other. */
type FileFormat = StoredFormat | 'folder';

/** A file on this workstation as it was when it was looked at. */
export interface ImportFile {
  readonly path: string;
  /** Of a folder that of all its parts. */
  readonly size: number;
  /** Milliseconds since the epoch. */
  readonly changedAt: number;
  /** When anything of it was changed last, its times too, which nobody sets; not kept by older journals. */
  readonly touchedAt?: number | undefined;
  readonly format: FileFormat;
  /** Of a folder, in the order in which they are taken. */
  readonly parts?: readonly DumpPart[] | undefined;
  readonly folder?: FolderFacts | undefined;
}

/** What is to be said of a folder besides its statements. */
export interface FolderFacts {
  readonly files: number;
  /** false: its metadata does not say that the dump was ended. */
  readonly finished: boolean;
  /** As its metadata tells, of `database.table`; not in a plan. */
  readonly rows: readonly (readonly [table: string, rows: number])[];
  /** Files that are not imported. */
  readonly ignored: readonly string[];
}

/** What to do after a statement that the server refused: end there, or go on and tell at the end. */
export const importErrorWays = ['stop', 'collect'] as const;
export type ImportErrorWay = (typeof importErrorWays)[number];

export interface ImportRequest {
  readonly instanceId: string;
  readonly path: string;
  /** Into which everything goes; null: into the databases that the file names. */
  readonly database: string | null;
  readonly onError: ImportErrorWay;
  /** Where in the plain bytes the first statement that is sent begins; 0: at the beginning. Settings before it are taken all the same. */
  readonly fromByte: number;
  /** In which character set the file begins; null: as it says itself, UTF-8 until then. */
  readonly characters?: StartCharacters | null | undefined;
}

/** A statement of a file, cut short and without its literals. */
export interface NamedStatement {
  readonly line: number;
  readonly at: number;
  readonly statement: string;
}

/** Statements that do the same to one object that may be there before. */
export interface Reached extends NamedStatement, CreatedObject {
  readonly way: ReachWay;
  readonly count: number;
}

/** Statements of one kind that is asked about. */
export interface FoundHarm extends NamedStatement {
  readonly why: Harm;
  readonly count: number;
  /** What they are about. */
  readonly objects: readonly ObjectName[];
}

/** What a file holds, as all of it was read. */
export interface FileScan {
  readonly plainBytes: number;
  readonly lines: number;
  readonly statements: number;
  /** Among them those that add or change rows. */
  readonly rowStatements: number;
  readonly leftOut: readonly (NamedStatement & { readonly why: LeftOutReason; readonly count: number })[];
  /** The first ones. */
  readonly refused: readonly (NamedStatement & { readonly why: RefusedReason })[];
  readonly refusedCount: number;
  readonly databases: readonly string[];
  /** Those that the file names and that are not the one everything goes into. */
  readonly otherDatabases: readonly string[];
  /** What its statements do to what may be there before, each with the first one of them. */
  readonly reached: readonly Reached[];
  /** What is asked about whatever is there, by what it is. */
  readonly harms: readonly FoundHarm[];
  /** What it makes whose rows are those of other tables. */
  readonly passing: readonly ObjectName[];
  /** What it makes and takes away behind that, by kind and name. */
  readonly remade: readonly string[];
  /** Of its plain bytes, SHA-256. */
  readonly hash: string;
  /** false: it begins as a dump does, and does not end as one. */
  readonly complete: boolean;
  /** What must not be there before. */
  readonly creates: readonly CreatedObject[];
  readonly definers: readonly string[];
  /** The first line that is no UTF-8, where nobody said in which character set it is, and what it seems to be; null: there is none. */
  readonly foreign: { readonly line: number; readonly seems: 'gb18030' | 'other' } | null;
}

/** A table that is there and that the file takes away, or empties. */
export interface LostTable {
  readonly database: string;
  readonly table: string;
  /** As the server estimates them. */
  readonly rows: number;
  readonly bytes: number;
}

/** What an import comes to on an instance, before it is done. */
export interface ImportPlan extends Plan {
  readonly kind: 'import';
  readonly instanceId: string;
  readonly name: string;
  /** Without its parts. */
  readonly file: ImportFile;
  readonly database: string | null;
  readonly onError: ImportErrorWay;
  readonly fromByte: number;
  readonly scan: Omit<FileScan, 'reached' | 'creates' | 'passing' | 'remade'>;
  readonly lost: readonly LostTable[];
  readonly replicas: readonly string[];
}

/** Statements of which a plan tells. */
export const mostNamed = 50;
/** Errors that are told of an import that goes on after them. */
export const mostErrors = 100;
/** Characters of a path. */
export const longestPath = 4_096;
