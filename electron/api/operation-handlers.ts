import type { Engine } from '../engine-types';
import type { Handlers } from './router';

/** The methods of the operations of an instance. `refuseFile`: throws where a file may not be read for whoever calls. */
export function operationHandlers(
  engine: Engine, refuseFile: (path: string) => void, chooseTarget: (suggestedName: string) => Promise<string | null>,
): Handlers<'operations' | 'gtid' | 'accounts' | 'parameters' | 'charset' | 'port' | 'rollback' | 'sql' | 'import' | 'transfer' | 'readOnly'> {
  return {
    ...instanceHandlers(engine),
    ...accountHandlers(engine),
    ...parameterHandlers(engine),
    ...charsetHandlers(engine),
    ...portHandlers(engine),
    ...rollbackHandlers(engine),
    ...sqlHandlers(engine, chooseTarget),
    ...importHandlers(engine, refuseFile),
    ...transferHandlers(engine),
    ...readOnlyHandlers(engine),
  };
}

function instanceHandlers({ operations, gtid }: Engine): Handlers<'operations' | 'gtid'> {
  return {
    'operations.list': ({ instanceId }) => operations.list(instanceId),
    'operations.run': ({ instanceId, operation, input }) => operations.run(instanceId, operation, input),
    'gtid.plan': (request, { signal }) => gtid.plan(request, signal),
    'gtid.execute': ({ planId, phrase }) => gtid.execute(planId, phrase),
  };
}

function accountHandlers({ accounts }: Engine): Handlers<'accounts'> {
  return {
    'accounts.list': ({ instanceId }, { signal }) => accounts.list(instanceId, signal),
    'accounts.show': ({ instanceId, account }, { signal }) => accounts.show(instanceId, account, signal),
    'accounts.who': ({ instanceId, ...table }, { signal }) => accounts.who(instanceId, table, signal),
    'accounts.planCarry': (request, { signal }) => accounts.planCarry(request, signal),
    'accounts.carry': ({ planId }) => accounts.carry(planId),
    'accounts.compare': ({ leftId, rightId }, { signal }) => accounts.compare(leftId, rightId, signal),
    'accounts.export': ({ instanceId, accounts: names }, { signal }) => accounts.export(instanceId, names, signal),
    'accounts.plan': ({ instanceId, change }, { signal }) => accounts.plan(instanceId, change, signal),
    'accounts.execute': (order) => accounts.execute(order),
  };
}

function parameterHandlers({ parameters }: Engine): Handlers<'parameters'> {
  return {
    'parameters.list': ({ instanceId }, { signal }) => parameters.list(instanceId, signal),
    'parameters.oldSessions': ({ instanceId, names }, { signal }) => parameters.oldSessions(instanceId, names, signal),
    'parameters.plan': ({ instanceId, changes }, { signal }) => parameters.plan(instanceId, changes, signal),
    'parameters.planUndo': ({ entryId }, { signal }) => parameters.planUndo(entryId, signal),
    'parameters.execute': ({ planId, acceptWarnings }) => parameters.execute(planId, acceptWarnings),
    'parameters.history': ({ instanceId }) => parameters.history(instanceId),
    'parameters.drift': ({ instanceIds }, { signal }) => parameters.drift(instanceIds, signal),
    'parameters.templates': () => parameters.templates(),
    'parameters.saveTemplate': ({ name, settings, from }) => parameters.saveTemplate(name, settings, from),
    'parameters.saveTemplateOf': ({ name, instanceId }) => parameters.saveTemplateOf(name, instanceId),
    'parameters.removeTemplate': ({ id }) => parameters.removeTemplate(id),
    'parameters.exportTemplate': ({ id }) => parameters.exportTemplate(id),
    'parameters.readFile': ({ text }) => parameters.readFile(text),
  };
}

function charsetHandlers({ charset }: Engine): Handlers<'charset'> {
  return {
    'charset.overview': ({ instanceId }, { signal }) => charset.overview(instanceId, signal),
    'charset.plan': (request, { signal }) => charset.plan(request, signal),
    'charset.execute': ({ planId, phrase }) => charset.execute(planId, phrase),
  };
}

function portHandlers({ port }: Engine): Handlers<'port'> {
  return {
    'port.plan': (request, { signal }) => port.plan(request, signal),
    'port.execute': ({ planId, phrase }) => port.execute(planId, phrase),
  };
}

function rollbackHandlers({ rollback }: Engine): Handlers<'rollback'> {
  return {
    'rollback.window': ({ instanceId }, { signal }) => rollback.window(instanceId, signal),
    'rollback.transactions': ({ instanceId, filter, most }, { signal }) => rollback.transactions(instanceId, filter, most, signal),
    'rollback.transactionAt': ({ instanceId, at }, { signal }) => rollback.transactionAt(instanceId, at, signal),
    'rollback.planUndo': ({ instanceId, gtids }, { signal }) => rollback.planUndo(instanceId, gtids, signal),
    'rollback.planBeside': (order, { signal }) => rollback.planBeside(order, signal),
    'rollback.compare': ({ recordId, database, table }, { signal }) => rollback.compare(recordId, { database, table }, signal),
    'rollback.planCopyBack': (order, { signal }) => rollback.planCopyBack(order, signal),
    'rollback.planSwap': ({ recordId, tables }, { signal }) => rollback.planSwap(recordId, tables, signal),
    'rollback.execute': ({ planId, phrase, acceptWarnings }) => rollback.execute(planId, phrase, acceptWarnings),
    'rollback.records': ({ instanceId }) => rollback.records(instanceId),
  };
}

function sqlHandlers({ sql, fleet }: Engine, chooseTarget: (suggestedName: string) => Promise<string | null>): Handlers<'sql'> {
  return {
    'sql.memory': ({ instanceId }) => sql.memory(instanceId),
    'sql.forget': ({ instanceId, ids }) => sql.forgetStatements(instanceId, ids),
    'sql.keepFavourite': ({ instanceId, ...text }) => sql.keepFavourite(instanceId, text),
    'sql.forgetFavourite': ({ instanceId, id }) => sql.forgetFavourite(instanceId, id),
    'sql.tabs': ({ instanceId }) => sql.tabs(instanceId),
    'sql.keepTabs': ({ instanceId, ...tabs }) => sql.keepTabs(instanceId, tabs),
    'sql.mark': ({ instanceId, readOnly, phrase }) => fleet.markSqlReadOnly(instanceId, readOnly, phrase),
    'sql.names': ({ instanceId, database }, { signal }) => sql.names(instanceId, database, signal),
    'sql.plan': (request, { signal }) => sql.plan(request, signal),
    'sql.explain': (order, { signal }) => sql.explain(order, signal),
    'sql.execute': ({ planId, phrase }, { signal }) => sql.execute(planId, phrase, signal),
    'sql.progress': ({ planId, known }) => sql.progress(planId, known),
    'sql.rows': (order) => sql.results.rows(order),
    'sql.value': (place) => sql.results.value(place),
    'sql.copied': (order) => sql.results.copied(order),
    'sql.export': async ({ suggestedName, ...order }, { signal }) => {
      const path = await chooseTarget(suggestedName);
      return path === null ? null : sql.results.export(order, path, signal);
    },
    'sql.exported': ({ exportId }) => sql.results.exported(exportId),
    'sql.saveValue': async ({ suggestedName, ...place }, { signal }) => {
      const path = await chooseTarget(suggestedName);
      return path === null ? null : { path, bytes: await sql.results.saveValue(place, path, signal) };
    },
    'sql.release': ({ resultIds }) => sql.results.release(resultIds),
  };
}

function importHandlers({ imports }: Engine, refuseFile: (path: string) => void): Handlers<'import'> {
  return {
    'import.plan': (request, { signal }) => {
      refuseFile(request.path);
      return imports.plan(request, signal);
    },
    'import.inspect': (request, { signal }) => {
      refuseFile(request.path);
      return imports.inspect(request, signal);
    },
    'import.planRows': (request, { signal }) => {
      refuseFile(request.path);
      return imports.planRows(request, signal);
    },
    'import.execute': ({ planId, phrase }) => imports.execute(planId, phrase),
  };
}

function transferHandlers({ transfer }: Engine): Handlers<'transfer'> {
  return {
    'transfer.plan': (order) => transfer.plan(order),
    'transfer.execute': (order) => transfer.execute(order),
    'transfer.history': () => transfer.history(),
    'transfer.undo': ({ id }) => transfer.undo(id),
  };
}

function readOnlyHandlers({ readOnly }: Engine): Handlers<'readOnly'> {
  return {
    'readOnly.add': (order) => readOnly.add(order),
    'readOnly.list': ({ instanceId }) => readOnly.list(instanceId),
    'readOnly.note': ({ instanceId, ...note }) => readOnly.note(instanceId, note),
    'readOnly.freeze': ({ instanceId }) => readOnly.freeze(instanceId),
    'readOnly.stop': ({ instanceId }) => readOnly.stop(instanceId),
    'readOnly.start': ({ instanceId }) => readOnly.start(instanceId),
    'readOnly.setDelay': ({ instanceId, seconds }) => readOnly.setDelay(instanceId, seconds),
    'readOnly.pending': ({ instanceId, ...options }, { signal }) => readOnly.pending(instanceId, options, signal),
    'readOnly.planRun': ({ instanceId, target }, { signal }) => readOnly.planRun(instanceId, target, signal),
    'readOnly.run': ({ instanceId, target, last }) => readOnly.run(instanceId, target, last),
    'readOnly.fishOut': (order, { signal }) => readOnly.fishOut(order, signal),
  };
}
