import { createSpotlight, Spotlight } from '@mantine/spotlight';
import type { SpotlightActionData, SpotlightActionGroupData } from '@mantine/spotlight';
import { useMemo, useState } from 'react';
import type { ReactElement } from 'react';
import { formatEndpoint } from '../../shared/domain/fleet/instance';
import type { InstanceView } from '../../shared/domain/fleet/view';
import { useFleet } from '../stores/fleet';
import { useText } from '../stores/language';
import { go, openDialog } from '../stores/ui';
import type { Page } from '../stores/ui';
import { IconSearch } from '../ui/icons';
import { begin, useActsOf } from '../ui/InstanceActs';
import { isFoundBy } from '../ui/instance-acts';
import { RoleIcon } from '../ui/RoleIcon';
import { useFeatures } from '../stores/registry';
import { paletteLines } from './palette';
import type { PaletteLine } from './palette';
import classes from './CommandPalette.module.css';

const [store, palette] = createSpotlight();

export function openPalette(): void {
  palette.open();
}

const pageList: readonly Page[] = [{ id: 'fleet' }, { id: 'dependencies', instanceId: null }, { id: 'sync' }, { id: 'audit' }, { id: 'settings' }];

/** Pages, and what can be begun without an instance. */
function useCommands(): readonly (SpotlightActionData & { readonly label: string; readonly kind: 'page' | 'act' })[] {
  const t = useText();
  const { pages, dialogs } = useFeatures();
  return useMemo(() => [
    ...pageList.filter((page) => pages[page.id] !== undefined).map((page) => ({ id: `p:${page.id}`, label: t(`common.nav.${page.id}`), kind: 'page' as const, onClick: () => go(page) })),
    ...([
      ['add-instance', 'fleet.add-instance', () => openDialog({ kind: 'add-instance', prefill: {} })],
      ['set-passwords', 'fleet.passwords.title', () => openDialog({ kind: 'set-passwords' })],
      ['manage-groups', 'fleet.groups.title', () => openDialog({ kind: 'manage-groups' })],
      ['lab', 'lab.panel.title', () => openDialog({ kind: 'lab' })],
    ] as const).filter(([kind]) => dialogs[kind] !== undefined).map(([id, label, onClick]) => ({ id, label: t(label), kind: 'act' as const, onClick })),
  ], [t, pages, dialogs]);
}

/** What it lists, for what was typed. */
function useGroups(query: string): readonly SpotlightActionGroupData[] {
  const t = useText();
  const instances = useFleet((state) => state.instances);
  const regions = useFleet((state) => state.regions);
  const actsOf = useActsOf();
  const commands = useCommands();
  const regionNames = new Map(regions.map((region) => [region.id, region.name]));
  const regionOf = (view: InstanceView): string => regionNames.get(view.instance.regionId) ?? '';
  const lines = paletteLines(query, instances, regionOf, actsOf);
  const lineOf = ({ id, view, act }: PaletteLine): SpotlightActionData => ({
    id,
    label: act === null ? view.instance.name : t('common.palette.act', { act: act.label.replace(/…$/, ''), name: view.instance.name }),
    description: `${t(`common.role.${view.role}`)} · ${regionOf(view)} · ${formatEndpoint(view.instance.admin)}`,
    leftSection: <RoleIcon role={view.role} size={14} />,
    onClick: () => begin(act === null ? 'open' : act.id, view),
  });
  const found = commands.filter(({ label }) => isFoundBy(query, [label]));
  const entries = (kind: 'page' | 'act'): SpotlightActionData[] => found.filter((command) => command.kind === kind).map(({ id, label, onClick }) => ({ id, label, onClick }));
  return [
    { group: t('common.palette.instances'), actions: lines.instances.map(lineOf) },
    { group: t('common.palette.pages'), actions: entries('page') },
    { group: t('common.palette.actions'), actions: [...entries('act'), ...lines.acts.map(lineOf)] },
  ].filter(({ actions }) => actions.length > 0);
}

/** Within the dialog, which has it only while it is open: closed, nothing is looked for among a thousand servers. */
function Found({ query }: { readonly query: string }): ReactElement {
  const t = useText();
  const groups = useGroups(query);
  return groups.length === 0 ? <Spotlight.Empty>{t('common.palette.nothing')}</Spotlight.Empty> : (
    <Spotlight.ActionsList>
      {groups.map(({ group, actions }) => (
        <Spotlight.ActionsGroup key={group} label={group}>
          {actions.map(({ id, ...action }) => <Spotlight.Action key={id} {...action} />)}
        </Spotlight.ActionsGroup>
      ))}
    </Spotlight.ActionsList>
  );
}

/** Ctrl/Cmd+K: go to an instance (by name, host or port) or a page, or start an act. */
export function CommandPalette(): ReactElement {
  const t = useText();
  const [query, setQuery] = useState('');
  return (
    <Spotlight.Root
      store={store}
      query={query}
      onQueryChange={setQuery}
      centered={false}
      attributes={{ content: { 'aria-label': t('common.palette.open') } }}
      shortcut="mod + K"
      lockScroll={false}
      overlayProps={{ blur: 0, backgroundOpacity: 0.5 }}
      scrollable
      maxHeight={440}
      transitionProps={{ duration: 90 }}
      classNames={{ content: classes.content, search: classes.search, action: classes.action, actionsGroup: classes.group }}
    >
      <Spotlight.Search leftSection={<IconSearch size={16} aria-hidden />} placeholder={t('common.palette.placeholder')} aria-label={t('common.palette.open')} />
      <Found query={query} />
    </Spotlight.Root>
  );
}
