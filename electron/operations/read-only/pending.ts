// What a primary committed and a replica has not applied, read from the primary's log.
import { statementKind } from '../../../shared/domain/binlog/statements';
import type { GtidSet } from '../../../shared/domain/gtid/set';
import type { PendingTransaction } from '../../../shared/domain/operations/read-only/read-only';
import type { FleetAccess } from '../../fleet/types';
import { readDefinitions, type Catalogue } from '../../mysql/binlog/column-definitions';
import { committedAt, eventTypes, type BinlogEvent } from '../../mysql/binlog/event';
import { readStatement } from '../../mysql/binlog/query-event';
import { changeKind, tableIdOf } from '../../mysql/binlog/rows';
import { streamTransactions, type StreamEnd, type TransactionVisitor } from '../../mysql/binlog/stream';
import { tableNameOf } from '../../mysql/binlog/table-map';
import { executedOn } from '../../replication/gtid';

const textLimit = 400;

type Table = PendingTransaction['tables'][number];

/** Tells each transaction once all of it was read. Only names are read of its tables. */
class Pending implements TransactionVisitor {
  private current: { gtid: string; at: number; statement: string | null; isDdl: boolean; named: Map<number, string>; tables: Map<string, Table> } | null = null;

  constructor(private readonly catalogue: Catalogue, private readonly delaySeconds: number, private readonly tell: (found: PendingTransaction) => void) {}

  knows(): boolean {
    return true;
  }

  async learn(): Promise<void> {
    // Every table is known by its name.
  }

  begin(gtid: string, event: BinlogEvent): void {
    this.current = { gtid, at: committedAt(event) ?? event.timestamp * 1000, statement: null, isDdl: false, named: new Map(), tables: new Map() };
  }

  event(event: BinlogEvent): void {
    const { current } = this;
    if (current === null) return;
    const charsetOf = (collation: number): string | null => this.catalogue.charsetOf(collation);
    if (event.type === eventTypes.tableMap) {
      const { database, table } = tableNameOf(event.body);
      const key = JSON.stringify([database, table]);
      current.named.set(tableIdOf(event), key);
      if (!current.tables.has(key)) current.tables.set(key, { database, table, kinds: [] });
      return;
    }
    const kind = changeKind(event.type);
    if (kind !== null) {
      const key = current.named.get(tableIdOf(event)) ?? '';
      const table = current.tables.get(key);
      if (table !== undefined && !table.kinds.includes(kind)) current.tables.set(key, { ...table, kinds: [...table.kinds, kind] });
      return;
    }
    const read = readStatement(event, charsetOf);
    if (read === null || read.isComment) return;
    const is = statementKind(read.text);
    if (is === 'frame') return;
    current.statement ??= read.text.length > textLimit ? `${read.text.slice(0, textLimit)}…` : read.text;
    current.isDdl ||= is !== 'dml';
  }

  end(): void {
    const { current } = this;
    this.current = null;
    if (current === null) return;
    const { gtid, at, statement, isDdl, tables } = current;
    this.tell({ gtid, at, dueAt: at + this.delaySeconds * 1000, statement, isDdl, tables: [...tables.values()] });
  }
}

export interface PendingOrder {
  readonly sourceId: string;
  readonly replicaId: string;
  readonly delaySeconds: number;
}

/** What waits: the replica is read first, so that what it lacks it lacks then. */
export async function pendingSet(fleet: FleetAccess, { sourceId, replicaId }: PendingOrder): Promise<GtidSet> {
  const applied = await fleet.withSession(replicaId, executedOn);
  return (await fleet.withSession(sourceId, executedOn)).subtract(applied);
}

/**
 * Tells the transactions of a set in the order of the primary's log.
 *
 * @throws what keeps the primary from being read: it takes REPLICATION SLAVE
 */
export async function readPending(
  fleet: FleetAccess, { sourceId, delaySeconds }: PendingOrder, wanted: GtidSet, tell: (found: PendingTransaction) => void, signal?: AbortSignal,
): Promise<StreamEnd> {
  if (wanted.isEmpty()) return 'complete';
  const catalogue = await fleet.withSession(sourceId, (session) => readDefinitions(session, []));
  return streamTransactions(await fleet.connect(sourceId), wanted, new Pending(catalogue, delaySeconds, tell), signal);
}
