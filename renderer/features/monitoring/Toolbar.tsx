import { ActionIcon, Button, Menu, SegmentedControl, Select } from '@mantine/core';
import type { ReactElement } from 'react';
import type { MonitoringView } from '../../../shared/domain/monitoring/monitoring';
import { useFleet } from '../../stores/fleet';
import { useText } from '../../stores/language';
import { openDialog } from '../../stores/ui';
import { IconCheck, IconChevronLeft, IconChevronRight, IconDotsVertical, IconDownload, IconMinus, IconPlayerPause, IconPlayerPlay, IconPlus, IconSettings, IconTable } from '../../ui/icons';
import { moved, paused, spanIdOf, spanIds, spans, zoomed, type ShownTime } from './shown-time';
import classes from './Monitoring.module.css';

/** What the page is compared with: `''` nothing, `day`, `week`, or the id of an instance. */
export type ComparedWith = string;

interface ToolbarProps {
  readonly instanceId: string;
  readonly shownTime: ShownTime;
  readonly onTime: (next: ShownTime) => void;
  readonly comparedWith: ComparedWith;
  readonly onCompare: (next: ComparedWith) => void;
  readonly asTable: boolean;
  readonly onTable: (on: boolean) => void;
  readonly view: MonitoringView | null;
  readonly onMarked: (on: boolean) => void;
  readonly onExport: (format: 'png' | 'csv') => void;
}

/** What is shown of time and how: at the top right of the page. */
export function Toolbar(props: ToolbarProps): ReactElement {
  const { shownTime, onTime, asTable, onTable } = props;
  const t = useText();
  const span = spanIdOf(shownTime);
  const steps = [
    { name: t('monitoring.page.earlier'), Icon: IconChevronLeft, next: () => moved(shownTime, -1, Date.now()) },
    { name: t('monitoring.page.later'), Icon: IconChevronRight, next: () => moved(shownTime, 1, Date.now()), off: shownTime.live },
    { name: t('monitoring.page.zoom-in'), Icon: IconPlus, next: () => zoomed(shownTime, 0.5, Date.now()) },
    { name: t('monitoring.page.zoom-out'), Icon: IconMinus, next: () => zoomed(shownTime, 2, Date.now()), off: shownTime.spanMs >= spans['30d'] },
  ];
  return (
    <div className={classes.tools} role="toolbar" aria-label={t('monitoring.page.tools')}>
      <CompareSelect {...props} />
      <span className={classes.steps}>
        {steps.map(({ name, Icon, next, off }) => (
          <ActionIcon key={name} size={28} variant="default" aria-label={name} title={name} disabled={off === true} onClick={() => onTime(next())}><Icon size={14} /></ActionIcon>
        ))}
      </span>
      <SegmentedControl
        aria-label={t('monitoring.page.range')} value={span ?? 'custom'}
        onChange={(next) => {
          const id = spanIds.find((one) => one === next);
          if (id !== undefined) onTime({ live: true, spanMs: spans[id] });
        }}
        data={[...spanIds.map((id) => ({ value: id as string, label: t(`monitoring.page.span.${id}`) })), ...(span === null ? [{ value: 'custom', label: t('monitoring.page.span.custom') }] : [])]}
      />
      <Button
        variant={shownTime.live ? 'default' : 'filled'} leftSection={shownTime.live ? <IconPlayerPause size={14} /> : <IconPlayerPlay size={14} />}
        onClick={() => onTime(shownTime.live ? paused(shownTime, Date.now()) : { live: true, spanMs: shownTime.spanMs })}
      >
        {t(shownTime.live ? 'monitoring.page.pause' : 'monitoring.page.live')}
      </Button>
      <ActionIcon
        size={28} variant={asTable ? 'filled' : 'default'} color="accent" aria-pressed={asTable} aria-label={t('monitoring.page.table')}
        title={t('monitoring.page.table')} onClick={() => onTable(!asTable)}
      >
        <IconTable size={15} />
      </ActionIcon>
      <MoreMenu {...props} />
    </div>
  );
}

function CompareSelect({ instanceId, comparedWith, onCompare }: ToolbarProps): ReactElement {
  const t = useText();
  const instances = useFleet((state) => state.instances);
  return (
    <Select
      className={classes.compare} aria-label={t('monitoring.page.compare')} value={comparedWith} onChange={(next) => onCompare(next ?? '')}
      data={[
        { value: '', label: t('monitoring.page.compare.none') },
        { group: t('monitoring.page.compare.time'), items: [{ value: 'day', label: t('monitoring.page.compare.day') }, { value: 'week', label: t('monitoring.page.compare.week') }] },
        { group: t('monitoring.page.compare.instances'), items: instances.filter(({ instance }) => instance.id !== instanceId).map(({ instance }) => ({ value: instance.id, label: instance.name })) },
      ]}
    />
  );
}

function MoreMenu({ instanceId, view, onMarked, onExport }: ToolbarProps): ReactElement {
  const t = useText();
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon size={28} variant="default" aria-label={t('monitoring.page.more')} title={t('monitoring.page.more')}><IconDotsVertical size={15} /></ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item leftSection={<IconSettings size={14} />} onClick={() => openDialog({ kind: 'thresholds', instanceId })}>{t('monitoring.page.thresholds')}</Menu.Item>
        <Menu.Item leftSection={<IconDownload size={14} />} onClick={() => onExport('csv')}>{t('monitoring.page.export-csv')}</Menu.Item>
        <Menu.Item leftSection={<IconDownload size={14} />} onClick={() => onExport('png')}>{t('monitoring.page.export-png')}</Menu.Item>
        <Menu.Divider />
        <Menu.Item
          role="menuitemcheckbox" aria-checked={view?.marked === true} disabled={view === null} onClick={() => onMarked(view?.marked !== true)}
          leftSection={view?.marked === true ? <IconCheck size={14} /> : <span className={classes.unchecked} />}
        >
          {t('monitoring.page.marked')}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
