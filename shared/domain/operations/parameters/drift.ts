import { nameOfToday } from '../../sql/variable-names';
import { sameValue } from './compare';
import { groupOf, type ParameterGroup } from './groups';
import { isStatement } from './known/variables';
import { charactersNoticed, noticedAfterSwitch } from './noticed';

/** How a variable of several servers compares, the most telling first. */
export const driftClasses = ['different', 'absent', 'expected', 'equivalent', 'same'] as const;
export type DriftClass = (typeof driftClasses)[number];

/** The variables of one server, by the names that it has for them. */
export interface DriftSide {
  readonly instanceId: string;
  readonly name: string;
  readonly version: string;
  readonly values: ReadonlyMap<string, string>;
}

interface DriftRow {
  /** Its name of today. */
  readonly name: string;
  readonly group: ParameterGroup;
  readonly class: DriftClass;
  /** One for each server, in their order; null: it has no such variable. */
  readonly values: readonly (string | null)[];
  /** Clients would notice it after a switch between the servers. */
  readonly noticed: boolean;
}

export interface Drift {
  readonly sides: readonly { readonly instanceId: string; readonly name: string; readonly version: string }[];
  readonly rows: readonly DriftRow[];
}

const noticed: ReadonlySet<string> = new Set([...noticedAfterSwitch, ...charactersNoticed]);

/** Each server is to have one of its own, or one that its role gives it. */
const ownToEach = new RegExp('^(?:server_id|hostname|port|socket|report_host|report_port|admin_address|admin_port|bind_address|mysqlx_.*'
  + '|pid_file|gtid_purged|gtid_executed'
  + '|read_only|super_read_only|event_scheduler|skip_replica_start|auto_increment_offset|.*_(?:dir|file|basename|index|path)|.*dir|ssl_(?:ca|cert|key|crl)'
  + '|admin_ssl_(?:ca|cert|key|crl)|log_error|innodb_data_file_path|performance_schema_.*|init_file|timestamp|pseudo_thread_id|rand_seed\\d'
  + '|last_insert_id|insert_id'
  + '|server_memory|report_user|report_password|rpl_semi_sync_.*_enabled)$');

/** Compares the variables of several servers, each with the first; what one of them lacks is told, not passed over. */
export function driftOf(sides: readonly DriftSide[]): Drift {
  const ofToday = sides.map(({ values }) => new Map([...values].map(([name, value]) => [nameOfToday(name), value])));
  const names = [...new Set(ofToday.flatMap((values) => [...values.keys()]))].sort();
  const rows = names.map((name): DriftRow => {
    const values = ofToday.map((of) => of.get(name) ?? null);
    return { name, group: groupOf(name), values, class: classOf(name, values), noticed: noticed.has(name) };
  });
  return { sides: sides.map(({ instanceId, name, version }) => ({ instanceId, name, version })), rows };
}

/** The class of a variable by its values on the servers. */
export function classOf(name: string, values: readonly (string | null)[]): DriftClass {
  if (values.includes(null)) return 'absent';
  const [first, ...others] = values.filter((value) => value !== null);
  if (first === undefined) return 'same';
  const found = new Set(others.map((value) => sameValue(name, first, value)));
  if (found.has('different')) return ownToEach.test(name) || isStatement(name) ? 'expected' : 'different';
  return found.has('equivalent') ? 'equivalent' : 'same';
}
