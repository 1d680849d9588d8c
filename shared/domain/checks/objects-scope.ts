import { message } from '../../i18n/message';
import type { MissingObject } from './check';
import { isInPart } from '../scope/change';
import { firstWithSys, type Scope } from '../scope/scope';
import { filtersMatch } from '../scope/filters';
import { atLeast, formatVersion } from '../fleet/version';
import { coverageOf, folding, isUserDatabase, type Coverage } from './coverage';
import { defineCheck, listed, missed, passed, value, type CheckDefinition, type CheckInput, type CheckOutcome } from './define';
import { filterLines } from './filters';
import { numberOf } from './variables';
import type { ForeignKeyReading, ServerReading } from './facts';
import type { Message } from '../../i18n/message';

export const partialOnly = ({ scope }: CheckInput): Message | null => (scope.kind === 'partial' ? null : message('checks.skip.partial-only'));
export const notAdopted = ({ seed }: CheckInput): Message | null => (seed === 'adopt' ? message('checks.skip.adopt') : null);

export function coverageAt(source: ServerReading, scope: Scope): Coverage {
  return coverageOf(scope, numberOf(source, 'lower_case_table_names'), source.version);
}

const isMadeAnew = (seed: CheckInput['seed']): boolean => seed !== 'clone' && seed !== 'adopt';

/** Names have 64 characters at most, and no server tells more of one. What it makes of a renamed table's name before 8.0 begins with that. */
function isNameTooLong({ table, name }: ForeignKeyReading): boolean {
  const length = Array.from(table).length;
  return Array.from(name).length > 64 || (length >= 58 && name === Array.from(`${table}_ibfk_`).slice(0, 64).join(''));
}

interface Named {
  readonly database: string;
  readonly table: string;
}

/** A miss that is cured by taking more tables into scope. */
export function lackingTables(measured: Message, items: readonly string[], lacking: readonly MissingObject[]): CheckOutcome {
  const unique = [...new Map(lacking.map((one) => [`${one.database}\0${one.table ?? '\0'}`, one])).values()];
  return missed('fail', measured, {
    items,
    remedy: {
      text: message('checks.obj.fix-scope', { count: unique.length, list: listed(unique.map(({ database, table }) => `${database}.${table ?? '*'}`)).list }),
      addToScope: unique,
    },
  });
}

export function nameOf({ database, table }: Named): string {
  return `${database}.${table}`;
}

/** Foreign keys with one end in scope and the other not. */
function split(
  keys: readonly ForeignKeyReading[],
  coverage: Coverage,
): readonly { readonly key: ForeignKeyReading; readonly outside: Named; readonly childOutside: boolean }[] {
  return keys.flatMap((key) => {
    const child = coverage.table(key.database, key.table);
    const parent = coverage.table(key.parentDatabase, key.parentTable);
    if (child === parent) return [];
    const outside = child ? { database: key.parentDatabase, table: key.parentTable } : { database: key.database, table: key.table };
    return [{ key, outside, childOutside: !child }];
  });
}

/** The ends of foreign keys that a scope lacks. */
export function keysBeyond(keys: readonly ForeignKeyReading[], coverage: Coverage): readonly MissingObject[] {
  return split(keys, coverage).map(({ outside }) => outside);
}

function keyText(key: ForeignKeyReading): string {
  return `${key.database}.${key.table} → ${key.parentDatabase}.${key.parentTable} (${key.name})`;
}

const acting = (action: string): boolean => /^(CASCADE|SET NULL|SET DEFAULT)$/i.test(action);

export const scopeChecks: readonly CheckDefinition[] = [
  defineCheck({
    id: 'obj.system', group: 'objects', level: 'fail', needs: ['sourceServer'],
    applies: partialOnly,
    decide: ({ sourceServer }, { scope }) => {
      const fold = folding(numberOf(sourceServer, 'lower_case_table_names'));
      if (scope.kind === 'instance') return passed(value(0));
      const system = scope.databases.map(({ database }) => database).filter((database) => !isUserDatabase(fold(database), sourceServer.version));
      if (system.length > 0) {
        return missed('fail', message('checks.obj.system.found', listed(system)), { items: system, remedy: { text: message('checks.obj.system.fix') } });
      }
      if (scope.databases.length === 0) {
        return missed('fail', message('checks.obj.system.nothing'), { remedy: { text: message('checks.obj.system.fix-nothing') } });
      }
      return passed(message('checks.obj.system.count', { count: scope.databases.length }));
    },
  }),
  defineCheck({
    id: 'obj.conflict', group: 'objects', level: 'fail', needs: ['sourceServer', 'standbyServer', 'sourceDatabases', 'standbyObjects'],
    applies: notAdopted,
    decide: ({ sourceServer, standbyServer, sourceDatabases, standbyObjects }, { scope, eraseTarget, standby }) => {
      // A later version has one of its own, which nothing may erase.
      const takesSys = sourceDatabases.some(({ name }) => name === 'sys') && coverageAt(sourceServer, scope).touches('sys');
      if (takesSys && atLeast(standbyServer.version, ...firstWithSys)) {
        return missed('fail', message('checks.obj.conflict.sys', { version: formatVersion(standbyServer.version) }), {
          items: ['sys'], remedy: { on: 'source', text: message('checks.obj.conflict.fix-sys') },
        });
      }
      const isUsers = (database: string): boolean => isUserDatabase(database, standbyServer.version);
      if (scope.kind === 'instance') {
        const databases = standbyObjects.databases.filter(isUsers);
        if (databases.length === 0) return passed(message('checks.obj.conflict.none'));
        if (eraseTarget) return missed('info', message('checks.obj.conflict.erased', listed(databases)), { items: databases });
        return missed('fail', message('checks.obj.conflict.databases', listed(databases)), {
          items: databases, remedy: { on: 'standby', text: message('checks.obj.conflict.fix', { name: standby.name }) },
        });
      }
      const coverage = coverageAt(sourceServer, scope);
      const tables = standbyObjects.tables.filter(({ database, name }) => coverage.table(database, name));
      // Routines and events come along with their whole database only.
      const programs = standbyObjects.programs.filter(({ database }) => coverage.wholeDatabase(database));
      const same = [...tables, ...programs].filter(({ database }) => isUsers(database)).map(({ database, name }) => `${database}.${name}`);
      if (same.length === 0) return passed(message('checks.obj.conflict.none-same'));
      if (eraseTarget) return missed('info', message('checks.obj.conflict.erased', listed(same)), { items: same });
      return missed('fail', message('checks.obj.conflict.tables', listed(same)), {
        items: same, remedy: { on: 'standby', text: message('checks.obj.conflict.fix-partial', { name: standby.name }) },
      });
    },
  }),
  defineCheck({
    id: 'obj.stray', group: 'objects', level: 'warn', needs: ['sourceServer', 'standbyObjects', 'sourceTables'],
    applies: partialOnly,
    decide: ({ sourceServer, standbyObjects, sourceTables }, { scope, dropped }) => {
      const coverage = coverageAt(sourceServer, scope);
      const fold = folding(numberOf(sourceServer, 'lower_case_table_names'));
      const there = new Set(sourceTables.map(({ database, name }) => `${fold(database)}\0${fold(name)}`));
      // A statement that renames is run where one of its names is in scope: what it moves in is what stands here under the other one.
      const strays = standbyObjects.tables.filter(({ database, name }) => (
        isUserDatabase(database) && !coverage.table(database, name) && !dropped.some((part) => isInPart(part, database, name))
          && (coverage.touches(database) || there.has(`${fold(database)}\0${fold(name)}`))
      ));
      if (strays.length === 0) return passed(message('checks.obj.stray.none'));
      const items = strays.map(({ database, name }) => `${database}.${name}`).sort();
      return missed('warn', message('checks.obj.stray.found', listed(items)), { items, remedy: { on: 'standby', text: message('checks.obj.stray.fix') } });
    },
  }),
  defineCheck({
    id: 'obj.name', group: 'objects', level: 'fail', needs: ['sourceServer', 'standbyServer', 'sourceTables', 'sourceDatabases', 'sourceForeignKeys'],
    decide: ({ sourceServer, standbyServer, sourceTables, sourceDatabases, sourceForeignKeys }, { scope, seed }) => {
      const coverage = coverageAt(sourceServer, scope);
      const long = sourceForeignKeys.filter((key) => isMadeAnew(seed) && coverage.table(key.database, key.table) && isNameTooLong(key));
      if (long.length > 0) {
        const items = long.map(({ database, table, name }) => `${database}.${table} (${name})`);
        return missed('fail', message('checks.obj.name.long', listed(items)), { items, remedy: { on: 'source', text: message('checks.obj.name.long-fix') } });
      }
      if ((numberOf(standbyServer, 'lower_case_table_names') ?? 0) === 0) return passed(message('checks.obj.name.exact'));
      const names = [
        ...sourceDatabases.filter(({ name }) => coverage.touches(name)).map(({ name }) => name),
        ...sourceTables.filter(({ database, name }) => coverage.table(database, name)).map(({ database, name }) => `${database}.${name}`),
      ];
      const fold = folding(1);
      const groups = new Map<string, string[]>();
      for (const name of new Set(names)) groups.set(fold(name), [...(groups.get(fold(name)) ?? []), name]);
      const colliding = [...groups.values()].filter((group) => group.length > 1).map((group) => group.join(' / '));
      if (colliding.length === 0) return passed(message('checks.obj.name.none'));
      return missed('fail', message('checks.obj.name.found', listed(colliding)), {
        items: colliding, remedy: { on: 'source', text: message('checks.obj.name.fix') },
      });
    },
  }),
  defineCheck({
    id: 'obj.fk', group: 'objects', level: 'fail', needs: ['sourceServer', 'sourceForeignKeys'],
    applies: partialOnly,
    decide: ({ sourceServer, sourceForeignKeys }, { scope }) => {
      const found = split(sourceForeignKeys, coverageAt(sourceServer, scope));
      if (found.length === 0) return passed(message('checks.obj.fk.none'));
      const items = found.map(({ key }) => keyText(key));
      return lackingTables(message('checks.obj.fk.found', listed(items)), items, found.map(({ outside }) => outside));
    },
  }),
  defineCheck({
    id: 'obj.fk.action', group: 'objects', level: 'fail', needs: ['sourceServer', 'sourceForeignKeys'],
    applies: partialOnly,
    decide: ({ sourceServer, sourceForeignKeys }, { scope }) => {
      const found = split(sourceForeignKeys, coverageAt(sourceServer, scope)).filter(
        ({ key, childOutside }) => childOutside && (acting(key.onDelete) || acting(key.onUpdate)),
      );
      if (found.length === 0) return passed(message('checks.obj.fk.action.none'));
      const items = found.map(({ key }) => `${keyText(key)} ON DELETE ${key.onDelete} ON UPDATE ${key.onUpdate}`);
      return lackingTables(message('checks.obj.fk.action.found', listed(items)), items, found.map(({ outside }) => outside));
    },
  }),
  defineCheck({
    id: 'obj.filter', group: 'objects', level: 'fail', needs: ['standbyServer', 'forwardProbe'],
    applies: partialOnly,
    decide: ({ standbyServer, forwardProbe }, { scope }) => {
      if (scope.kind === 'instance' || atLeast(standbyServer.version, 5, 7, 3)) return passed(message('checks.obj.filter.statement'));
      const filters = 'filters' in forwardProbe ? forwardProbe.filters : null;
      const config = ['[mysqld]', ...filterLines(scope)];
      if (filters !== null && filtersMatch(scope, filters)) return passed(message('checks.obj.filter.configured'));
      const measured = filters === null ? message('checks.obj.filter.unseen') : message('checks.obj.filter.missing');
      return missed('fail', measured, { needsRestart: true, remedy: { on: 'standby', config, text: message('checks.obj.filter.fix') } });
    },
  }),
  defineCheck({
    id: 'obj.filter.persist', group: 'objects', level: 'warn', needs: ['standbyServer'],
    applies: partialOnly,
    decide: ({ standbyServer: { version } }) => {
      if (!atLeast(version, 5, 7, 3)) return passed(message('checks.obj.filter.persist.config'));
      if (atLeast(version, 8, 0, 24)) return passed(message('checks.obj.filter.persist.guarded'));
      // An option before 8.0.24, not a variable: whether it is set cannot be seen.
      return missed('warn', message('checks.obj.filter.persist.unseen'), {
        needsRestart: true, remedy: { on: 'standby', config: ['[mysqld]', 'skip_slave_start'], text: message('checks.obj.filter.persist.fix-config') },
      });
    },
  }),
];
