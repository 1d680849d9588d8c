import type { InstanceView } from '../../../../shared/domain/fleet/view';

/** How the servers that need a password are put together; one entry serves a whole group. */
export const passwordGroupings = ['user-region', 'user', 'region', 'server'] as const;
export type PasswordGrouping = (typeof passwordGroupings)[number];

export interface PasswordGroup {
  readonly id: string;
  /** User names at the servers, as they differ. */
  readonly users: readonly string[];
  /** Names of the regions, as they differ. */
  readonly regions: readonly string[];
  readonly instances: readonly InstanceView[];
}

/** The servers whose password is not known in this run. */
export function needPassword(instances: readonly InstanceView[]): readonly InstanceView[] {
  return instances.filter(({ passwordKnown }) => !passwordKnown);
}

/** Servers in groups, in the order of user, region and name. Pure. */
export function passwordGroups(
  instances: readonly InstanceView[], regionOf: (view: InstanceView) => string, grouping: PasswordGrouping,
): readonly PasswordGroup[] {
  const keyOf = (view: InstanceView): string => {
    const { user, regionId, id } = view.instance;
    const parts = { 'user-region': [user, regionId], 'user': [user], 'region': [regionId], 'server': [id] }[grouping];
    return JSON.stringify(parts);
  };
  const groups = new Map<string, InstanceView[]>();
  const inOrder = [...instances].sort((a, b) =>
    a.instance.user.localeCompare(b.instance.user) || regionOf(a).localeCompare(regionOf(b)) || a.instance.name.localeCompare(b.instance.name));
  for (const view of inOrder) {
    const key = keyOf(view);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [view]);
    else group.push(view);
  }
  const different = (texts: readonly string[]): readonly string[] => [...new Set(texts)];
  return [...groups].map(([id, members]) => ({
    id, users: different(members.map(({ instance }) => instance.user)), regions: different(members.map(regionOf)), instances: members,
  }));
}
