import type { LossClass } from '../../../../shared/domain/promotion/dossier/classes';
import type { Dossier, DossierOutcome, EntryFilter, EntryPage, StatementOfEntry } from '../../../../shared/domain/promotion/dossier/dossier';
import type { DossierFormat } from '../../../../shared/domain/promotion/dossier/export';
import type { PromotionReport } from '../../../../shared/domain/promotion/promotion';
import type { FleetServers } from '../../../fleet/types';
import type { AuditLog } from '../../../storage/types';

export interface DossierDeps {
  readonly dataFolder: string;
  readonly fleet: FleetServers;
  readonly audit: AuditLog;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
  readonly reports: () => readonly PromotionReport[];
}

export interface DossierExport {
  readonly format: DossierFormat;
  readonly language: 'zh-CN' | 'en';
  readonly filter: EntryFilter;
}

/** Which rows are to be applied: those of these classes, or of them only some. */
export interface ChosenRows {
  readonly classes: readonly LossClass[];
  readonly rows: readonly number[] | null;
}

/** What old primaries hold and their successors lack: read, looked through, exported, applied. A dossier lives as long as the program runs. */
export interface DossierService {
  /** Makes the dossier of an old primary anew; an earlier one of it is forgotten. Throws `not-succeeded` where it is none. */
  read(oldId: string, signal?: AbortSignal): Promise<Dossier>;
  /** Throws `not-found`. */
  get(id: string): Dossier;
  /** Throws `not-found`, and `cancelled` where something else is looked for meanwhile. */
  rows(id: string, filter: EntryFilter, offset: number, limit: number): Promise<EntryPage>;
  statements(id: string, rows: readonly number[]): Promise<readonly StatementOfEntry[]>;
  /** The text of an export, piece by piece. */
  exported(id: string, what: DossierExport): AsyncIterable<string>;
  exportTo(id: string, what: DossierExport, path: string): Promise<void>;
  /** Applies rows to the new primary. Throws `confirm-mismatch`, `read-only-server`, `different-server`, `lock-held`. */
  apply(id: string, chosen: ChosenRows, phrase: string): Promise<DossierOutcome>;
  close(): void;
}
