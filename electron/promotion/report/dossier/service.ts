import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { appliable, type LossClass } from '../../../../shared/domain/promotion/dossier/classes';
import type { Dossier, DossierOutcome, EntryFilter, EntryPage, StatementOfEntry } from '../../../../shared/domain/promotion/dossier/dossier';
import { failure } from '../../../../shared/errors/codes';
import { audited } from '../../../fleet/audited';
import type { LiveSession } from '../../../mysql/session/session';
import { placeFile } from '../../../storage/placed-file';
import { storageFailure } from '../../../storage/storage-failure';
import { lockServers } from '../../../tasks/server-lock';
import { applyClass } from './apply';
import { exported } from './export';
import { offsetTrouble, TodayTables } from '../../../comparison/logged/tables-today';
import type { DossierPair } from './read';
import { readDossier } from './reading';
import { entrySql, standsAgainst } from './statements';
import type { DossierStore } from './store';
import type { ChosenRows, DossierDeps, DossierExport, DossierService } from './types';

/** A statement may read many rows, or wait for a lock. */
const statementMs = 120_000;

interface Open {
  readonly store: DossierStore;
  /** Which server the rows were judged by. */
  readonly newUuid: string;
}

/** The dossiers of old primaries. Their rows are in files of the data folder, which go with the program. */
export function createDossiers(deps: DossierDeps): DossierService {
  removeLeft(join(deps.dataFolder, 'dossiers'));
  return new Dossiers(deps);
}

class Dossiers implements DossierService {
  private readonly root: string;
  private readonly dossiers = new Map<string, Open>();
  /** What is being read ends with the program. */
  private readonly closing = new AbortController();

  constructor(private readonly deps: DossierDeps) {
    this.root = join(deps.dataFolder, 'dossiers', String(process.pid));
  }

  async read(oldId: string, signal?: AbortSignal): Promise<Dossier> {
    const { fleet, clock } = this.deps;
    const pair = pairOf(this.deps, oldId);
    const { server } = await fleet.readFacts(pair.newId, signal);
    const signals = signal === undefined ? this.closing.signal : AbortSignal.any([this.closing.signal, signal]);
    const store = await readDossier(this.root, pair, { loginOf: (id) => fleet.loginOf(id), clock }, signals);
    this.forget(oldId);
    this.dossiers.set(store.dossier.id, { store, newUuid: server.uuid ?? '' });
    return store.dossier;
  }

  get(id: string): Dossier {
    return this.find(id).store.dossier;
  }

  rows(id: string, filter: EntryFilter, offset: number, limit: number): Promise<EntryPage> {
    return this.find(id).store.page(filter, offset, limit);
  }

  async statements(id: string, rows: readonly number[]): Promise<readonly StatementOfEntry[]> {
    const { store } = this.find(id);
    return this.withNew(store, async (session) => {
      const tables = new TodayTables(session);
      return Promise.all(rows.map(async (row) => {
        const entry = store.entry(row);
        const table = entry.table === '' ? null : await tables.of(entry.database, entry.table);
        const sql = table === null ? null : entrySql(entry, table);
        const why = table === null || sql === null ? null : standsAgainst(table, sql, await offsetTrouble(session, table));
        return { id: row, sql: sql?.apply ?? null, why };
      }));
    });
  }

  async *exported(id: string, what: DossierExport): AsyncGenerator<string> {
    const { store } = this.find(id);
    const sessions: LiveSession[] = [];
    try {
      yield* exported(store, what, async () => {
        const session = await this.connect(store.dossier.newId);
        sessions.push(session);
        return session;
      });
    } finally {
      for (const session of sessions) session.destroy();
    }
  }

  async exportTo(id: string, what: DossierExport, path: string): Promise<void> {
    this.find(id);
    await placeFile(path, async (file) => {
      for await (const text of this.exported(id, what)) await file.writeFile(text, 'utf8');
    });
  }

  async apply(id: string, chosen: ChosenRows, phrase: string): Promise<DossierOutcome> {
    const { audit, clock, dataFolder, fleet } = this.deps;
    const { store, newUuid } = this.find(id);
    const dossier = this.get(id);
    const { newId, newName } = dossier;
    const detail = { old: dossier.oldName, classes: chosen.classes.join(', '), rows: chosen.rows?.length ?? null };
    return audited(audit, 'dossier.apply', newName, detail, async (note) => {
      if (phrase !== newName) throw failure('confirm-mismatch', { expected: newName });
      await refuseUnfit(this.deps, dossier, newUuid);
      const locks = await lockServers([{ name: newName, connect: (options) => fleet.connect(newId, options) }], { kind: 'dossier', name: newName }, clock);
      try {
        return await this.withNew(store, (session) => applyAll(session, store, chosen, undoFolder(dataFolder), clock(), note));
      } finally {
        await locks.release();
      }
    });
  }

  close(): void {
    this.closing.abort();
    for (const { store } of this.dossiers.values()) store.dispose();
    this.dossiers.clear();
    rmSync(this.root, { recursive: true, force: true });
  }

  private connect(id: string): Promise<LiveSession> {
    return this.deps.fleet.connect(id, { queryTimeoutMs: statementMs });
  }

  private find(id: string): Open {
    const found = this.dossiers.get(id);
    if (found === undefined) throw failure('not-found', { kind: 'dossier', name: id });
    return found;
  }

  private forget(oldId: string): void {
    for (const [id, { store }] of this.dossiers) {
      if (store.dossier.oldId !== oldId) continue;
      this.dossiers.delete(id);
      store.dispose();
    }
  }

  private async withNew<Result>(store: DossierStore, use: (session: LiveSession) => Promise<Result>): Promise<Result> {
    const session = await this.connect(store.dossier.newId);
    try {
      return await use(session);
    } finally {
      session.destroy();
    }
  }
}

/** An old primary with the server that took its place. */
function pairOf({ fleet, reports }: DossierDeps, oldId: string): DossierPair {
  const old = fleet.instance(oldId);
  const report = reports().find((one) => one.kind === 'emergency' && one.outcome !== 'undone' && (one.oldPrimaryId ?? one.sourceId) === oldId);
  const newId = (old.intent.kind === 'fenced' ? old.intent.successorId : null) ?? report?.standbyId ?? null;
  const successor = fleet.instances().find(({ id }) => id === newId);
  if (successor === undefined) throw failure('not-succeeded', { name: old.name });
  return { oldId, oldName: old.name, newId: successor.id, newName: successor.name, formerUuid: old.serverUuid };
}

/** Rows go to the primary of today and to no other: the one they were judged by, that takes writes. */
async function refuseUnfit({ fleet }: DossierDeps, { newId, newName }: Pick<DossierPair, 'newId' | 'newName'>, uuid: string): Promise<void> {
  if (fleet.instance(newId).intent.kind === 'fenced') throw failure('target-fenced', { name: newName });
  const { server } = await fleet.readFacts(newId);
  if (server.uuid !== uuid) throw failure('different-server', { name: newName, expected: uuid, uuid: server.uuid ?? '' });
  if (server.readOnly || server.superReadOnly === true) throw failure('read-only-server', { server: newName });
}

async function applyAll(
  session: LiveSession, store: DossierStore, { classes, rows }: ChosenRows, folder: string, at: number,
  note: (detail: Readonly<Record<string, string | number>>) => void,
): Promise<DossierOutcome> {
  const done: DossierOutcome['classes'][number][] = [];
  const refused = classes.find((one) => !appliable.includes(one));
  if (refused !== undefined) throw failure('invalid-input', { field: 'classes', reason: refused });
  const chosen = rows === null ? null : new Set(rows);
  for (const lossClass of appliable.filter((one) => classes.includes(one))) {
    const groups = (await store.byGroup({ class: lossClass })).filter((group) => group.default !== 'nothing');
    const ids = [...store.inOrder(groups)].filter((id) => chosen === null || chosen.has(id));
    if (ids.length === 0) continue;
    const outcome = await applyClass(session, store, lossClass, ids, undoFile(folder, at, lossClass));
    done.push(outcome);
    note({ [lossClass]: outcome.applied, [`${lossClass}.undo`]: outcome.undoFile ?? '' });
  }
  return { classes: done };
}

function undoFolder(dataFolder: string): string {
  const folder = join(dataFolder, 'dossier-undo');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return folder;
}

const undoFile = (folder: string, at: number, lossClass: LossClass): string => join(
  folder,
  `${new Date(at).toISOString().replaceAll(/[:.]/g, '-')}-${lossClass}.sql`,
);

/** Files of programs that ended without a word. */
function removeLeft(folder: string): void {
  let names: readonly string[] = [];
  try {
    names = readdirSync(folder);
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code !== 'ENOENT') throw storageFailure(thrown, folder);
  }
  for (const name of names) if (!isRunning(Number(name))) rmSync(join(folder, name), { recursive: true, force: true });
}

function isRunning(pid: number): boolean {
  if (pid === process.pid || !Number.isInteger(pid)) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (thrown) {
    return (thrown as NodeJS.ErrnoException).code === 'EPERM';
  }
}
