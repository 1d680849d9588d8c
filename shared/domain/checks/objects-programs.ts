import { message } from '../../i18n/message';
import type { MissingObject } from './check';
import { isUserDatabase, type Coverage } from './coverage';
import { defineCheck, listed, missed, passed, value, type CheckDefinition } from './define';
import { hasRight } from '../accounts/rights';
import { coverageAt, lackingTables, nameOf, partialOnly } from './objects-scope';
import { referencesIn } from './references';
import { isOn, setVariables, variable } from './variables';
import type { CheckFacts, ProgramReading, TableReading } from './facts';

/** Whether a view or program goes along with the scope: a trigger with its table, the others with their whole database. */
function inScope(program: ProgramReading, coverage: Coverage): boolean {
  switch (program.kind) {
    case 'trigger':
      return program.table !== null && coverage.table(program.database, program.table);
    case 'view':
      return coverage.table(program.database, program.name);
    case 'procedure':
    case 'function':
    case 'event':
      return coverage.wholeDatabase(program.database);
    default: {
      const never: never = program.kind;
      return never;
    }
  }
}

/** The tables, views and routines out of scope that a program names. A name counts only where such an object exists. */
function outsideOf(program: ProgramReading, known: ReadonlySet<string>, coverage: Coverage): readonly { readonly database: string; readonly table: string }[] {
  if (program.body === null) return [];
  return referencesIn(program.body).flatMap(({ database, name }) => {
    const named = { database: database ?? program.database, table: name };
    return known.has(nameOf(named)) && isUserDatabase(named.database) && !coverage.table(named.database, named.table) ? [named] : [];
  });
}

function knownNames(tables: readonly TableReading[], programs: readonly ProgramReading[]): ReadonlySet<string> {
  const routines = programs.filter(({ kind }) => kind === 'procedure' || kind === 'function');
  return new Set([...tables, ...routines].map(({ database, name }) => `${database}.${name}`));
}

function programText({ kind, database, name }: ProgramReading): string {
  return `${kind} ${database}.${name}`;
}

/** What the views and programs in scope name and the scope lacks. */
export function programsBeyond(
  { sourceTables, sourcePrograms }: Pick<CheckFacts, 'sourceTables' | 'sourcePrograms'>, coverage: Coverage,
): readonly MissingObject[] {
  const known = knownNames(sourceTables, sourcePrograms);
  return sourcePrograms.filter((program) => inScope(program, coverage)).flatMap((program) => missingOf(outsideOf(program, known, coverage), sourceTables));
}

/** A view or a routine comes along with its whole database only. */
function missingOf(outside: ReturnType<typeof outsideOf>, tables: readonly TableReading[]): readonly MissingObject[] {
  const base = new Set(tables.filter(({ engine }) => engine !== null).map(({ database, name }) => `${database}.${name}`));
  return outside.map((named) => (base.has(nameOf(named)) ? named : { database: named.database, table: null }));
}

export const programChecks: readonly CheckDefinition[] = [
  defineCheck({
    id: 'obj.view', group: 'objects', level: 'fail', needs: ['sourceServer', 'sourceTables', 'sourcePrograms'],
    applies: partialOnly,
    decide: ({ sourceServer, sourceTables, sourcePrograms }, { scope }) => {
      const coverage = coverageAt(sourceServer, scope);
      const known = knownNames(sourceTables, sourcePrograms);
      const found = sourcePrograms
        .filter((program) => inScope(program, coverage))
        .map((program) => ({ program, outside: outsideOf(program, known, coverage) }))
        .filter(({ outside }) => outside.length > 0);
      if (found.length === 0) return passed(message('checks.obj.view.none'));
      const items = found.map(({ program, outside }) => `${programText(program)} → ${[...new Set(outside.map(nameOf))].join(', ')}`);
      return lackingTables(message('checks.obj.view.found', listed(items)), items, missingOf(found.flatMap(({ outside }) => outside), sourceTables));
    },
  }),
  defineCheck({
    id: 'obj.definer', group: 'objects', level: 'warn', needs: ['sourceServer', 'sourcePrograms', 'sourceAccounts', 'standbyAccounts'],
    decide: ({ sourceServer, sourcePrograms, sourceAccounts, standbyAccounts }, { scope, seed }) => {
      const coverage = coverageAt(sourceServer, scope);
      const comesAlong = scope.kind === 'instance' && seed !== 'adopt';
      const accounts = new Set([...standbyAccounts, ...(comesAlong ? sourceAccounts : [])].map(({ user, host }) => `${user}@${host}`));
      const programs = sourcePrograms.filter((program) => inScope(program, coverage));
      const absent = [...new Set(programs.map(({ definer }) => definer))].filter((definer) => definer !== '' && !accounts.has(definer)).sort();
      if (absent.length === 0) return passed(message('checks.obj.definer.all', { count: programs.length }));
      return missed(
        'warn',
        message('checks.obj.definer.absent', listed(absent)),
        { items: absent, remedy: { on: 'standby', text: message('checks.obj.definer.fix') } },
      );
    },
  }),
  defineCheck({
    id: 'obj.trigger', group: 'objects', level: 'fail', needs: ['sourceServer', 'standbyServer', 'sourcePrograms', 'standbyGrants'],
    decide: ({ sourceServer, standbyServer, sourcePrograms, standbyGrants }, { scope, seed }) => {
      const name = 'log_bin_trust_function_creators';
      const coverage = coverageAt(sourceServer, scope);
      const programs = sourcePrograms.filter((program) => (program.kind === 'function' || program.kind === 'trigger') && inScope(program, coverage));
      const params = { source: variable(sourceServer, name) ?? '—', standby: variable(standbyServer, name) ?? '—', count: programs.length };
      const measured = message('checks.obj.trigger.measured', params);
      if (programs.length === 0 || !isOn(variable(standbyServer, 'log_bin')) || isOn(variable(standbyServer, name))) return passed(measured);
      // The source's ON admits functions that do not declare themselves deterministic, which OFF refuses to everyone
      // (1418); OFF also refuses triggers and functions to a login without SUPER (1419).
      const refused = isOn(variable(sourceServer, name)) || (seed !== 'clone' && seed !== 'adopt' && !hasRight(standbyGrants, 'SUPER'));
      if (!refused) return passed(measured);
      return missed(
        'fail',
        measured,
        { items: programs.map(programText), remedy: setVariables('standby', standbyServer.version, [[name, 'ON']]), fixable: true },
      );
    },
  }),
  defineCheck({
    id: 'obj.event', group: 'objects', level: 'info', needs: ['sourceServer', 'standbyServer', 'sourcePrograms'],
    decide: ({ sourceServer, standbyServer, sourcePrograms }, { scope }) => {
      const coverage = coverageAt(sourceServer, scope);
      const events = sourcePrograms.filter((program) => program.kind === 'event' && program.status === 'ENABLED' && inScope(program, coverage));
      if (events.length === 0) return passed(value(0));
      const params = { ...listed(events.map(({ database, name }) => `${database}.${name}`)), scheduler: variable(standbyServer, 'event_scheduler') ?? '—' };
      return missed('info', message('checks.obj.event.found', params), { items: events.map(programText) });
    },
  }),
];
