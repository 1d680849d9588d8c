import type { Instance, Intent, Project, Region } from '../../shared/domain/fleet/instance';
import type { ImportResult } from '../../shared/domain/fleet/view';
import { failure } from '../../shared/errors/codes';
import type { AuditLog } from '../storage/types';
import { audited } from './audited';
import { byId, sameName, type InventoryStore } from './inventory';
import { exportInventory, mergeInventory } from './inventory-file';
import type { FleetInventory } from './types';

/** What the inventory holds, by id and by name, and as a file. */
export class Registered implements FleetInventory {
  readonly #inventory: InventoryStore;
  readonly #audit: Pick<AuditLog, 'append'>;
  readonly #now: () => number;

  constructor(inventory: InventoryStore, audit: Pick<AuditLog, 'append'>, now: () => number) {
    this.#inventory = inventory;
    this.#audit = audit;
    this.#now = now;
  }

  regions = (): readonly Region[] => this.#inventory.get().regions;
  projects = (): readonly Project[] => this.#inventory.get().projects;
  instances = (): readonly Instance[] => this.#inventory.get().instances;
  instance = (id: string): Instance => byId('instance', this.instances(), id);

  instanceByName = (name: string): Instance => {
    const found = this.instances().find((one) => one.name === name) ?? this.instances().find((one) => sameName(one.name, name));
    if (found === undefined) throw failure('not-found', { kind: 'instance', name });
    return found;
  };

  regionName = (id: string): string => this.regions().find((one) => one.id === id)?.name ?? id;

  setIntent = async (id: string, intent: Intent): Promise<void> => {
    const { name } = this.instance(id);
    const other = intent.kind === 'replica' ? intent.sourceId : intent.kind === 'fenced' ? intent.successorId : null;
    await audited(this.#audit, 'instance.intent', name, { intent: intent.kind, of: other === null ? null : this.instance(other).name }, () => {
      this.#inventory.update((current) => ({ ...current, instances: current.instances.map((one) => (one.id === id ? { ...watched(one), intent } : one)) }));
    });
  };

  acceptIdentity = async (id: string, uuid: string): Promise<void> => {
    const { name, serverUuid } = this.instance(id);
    const isTaken = this.instances().some((one) => one.serverUuid?.toLowerCase() === uuid.toLowerCase());
    if (isTaken) return;
    await audited(this.#audit, 'instance.identity', name, { was: serverUuid, is: uuid }, () => {
      this.#inventory.update((current) => ({ ...current, instances: current.instances.map((one) => (one.id === id ? { ...one, serverUuid: uuid } : one)) }));
    });
  };

  markSqlReadOnly = async (id: string, readOnly: boolean, phrase: string): Promise<void> => {
    const { name } = this.instance(id);
    await audited(this.#audit, 'instance.sql-mark', name, { readOnly }, () => {
      if (!readOnly && phrase !== name) throw failure('confirm-mismatch', { expected: name });
      this.#inventory.update((current) => ({
        ...current, instances: current.instances.map((one) => (one.id === id ? { ...one, sqlReadOnly: readOnly } : one)),
      }));
    });
  };

  exportInventory = (): string => exportInventory(this.#inventory.get(), this.#now());

  importInventory = async (text: string, dryRun: boolean): Promise<ImportResult> => {
    if (dryRun) return mergeInventory(this.#inventory.get(), text, this.#now()).result;
    return audited(this.#audit, 'inventory.import', '', { bytes: text.length }, () => {
      let result: ImportResult = { added: [], skipped: [] };
      this.#inventory.update((current) => {
        const merged = mergeInventory(current, text, this.#now());
        result = merged.result;
        return merged.inventory;
      });
      return result;
    });
  };
}

/** Who stopped watching it meant what it was: whatever it becomes, it is watched. */
function watched(instance: Instance): Instance {
  if (instance.attention?.paused === undefined) return instance;
  const { paused: _paused, ...attention } = instance.attention;
  return { ...instance, attention };
}
