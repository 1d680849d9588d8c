import { Button, UnstyledButton } from '@mantine/core';
import { memo, useCallback, useMemo } from 'react';
import type { ReactElement } from 'react';
import type { SyncTaskView } from '../../../../shared/domain/sync/sync';
import { useInstance } from '../../../stores/fleet';
import { useText } from '../../../stores/language';
import { choose, syncColumns } from '../../../stores/lists';
import { shareOf, withAll } from '../../../stores/selection';
import { go, openDialog } from '../../../stores/ui';
import { ChooseBox } from '../../../ui/ChooseBox';
import { ChosenBar } from '../../../ui/ChosenBar';
import { IconChevronDown, IconChevronUp, IconPlayerPause, IconPlayerPlay } from '../../../ui/icons';
import { InstanceName } from '../../../ui/InstanceName';
import { LagBadge } from '../../../ui/LagBadge';
import { LongText } from '../../../ui/LongText';
import { StatusBadge } from '../../../ui/StatusBadge';
import { ProgressLine } from '../../../ui/StepList';
import { TimeText } from '../../../ui/TimeText';
import { keepText, lineKeys, useChosen, useLines, useSame, type LineHandlers } from '../../../ui/useLines';
import { SyncState } from '../SyncState';
import { scopeText } from '../sync-text';
import type { SyncColumn, SyncLine, SyncSort } from './sync-rows';
import classes from './SyncPage.module.css';

/** Sorted from their most at first: the newest, the largest, and who is furthest behind. */
const beginsWithMost: ReadonlySet<SyncColumn> = new Set(['created', 'scope', 'progress']);

const rowHeight = 36;

/** What a task does now: its step with its progress, or the lag of its link. */
function Progress({ sync }: { sync: SyncTaskView }): ReactElement | null {
  const t = useText();
  const standby = useInstance(sync.spec.standbyId);
  const running = sync.task?.steps.find((step) => step.state === 'running');
  if (running === undefined) return standby === undefined || sync.state !== 'replicating' ? null : <LagBadge view={standby} plain />;
  const title = t.message(running.title);
  return (
    <div className={classes.step} title={title}>
      <span className={classes.stepName}>{title}</span>
      {running.progress === null ? null : <ProgressLine progress={running.progress} label={title} />}
    </div>
  );
}

interface RowProps extends LineHandlers {
  readonly sync: SyncTaskView;
  readonly index: number;
  /** The one that Tab comes to. */
  readonly isCurrent: boolean;
  readonly isChosen: boolean;
}

const Row = memo(function Row({ sync, index, isCurrent, isChosen, onFocus, onKeyDown, onPress, onBox }: RowProps): ReactElement {
  const t = useText();
  return (
    <tr
      className={classes.row} data-chosen={isChosen || undefined} aria-rowindex={index + 2}
      onMouseDown={keepText} onClick={(event) => onPress(event, sync.id)}
    >
      <td data-column="chosen">
        <ChooseBox share={isChosen ? 'all' : 'none'} label={sync.spec.name} onPress={(event) => onBox(event, sync.id)} />
      </td>
      <th scope="row" data-column="task">
        <UnstyledButton
          className={classes.name} data-index={index} tabIndex={isCurrent ? 0 : -1}
          onFocus={() => onFocus(sync.id)} onKeyDown={(event) => onKeyDown(event, index)}
        >
          <LongText>{sync.spec.name}</LongText>
        </UnstyledButton>
      </th>
      <td className={classes.state} data-column="state"><SyncState sync={sync} /></td>
      <td data-column="pair"><span className={classes.pair}><InstanceName id={sync.spec.sourceId} /> → <InstanceName id={sync.spec.standbyId} /></span></td>
      <td data-column="scope">{scopeText(t, sync.spec.scope)}</td>
      <td data-column="progress"><Progress sync={sync} /></td>
      <td data-column="created"><TimeText at={sync.createdAt} /></td>
    </tr>
  );
});

/** The heads of the columns; pressing one sorts by it, pressing it again turns the order round. */
function Head({ sort, onSort, share, count, onAll }: {
  sort: SyncSort; onSort: (sort: SyncSort) => void; share: 'all' | 'some' | 'none'; count: number; onAll: (on: boolean) => void;
}): ReactElement {
  const t = useText();
  return (
    <thead>
      <tr>
        <th scope="col" data-column="chosen">
          <ChooseBox share={share} label={t('common.chosen.all', { n: count })} isTabStop onPress={() => onAll(share !== 'all')} />
        </th>
        {syncColumns.map((column) => {
          const on = sort.column === column;
          const descends = sort.down !== beginsWithMost.has(column);
          return (
            <th key={column} scope="col" data-column={column} aria-sort={on ? (descends ? 'descending' : 'ascending') : undefined}>
              <UnstyledButton className={classes.sort} onClick={() => onSort({ column, down: on ? !sort.down : false })}>
                {t(`sync.column.${column}`)}
                {on ? descends ? <IconChevronDown size={12} aria-hidden /> : <IconChevronUp size={12} aria-hidden /> : null}
              </UnstyledButton>
            </th>
          );
        })}
      </tr>
    </thead>
  );
}

function GroupRow({ line, index, isCurrent, share, onFocus, onKeyDown, onBox }: Omit<LineHandlers, 'onPress'> & {
  line: Extract<SyncLine, { kind: 'group' }>; index: number; isCurrent: boolean; share: 'all' | 'some' | 'none';
}): ReactElement {
  const t = useText();
  return (
    <tr
      className={classes.group} data-index={index} aria-rowindex={index + 2} tabIndex={isCurrent ? 0 : -1}
      onFocus={() => onFocus(line.key)} onKeyDown={(event) => onKeyDown(event, index)}
    >
      <td data-column="chosen">
        <ChooseBox share={share} label={t('common.chosen.group', { name: line.name, n: line.tasks })} onPress={(event) => onBox(event, line.key)} />
      </td>
      <th scope="rowgroup" colSpan={syncColumns.length - 1}>
        <span className={classes.groupName}>{line.name}</span> <span className={classes.none}>{t('sync.page.group-tasks', { n: line.tasks })}</span>{' '}
        {line.attention === 0 ? null : <StatusBadge tone="warn" plain>{t('sync.page.group-attention', { n: line.attention })}</StatusBadge>}{' '}
        {line.unseen === 0 ? null : <StatusBadge tone="mute" plain>{t('sync.page.group-unseen', { n: line.unseen })}</StatusBadge>}
      </th>
      {/* Left out where there is little room, as in the other lines. */}
      <td data-column="scope" />
    </tr>
  );
}

/** What can be done with many tasks at once: each takes it or refuses by itself. Nothing that erases, removes or copies anew. */
function ManyActs({ syncs }: { syncs: readonly SyncTaskView[] }): ReactElement {
  const t = useText();
  const begin = (act: 'pause' | 'resume') => (): void => openDialog({ kind: 'many-syncs', syncIds: syncs.map(({ id }) => id), act });
  return (
    <>
      <Button leftSection={<IconPlayerPause size={14} />} disabled={!syncs.some(({ can }) => can.pause)} onClick={begin('pause')}>{t('sync.many.pause')}</Button>
      <Button leftSection={<IconPlayerPlay size={14} />} disabled={!syncs.some(({ can }) => can.resume)} onClick={begin('resume')}>{t('sync.many.resume')}</Button>
    </>
  );
}

/** The tasks, a line each; a long list draws only what is seen. Arrow keys move between the tasks, Enter opens, Space chooses. */
export function SyncTable({ lines, sort, onSort, hidden }: {
  lines: readonly SyncLine[]; sort: SyncSort; onSort: (sort: SyncSort) => void; hidden: boolean;
}): ReactElement {
  const keys = useSame(useMemo(() => lines.map(({ key }) => key), [lines]));
  const ids = useSame(useMemo(() => lines.flatMap((line) => (line.kind === 'task' ? [line.key] : [])), [lines]));
  const groups = useMemo(() => membersOf(lines), [lines]);
  const selection = useChosen('sync', ids);
  const chosen = lines.flatMap((line) => (line.kind === 'task' && selection.chosen.has(line.key) ? [line.sync] : []));
  const idsOf = useCallback((key: string): readonly string[] => groups.get(key) ?? [key], [groups]);
  const { scroller, isVirtual, parts, current, ...handlers } = useLines({ list: 'sync', keys, ids, idsOf, rowHeight, onOpen: openTask });
  const { onFocus, onKeyDown, onBox } = handlers;
  const onAll = (on: boolean): void => choose('sync', (before) => withAll(before, ids, on));
  return (
    <>
      <div className={classes.scroller} ref={scroller} data-virtual={isVirtual || undefined} hidden={hidden}>
        <table className={classes.table} aria-rowcount={lines.length + 1} aria-keyshortcuts={lineKeys}>
          <Head sort={sort} onSort={onSort} share={shareOf(selection, ids)} count={ids.length} onAll={onAll} />
          <tbody>
            {parts.map((part) => {
              if (part.kind === 'gap') return <tr key={part.key} style={{ height: part.height }} aria-hidden />;
              const { index } = part;
              const line = lines[index];
              if (line === undefined) return null;
              return line.kind === 'group' ? (
                <GroupRow
                  key={line.key} line={line} index={index} isCurrent={index === current} share={shareOf(selection, idsOf(line.key))}
                  onFocus={onFocus} onKeyDown={onKeyDown} onBox={onBox}
                />
              ) : (
                <Row key={line.key} sync={line.sync} index={index} isCurrent={index === current} isChosen={selection.chosen.has(line.key)} {...handlers} />
              );
            })}
          </tbody>
        </table>
      </div>
      <ChosenBar list="sync" ids={ids} chosen={chosen.length}>
        <ManyActs syncs={chosen} />
      </ChosenBar>
    </>
  );
}

const openTask = (syncId: string): void => go({ id: 'sync-task', syncId });

/** The tasks under each head. Pure. */
function membersOf(lines: readonly SyncLine[]): ReadonlyMap<string, readonly string[]> {
  const groups = new Map<string, string[]>();
  let group: string[] | null = null;
  for (const line of lines) {
    if (line.kind === 'group') groups.set(line.key, (group = []));
    else group?.push(line.key);
  }
  return groups;
}
