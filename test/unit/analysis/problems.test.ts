import { describe, expect, it } from 'vitest';
import { analyseFleet, noMemory, type AnalysedMember, type FleetMemory } from '../../../shared/domain/analysis/analysis';
import type { WriteStalls } from '../../../shared/domain/fleet/facts';
import type { Breach } from '../../../shared/domain/monitoring/thresholds';
import type { LockHolder } from '../../../shared/domain/tasks/lock-holder';
import { problemCodes, type Problem, type ProblemCode, type Severity } from '../../../shared/domain/fleet/problem';
import { en } from '../../../shared/i18n/en';
import { translator } from '../../../shared/i18n/translate';
import { facts, member, noFilters, sample, standby, T0, uuidOfNumber, type FactsCase } from '../../fixtures/facts';

const A = uuidOfNumber(1);
const B = uuidOfNumber(2);
const day = 86_400_000;
const fenced = { kind: 'fenced', since: T0, successorId: 'i2' } as const;
const error = (errno: number, text = 'the server’s words') => ({ errno, text, at: null });

const stalls = (change: Partial<WriteStalls>): WriteStalls => ({ settings: [], waits: [], holders: [], ...change });
const operator: LockHolder = { connectionId: 9, shared: false, who: 'zhang', from: 'ops-2', login: null, since: T0, purpose: { kind: 'switchover', name: 'x' }, run: 'r' };

const breach: Breach = { series: 'threads_running', severity: 'critical', when: 'above', limit: 64, value: 80.123456, since: T0, forSeconds: 30 };

interface Case {
  readonly what: string;
  readonly members: readonly AnalysedMember[];
  /** Whose problems. */
  readonly of: string;
  readonly code: ProblemCode;
  /** null: it must not be there. */
  readonly severity: Severity | null;
  readonly params?: Problem['params'];
}

const pair = (change: Parameters<typeof standby>[1], more: FactsCase = {}, source: FactsCase = {}): AnalysedMember[] => [member(1, { facts: facts(1, source) }), member(2, { region: 'r2', facts: standby(1, change, more) })];
const refused = { code: 'login-refused', params: { user: 'root', host: 'db1', port: 3306 }, detail: 'Access denied' } as const;

const cases: readonly Case[] = [
  { what: 'a server that does not answer', members: [member(1, { health: 'unreachable', error: { code: 'tcp-refused', params: { host: 'db1', port: 3306 }, detail: 'ECONNREFUSED' } })], of: 'i1', code: 'unreachable', severity: 'critical', params: { endpoint: 'db1:3306', error: 'ECONNREFUSED' } },
  { what: 'a server that was not read yet is not called unreachable', members: [member(1, { facts: null })], of: 'i1', code: 'unreachable', severity: null },
  { what: 'a refused login is told apart', members: [member(1, { health: 'unreachable', error: refused })], of: 'i1', code: 'login-refused', severity: 'critical', params: { user: 'root', error: 'Access denied' } },
  { what: 'and is not also unreachable', members: [member(1, { health: 'unreachable', error: refused })], of: 'i1', code: 'unreachable', severity: null },
  { what: 'MariaDB where MySQL was', members: [member(1, { health: 'unreachable', error: { code: 'product-unsupported', params: { product: 'MariaDB' }, detail: '10.11.6-MariaDB' } })], of: 'i1', code: 'product-unsupported', severity: 'critical' },
  { what: 'a version that is too old', members: [member(1, { facts: facts(1, { server: { version: '5.5.62' } }) })], of: 'i1', code: 'product-unsupported', severity: 'critical', params: { product: '5.5.62' } },
  { what: 'a receiver stopped by an error', members: pair({ receiver: 'stopped', receiverError: error(1236) }), of: 'i2', code: 'receiver-stopped', severity: 'critical', params: { errno: 1236, source: 'orders-1' } },
  { what: 'a receiver stopped by order', members: pair({ receiver: 'stopped' }), of: 'i2', code: 'receiver-stopped', severity: 'warning', params: { errno: 0 } },
  { what: 'a receiver that is connecting with an error', members: pair({ receiver: 'connecting', receiverError: error(1045) }), of: 'i2', code: 'receiver-connecting', severity: 'critical', params: { errno: 1045 } },
  { what: 'a receiver that runs', members: pair({}), of: 'i2', code: 'receiver-connecting', severity: null },
  { what: 'an applier stopped by an error', members: pair({ applier: 'stopped', applierError: error(1062) }), of: 'i2', code: 'applier-stopped', severity: 'critical', params: { errno: 1062, error: 'the server’s words' } },
  { what: 'an applier stopped by order', members: pair({ applier: 'stopped' }), of: 'i2', code: 'applier-stopped', severity: 'warning' },
  { what: 'a gap that the source has purged', members: pair({}, { executed: `${A}:1-10` }, { purged: `${A}:1-50` }), of: 'i2', code: 'purged-gap', severity: 'critical', params: { count: 40 } },
  { what: 'what waits in the relay log is no gap', members: pair({ received: `${A}:11-60` }, { executed: `${A}:1-10` }, { purged: `${A}:1-50` }), of: 'i2', code: 'purged-gap', severity: null },
  { what: 'a gap is no matter of words', members: pair({ receiver: 'stopped', receiverError: error(1236, 'the source has purged required GTIDs') }), of: 'i2', code: 'purged-gap', severity: null },
  { what: 'nor is it denied by them', members: pair({ receiver: 'stopped', receiverError: error(1236, 'log event entry exceeded max_allowed_packet') }, { executed: `${A}:1-10` }, { purged: `${A}:1-50` }), of: 'i2', code: 'purged-gap', severity: 'critical', params: { count: 40 } },
  { what: 'a value past a threshold', members: [member(1, { breaches: [breach] })], of: 'i1', code: 'threshold-crossed', severity: 'critical', params: { series: 'threads_running', value: 80.12, limit: 64, unit: 'count', seconds: 30 } },
  { what: 'a value past a threshold of which no sample tells any more', members: [member(1, { breaches: [{ ...breach, unknownSince: T0 }] })], of: 'i1', code: 'threshold-unknown', severity: 'info', params: { series: 'threads_running', limit: 64, since: new Date(T0).toISOString() } },
  { what: 'which is told once', members: [member(1, { breaches: [{ ...breach, unknownSince: T0 }] })], of: 'i1', code: 'threshold-crossed', severity: null },
  { what: 'a value of a server that is away says nothing', members: [member(1, { health: 'unreachable', breaches: [breach] })], of: 'i1', code: 'threshold-crossed', severity: null },
  { what: 'filters that vanished', members: [member(1), member(2, { region: 'r2', facts: standby(), expectedFilters: { ...noFilters, doDb: ['shop', 'crm'] } })], of: 'i2', code: 'filter-drift', severity: 'critical', params: { wanted: 'doDb: crm, shop' } },
  { what: 'filters in another order are the same', members: [member(1), member(2, { region: 'r2', facts: standby(1, { filters: { ...noFilters, doDb: ['crm', 'shop'] } }), expectedFilters: { ...noFilters, doDb: ['shop', 'crm'] } })], of: 'i2', code: 'filter-drift', severity: null },
  { what: 'filters on a name with a comma, as the server cuts it', members: [member(1), member(2, { region: 'r2', facts: standby(1, { filters: { ...noFilters, wildDoTable: ['a', 'b.%', 'c.%'] } }), expectedFilters: { ...noFilters, wildDoTable: ['c.%', 'a,b.%'] } })], of: 'i2', code: 'filter-drift', severity: null },
  { what: 'the same names in another kind of filter', members: [member(1), member(2, { region: 'r2', facts: standby(1, { filters: { ...noFilters, ignoreDb: ['x'] } }), expectedFilters: { ...noFilters, doDb: ['x'] } })], of: 'i2', code: 'filter-drift', severity: 'critical' },
  { what: 'filters where none should be', members: [member(1), member(2, { region: 'r2', facts: standby(1, { filters: { ...noFilters, ignoreDb: ['x'] } }), expectedFilters: null })], of: 'i2', code: 'filter-drift', severity: 'critical' },
  { what: 'tables renamed out of the scope', members: [member(1), member(2, { region: 'r2', facts: standby(), scopeFindings: { strayed: ['shop.orders_old'] } })], of: 'i2', code: 'strayed-tables', severity: 'critical', params: { source: 'orders-1', count: 1, tables: 'shop.orders_old' } },
  { what: 'tables in another character set', members: [member(1), member(2, { region: 'r2', facts: standby(), scopeFindings: { otherText: ['shop.t'] } })], of: 'i2', code: 'collation-differs', severity: 'critical', params: { source: 'orders-1', count: 1, tables: 'shop.t' } },
  { what: 'tables in scope that are not here', members: [member(1), member(2, { region: 'r2', facts: standby(), scopeFindings: { missing: ['shop.t', 'shop.u'] } })], of: 'i2', code: 'missing-tables', severity: 'critical', params: { source: 'orders-1', count: 2, tables: 'shop.t, shop.u' } },
  { what: 'no table that is not here', members: pair({}), of: 'i2', code: 'missing-tables', severity: null },
  { what: 'no table in another character set', members: pair({}), of: 'i2', code: 'collation-differs', severity: null },
  { what: 'no table renamed out of the scope', members: pair({}), of: 'i2', code: 'strayed-tables', severity: null },
  { what: 'filters that nobody speaks for', members: pair({ filters: { ...noFilters, ignoreDb: ['x'] } }), of: 'i2', code: 'filter-drift', severity: null },
  { what: 'filters that nobody speaks for are told all the same', members: pair({ filters: { ...noFilters, ignoreDb: ['x'] } }), of: 'i2', code: 'filters-in-force', severity: 'critical', params: { source: 'orders-1', live: 'ignoreDb: x' } },
  { what: 'names that are rewritten by hand', members: pair({ filters: { ...noFilters, rewriteDb: ['a->b'] } }), of: 'i2', code: 'filters-in-force', severity: 'critical' },
  { what: 'filters on a reading replica', members: [member(1), member(2, { facts: standby(1, { filters: { ...noFilters, wildIgnoreTable: ['x.%'] } }) })], of: 'i2', code: 'filters-in-force', severity: 'warning' },
  { what: 'filters that a task speaks for', members: [member(1), member(2, { region: 'r2', facts: standby(1, { filters: { ...noFilters, doDb: ['x'] } }), expectedFilters: { ...noFilters, doDb: ['x'] } })], of: 'i2', code: 'filters-in-force', severity: null },
  { what: 'filters that a task is at work on', members: [member(1), member(2, { region: 'r2', facts: standby(1, { filters: { ...noFilters, doDb: ['x'] } }), expectedFilters: 'changing' })], of: 'i2', code: 'filters-in-force', severity: null },
  { what: 'filters on a link of a whole instance that a task is making', members: [member(1), member(2, { region: 'r2', facts: standby(1, { filters: { ...noFilters, doDb: ['x'] } }), expectedFilters: 'linking' })], of: 'i2', code: 'filter-drift', severity: null },
  { what: 'an applier that goes on past errors', members: pair({}, { server: { passesOver: ['replica_skip_errors = 1062,1032', 'replica_exec_mode = IDEMPOTENT'] } }), of: 'i2', code: 'errors-passed-over', severity: 'critical', params: { source: 'orders-1', settings: 'replica_skip_errors = 1062,1032, replica_exec_mode = IDEMPOTENT' } },
  { what: 'the same on a reading replica', members: [member(1), member(2, { facts: standby(1, {}, { server: { passesOver: ['slave_exec_mode = IDEMPOTENT'] } }) })], of: 'i2', code: 'errors-passed-over', severity: 'warning' },
  { what: 'a primary whose own appliers would', members: pair({}, {}, { server: { passesOver: ['slave_exec_mode = IDEMPOTENT'] } }), of: 'i1', code: 'errors-passed-over', severity: null },
  { what: 'an applier that stops at errors', members: pair({}, { server: { passesOver: [] } }), of: 'i2', code: 'errors-passed-over', severity: null },
  { what: 'no filters', members: pair({}), of: 'i2', code: 'filters-in-force', severity: null },
  { what: 'a source that leaves a database out of its binary log', members: pair({}, {}, { binlog: { file: 'b.1', position: 4, doDb: '', ignoreDb: 'logs' } }), of: 'i1', code: 'binlog-filtered', severity: 'critical', params: { live: 'binlog_ignore_db: logs' } },
  { what: 'a standby that would leave all but one out', members: pair({}, { binlog: { file: 'b.1', position: 4, doDb: 'shop', ignoreDb: '' } }), of: 'i2', code: 'binlog-filtered', severity: 'warning' },
  { what: 'a server that nobody follows may log what it likes', members: [member(1, { facts: facts(1, { binlog: { file: 'b.1', position: 4, doDb: 'shop', ignoreDb: '' } }) })], of: 'i1', code: 'binlog-filtered', severity: null },
  { what: 'transactions that only the fenced old primary holds', members: [member(1, { intent: fenced, facts: facts(1, { executed: `${A}:1-12`, server: { readOnly: true, superReadOnly: true } }) }), member(2, { region: 'r2', facts: facts(2, { executed: `${A}:1-10,${B}:1-3` }) })], of: 'i1', code: 'lost-transactions', severity: 'critical', params: { successor: 'orders-2', count: 2, set: `${A}:11-12` } },
  { what: 'also while it is away', members: [member(1, { intent: fenced, health: 'unreachable', facts: facts(1, { executed: `${A}:1-12` }) }), member(2, { region: 'r2', facts: facts(2, { executed: `${A}:1-10` }) })], of: 'i1', code: 'lost-transactions', severity: 'critical' },
  { what: 'a fenced old primary that holds nothing alone', members: [member(1, { intent: fenced, facts: facts(1, { executed: `${A}:1-10` }) }), member(2, { region: 'r2', facts: facts(2, { executed: `${A}:1-10,${B}:1` }) })], of: 'i1', code: 'lost-transactions', severity: null },
  { what: 'a primary whose disk is full', members: [member(1, { facts: facts(1, { writeStalls: stalls({ waits: [{ cause: 'disk', sessions: 3, seconds: 40, statement: 'INSERT' }] }) }) }), member(2, { region: 'r2', facts: standby() })], of: 'i1', code: 'writes-stalled', severity: 'critical', params: { cause: 'disk', sessions: 3, seconds: 40 } },
  { what: 'a primary under a read lock, with who holds it', members: [member(1, { facts: facts(1, { writeStalls: stalls({ waits: [{ cause: 'read-lock', sessions: 1, seconds: 2, statement: '' }], holders: ['#7 backup@h, 90 s'] }) }) }), member(2, { region: 'r2', facts: standby() })], of: 'i1', code: 'writes-stalled', severity: 'critical', params: { cause: 'readlock', found: '#7 backup@h, 90 s' } },
  { what: 'a lock of a moment', members: [member(1, { facts: facts(1, { writeStalls: stalls({ waits: [{ cause: 'read-lock', sessions: 9, seconds: 1, statement: '' }] }) }) }), member(2, { region: 'r2', facts: standby() })], of: 'i1', code: 'writes-stalled', severity: null },
  { what: 'commits that wait for a replica', members: [member(1, { facts: facts(1, { writeStalls: stalls({ waits: [{ cause: 'semi-sync', sessions: 2, seconds: 30, statement: '' }] }) }) }), member(2, { region: 'r2', facts: standby() })], of: 'i1', code: 'writes-stalled', severity: 'critical', params: { cause: 'semisync' } },
  { what: 'a primary that somebody made read-only', members: [member(1, { facts: facts(1, { server: { readOnly: true, superReadOnly: false } }) }), member(2, { region: 'r2', facts: standby() })], of: 'i1', code: 'writes-stalled', severity: 'critical', params: { cause: 'readonly', found: 'read_only = ON' } },
  { what: 'a primary with read-only transactions', members: [member(1, { facts: facts(1, { writeStalls: stalls({ settings: ['transaction_read_only = ON'] }) }) }), member(2, { region: 'r2', facts: standby() })], of: 'i1', code: 'writes-stalled', severity: 'critical', params: { cause: 'setting' } },
  { what: 'one that an operation has closed for a moment', members: [member(1, { facts: facts(1, { server: { readOnly: true, superReadOnly: true }, lockHolders: [operator] }) }), member(2, { region: 'r2', facts: standby() })], of: 'i1', code: 'writes-stalled', severity: null },
  { what: 'one whose lock name an account without rights holds', members: [member(1, { facts: facts(1, { server: { readOnly: true, superReadOnly: true }, lockHolders: [{ ...operator, powerless: true }] }) }), member(2, { region: 'r2', facts: standby() })], of: 'i1', code: 'writes-stalled', severity: 'critical' },
  { what: 'a standby is read-only on purpose', members: pair({}), of: 'i2', code: 'writes-stalled', severity: null },
  { what: 'a server that nobody follows may be closed', members: [member(1, { facts: facts(1, { server: { readOnly: true, superReadOnly: true } }) })], of: 'i1', code: 'writes-stalled', severity: null },
  { what: 'and has a full disk all the same', members: [member(1, { facts: facts(1, { writeStalls: stalls({ waits: [{ cause: 'disk', sessions: 1, seconds: 9, statement: '' }] }) }) })], of: 'i1', code: 'writes-stalled', severity: 'critical' },
  { what: 'a fault of our own', members: [{ ...member(1, { health: 'unknown' }), fault: 'TypeError: x' }], of: 'i1', code: 'unevaluated', severity: 'critical', params: { fault: 'TypeError: x' } },
  { what: 'a standby that takes writes', members: pair({}, { server: { readOnly: false, superReadOnly: false } }), of: 'i2', code: 'writable-standby', severity: 'warning' },
  { what: 'read_only is enough on 5.6', members: pair({}, { server: { version: '5.6.24', readOnly: true, superReadOnly: null } }), of: 'i2', code: 'writable-standby', severity: null },
  { what: 'a new server that is to become a standby may be open', members: [member(1), member(2, { region: 'r2', facts: facts(2, { executed: '' }), intent: { kind: 'replica', sourceId: 'i1' } })], of: 'i2', code: 'writable-standby', severity: null },
  { what: 'one that once was synchronised may not', members: [member(1), member(2, { region: 'r2', facts: facts(2), intent: { kind: 'replica', sourceId: 'i1' } })], of: 'i2', code: 'writable-standby', severity: 'warning' },
  { what: 'a fenced server that returned writable', members: [member(1, { intent: fenced }), member(2, { region: 'r2' })], of: 'i1', code: 'fenced-writable', severity: 'critical', params: { successor: 'orders-2' } },
  { what: 'a fenced server that is read-only', members: [member(1, { intent: fenced, facts: facts(1, { server: { readOnly: true, superReadOnly: true } }) }), member(2, { region: 'r2' })], of: 'i1', code: 'fenced-writable', severity: null },
  { what: 'a fenced server that is away', members: [member(1, { intent: fenced, health: 'unreachable' }), member(2, { region: 'r2' })], of: 'i1', code: 'fenced-writable', severity: null },
  { what: 'two primaries on a circle', members: [member(1, { facts: standby(2, {}, { server: { readOnly: false, superReadOnly: false } }, 1) }), member(2, { region: 'r2', facts: standby(1, {}, { server: { readOnly: false, superReadOnly: false } }) })], of: 'i1', code: 'two-writable-members', severity: 'critical', params: { others: 'orders-2' } },
  { what: 'a dual primary that came back: it follows the present one, is open, and what it wrote is there', members: pair({}, { server: { readOnly: false, superReadOnly: false } }, { executed: `${A}:1-100,${B}:1-40` }), of: 'i2', code: 'two-writable-members', severity: 'critical', params: { others: 'orders-1' } },
  { what: 'and the present one is told as well', members: pair({}, { server: { readOnly: false, superReadOnly: false } }, { executed: `${A}:1-100,${B}:1-40` }), of: 'i1', code: 'two-writable-members', severity: 'critical', params: { others: 'orders-2' } },
  { what: 'one that came back read-only is a standby', members: pair({}, {}, { executed: `${A}:1-100,${B}:1-40` }), of: 'i2', code: 'two-writable-members', severity: null },
  { what: 'a replaced primary that is back, writable, and follows its successor by itself', members: [member(1, { intent: fenced, facts: standby(2, {}, { server: { readOnly: false, superReadOnly: false } }, 1) }), member(2, { region: 'r2' })], of: 'i1', code: 'fenced-writable', severity: 'critical', params: { successor: 'orders-2' } },
  { what: 'a primary and its standby are one writable member', members: pair({}), of: 'i1', code: 'two-writable-members', severity: null },
  { what: 'two primaries of two clusters', members: [member(1), member(2, { region: 'r2', facts: standby() }), member(3), member(4, { region: 'r2', facts: standby(3, {}, {}, 4) })], of: 'i1', code: 'two-writable-members', severity: null },
  { what: 'a standby whose source was replaced', members: [member(1, { intent: fenced }), member(2, { region: 'r2' }), member(3, { region: 'r3', facts: standby(1, {}, {}, 3) })], of: 'i3', code: 'follows-old-primary', severity: 'warning', params: { source: 'orders-1', successor: 'orders-2' } },
  { what: 'a standby whose source is the primary', members: pair({}), of: 'i2', code: 'follows-old-primary', severity: null },
  { what: 'a source that is not registered', members: [member(2, { facts: standby(9) })], of: 'i2', code: 'unknown-source', severity: 'warning', params: { host: 'db9', port: 3306 } },
  { what: 'a circle', members: [member(1, { facts: standby(2, {}, {}, 1) }), member(2, { region: 'r2', facts: standby() })], of: 'i2', code: 'replication-cycle', severity: 'warning', params: { others: 'orders-1' } },
  { what: 'a chain is no circle', members: [member(1), member(2, { facts: standby() }), member(3, { facts: standby(2, {}, {}, 3) })], of: 'i2', code: 'replication-cycle', severity: null },
  { what: 'clocks that differ', members: pair({}, { clockOffsetMs: 1500 }, { clockOffsetMs: -500 }), of: 'i2', code: 'clock-skew', severity: 'warning', params: { seconds: 2 } },
  { what: 'two servers that differ from us alike', members: pair({}, { clockOffsetMs: 90_000 }, { clockOffsetMs: 90_100 }), of: 'i2', code: 'clock-skew', severity: null },
  { what: 'relay logs that pile up', members: pair({ relayLogSpaceBytes: 3 * 2 ** 30 }), of: 'i2', code: 'relay-logs-growing', severity: 'warning', params: { gib: 3 } },
  { what: 'a restart', members: [member(1, { facts: facts(1, { server: { uptimeSeconds: 5 } }), previous: sample(facts(1, { at: T0 - 2000 })) })], of: 'i1', code: 'server-restarted', severity: 'info' },
  { what: 'an uptime that grows is no restart', members: [member(1, { previous: sample(facts(1, { server: { uptimeSeconds: 99_998 } })) })], of: 'i1', code: 'server-restarted', severity: null },
  { what: 'another server at the same address', members: [member(1, { serverUuid: uuidOfNumber(77) })], of: 'i1', code: 'uuid-changed', severity: 'critical', params: { was: uuidOfNumber(77), is: A } },
  { what: 'a uuid in other letter case is the same', members: [member(10, { serverUuid: uuidOfNumber(10).toUpperCase() })], of: 'i10', code: 'uuid-changed', severity: null },
  { what: 'one server_id on both ends', members: pair({}, { server: { serverId: 1 } }), of: 'i2', code: 'duplicate-server-id', severity: 'critical', params: { others: 'orders-1' } },
  { what: 'one server_id on two standbys of one source', members: [...pair({}), member(3, { region: 'r2', facts: standby(1, {}, { server: { serverId: 2 } }, 3) })], of: 'i3', code: 'duplicate-server-id', severity: 'critical', params: { others: 'orders-2' } },
  { what: 'one server_id on both ends and beside, told at once', members: [...pair({}, { server: { serverId: 1 } }), member(3, { region: 'r2', facts: standby(1, {}, { server: { serverId: 1 } }, 3) })], of: 'i2', code: 'duplicate-server-id', severity: 'critical', params: { others: 'orders-1, orders-3', id: 1 } },
  { what: 'one server_id in two clusters', members: [member(1), member(3, { facts: facts(3, { server: { serverId: 1 } }) })], of: 'i3', code: 'duplicate-server-id', severity: null },
  { what: 'one server_uuid twice', members: [member(1), member(3, { facts: facts(3, { server: { uuid: A.toUpperCase() } }) })], of: 'i3', code: 'duplicate-server-uuid', severity: 'critical', params: { others: 'orders-1' } },
  { what: 'a standby older than its source', members: pair({}, { server: { version: '8.0.36' } }, { server: { version: '8.4.3' } }), of: 'i2', code: 'version-order', severity: 'critical', params: { version: '8.0.36', sourceVersion: '8.4.3' } },
  { what: 'a standby newer than its source', members: pair({}, { server: { version: '8.4.3' } }, { server: { version: '8.0.36' } }), of: 'i2', code: 'version-order', severity: null },
  { what: 'events that run on a standby', members: pair({}, { server: { enabledEvents: 3 } }), of: 'i2', code: 'events-enabled-on-standby', severity: 'warning', params: { count: 3 } },
  { what: 'events while the scheduler is off', members: pair({}, { server: { enabledEvents: 3, eventScheduler: 'OFF' } }), of: 'i2', code: 'events-enabled-on-standby', severity: null },
  { what: 'a link that a restart leaves stopped', members: pair({}, { startKept: true }), of: 'i2', code: 'start-kept-off', severity: 'info', params: { variable: 'skip_replica_start' } },
  { what: 'a restart starts it', members: pair({}, { startKept: false }), of: 'i2', code: 'start-kept-off', severity: null },
  { what: 'not known whether a restart starts it', members: pair({}), of: 'i2', code: 'start-kept-off', severity: null },
  { what: 'one that stands is told as that', members: pair({ applier: 'stopped' }, { startKept: true }), of: 'i2', code: 'start-kept-off', severity: null },
  { what: 'events on a primary', members: pair({}, {}, { server: { enabledEvents: 3 } }), of: 'i1', code: 'events-enabled-on-standby', severity: null },
  { what: 'GTIDs off on a server by itself', members: [member(1, { facts: facts(1, { server: { gtidMode: 'OFF' } }) })], of: 'i1', code: 'gtid-off', severity: 'info', params: { mode: 'OFF' } },
  { what: 'GTIDs off in a cluster', members: pair({}, {}, { server: { gtidMode: 'OFF_PERMISSIVE' } }), of: 'i1', code: 'gtid-off', severity: 'warning' },
  { what: 'replication by position', members: pair({ autoPosition: false }), of: 'i2', code: 'not-auto-position', severity: 'warning' },
  { what: 'a lag over the limit', members: pair({ secondsBehind: 93, received: `${A}:1-102` }), of: 'i2', code: 'lagging', severity: 'warning', params: { by: 'time', seconds: 93, transactions: 2 } },
  { what: 'a lag under the limit', members: pair({ secondsBehind: 29 }), of: 'i2', code: 'lagging', severity: null },
  { what: 'no binary log', members: pair({}, { server: { logBin: false } }), of: 'i2', code: 'binlog-off', severity: 'warning' },
  { what: 'binary logs kept for less than the backlog', members: pair({ secondsBehind: 5000, received: `${A}:1-102` }, {}, { server: { binlogExpireSeconds: 3600 } }), of: 'i1', code: 'retention-short', severity: 'critical', params: { replica: 'orders-2', replicaId: 'i2' } },
  { what: 'binary logs kept for ever', members: pair({ secondsBehind: 5000, received: `${A}:1-102` }, {}, { server: { binlogExpireSeconds: 0 } }), of: 'i1', code: 'retention-short', severity: null },
  { what: 'registered and not synchronised', members: [member(1), member(2, { region: 'r2', facts: facts(2, { executed: '' }), intent: { kind: 'replica', sourceId: 'i1' } })], of: 'i2', code: 'not-synchronised', severity: 'warning', params: { source: 'orders-1' } },
  { what: 'registered and replicating', members: [member(1), member(2, { region: 'r2', facts: standby(), intent: { kind: 'replica', sourceId: 'i1' } })], of: 'i2', code: 'not-synchronised', severity: null },
  { what: 'a primary with a standby whose link is broken', members: pair({ applier: 'stopped', applierError: error(1032) }), of: 'i1', code: 'unprotected', severity: 'warning', params: { standbys: 1 } },
  { what: 'a primary with replicas in its own region only', members: [member(1), member(2, { facts: standby() })], of: 'i1', code: 'unprotected', severity: 'warning', params: { standbys: 0 } },
  { what: 'a primary protected through a chain', members: [member(1), member(2, { facts: standby() }), member(3, { region: 'r2', facts: standby(2, {}, {}, 3) })], of: 'i1', code: 'unprotected', severity: null },
  { what: 'a server by itself is told so quietly', members: [member(1)], of: 'i1', code: 'unprotected', severity: 'info' },
  { what: 'a protected primary', members: pair({}), of: 'i1', code: 'unprotected', severity: null },
  { what: 'a certificate with three weeks left', members: [member(1, { facts: facts(1, { server: { certificateExpiresAt: T0 + 21.5 * day } }) })], of: 'i1', code: 'certificate-expiring', severity: 'warning', params: { days: 21, expired: 'no', at: '2023-12-06' } },
  { what: 'a certificate that has ended', members: [member(1, { facts: facts(1, { server: { certificateExpiresAt: T0 - 1 } }) })], of: 'i1', code: 'certificate-expiring', severity: 'critical', params: { days: 0, expired: 'yes' } },
  { what: 'a certificate with time left', members: [member(1, { facts: facts(1, { server: { certificateExpiresAt: T0 + 31 * day } }) })], of: 'i1', code: 'certificate-expiring', severity: null },
  { what: 'a server without a certificate', members: [member(1)], of: 'i1', code: 'certificate-expiring', severity: null },
  { what: 'privileged sessions on a standby that is only read_only', members: pair({}, { server: { readOnly: true, superReadOnly: false, privilegedSessions: ['app@10.0.0.1', 'dba@localhost'] } }), of: 'i2', code: 'privileged-sessions', severity: 'warning', params: { count: 2, accounts: 'app@10.0.0.1, dba@localhost', old: 'no' } },
  { what: 'privileged sessions on a 5.6, which knows nothing else', members: pair({}, { server: { version: '5.6.24', readOnly: true, superReadOnly: null, privilegedSessions: ['app@10.0.0.1'] } }), of: 'i2', code: 'privileged-sessions', severity: 'warning', params: { old: 'yes' } },
  { what: 'on a local replica as on a standby', members: [...pair({}), member(3, { region: 'r2', facts: standby(2, {}, { server: { superReadOnly: false, privilegedSessions: ['app@10.0.0.1'] } }, 3) })], of: 'i3', code: 'privileged-sessions', severity: 'warning' },
  { what: 'super_read_only closes it to them too', members: pair({}, { server: { privilegedSessions: ['app@10.0.0.1'] } }), of: 'i2', code: 'privileged-sessions', severity: null },
  { what: 'nobody privileged is there', members: pair({}, { server: { superReadOnly: false, privilegedSessions: [] } }), of: 'i2', code: 'privileged-sessions', severity: null },
  { what: 'privileged sessions of a primary are its own affair', members: [member(1, { facts: facts(1, { server: { readOnly: true, privilegedSessions: ['dba@localhost'] } }) })], of: 'i1', code: 'privileged-sessions', severity: null },
  { what: 'a comparison that found a difference', members: [member(1), member(2, { region: 'r2', facts: standby(), comparison: { differs: { at: T0, tables: 'shop.orders' }, needsVerification: null } })], of: 'i2', code: 'content-differs', severity: 'critical', params: { source: 'orders-1', tables: 'shop.orders' } },
  { what: 'a difference while the standby is away', members: [member(1), member(2, { region: 'r2', facts: standby(), health: 'unreachable', comparison: { differs: { at: T0, tables: 'shop.orders' }, needsVerification: null } })], of: 'i2', code: 'content-differs', severity: 'critical' },
  { what: 'a comparison that found none', members: [member(1), member(2, { region: 'r2', facts: standby(), comparison: { differs: null, needsVerification: null } })], of: 'i2', code: 'content-differs', severity: null },
  { what: 'a transaction that was skipped', members: [member(1), member(2, { region: 'r2', facts: standby(), comparison: { differs: null, needsVerification: { since: T0, gtids: [`${A}:7`], accounts: [] } } })], of: 'i2', code: 'needs-verification', severity: 'warning', params: { count: 1 } },
  { what: 'a fenced server that is only read_only', members: [member(1, { intent: fenced, facts: facts(1, { server: { readOnly: true, superReadOnly: false } }) }), member(2, { region: 'r2' })], of: 'i1', code: 'fence-partial', severity: 'warning' },
  { what: 'a fenced 5.6, which knows nothing else', members: [member(1, { intent: fenced, facts: facts(1, { server: { version: '5.6.24', readOnly: true, superReadOnly: null } }) }), member(2, { region: 'r2' })], of: 'i1', code: 'fence-partial', severity: null },
  { what: 'a primary whose standby only tries to connect', members: pair({ receiver: 'connecting', receiverError: error(2003) }), of: 'i1', code: 'unprotected', severity: 'warning', params: { standbys: 1 } },
  { what: 'a primary whose chain is broken above the standby', members: [member(1), member(2, { facts: standby(1, { applier: 'stopped', applierError: error(1062) }) }), member(3, { region: 'r2', facts: standby(2, {}, {}, 3) })], of: 'i1', code: 'unprotected', severity: 'warning', params: { standbys: 1 } },
  { what: 'facts that may not be read', members: [member(1, { facts: facts(1, { unread: [{ fact: 'replicas', reason: 'PROCESS' }] }) })], of: 'i1', code: 'privilege-missing', severity: 'warning', params: { facts: 'replicas', reason: 'PROCESS' } },
];

const problemsOf = (members: readonly AnalysedMember[], id: string, memory: FleetMemory = noMemory, now = T0) =>
  analyseFleet(members, memory, now, 30, 'own').views.find((view) => view.instance.id === id)?.problems ?? [];

describe('problems', () => {
  it.each(cases.map((one) => [`${one.code}: ${one.what}`, one] as const))('%s', (_what, { members, of, code, severity, params }) => {
    const found = problemsOf(members, of).find((problem) => problem.code === code);
    expect(found?.severity ?? null).toBe(severity);
    if (params !== undefined) expect(found?.params).toMatchObject(params);
  });

  it('are none for a healthy pair', () => {
    for (const id of ['i1', 'i2']) expect(problemsOf(pair({}), id)).toEqual([]);
  });

  it('come worst first', () => {
    const found = problemsOf(pair({ applier: 'stopped', applierError: error(1062), autoPosition: false }, { server: { uptimeSeconds: 5 } }), 'i2');
    expect(found.map((problem) => problem.severity)).toEqual([...found.map((problem) => problem.severity)].sort((a, b) => ['critical', 'warning', 'info'].indexOf(a) - ['critical', 'warning', 'info'].indexOf(b)));
    expect(found.length).toBeGreaterThan(1);
  });

  it('of a server that is away are only those that do not need its presence', () => {
    const away = member(2, { region: 'r2', facts: standby(1, { applier: 'stopped', applierError: error(1062) }), health: 'unreachable', error: { code: 'tcp-timeout', params: { host: 'db2', port: 3306, seconds: 2 } } });
    expect(problemsOf([member(1), away], 'i2').map((problem) => problem.code)).toEqual(['unreachable']);
  });

  it('have a case each, and a title, a meaning and a cure in both languages', () => {
    const covered = new Set<ProblemCode>([...cases.filter((one) => one.severity !== null).map((one) => one.code), 'errant-transactions', 'source-lacks-own', 'tls-lost']);
    expect(problemCodes.filter((code) => !covered.has(code))).toEqual([]);
    const translators = [translator('en'), translator('zh-CN')];
    for (const { members, of, code } of cases) {
      const problem = problemsOf(members, of).find((one) => one.code === code);
      if (problem === undefined) continue;
      for (const t of translators) {
        for (const part of ['title', 'meaning', 'cure'] as const) {
          const text = t(`problems.${code}.${part}`, problem.params);
          expect(text.length, `${code}.${part}`).toBeGreaterThan(1);
          expect(text, `${code}.${part}`).not.toMatch(/[{}]/);
        }
      }
    }
  });
});

describe('errors', () => {
  it('have texts that can be formatted in both languages', () => {
    const params = { code: 1, grants: 'GRANT SELECT ON *.* TO a', original: 'd.t', statements: 2, names: 'n', region: 'r', account: 'a', variable: 'v', done: 1, total: 2, accounts: 'a', detail: 'd', what: 'w', field: 'f', reason: 'r', method: 'm', origin: 'o', kind: 'instance', name: 'n', holds: 'h', expected: 'e', host: 'h', port: 3306, seconds: 2, user: 'u', plugin: 'p', errno: 1, sqlState: 's', privilege: 'p', server: 's', product: 'p', version: '5', minimum: '6', mode: 'OFF', uuid: 'u', replicas: 'r', source: 's', databases: 'd', standbys: 's', standby: 's', found: 'f', task: 't', operation: 'sql', primary: 'p', count: 2, first: 'f', holder: 'h', since: 's', state: 's', action: 'a', step: 's', seed: 's', tables: 't', table: 't', known: 1, file: 'f', kept: 'k', hours: 2, beyond: 'b', megabytes: 2, limit: 1, gtid: 'g', gtids: 'g', connection: 7, stage: 'done', successor: 's', way: 'copy', how: 'other', was: 'w', left: 'l', word: 'w', objects: 'o', why: 'ddl', fenced: 'f', place: 'p', series: '8.0', more: 2, most: 2, backup: 'b', path: 'p', line: 1, at: 0, end: 1, statement: 's', committed: 1, skipped: 2, list: 'x1', mark: 'm', copy: 'c', by: 'b', record: 1, column: 'c', has: 'yes', changed: 0, problems: 'p', row: 1, bytes: 2 };
    for (const language of ['en', 'zh-CN'] as const) {
      const t = translator(language);
      for (const key of Object.keys(en) as (keyof typeof en)[]) if (key.startsWith('errors.')) expect(t(key, params), key).not.toMatch(/[{}]/);
    }
  });
});

describe('errant transactions', () => {
  const at = (standbyAt: number, standbySet: string, sourceAt: number, sourceSet: string): AnalysedMember[] => [
    member(1, { sample: sample(facts(1, { executed: sourceSet, at: sourceAt })) }),
    member(2, { region: 'r2', sample: sample(standby(1, {}, { executed: standbySet, at: standbyAt })) }),
  ];
  const run = (...looks: AnalysedMember[][]): number | null => {
    let memory = noMemory;
    let count: number | null = null;
    for (const [index, members] of looks.entries()) {
      const analysis = analyseFleet(members, memory, T0 + index, 30, 'own');
      memory = analysis.memory;
      count = (analysis.views.find((view) => view.instance.id === 'i2')?.problems.find((problem) => problem.code === 'errant-transactions')?.params['count'] as number | undefined) ?? null;
    }
    return count;
  };
  const errant = `${A}:1-100,${B}:1-3`;

  it('are named when they are there in two pairs of readings', () => {
    expect(run(at(0, errant, 1000, `${A}:1-100`), at(2000, errant, 3000, `${A}:1-200`))).toBe(3);
  });

  it('are not named after one pair', () => {
    expect(run(at(0, errant, 1000, `${A}:1-100`))).toBeNull();
  });

  it('are not named when the same readings are looked at twice', () => {
    expect(run(at(0, errant, 1000, `${A}:1-100`), at(0, errant, 1000, `${A}:1-100`))).toBeNull();
    expect(run(at(0, errant, 1000, `${A}:1-100`), at(500, errant, 1000, `${A}:1-100`))).toBeNull();
  });

  it('are not made of transactions that the standby had before the source was read', () => {
    // The source was read first: what the standby has more is only newer.
    expect(run(at(1000, `${A}:1-150`, 0, `${A}:1-100`), at(3000, `${A}:1-250`, 2000, `${A}:1-200`))).toBeNull();
  });

  it('are not made of other transactions in each pair', () => {
    expect(run(at(0, `${A}:1-101`, 1000, `${A}:1-100`), at(2000, `${A}:1-102`, 3000, `${A}:1-101`))).toBeNull();
  });

  it('are not those that the source itself has made and does not show yet: that is said of the source, and how bad by whether it waits', () => {
    const own = `${A}:1-105`;
    const waiting = ([source, ...others]: AnalysedMember[], sessions: number): AnalysedMember[] => {
      if (source?.current == null) throw new Error('a source that was read');
      return [{ ...source, current: { ...source.current, facts: { ...source.current.facts, semiSyncWaiting: sessions } } }, ...others];
    };
    const found = (sessions: number): Problem[] => {
      const first = analyseFleet(waiting(at(0, own, 1000, `${A}:1-100`), sessions), noMemory, T0, 30, 'own');
      const second = analyseFleet(waiting(at(2000, own, 3000, `${A}:1-100`), sessions), first.memory, T0 + 1, 30, 'own');
      return second.views.find((view) => view.instance.id === 'i2')?.problems.filter(({ severity }) => severity !== 'info') as Problem[];
    };
    expect(run(at(0, own, 1000, `${A}:1-100`), at(2000, own, 3000, `${A}:1-100`))).toBeNull();
    expect(found(2).map(({ code, severity }) => [code, severity])).toEqual([['source-lacks-own', 'warning']]);
    expect(found(0).map(({ code, severity }) => [code, severity])).toEqual([['source-lacks-own', 'critical']]);
    for (const language of ['en', 'zh-CN'] as const) for (const part of ['title', 'meaning', 'cure'] as const) expect(translator(language)(`problems.source-lacks-own.${part}`, found(2)[0]?.params ?? {})).not.toMatch(/[{}]/);
  });

  it('stay named while the source is away, and go when they are gone', () => {
    const known = [at(0, errant, 1000, `${A}:1-100`), at(2000, errant, 3000, `${A}:1-100`)];
    const [source, replica] = at(4000, errant, 3000, `${A}:1-100`);
    if (source === undefined || replica === undefined) throw new Error('two members');
    expect(run(...known, [{ ...source, health: { ...source.health, state: 'unreachable' } }, replica])).toBe(3);
    expect(run(...known, at(5000, `${A}:1-100`, 6000, `${A}:1-100`))).toBeNull();
  });
});

describe('TLS lost after a source change', () => {
  const third = (): AnalysedMember => member(3, { region: 'r3' });
  const fleet = (source: number, tls: boolean | null): AnalysedMember[] => [member(1), third(), member(2, { region: 'r2', facts: tls === null ? facts(2) : standby(source, { tls }) })];
  const after = (...looks: AnalysedMember[][]): Problem | null => {
    let memory = noMemory;
    let found: Problem | undefined;
    for (const members of looks) {
      const analysis = analyseFleet(members, memory, T0, 30, 'own');
      memory = analysis.memory;
      found = analysis.views.find((view) => view.instance.id === 'i2')?.problems.find((problem) => problem.code === 'tls-lost');
    }
    return found ?? null;
  };

  it('is named with the source that was followed encrypted, and stays named', () => {
    const lost = { severity: 'warning', params: { source: 'orders-3', before: 'orders-1', moved: 'yes' } };
    expect(after(fleet(1, true), fleet(3, false))).toMatchObject(lost);
    expect(after(fleet(1, true), fleet(3, false), fleet(3, false))).toMatchObject(lost);
  });

  it('is named where the source stayed and its settings changed', () => {
    expect(after(fleet(1, true), fleet(1, false))).toMatchObject({ params: { source: 'orders-1', before: 'orders-1', moved: 'no' } });
  });

  it('is not named of a link that never was encrypted, goes when it is again, and with the link', () => {
    expect(after(fleet(1, false), fleet(3, false))).toBeNull();
    expect(after(fleet(1, true), fleet(3, true))).toBeNull();
    expect(after(fleet(1, true), fleet(3, false), fleet(3, true))).toBeNull();
    expect(after(fleet(1, true), fleet(3, false), fleet(3, null), fleet(3, false))).toBeNull();
  });

  it('has texts in both languages', () => {
    const params = { source: 'b', before: 'a', moved: 'yes' };
    for (const language of ['en', 'zh-CN'] as const) {
      for (const part of ['title', 'meaning', 'cure'] as const) expect(translator(language)(`problems.tls-lost.${part}`, params)).not.toMatch(/[{}]/);
    }
  });
});

describe('a receiver that stalls', () => {
  it('is called lagging once transactions have been missing for as long as the limit', () => {
    const members = pair({}, {}, { executed: `${A}:1-150` });
    const first = analyseFleet(members, noMemory, T0, 30, 'own');
    const lagging = (now: number) => problemsOf(members, 'i2', first.memory, now).find((problem) => problem.code === 'lagging');
    expect(lagging(T0 + 29_000)).toBeUndefined();
    expect(lagging(T0 + 31_000)?.params).toMatchObject({ by: 'transactions', transactions: 50 });
    // What it has received is a moment old: that says nothing of what it has not.
    const busy = pair({ secondsBehind: 2, received: `${A}:1-101` }, {}, { executed: `${A}:1-150` });
    const later = analyseFleet(busy, analyseFleet(busy, noMemory, T0, 30, 'own').memory, T0 + 31_000, 30, 'own');
    expect(later.views.find(({ instance }) => instance.id === 'i2')?.problems).toMatchObject([{ code: 'lagging', params: { by: 'transactions', seconds: 2, transactions: 50 } }]);
    expect(later.topology.links).toMatchObject([{ state: 'lagging', reason: { key: 'fleet.link.missing', params: { transactions: 49 } } }]);
  });
});
