import type { InstanceView } from '../../../../shared/domain/fleet/view';
import { api } from '../../../api';
import type { Result } from '../../../api';
import { toInstanceForm } from './instance-form';
import type { FormValues, GroupChoice } from './instance-form';

type Kind = 'region' | 'project';

/** The id of the region or project that was chosen, which is made first where it is new. */
async function idOf(kind: Kind, choice: GroupChoice): Promise<Result<string | null>> {
  if (choice.kind === 'none') return { ok: true, value: null };
  if (choice.kind === 'existing') return { ok: true, value: choice.id };
  const name = choice.name.trim();
  const answer = kind === 'region' ? await api.fleet.addRegion({ name }) : await api.fleet.addProject({ name });
  return answer.ok ? { ok: true, value: answer.value.id } : answer;
}

/** An instance that was refused leaves nothing behind: a region or project that was made for it goes again. */
async function takeBack(kind: Kind, choice: GroupChoice, id: string | null): Promise<void> {
  if (choice.kind !== 'new' || id === null) return;
  // Where somebody else has put an instance into it meanwhile, it is not empty and stays.
  await (kind === 'region' ? api.fleet.removeRegion({ id }) : api.fleet.removeProject({ id }));
}

/**
 * Registers what the form says, or changes the instance of this id; a region or project that is new is made before. An
 * empty password leaves the one of an existing instance as it is. Returns the instance or the failure.
 */
export async function saveInstance(values: FormValues, instanceId: string | null): Promise<Result<InstanceView>> {
  const region = await idOf('region', values.region);
  if (!region.ok) return region;
  const project = await idOf('project', values.project);
  if (!project.ok) {
    await takeBack('region', values.region, region.value);
    return project;
  }
  const form = toInstanceForm(values, region.value ?? '', project.value);
  const { password } = values;
  const answer =
    instanceId === null
      ? await api.fleet.addInstance({ form, password })
      : await api.fleet.updateInstance({ id: instanceId, form, ...(password === '' ? {} : { password }) });
  if (!answer.ok) {
    await takeBack('region', values.region, region.value);
    await takeBack('project', values.project, project.value);
  }
  return answer;
}
