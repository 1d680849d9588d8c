import { createSpotlight, Spotlight } from '@mantine/spotlight';
import type { SpotlightActionData, SpotlightActionGroupData } from '@mantine/spotlight';
import { useMemo } from 'react';
import type { ReactElement } from 'react';
import { useFleet } from '../stores/fleet';
import { useText } from '../stores/language';
import { go, openDialog, openInstance } from '../stores/ui';
import type { Page } from '../stores/ui';
import { IconSearch } from '../ui/icons';
import { RoleIcon } from '../ui/RoleIcon';
import { useFeatures } from '../stores/registry';
import classes from './CommandPalette.module.css';

const [store, palette] = createSpotlight();

export function openPalette(): void {
  palette.open();
}

/** Ctrl/Cmd+K: go to an instance or a page, or start an act. */
export function CommandPalette(): ReactElement {
  const t = useText();
  const instances = useFleet((state) => state.instances);
  const regions = useFleet((state) => state.regions);
  const { pages, dialogs } = useFeatures();
  const groups = useMemo((): SpotlightActionGroupData[] => {
    const regionName = new Map(regions.map((region) => [region.id, region.name]));
    const pageList: readonly Page[] = [{ id: 'fleet' }, { id: 'dependencies', instanceId: null }, { id: 'sync' }, { id: 'audit' }, { id: 'settings' }];
    const acts: SpotlightActionData[] = [];
    const act = (id: string, label: string, onClick: () => void): void => {
      acts.push({ id, label, onClick });
    };
    if (dialogs['add-instance'] !== undefined) act('add-instance', t('fleet.add-instance'), () => openDialog({ kind: 'add-instance', prefill: {} }));
    if (dialogs['manage-groups'] !== undefined) act('manage-groups', t('fleet.groups.title'), () => openDialog({ kind: 'manage-groups' }));
    if (dialogs.lab !== undefined) act('lab', t('lab.panel.title'), () => openDialog({ kind: 'lab' }));
    return [
      {
        group: t('common.palette.instances'),
        actions: instances.map(({ instance, role }) => ({
          id: `i:${instance.id}`,
          label: instance.name,
          description: `${t(`common.role.${role}`)} · ${regionName.get(instance.regionId) ?? ''}`,
          leftSection: <RoleIcon role={role} size={14} />,
          onClick: () => openInstance(instance.id),
        })),
      },
      {
        group: t('common.palette.pages'),
        actions: pageList.filter((page) => pages[page.id] !== undefined).map((page) => ({ id: `p:${page.id}`, label: t(`common.nav.${page.id}`), onClick: () => go(page) })),
      },
      { group: t('common.palette.actions'), actions: acts },
    ];
  }, [t, instances, regions, pages, dialogs]);
  return (
    <Spotlight
      store={store}
      actions={groups}
      centered={false}
      attributes={{ content: { 'aria-label': t('common.palette.open') } }}
      shortcut="mod + K"
      limit={12}
      nothingFound={t('common.palette.nothing')}
      lockScroll={false}
      overlayProps={{ blur: 0, backgroundOpacity: 0.5 }}
      scrollable
      maxHeight={440}
      transitionProps={{ duration: 90 }}
      classNames={{ content: classes.content, search: classes.search, action: classes.action, actionsGroup: classes.group }}
      searchProps={{ 'leftSection': <IconSearch size={16} aria-hidden />, 'placeholder': t('common.palette.placeholder'), 'aria-label': t('common.palette.open') }}
    />
  );
}
