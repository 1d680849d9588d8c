import { failure } from '../../shared/errors/codes';
import type { AppInfo } from '../../shared/contract/methods';
import type { Engine } from '../engine-types';
import { audited } from '../fleet/audited';
import { operationHandlers } from './operation-handlers';
import type { HandlerMap, Handlers } from './router';

/** What only a desktop can do. */
export interface DesktopPort {
  info(): AppInfo;
  copy(text: string): void;
  /** Asks where to, and writes; the path, or null where the user cancelled. */
  saveText(suggestedName: string, text: string): Promise<string | null>;
  /** The same for a picture, given as base64. */
  savePng(suggestedName: string, base64: string): Promise<string | null>;
  /** Asks where to; the path, or null where the user cancelled. */
  chooseTarget(suggestedName: string): Promise<string | null>;
  /** Asks for a file, and reads it; null where the user cancelled. */
  openText(extensions: readonly string[]): Promise<{ path: string; text: string } | null>;
  /** Asks for a file that is read as it is needed; its path, or null where the user cancelled. */
  chooseFile(): Promise<string | null>;
  /** Asks for a program; its path, or null where the user cancelled. */
  chooseProgram(): Promise<string | null>;
  /** The same for a folder. */
  chooseFolder(): Promise<string | null>;
  /** Whoever calls may name files and folders as they like: it is the user, and no window. */
  readonly trustsPaths: boolean;
}

const desktopOnly = (method: string): never => {
  throw failure('unknown-method', { method });
};

/** The terminal has no clipboard and no dialogs: those methods do not exist there. */
export const terminalPort: DesktopPort = {
  info: () => desktopOnly('app.info'),
  copy: () => desktopOnly('app.copy'),
  saveText: async () => desktopOnly('app.saveText'),
  savePng: async () => desktopOnly('app.savePng'),
  chooseTarget: async () => desktopOnly('dossier.export'),
  openText: async () => desktopOnly('app.openText'),
  chooseFile: async () => desktopOnly('app.chooseFile'),
  chooseProgram: async () => desktopOnly('app.chooseProgram'),
  chooseFolder: async () => desktopOnly('app.chooseFolder'),
  trustsPaths: true,
};

/**
 * Every method of the contract, carried out by the engine or the desktop. What changes an inventory or a server leaves a
 * line in the audit log: the services see to that for their own acts, and what is nobody's is recorded here.
 */
export function createHandlers(engine: Engine, desktop: DesktopPort): HandlerMap {
  const programs = new ChosenPaths();
  const folders = new ChosenPaths();
  const files = new ChosenPaths();
  return {
    ...appHandlers(desktop, { programs, folders, files }),
    ...settingsHandlers(engine),
    ...fleetHandlers(engine),
    ...syncHandlers(engine),
    ...verificationHandlers(engine),
    ...scheduleHandlers(engine),
    ...slowHandlers(engine),
    ...promotionHandlers(engine),
    ...failbackHandlers(engine),
    ...dossierHandlers(engine, desktop),
    ...operationHandlers(
      engine, (path) => { if (!desktop.trustsPaths && !folders.has(path)) files.refuseOther(path); }, (suggestedName) => desktop.chooseTarget(suggestedName),
    ),
    ...monitoringHandlers(engine),
    ...backupHandlers(engine, desktop, folders),
    ...taskHandlers(engine),
    ...auditHandlers(engine),
    ...labHandlers(engine, programs),
  };
}

/** What the user has chosen in a dialog of this run: no other program that a window names is ever started, no other folder written, no other file read. */
class ChosenPaths {
  readonly #paths = new Set<string>();

  /** Remembers what a dialog returned. */
  note(path: string | null): string | null {
    if (path !== null) this.#paths.add(path);
    return path;
  }

  has(path: string): boolean {
    return this.#paths.has(path);
  }

  refuseOther(path: string): void {
    if (!this.#paths.has(path)) throw failure('invalid-input', { field: 'path', reason: 'not chosen in a file dialog' });
  }
}

function appHandlers(
  desktop: DesktopPort, { programs, folders, files }: Readonly<Record<'programs' | 'folders' | 'files', ChosenPaths>>,
): Handlers<'app'> {
  return {
    'app.info': () => desktop.info(),
    'app.copy': ({ text }) => desktop.copy(text),
    'app.savePng': ({ suggestedName, base64 }) => desktop.savePng(suggestedName, base64),
    'app.saveText': ({ suggestedName, text }) => desktop.saveText(suggestedName, text),
    'app.openText': ({ extensions }) => desktop.openText(extensions),
    'app.chooseFile': async () => files.note(await desktop.chooseFile()),
    'app.chooseProgram': async () => programs.note(await desktop.chooseProgram()),
    'app.chooseFolder': async () => folders.note(await desktop.chooseFolder()),
  };
}

function settingsHandlers({ settings, vault, audit }: Engine): Handlers<'settings' | 'secrets'> {
  return {
    'settings.get': () => settings.get(),
    'settings.set': (change) => settings.set(withoutUndefined(change)),
    'secrets.status': () => vault.status(),
    'secrets.unlock': ({ passphrase }) => vault.unlock(passphrase),
    'secrets.startOver': () => audited(audit, 'secrets.start-over', vault.status().tier, {}, () => vault.startOver()),
    'secrets.choose': ({ tier, passphrase }) => audited(audit, 'secrets.choose', tier, {}, () => vault.choose(tier, passphrase)),
  };
}

function fleetHandlers({ fleet, sql }: Engine): Handlers<'fleet'> {
  return {
    'fleet.snapshot': () => fleet.snapshot(),
    'fleet.refresh': ({ id }) => fleet.refresh(id),
    'fleet.show': ({ ids }) => fleet.readFirst(ids),
    'fleet.objects': ({ id }) => fleet.objects(id),
    'fleet.addRegion': ({ name }) => fleet.addRegion(name),
    'fleet.renameRegion': ({ id, name }) => fleet.renameRegion(id, name),
    'fleet.removeRegion': ({ id }) => fleet.removeRegion(id),
    'fleet.addProject': ({ name }) => fleet.addProject(name),
    'fleet.renameProject': ({ id, name }) => fleet.renameProject(id, name),
    'fleet.removeProject': ({ id }) => fleet.removeProject(id),
    'fleet.testConnection': ({ form, password, instanceId }) => fleet.testConnection(form, password, instanceId),
    'fleet.addInstance': ({ form, password }) => fleet.addInstance(form, password),
    'fleet.updateInstance': ({ id, form, password }) => fleet.updateInstance(id, form, password),
    'fleet.acknowledge': ({ instances, ...order }) => fleet.acknowledge(instances, order),
    'fleet.silence': ({ ids, ...order }) => fleet.silence(ids, order),
    'fleet.pauseWatching': ({ ids, ...order }) => fleet.pauseWatching(ids, order),
    'fleet.endAttention': ({ ids, act, problems }) => fleet.endAttention(ids, act, problems),
    'fleet.setPassword': ({ id, password }) => fleet.setPassword(id, password),
    'fleet.removeInstance': async ({ id, phrase, dissolve }) => {
      await fleet.removeInstance(id, phrase, dissolve);
      sql.forgetInstance(id);
    },
    'fleet.exportInventory': () => fleet.exportInventory(),
    'fleet.importInventory': ({ text, dryRun }) => fleet.importInventory(text, dryRun),
  };
}

function syncHandlers({ sync }: Engine): Handlers<'sync'> {
  return {
    'sync.addStandby': ({ sourceId, standbyId }) => sync.addStandby(sourceId, standbyId),
    'sync.propose': ({ sourceId, standbyId, scope }) => sync.propose(sourceId, standbyId, scope),
    'sync.check': (request, { signal }) => sync.check(request, signal),
    'sync.checkOne': ({ checkId, ...request }) => sync.checkOne(request, checkId),
    'sync.fix': ({ checkId, ...request }) => sync.fix(request, checkId),
    'sync.create': ({ spec, start, eraseConfirmation }) => sync.create(spec, start, eraseConfirmation),
    'sync.edit': ({ id, edit, eraseConfirmation }) => sync.edit(id, edit, eraseConfirmation),
    'sync.setCopyRate': ({ id, copyRateMb }) => sync.setCopyRate(id, copyRateMb),
    'sync.list': () => sync.list(),
    'sync.get': ({ id }) => sync.get(id),
    'sync.objects': ({ id }) => sync.objects(id),
    'sync.start': ({ id }) => sync.start(id),
    'sync.pause': ({ id }) => sync.pause(id),
    'sync.resume': ({ id }) => sync.resume(id),
    'sync.cancel': ({ id }) => sync.cancel(id),
    'sync.missing': ({ sourceId, standbyId, scope }) => sync.scopes.missing(sourceId, standbyId, scope),
    'sync.planScope': (order, { signal }) => sync.scopes.plan(order, signal),
    'sync.changeScope': (order) => sync.scopes.change(order),
    'sync.coverage': ({ id }) => sync.scopes.coverage(id),
    'sync.border': ({ id }, { signal }) => sync.scopes.border(id, signal),
    'sync.reapplyFilters': ({ id }) => sync.scopes.reapply(id),
    'sync.setRestoresFilters': ({ id, on }) => sync.scopes.restoreByItself(id, on),
    'sync.planSkip': ({ id }, { signal }) => sync.skips.plan(id, signal),
    'sync.skipTransaction': (order) => sync.skips.skip(order),
    'sync.verify': ({ id }) => sync.skips.verify(id),
    'sync.remove': ({ id, phrase, stopReplication }) => sync.remove(id, phrase, stopReplication),
  };
}

function promotionHandlers({ promotion }: Engine): Handlers<'promotion'> {
  return {
    'promotion.plan': (request) => promotion.plan(request),
    'promotion.execute': ({ planId, phrase }) => promotion.execute(planId, phrase),
    'promotion.stopWaiting': ({ taskId, phrase }) => promotion.stopWaiting(taskId, phrase),
    'promotion.planCure': (request) => promotion.planCure(request),
    'promotion.cure': ({ planId, phrase }) => promotion.cure(planId, phrase),
    'promotion.acknowledge': ({ id }) => promotion.acknowledge(id),
    'promotion.reports': () => promotion.reports(),
    'promotion.fence': ({ instanceId, phrase }) => promotion.fence(instanceId, phrase),
  };
}

function failbackHandlers({ failback }: Engine): Handlers<'failback'> {
  return {
    'failback.show': ({ oldId }) => failback.show(oldId),
    'failback.start': (order) => failback.start(order),
    'failback.giveUp': ({ oldId, word }) => failback.giveUp(oldId, word),
    'failback.choose': ({ oldId, way }) => failback.choose(oldId, way),
    'failback.goOn': ({ oldId, phrase }) => failback.goOn(oldId, phrase),
    'failback.planSwitchBack': ({ oldId, phrase, acceptPartial }) => failback.planSwitchBack(oldId, phrase, acceptPartial),
    'failback.cancel': ({ oldId, phrase }) => failback.cancel(oldId, phrase),
  };
}

function dossierHandlers({ dossiers }: Engine, desktop: DesktopPort): Handlers<'dossier'> {
  return {
    'dossier.read': ({ oldId }, { signal }) => dossiers.read(oldId, signal),
    'dossier.rows': ({ id, filter, offset, limit }) => dossiers.rows(id, filter, offset, limit),
    'dossier.statements': ({ id, rows }) => dossiers.statements(id, rows),
    async 'dossier.export'({ id, ...what }) {
      const path = await desktop.chooseTarget(`dossier-${dossiers.get(id).oldName}.${what.format}`);
      if (path !== null) await dossiers.exportTo(id, what, path);
      return path;
    },
    'dossier.apply': ({ id, classes, rows, phrase }) => dossiers.apply(id, { classes, rows: rows ?? null }, phrase),
  };
}

function slowHandlers({ slow }: Engine): Handlers<'slow'> {
  return {
    'slow.view': (order, { signal }) => slow.view(order, signal),
    'slow.trend': (order) => slow.trend(order),
    'slow.explain': (order, { signal }) => slow.explain(order, signal),
  };
}

function backupHandlers({ backups }: Engine, desktop: DesktopPort, folders: ChosenPaths): Handlers<'backup'> {
  return {
    'backup.list': () => backups.list(),
    'backup.show': ({ backupId }) => backups.show(backupId),
    'backup.places': () => backups.places(),
    'backup.addPlace': ({ path }) => {
      if (!desktop.trustsPaths) folders.refuseOther(path);
      return backups.addPlace(path);
    },
    'backup.removePlace': ({ path }) => backups.removePlace(path),
    'backup.create': (order) => backups.create(order),
    'backup.verify': ({ backupId, passphrase }) => backups.verify(backupId, passphrase),
    'backup.prove': ({ backupId, passphrase }) => backups.prove(backupId, passphrase),
    'backup.planRestore': ({ order, passphrase }) => backups.planRestore(order, passphrase),
    'backup.restore': ({ planId, phrase }) => backups.restore(planId, phrase),
    'backup.remove': ({ backupId, phrase }) => backups.remove(backupId, phrase),
    'backup.policy': ({ id }) => backups.policy(id),
    'backup.setPolicy': ({ passphrase, ...policy }) => backups.setPolicy(policy, passphrase),
  };
}

function verificationHandlers({ verification }: Engine): Handlers<'verification'> {
  return {
    'verification.compare': (order) => verification.compare(order),
    'verification.pause': ({ id }) => verification.pause(id),
    'verification.resume': ({ id }) => verification.resume(id),
    'verification.history': () => verification.history(),
    'verification.result': ({ id }) => verification.result(id),
    'verification.proof': ({ sourceId, standbyId }) => verification.proof(sourceId, standbyId),
    'verification.planRepair': ({ id }) => verification.planRepair(id),
    'verification.repair': ({ planId, phrase }) => verification.repair(planId, phrase),
  };
}

function scheduleHandlers({ schedules }: Engine): Handlers<'schedules'> {
  return {
    'schedules.list': () => schedules.list(),
    'schedules.save': ({ id, ...order }) => schedules.save(id, order),
    'schedules.remove': ({ id }) => schedules.remove(id),
  };
}

function monitoringHandlers({ monitoring, audit }: Engine): Handlers<'monitoring'> {
  return {
    'monitoring.view': ({ instanceId }) => monitoring.view(instanceId),
    'monitoring.range': ({ instanceId, ...range }) => monitoring.range(instanceId, range),
    'monitoring.watch': ({ instanceId }) => monitoring.watch(instanceId),
    'monitoring.unwatch': ({ instanceId }) => monitoring.unwatch(instanceId),
    'monitoring.setMarked': ({ instanceId, on }) => monitoring.setMarked(instanceId, on),
    'monitoring.marks': ({ instanceIds, from, to }) => monitoring.marks(instanceIds, from, to),
    'monitoring.thresholds': () => monitoring.thresholds(),
    'monitoring.setThresholds': ({ thresholds }) =>
      audited(audit, 'monitoring.thresholds', '', { count: thresholds.length }, async () => monitoring.setThresholds(thresholds)),
  };
}

function taskHandlers({ tasks, audit }: Engine): Handlers<'tasks'> {
  const onTask = <Result>(action: string, id: string, act: () => Promise<Result>): Promise<Result> => {
    const { name, kind, state } = tasks.get(id);
    return audited(audit, action, name, { kind, state }, act);
  };
  return {
    'tasks.list': () => tasks.list(),
    'tasks.get': ({ id }) => tasks.get(id),
    'tasks.cancel': ({ id }) => onTask('task.cancel', id, () => tasks.cancel(id)),
    'tasks.recoverable': () => tasks.recoverable(),
    'tasks.resume': ({ id }) => onTask('task.resume', id, () => (tasks.get(id).state === 'paused' ? tasks.resume(id) : tasks.resumeInterrupted(id))),
    'tasks.undo': ({ id }) => onTask('task.undo', id, () => tasks.undoInterrupted(id)),
    'tasks.endByHand': ({ id, phrase }) => {
      const { name, kind, state } = tasks.get(id);
      return audited(audit, 'task.end-by-hand', name, { kind, state }, async (note) => note((await tasks.endByHand(id, phrase)).detail));
    },
  };
}

function auditHandlers({ audit }: Engine): Handlers<'audit'> {
  return {
    'audit.list': ({ limit }) => audit.list(limit),
    'audit.verify': () => audit.verify(),
    'audit.export': ({ format }) => audit.export(format),
  };
}

function labHandlers({ lab, audit }: Engine, programs: ChosenPaths): Handlers<'lab'> {
  return {
    'lab.status': () => lab.status(),
    'lab.up': (options) => lab.up(options),
    'lab.down': () => lab.down(),
    'lab.start': ({ name }) => audited(audit, 'lab.start', name, {}, () => lab.start(name)),
    'lab.stop': ({ name }) => audited(audit, 'lab.stop', name, {}, () => lab.stop(name)),
    'lab.lose': ({ name }) => audited(audit, 'lab.lose', name, {}, () => lab.lose(name)),
    'lab.remove': () => audited(audit, 'lab.remove', '', {}, () => lab.remove()),
    'lab.useProgram': ({ path }) => {
      programs.refuseOther(path);
      return lab.useProgram(path);
    },
  };
}

/** Members that were given; one that is there and undefined counts as not given. */
function withoutUndefined<Value extends object>(value: Value): { [Key in keyof Value]?: Exclude<Value[Key], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as { [Key in keyof Value]?: Exclude<Value[Key], undefined> };
}
