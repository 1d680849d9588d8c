import { writesElsewhere } from '../scope/engines';
import { message } from '../../i18n/message';
import { oneCharsetName } from '../sql/charset-name';
import { modeFor } from '../sql/sql-mode';
import { both, defineCheck, listed, missed, passed, skipped, value, type CheckDefinition, type CheckOutcome } from './define';
import { coverageAt } from './objects-scope';
import { configure, numberOf, setVariables, shown, variable } from './variables';
import { atLeast } from '../fleet/version';
import type { ServerReading, ZoneReading } from './facts';

const MIB = 1024 * 1024;
const MIN_PACKET = 4 * MIB;
const DISK_FACTOR = 1.2;

/** Values of several variables side by side: those that differ are named. `one`: what makes two spellings of a value one. */
function compared(
  source: ServerReading,
  standby: ServerReading,
  names: readonly string[],
  one: (value: string) => string = (text) => text,
): { readonly differing: readonly string[]; readonly texts: readonly [string, string] } {
  const differing = names.filter((name) => {
    const [here, there] = [variable(source, name), variable(standby, name)];
    return here !== undefined && there !== undefined && one(here) !== one(there);
  });
  const named = differing.length > 0 ? differing : names;
  const text = (server: ServerReading): string => named.map((name) => `${name}=${shown(server, name)}`).join(', ');
  return { differing, texts: [text(source), text(standby)] };
}

function literalOf(text: string): string {
  return /^(on|off|\d+)$/i.test(text) ? text : `'${text.replaceAll("'", "''")}'`;
}

/** Standby's variables set to the source's values; all of them dynamic. */
function sameOnStandby(source: ServerReading, standby: ServerReading, names: readonly string[]): Partial<CheckOutcome> {
  return { remedy: setVariables('standby', standby.version, names.map((name) => [name, literalOf(variable(source, name) ?? '')])), fixable: true };
}

export const serverSettingsChecks: readonly CheckDefinition[] = [
  defineCheck({
    id: 'server.timezone', group: 'server', level: 'warn', needs: ['sourceServer', 'standbyServer', 'sourceZone', 'standbyZone', 'sourceColumns'],
    decide: ({ sourceServer, standbyServer, sourceZone, standbyZone, sourceColumns }, { scope }) => {
      const named = (server: ServerReading, zone: ZoneReading | null): string =>
        `time_zone=${shown(server, 'time_zone')}, system_time_zone=${shown(server, 'system_time_zone')}${zone === null ? '' : ` (${zone.now})`}`;
      const measured = both(named(sourceServer, sourceZone), named(standbyServer, standbyZone));
      if (sourceZone !== null && sourceZone.sum === standbyZone?.sum) return passed(measured);
      const coverage = coverageAt(sourceServer, scope);
      // Up to 5.7 an applier writes what the source stored, and only what it keeps in keys is its own; but a copy computes it, and an offset is not enough
      // for a source whose clocks change.
      const recomputes = atLeast(standbyServer.version, 8, 0) || sourceZone?.offsets !== 1;
      const items = sourceColumns
        .filter(({ database, table, inZone }) => (inZone === 'kept' || (inZone === 'stored' && recomputes)) && coverage.table(database, table))
        .map(({ database, table, column }) => `${database}.${table}.${column}`);
      const zone = sourceZone?.offsets === 1 ? sourceZone.now : shown(sourceServer, 'time_zone');
      const text = message('checks.server.timezone.fix');
      const set = setVariables('standby', standbyServer.version, [['time_zone', literalOf(zone)]], text);
      const remedy = zone === 'SYSTEM' ? { on: 'standby' as const, text } : set;
      const fixable = sourceZone?.offsets === 1;
      // Only moments from before 1992 are called something else.
      const isRecent = sourceZone !== null && sourceZone.recent === standbyZone?.recent;
      if (isRecent && items.length === 0) return passed(measured);
      if (isRecent || items.length === 0) return missed('warn', measured, { items, remedy, fixable });
      const zones = { source: zoneName(sourceServer, sourceZone), standby: zoneName(standbyServer, standbyZone) };
      return missed('fail', message('checks.server.timezone.computed', { ...zones, ...listed(items) }), { items, remedy, fixable });
    },
  }),
  defineCheck({
    id: 'server.compute', group: 'server', level: 'warn', needs: ['sourceServer', 'standbyServer', 'sourceColumns'],
    decide: ({ sourceServer, standbyServer, sourceColumns }, { scope }) => {
      const { differing, texts } = compared(sourceServer, standbyServer, ['div_precision_increment', 'block_encryption_mode']);
      if (differing.length === 0) return passed(both(...texts));
      const coverage = coverageAt(sourceServer, scope);
      // A slash in a text, of a date's format say, divides nothing.
      const bare = (expression: string): string => expression.replaceAll(/'(?:[^'\\]|\\.|'')*'|`(?:[^`]|``)*`/g, '');
      const uses = (expression: string): boolean => differing.some((name) => (name === 'block_encryption_mode' ? /\baes_\w+\(/i : /\//).test(bare(expression)));
      const items = sourceColumns.filter(({ database, table, expression }) => expression !== undefined && uses(expression) && coverage.table(database, table))
        .map(({ database, table, column }) => `${database}.${table}.${column}`);
      const remedy = sameOnStandby(sourceServer, standbyServer, differing);
      return items.length === 0 ? missed('warn', both(...texts), remedy) : missed('fail', both(...texts), { ...remedy, items });
    },
  }),
  defineCheck({
    id: 'server.charset', group: 'server', level: 'warn', needs: ['sourceServer', 'standbyServer', 'sourceDatabases', 'sourceColumns', 'standbyCollations'],
    decide: (facts, { scope }) => {
      const { sourceServer, standbyServer, sourceDatabases, sourceColumns, standbyCollations } = facts;
      const coverage = coverageAt(sourceServer, scope);
      const known = new Set(standbyCollations.map(oneCharsetName));
      const used = new Set([
        shown(sourceServer, 'collation_server'),
        ...sourceDatabases.filter(({ name }) => coverage.touches(name)).map(({ collation }) => collation),
        ...sourceColumns.filter(({ database, table }) => coverage.table(database, table)).flatMap(({ collation }) => (collation === null ? [] : [collation])),
      ]);
      const unknown = [...used].filter((collation) => !known.has(oneCharsetName(collation))).sort();
      if (unknown.length > 0) {
        return missed('fail', message('checks.server.charset.unknown', listed(unknown)), {
          items: unknown, remedy: { text: message('checks.server.charset.fix-unknown') },
        });
      }
      const { differing, texts } = compared(sourceServer, standbyServer, ['character_set_server', 'collation_server'], oneCharsetName);
      if (differing.length === 0) return passed(both(...texts));
      // The character set sets its default collation along, so it goes first.
      return missed('warn', both(...texts), sameOnStandby(sourceServer, standbyServer, ['character_set_server', 'collation_server']));
    },
  }),
  defineCheck({
    id: 'server.sqlmode', group: 'server', level: 'warn', needs: ['sourceServer', 'standbyServer'],
    decide: ({ sourceServer, standbyServer }) => {
      // What the standby's version no longer has cannot be set there, and says nothing there.
      const all = modeFor(variable(sourceServer, 'sql_mode') ?? '', standbyServer.version);
      const modes = (text: string): string[] => text.split(',').filter((mode) => mode !== '').sort();
      const source = modes(all);
      const standby = modes(variable(standbyServer, 'sql_mode') ?? '');
      const only = (here: readonly string[], there: readonly string[]): string => here.filter((mode) => !there.includes(mode)).join(', ') || '—';
      if (source.join() === standby.join()) return passed(value(source.join(', ') || "''"));
      const measured = message('checks.server.sqlmode.differs', { source: only(source, standby), standby: only(standby, source) });
      return missed('warn', measured, { remedy: setVariables('standby', standbyServer.version, [['sql_mode', literalOf(all)]]), fixable: true });
    },
  }),
  defineCheck({
    id: 'server.engine', group: 'server', level: 'warn', needs: ['sourceServer', 'sourceTables', 'standbyPlugins'],
    decide: ({ sourceServer, sourceTables, standbyPlugins }, { scope, seed }) => {
      const coverage = coverageAt(sourceServer, scope);
      const inScope = sourceTables.filter(({ database, name, engine }) => engine !== null && coverage.table(database, name));
      const others = inScope
        .filter(({ engine }) => engine?.toLowerCase() !== 'innodb')
        .map(({ database, name, engine }) => `${database}.${name} (${engine ?? ''})`);
      if (others.length === 0) return passed(message('checks.server.engine.all', { count: inScope.length }));
      const named = (tables: typeof inScope): string[] => tables.map(({ database, name, engine }) => `${database}.${name} (${engine ?? ''})`);
      const outward = named(inScope.filter(({ engine }) => engine !== null && writesElsewhere(engine)));
      if (outward.length > 0) {
        const remedy = { text: message('checks.server.engine.fix-elsewhere') };
        return missed('fail', message('checks.server.engine.elsewhere', listed(outward)), { items: outward, remedy });
      }
      const known = new Set(standbyPlugins.filter(({ type }) => type === 'STORAGE ENGINE').map(({ name }) => name));
      const unknown = named(inScope.filter(({ engine }) => engine !== null && !known.has(engine.toLowerCase())));
      if (unknown.length > 0 && seed !== 'clone') {
        const remedy = { on: 'standby' as const, text: message('checks.server.engine.fix-absent') };
        return missed('fail', message('checks.server.engine.absent', listed(unknown)), { items: unknown, remedy });
      }
      return missed(seed === 'clone' ? 'fail' : 'warn', message('checks.server.engine.others', listed(others)), {
        items: others, remedy: { on: 'source', text: message(seed === 'clone' ? 'checks.server.engine.fix-clone' : 'checks.server.engine.fix') },
      });
    },
  }),
  defineCheck({
    id: 'server.packet', group: 'server', level: 'warn', needs: ['sourceServer', 'standbyServer'],
    decide: ({ sourceServer, standbyServer }) => {
      const source = numberOf(sourceServer, 'max_allowed_packet') ?? 0;
      const standby = numberOf(standbyServer, 'max_allowed_packet') ?? 0;
      const measured = message('checks.server.packet.measured', { source: mib(source), standby: mib(standby) });
      if (standby >= MIN_PACKET && standby >= source) return passed(measured);
      const needed = Math.max(MIN_PACKET, source);
      const remedy = setVariables('standby', standbyServer.version, [['max_allowed_packet', String(needed)]]);
      return missed(standby < MIN_PACKET ? 'fail' : 'warn', measured, { remedy, fixable: true });
    },
  }),
  defineCheck({
    id: 'server.disk', group: 'server', level: 'warn', needs: ['sourceServer', 'sourceTables'],
    decide: ({ sourceServer, sourceTables }, { scope, seed }) => {
      if (seed === 'adopt') return skipped(message('checks.skip.adopt'));
      const coverage = coverageAt(sourceServer, scope);
      const bytes = sourceTables.filter(({ database, name }) => coverage.table(database, name)).reduce((sum, table) => sum + table.bytes, 0);
      return skipped(message('checks.server.disk.unmeasurable', { data: gib(bytes), needed: gib(bytes * DISK_FACTOR) }));
    },
  }),
  defineCheck({
    id: 'server.pagesize', group: 'server', level: 'fail', needs: ['sourceServer', 'standbyServer'],
    applies: ({ seed }) => (seed === 'clone' ? null : message('checks.skip.clone-only')),
    decide: ({ sourceServer, standbyServer }) => {
      const measured = both(shown(sourceServer, 'innodb_page_size'), shown(standbyServer, 'innodb_page_size'));
      if (variable(sourceServer, 'innodb_page_size') === variable(standbyServer, 'innodb_page_size')) return passed(measured);
      return missed('fail', measured, {
        needsRestart: true, remedy: { on: 'standby', text: message('checks.server.pagesize.fix', { value: shown(sourceServer, 'innodb_page_size') }) },
      });
    },
  }),
  defineCheck({
    id: 'server.strict', group: 'server', level: 'warn', needs: ['sourceServer', 'standbyServer'],
    decide: ({ sourceServer, standbyServer }) => {
      const { differing, texts } = compared(sourceServer, standbyServer, ['innodb_strict_mode', 'default_storage_engine']);
      return differing.length === 0 ? passed(both(...texts)) : missed('warn', both(...texts), sameOnStandby(sourceServer, standbyServer, differing));
    },
  }),
  defineCheck({
    id: 'server.rowformat', group: 'server', level: 'fail', needs: ['sourceServer', 'standbyServer'],
    decide: ({ sourceServer, standbyServer }) => {
      const { differing, texts } = compared(sourceServer, standbyServer, ['innodb_default_row_format', 'innodb_large_prefix'], (text) => text.toLowerCase());
      if (differing.length === 0) return passed(both(...texts));
      // A table that names no format gets the server's: of those only DYNAMIC takes a key of more than 767 bytes, before 8.0 with long prefixes allowed.
      const isShorter = differing.some((name) => ['dynamic', 'on'].includes(variable(sourceServer, name)?.toLowerCase() ?? ''));
      return missed(isShorter ? 'fail' : 'warn', both(...texts), sameOnStandby(sourceServer, standbyServer, differing));
    },
  }),
  defineCheck({
    id: 'server.tstz', group: 'server', level: 'warn', needs: ['sourceServer', 'standbyServer'],
    decide: ({ sourceServer, standbyServer }) => {
      const name = 'explicit_defaults_for_timestamp';
      const { differing, texts } = compared(sourceServer, standbyServer, [name]);
      if (differing.length === 0) return passed(both(...texts));
      const wanted = variable(sourceServer, name) ?? 'ON';
      // Read-only at run time before 8.0.
      if (standbyServer.version.major < 8) return missed('warn', both(...texts), { needsRestart: true, remedy: configure('standby', [[name, wanted]]) });
      return missed('warn', both(...texts), sameOnStandby(sourceServer, standbyServer, [name]));
    },
  }),
];

function zoneName(server: ServerReading, zone: ZoneReading | null): string {
  const name = shown(server, 'time_zone');
  const said = name === 'SYSTEM' ? shown(server, 'system_time_zone') : name;
  // A zone that is an offset is said once.
  return zone === null || zone.now === said ? said : `${said} (${zone.now})`;
}

function mib(bytes: number): string {
  return (bytes / MIB).toFixed(bytes % MIB === 0 ? 0 : 1);
}

function gib(bytes: number): string {
  const size = bytes / (1024 * MIB);
  return size < 10 ? size.toFixed(2) : size.toFixed(0);
}
