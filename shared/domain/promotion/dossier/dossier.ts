import type { Cell } from '../../binlog/cell';
import type { LossClass, LossDefault, Proof } from './classes';

/** A lost transaction, as far as the log tells of it. Every text is text from a server. */
export interface LostTransaction {
  readonly gtid: string;
  /** Milliseconds since the epoch: of its commit from 8.0.1 on, else of its first statement, to the second; null: nobody knows. */
  readonly at: number | null;
  /** The connection that wrote it; null: the log does not say. */
  readonly thread: number | null;
  /** On whose behalf, where the server noted it. */
  readonly invoker: string | null;
  /** Who made it: a server makes some by itself, as it starts; our own bookkeeping is in our schema. */
  readonly maker: 'client' | 'server' | 'antipode';
  /** What was carried out, or stands beside the rows; only the beginning of what is long. */
  readonly statements: readonly string[];
  /** Changes of rows in it. */
  readonly rows: number;
}

/** Values by column, in the order of the table. */
export type NamedCells = readonly (readonly [column: string, cell: Cell])[];

/** One change of a row, as one transaction made it. */
export interface SingleEntry {
  /** Which of the transactions. */
  readonly transaction: number;
  readonly kind: 'insert' | 'update' | 'delete';
  /** Both images; undefined where it is the only change of its row, whose own they are. */
  readonly before?: NamedCells | null;
  readonly after?: NamedCells | null;
}

/** A row that was lost, or a transaction that is no change of rows, with what becomes of it. */
export interface DossierEntry {
  readonly id: number;
  /** '' where it is no row. */
  readonly database: string;
  readonly table: string;
  readonly class: LossClass;
  readonly default: LossDefault;
  readonly proof: Proof;
  readonly key: NamedCells;
  /** The row before the first change of it, and after the last; null: it was not there. */
  readonly before: NamedCells | null;
  readonly after: NamedCells | null;
  /** The row on the new primary, as it was read for this; null: there is none. */
  readonly today: NamedCells | null;
  /** The columns that would be written. */
  readonly changed: readonly string[];
  readonly changes: readonly SingleEntry[];
  /** Its place among the others of its class: as its first change stands in the log. */
  readonly order: number;
  /** Of an entry that is no row: the GTIDs it stands for. */
  readonly gtids: string;
  /** How many transactions those are; 0 of a row. */
  readonly transactions: number;
  /** Statements of an entry that is no row. */
  readonly statements: readonly string[];
}

/** An entry with the transactions that made it. */
export interface ShownEntry extends DossierEntry {
  readonly by: readonly LostTransaction[];
}

export interface ClassCount {
  readonly database: string;
  readonly table: string;
  readonly class: LossClass;
  readonly default: LossDefault;
  readonly entries: number;
}

/** What became of each lost transaction: the parts sum up to the whole. */
interface TransactionCounts {
  readonly total: number;
  /** Read to their end. */
  readonly read: number;
  /** Of those: without any effect (empty, rolled back). */
  readonly empty: number;
  readonly byServer: number;
  readonly byUs: number;
  /** Named as unreadable. */
  readonly unreadable: number;
}

/** The dossier of what an old primary holds and its successor lacks. */
export interface Dossier {
  readonly id: string;
  readonly oldId: string;
  readonly oldName: string;
  readonly newId: string;
  readonly newName: string;
  /** When the new primary was read, milliseconds since the epoch. */
  readonly at: number;
  readonly set: string;
  readonly transactions: TransactionCounts;
  /** Changes of rows in the log, and rows that they leave. */
  readonly changes: number;
  readonly rows: number;
  readonly counts: readonly ClassCount[];
  /** Tables whose foreign keys changed further rows that no log holds (ON DELETE CASCADE and the like, before 9.6). */
  readonly cascading: readonly string[];
  /** The old primary executed more while it was read, or takes writes: what it writes from then on is not in here. */
  readonly stillWrites: boolean;
  /** Another server than the one that was the primary answered at its address. */
  readonly isOther: boolean;
  /** Transactions of its own that the old primary has no more and its successor has: it was set back to an earlier state. */
  readonly setBack: number;
}

/** Which entries are asked for. */
export interface EntryFilter {
  readonly class?: LossClass | undefined;
  readonly database?: string | undefined;
  readonly table?: string | undefined;
  /** Any value, name, statement or GTID that holds it. */
  readonly search?: string | undefined;
}

export interface EntryPage {
  readonly total: number;
  readonly entries: readonly ShownEntry[];
}

/** The statement that would apply an entry; null: its class is none that is applied. */
export interface StatementOfEntry {
  readonly id: number;
  readonly sql: string | null;
  /** Why it is not run all the same; null: it would be, as long as the row is as it was judged. */
  readonly why: RefusalWhy | null;
}

/** What an application to the new primary did. */
export interface DossierOutcome {
  readonly classes: readonly {
    readonly class: LossClass;
    readonly applied: number;
    /** Rows that were not written, and why. */
    readonly refused: readonly {
      readonly id: number;
      /** Which row: its table and key. */
      readonly title: string;
      readonly class: LossClass;
      readonly proof: Proof;
      readonly why: RefusalWhy;
    }[];
    /** The file with the statements that take it back; null: nothing was written. */
    readonly undoFile: string | null;
  }[];
}

/** `moved-on`: it is of another class by now. `triggers`, `children`: what applying it would do beside. `server`: the server refused it.
 * `zone`: a stored column would be computed from its moments in an offset that they did not have. */
export type RefusalWhy = 'moved-on' | 'triggers' | 'children' | 'zone' | 'server';
