import type { Project, Region } from '../../shared/domain/fleet/instance';
import type { Role } from '../../shared/domain/fleet/role';
import { failure } from '../../shared/errors/codes';
import type { AuditLog } from '../storage/types';
import { audited } from './audited';
import { byId, newId, refuseTakenName, type Inventory, type InventoryStore } from './inventory';
import type { FleetGroups, FleetObserved } from './types';

type Group = 'region' | 'project';

/** Regions and projects: made, renamed, and removed while they are empty. */
export class Groups implements FleetGroups {
  readonly #inventory: InventoryStore;
  readonly #audit: AuditLog;
  readonly #observed: Pick<FleetObserved, 'view' | 'replicasOf'>;

  constructor(inventory: InventoryStore, audit: AuditLog, observed: Pick<FleetObserved, 'view' | 'replicasOf'>) {
    this.#inventory = inventory;
    this.#audit = audit;
    this.#observed = observed;
  }

  addRegion = (name: string): Promise<Region> => this.#add('region', name);
  renameRegion = (id: string, name: string): Promise<Region> => this.#rename('region', id, name);
  removeRegion = (id: string): Promise<void> => this.#remove('region', id);
  addProject = (name: string): Promise<Project> => this.#add('project', name);
  renameProject = (id: string, name: string): Promise<Project> => this.#rename('project', id, name);
  removeProject = (id: string): Promise<void> => this.#remove('project', id);

  /**
   * Moves instances, and with each everything that follows it, to a project (null: to none). A replica does not move
   * without its primary.
   */
  transferProject = (instanceIds: readonly string[], projectId: string | null): Promise<void> => {
    const { instances, projects } = this.#inventory.get();
    const names = instanceIds.map((id) => instances.find((one) => one.id === id)?.name ?? id);
    const detail = { project: projects.find((one) => one.id === projectId)?.name ?? null };
    return audited(this.#audit, 'project.transfer', names.join(', '), detail, () => {
      if (projectId !== null) byId('project', projects, projectId);
      const moving = this.#withReplicas(instanceIds.map((id) => byId('instance', instances, id).id));
      const alone = instanceIds.find((id) => !moving.has(id));
      if (alone !== undefined) {
        const { name } = byId('instance', instances, alone);
        throw this.#roleOf(alone) === 'unknown' ? failure('role-unknown', { name }) : failure('standby-cannot-move', { name });
      }
      this.#inventory.update((inventory) => ({
        ...inventory,
        instances: inventory.instances.map((one) => (moving.has(one.id) ? { ...one, projectId } : one)),
      }));
    });
  };

  returnToProjects = async (projects: ReadonlyMap<string, string | null>): Promise<void> => {
    this.#inventory.update((inventory) => {
      for (const [id, projectId] of projects) {
        byId('instance', inventory.instances, id);
        if (projectId !== null) byId('project', inventory.projects, projectId);
      }
      return {
        ...inventory, instances: inventory.instances.map((one) => (projects.has(one.id) ? { ...one, projectId: projects.get(one.id) ?? null } : one)),
      };
    });
  };

  #add(kind: Group, name: string): Promise<Region> {
    const added = { id: newId(), name: name.trim() };
    return audited(this.#audit, `${kind}.add`, added.name, {}, () => {
      this.#change(kind, (list) => {
        refuseTakenName(kind, list, added.name);
        return [...list, added];
      });
      return added;
    });
  }

  #rename(kind: Group, id: string, name: string): Promise<Region> {
    const renamed = { id, name: name.trim() };
    return audited(this.#audit, `${kind}.rename`, this.#nameOf(kind, id), { name: renamed.name }, () => {
      this.#change(kind, (list) => {
        byId(kind, list, id);
        refuseTakenName(kind, list, renamed.name, id);
        return list.map((one) => (one.id === id ? renamed : one));
      });
      return renamed;
    });
  }

  #remove(kind: Group, id: string): Promise<void> {
    return audited(this.#audit, `${kind}.remove`, this.#nameOf(kind, id), {}, () => {
      this.#change(kind, (list, { instances }) => {
        const { name } = byId(kind, list, id);
        const inside = instances.filter((one) => (kind === 'region' ? one.regionId : one.projectId) === id);
        if (inside.length > 0) throw failure('not-empty', { kind, name, holds: inside.map((one) => one.name).join(', ') });
        return list.filter((one) => one.id !== id);
      });
    });
  }

  /** Those of `instanceIds` that follow nobody, and all that follows them. */
  #withReplicas(instanceIds: readonly string[]): ReadonlySet<string> {
    const found = new Set<string>();
    const open = instanceIds.filter((id) => isHead(this.#roleOf(id)));
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      if (found.has(next)) continue;
      found.add(next);
      open.push(...this.#observed.replicasOf(next).map((one) => one.id));
    }
    return found;
  }

  #roleOf(id: string): Role {
    return this.#observed.view(id).role;
  }

  #nameOf(kind: Group, id: string): string {
    const { regions, projects } = this.#inventory.get();
    return (kind === 'region' ? regions : projects).find((one) => one.id === id)?.name ?? id;
  }

  #change(kind: Group, change: (list: readonly (Region | Project)[], inventory: Inventory) => readonly (Region | Project)[]): void {
    this.#inventory.update((inventory) =>
      kind === 'region' ? { ...inventory, regions: change(inventory.regions, inventory) } : { ...inventory, projects: change(inventory.projects, inventory) });
  }
}

function isHead(role: Role): boolean {
  return role === 'primary' || role === 'stand-alone';
}
