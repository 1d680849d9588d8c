import { UnstyledButton } from '@mantine/core';
import { memo, useCallback, useLayoutEffect, useRef, useState } from 'react';
import type { KeyboardEvent, ReactElement } from 'react';
import type { SyncTaskView } from '../../../../shared/domain/sync/sync';
import { useInstance } from '../../../stores/fleet';
import { useText } from '../../../stores/language';
import { go } from '../../../stores/ui';
import { IconChevronDown, IconChevronUp } from '../../../ui/icons';
import { InstanceName } from '../../../ui/InstanceName';
import { LagBadge } from '../../../ui/LagBadge';
import { LongText } from '../../../ui/LongText';
import { StatusBadge } from '../../../ui/StatusBadge';
import { ProgressLine } from '../../../ui/StepList';
import { TimeText } from '../../../ui/TimeText';
import { useRows } from '../../../ui/useRows';
import { SyncState } from '../SyncState';
import { scopeText } from '../sync-text';
import { sortable, syncColumns, type SyncLine, type SyncSort } from './sync-rows';
import classes from './SyncPage.module.css';

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

interface RowProps {
  readonly sync: SyncTaskView;
  readonly index: number;
  /** The one that Tab comes to. */
  readonly isCurrent: boolean;
  readonly onFocus: (key: string) => void;
  readonly onKeyDown: (event: KeyboardEvent, index: number) => void;
}

const Row = memo(function Row({ sync, index, isCurrent, onFocus, onKeyDown }: RowProps): ReactElement {
  const t = useText();
  const open = (): void => go({ id: 'sync-task', syncId: sync.id });
  return (
    <tr className={classes.row} aria-rowindex={index + 2} onClick={open}>
      <th scope="row">
        <UnstyledButton
          className={classes.name} data-index={index} tabIndex={isCurrent ? 0 : -1}
          onFocus={() => onFocus(sync.id)} onKeyDown={(event) => onKeyDown(event, index)} onClick={open}
        >
          <LongText>{sync.spec.name}</LongText>
        </UnstyledButton>
      </th>
      <td className={classes.state}><SyncState sync={sync} /></td>
      <td><span className={classes.pair}><InstanceName id={sync.spec.sourceId} /> → <InstanceName id={sync.spec.standbyId} /></span></td>
      <td>{scopeText(t, sync.spec.scope)}</td>
      <td className={classes.progress}><Progress sync={sync} /></td>
      <td><TimeText at={sync.createdAt} /></td>
    </tr>
  );
});

/** The heads of the columns; pressing one sorts by it, pressing it again turns the order round. */
function Head({ sort, onSort }: { sort: SyncSort; onSort: (sort: SyncSort) => void }): ReactElement {
  const t = useText();
  return (
    <thead>
      <tr>
        {syncColumns.map((column) => {
          const on = sort.column === column;
          // The newest come first where it is sorted by time.
          const descends = sort.down !== (column === 'created');
          return (
            <th key={column} scope="col" aria-sort={on ? (descends ? 'descending' : 'ascending') : undefined}>
              {sortable.has(column) ? (
                <UnstyledButton className={classes.sort} onClick={() => onSort({ column, down: on ? !sort.down : false })}>
                  {t(`sync.column.${column}`)}
                  {on ? descends ? <IconChevronDown size={12} aria-hidden /> : <IconChevronUp size={12} aria-hidden /> : null}
                </UnstyledButton>
              ) : t(`sync.column.${column}`)}
            </th>
          );
        })}
      </tr>
    </thead>
  );
}

function GroupRow({ line, index }: { line: Extract<SyncLine, { kind: 'group' }>; index: number }): ReactElement {
  const t = useText();
  return (
    <tr className={classes.group} aria-rowindex={index + 2}>
      <th scope="rowgroup" colSpan={syncColumns.length}>
        <span className={classes.groupName}>{line.name}</span> <span className={classes.none}>{t('sync.page.group-tasks', { n: line.tasks })}</span>{' '}
        {line.attention === 0 ? null : <StatusBadge tone="warn" plain>{t('sync.page.group-attention', { n: line.attention })}</StatusBadge>}{' '}
        {line.unseen === 0 ? null : <StatusBadge tone="mute" plain>{t('sync.page.group-unseen', { n: line.unseen })}</StatusBadge>}
      </th>
    </tr>
  );
}

/** Where the keys lead from a line: to the next task above or below, past heads of groups; null: it is no key of the table. Pure. */
function targetOf(key: string, lines: readonly SyncLine[], from: number): number | null {
  const tasks = lines.flatMap((line, index) => (line.kind === 'task' ? [index] : []));
  switch (key) {
    case 'ArrowDown':
      return tasks.find((index) => index > from) ?? from;
    case 'ArrowUp':
      return tasks.findLast((index) => index < from) ?? from;
    case 'Home':
      return tasks[0] ?? from;
    case 'End':
      return tasks.at(-1) ?? from;
    default:
      return null;
  }
}

/** The tasks, a line each; a long list draws only what is seen. Arrow keys move between the tasks, Enter opens. */
export function SyncTable({ lines, sort, onSort, hidden }: {
  lines: readonly SyncLine[]; sort: SyncSort; onSort: (sort: SyncSort) => void; hidden: boolean;
}): ReactElement {
  const [active, setActive] = useState<string | null>(null);
  const firstTask = Math.max(0, lines.findIndex(({ kind }) => kind === 'task'));
  const found = lines.findIndex(({ key }) => key === active);
  const current = found >= 0 ? found : firstTask;
  const { scroller, isVirtual, parts, show } = useRows(lines.length, rowHeight, current);
  const body = useRef<HTMLTableSectionElement>(null);
  const move = (event: KeyboardEvent, index: number): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const to = targetOf(event.key, lines, index);
    if (to === null) return;
    event.preventDefault();
    setActive(lines[to]?.key ?? null);
    show(to);
    requestAnimationFrame(() => body.current?.querySelector<HTMLElement>(`[data-index="${to}"]`)?.focus());
  };
  // The lines are given the same function while they scroll: only those that come into sight are drawn.
  const moving = useRef(move);
  useLayoutEffect(() => {
    moving.current = move;
  });
  const onKeyDown = useCallback((event: KeyboardEvent, index: number): void => moving.current(event, index), []);
  return (
    <div className={classes.scroller} ref={scroller} data-virtual={isVirtual || undefined} hidden={hidden}>
      <table className={classes.table} aria-rowcount={lines.length + 1}>
        <Head sort={sort} onSort={onSort} />
        <tbody ref={body}>
          {parts.map((part) => {
            if (part.kind === 'gap') return <tr key={part.key} style={{ height: part.height }} aria-hidden />;
            const line = lines[part.index];
            if (line === undefined) return null;
            return line.kind === 'group' ? <GroupRow key={line.key} line={line} index={part.index} /> : (
              <Row
                key={line.key} sync={line.sync} index={part.index} isCurrent={part.index === current}
                onFocus={setActive} onKeyDown={onKeyDown}
              />
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
