import type { ServerVersion } from '../../../shared/domain/fleet/version';
import type { Taking } from '../../mysql/rows/bulk';
import type { ValueKind } from '../../mysql/rows/row-form';
import type { CarriedFailure } from '../../mysql/carried-failure';
import type { ConnectTarget } from '../../mysql/types';
import type { ExpectedFile } from '../files/frames';
import type { LoadOrder, SaveOrder } from '../files/transfers';

/** Rows of a SELECT on one session of the pump into another one. */
export interface TransferOrder {
  readonly reader: number;
  readonly writer: number;
  /** Named in failures. */
  readonly table: string;
  readonly targetName: string;
  readonly select: string;
  /** By column of the SELECT. */
  readonly values: readonly ValueKind[];
  readonly taking: Taking;
}

export interface OpenOrder {
  readonly target: ConnectTarget;
  readonly label: string;
  /** The session takes rows: only then a server may ask for a file. */
  readonly takesRows: boolean;
}

/** What the main thread asks and gets an answer to. Passwords travel in these messages and nowhere else. */
export type PumpOrder =
  | ({ readonly kind: 'open' } & OpenOrder)
  | { readonly kind: 'query' | 'run'; readonly session: number; readonly sql: string }
  | ({ readonly kind: 'transfer' } & TransferOrder)
  | ({ readonly kind: 'save'; readonly reader: number } & SaveOrder)
  | ({ readonly kind: 'load'; readonly writer: number } & LoadOrder)
  | { readonly kind: 'check'; readonly file: ExpectedFile; readonly holdsLines: boolean }
  | { readonly kind: 'close'; readonly session: number };

/** What the thread is begun with. */
export interface PumpData {
  /** The file of the worker that packs. */
  readonly packProgram: string;
}

export type PumpRequest =
  | { readonly kind: 'order'; readonly id: number; readonly order: PumpOrder }
  /** Drops the socket at once, whatever runs on it. */
  | { readonly kind: 'destroy'; readonly session: number }
  /** Bytes per second of all transfers together; null: as fast as it goes. */
  | { readonly kind: 'rate'; readonly bytesPerSecond: number | null };

export interface Opened {
  readonly session: number;
  readonly connectionId: number;
  readonly client: string | null;
  readonly version: ServerVersion;
  readonly tls: { readonly protocol: string; readonly cipher: string } | null;
}

/** A failure as it crosses between the threads. */
export interface PumpFailure extends CarriedFailure {
  /** Which side of a transfer failed. */
  readonly side: 'target' | 'source' | null;
}

export type PumpReply =
  | { readonly id: number; readonly kind: 'done'; readonly value: unknown }
  | { readonly id: number; readonly kind: 'failed'; readonly failure: PumpFailure }
  | { readonly id: number; readonly kind: 'moved'; readonly rows: number; readonly bytes: number };
