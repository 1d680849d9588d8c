import { Button, UnstyledButton } from '@mantine/core';
import { useState } from 'react';
import type { ReactElement } from 'react';
import type { Frozen, ReadOnlyView } from '../../../../shared/domain/operations/read-only/read-only';
import { api } from '../../../api';
import { useAct } from '../../../stores/act';
import { useText } from '../../../stores/language';
import { ErrorNotice } from '../../../ui/ErrorNotice';
import { formatDuration } from '../../../ui/format';
import { StatusBadge, type Tone } from '../../../ui/StatusBadge';
import { DelayDialog } from './DelayDialog';
import { NoteDialog } from './NoteDialog';
import classes from './read-only.module.css';

interface TableProps {
  readonly list: readonly ReadOnlyView[];
  readonly chosenId: string | null;
  readonly locked: boolean;
  readonly onChoose: (instanceId: string) => void;
  readonly onChanged: () => void;
}

const columns = ['name', 'state', 'lag', 'delay', 'weight'] as const;

/** The read-only instances, one a line, with what can be done to each at once. */
export function ReadOnlyTable({ list, chosenId, locked, onChoose, onChanged }: TableProps): ReactElement {
  const t = useText();
  const { busy, error, act } = useAct<string>();
  const [frozen, setFrozen] = useState<{ readonly name: string; readonly told: Frozen } | null>(null);
  const [open, setOpen] = useState<{ readonly kind: 'note' | 'delay'; readonly one: ReadOnlyView } | null>(null);
  const order = (key: string, one: ReadOnlyView, call: 'start' | 'stop'): void =>
    void act<unknown>(key, () => api.readOnly[call]({ instanceId: one.instanceId }), () => { setFrozen(null); onChanged(); });
  const close = (): void => { setOpen(null); onChanged(); };
  return (
    <>
      <div className={classes.scroller}>
        <table className={classes.table}>
          <thead>
            <tr>
              {columns.map((column) => <th key={column} scope="col">{t(`readonly.column.${column}`)}</th>)}
              <th scope="col"><span className="visually-hidden">{t('common.more')}</span></th>
            </tr>
          </thead>
          <tbody>
            {list.map((one) => (
              <tr key={one.instanceId} className={one.instanceId === chosenId ? classes.chosen : undefined}>
                <td>
                  <UnstyledButton className={classes.name} aria-pressed={one.instanceId === chosenId} onClick={() => onChoose(one.instanceId)}>
                    {one.name}
                  </UnstyledButton>
                </td>
                <td><State one={one} /></td>
                <td><Lag one={one} /></td>
                <td><Delay one={one} /></td>
                <td>{one.weight}</td>
                <td className={classes.acts}>
                  {one.applier === 'running' ? (
                    <Button
                      size="compact-sm" variant="filled" loading={busy === `freeze ${one.instanceId}`}
                      onClick={() => void act(`freeze ${one.instanceId}`, () => api.readOnly.freeze({ instanceId: one.instanceId }), (told) => { setFrozen({ name: one.name, told }); onChanged(); })}
                    >
                      {t('readonly.freeze')}
                    </Button>
                  ) : <Button size="compact-sm" disabled={locked} loading={busy === `start ${one.instanceId}`} onClick={() => order(`start ${one.instanceId}`, one, 'start')}>{t('readonly.start')}</Button>}
                  <Button size="compact-sm" loading={busy === `stop ${one.instanceId}`} disabled={one.applier === 'stopped' && one.receiver === 'stopped'} onClick={() => order(`stop ${one.instanceId}`, one, 'stop')}>{t('readonly.stop')}</Button>
                  <Button size="compact-sm" disabled={locked} onClick={() => setOpen({ kind: 'delay', one })}>{t('readonly.delay.change')}</Button>
                  <Button size="compact-sm" onClick={() => setOpen({ kind: 'note', one })}>{t('readonly.note.edit')}</Button>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <div role="status">{frozen === null ? null : t('readonly.frozen', { name: frozen.name, ms: Math.round(frozen.told.ms) })}</div>
      {list.map(({ instanceId, name, startsByItself: line }) => (line === null ? null : (
        <p key={instanceId} role="status"><StatusBadge tone="warn">{t('readonly.restart.word')}</StatusBadge> {t('readonly.restart.unkept', { name, line })}</p>
      )))}
      {error === null ? null : <ErrorNotice error={error} />}
      {open?.kind === 'note' ? <NoteDialog one={open.one} onClose={close} /> : null}
      {open?.kind === 'delay' ? <DelayDialog one={open.one} onClose={close} /> : null}
    </>
  );
}

function State({ one }: { one: ReadOnlyView }): ReactElement {
  const t = useText();
  const [word, tone] = stateOf(one);
  return <StatusBadge tone={tone}>{t(`readonly.state.${word}`)}</StatusBadge>;
}

function stateOf({ reachable, isPaused, applier, receiver, applierError }: ReadOnlyView): readonly ['away' | 'paused' | 'runs' | 'broken' | 'frozen' | 'stopped', Tone] {
  if (isPaused) return ['paused', 'calm'];
  if (!reachable) return ['away', 'mute'];
  if (applier === 'running') return ['runs', receiver === 'running' ? 'good' : 'warn'];
  if (applierError !== null) return ['broken', 'bad'];
  return receiver === 'stopped' ? ['stopped', 'calm'] : ['frozen', 'calm'];
}

function Lag({ one: { lagSeconds, overLimit, lagLimitSeconds } }: { one: ReadOnlyView }): ReactElement {
  const t = useText();
  const limit = lagLimitSeconds === null ? null : <span className={classes.light}> / {formatDuration(t, lagLimitSeconds * 1000)}</span>;
  if (lagSeconds === null) return <span className={classes.light}>{t('readonly.lag.unknown')}{limit}</span>;
  const text = formatDuration(t, lagSeconds * 1000);
  return <>{overLimit ? <StatusBadge tone="warn">{text} · {t('readonly.lag.over')}</StatusBadge> : text}{limit}</>;
}

function Delay({ one: { delaySeconds, remainingDelaySeconds } }: { one: ReadOnlyView }): ReactElement {
  const t = useText();
  if (delaySeconds === 0) return <span className={classes.light}>{t('readonly.delay.none')}</span>;
  return (
    <>
      {formatDuration(t, delaySeconds * 1000)}
      {remainingDelaySeconds === null ? null : <span className={classes.light}> · {t('readonly.delay.next', { left: formatDuration(t, remainingDelaySeconds * 1000) })}</span>}
    </>
  );
}
