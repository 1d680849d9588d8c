import { useState } from 'react';
import type { ReactElement, ReactNode } from 'react';
import type { LoggedTransaction, RollbackWindow } from '../../../../shared/domain/operations/rollback/transaction';
import { isHeld, placeOn, stretchesOf } from '../../../../shared/domain/operations/rollback/window-line';
import { api } from '../../../api';
import { useAct } from '../../../stores/act';
import { useText, useTimeZone } from '../../../stores/language';
import { ErrorNotice } from '../../../ui/ErrorNotice';
import { formatBytes, formatExact } from '../../../ui/format';
import { StatusIcon } from '../../../ui/StatusBadge';
import { TimeText } from '../../../ui/TimeText';
import classes from './rollback.module.css';

/** Steps of the line from its one end to the other. */
const steps = 1_000;

/** The time line of what can be gone back to: files of the log, gaps, backups, and the listed transactions as ticks; a moment is picked on it. */
export function WindowLine({ window, transactions, chosen, onPick }: {
  window: RollbackWindow; transactions: readonly LoggedTransaction[]; chosen: readonly string[]; onPick: (transaction: LoggedTransaction) => void;
}): ReactElement {
  const t = useText();
  const zone = useTimeZone();
  const { instanceId, files, from, backups, format, image } = window;
  const moment = (at: number): string => formatExact(t.language, zone, at);
  const isWhole = format === 'ROW' && image === 'FULL';
  const line = stretchesOf(window);
  if (line === null || from === null) return <p className={classes.light}>{t('rollback.window.empty')}</p>;
  const place = (at: number): string => `${String(placeOn(line, at))}%`;
  return (
    <section className={classes.window} aria-label={t('rollback.window')}>
      <p className={classes.light}>
        {t('rollback.window.line', { files: files.length, transactions: window.transactions, from: moment(from) })}
      </p>
      <Pick instanceId={instanceId} line={line} moment={moment} onPick={onPick}>
        {line.stretches.map((one) => (
          <span
            key={`${String(one.from)} ${one.name ?? ''}`} className={one.kind === 'gap' ? classes.gap : classes.file} aria-hidden
            style={{ left: place(one.from), width: `${String(placeOn(line, one.until) - placeOn(line, one.from))}%` }}
            title={one.kind === 'gap' ? t('rollback.window.gap', { from: moment(one.from), until: moment(one.until) })
              : t('rollback.window.file', { name: one.name ?? '', bytes: formatBytes(t.language, one.bytes), from: moment(one.from) })}
          />
        ))}
        {transactions.map(({ gtid, at }) => (
          <span key={gtid} className={classes.tick} data-chosen={chosen.includes(gtid) || undefined} style={{ left: place(at) }} aria-hidden />
        ))}
        {backups.map(({ id, at }) => (
          <span key={id} className={classes.backup} style={{ left: place(at) }} title={t('rollback.window.backup', { at: moment(at) })} aria-hidden />
        ))}
      </Pick>
      {isWhole ? null : <p className={classes.warn}><StatusIcon tone="warn" /> {t('rollback.window.format', { format, image })}</p>}
    </section>
  );
}

/** The line, a moment on it, and the transaction that it means. */
function Pick({ instanceId, line, moment, onPick, children }: {
  children: ReactNode;
  instanceId: string; line: NonNullable<ReturnType<typeof stretchesOf>>; moment: (at: number) => string; onPick: (transaction: LoggedTransaction) => void;
}): ReactElement {
  const t = useText();
  const { error, act } = useAct<'pick'>();
  const [step, setStep] = useState<number | null>(null);
  const [none, setNone] = useState<number | null>(null);
  const at = Math.round(line.start + ((step ?? steps) / steps) * (line.end - line.start));
  const held = isHeld(line, at);
  const take = (): void => {
    setNone(null);
    if (step === null || !held) return;
    void act('pick', () => api.rollback.transactionAt({ instanceId, at }), (found) => (found === null ? setNone(at) : onPick(found)));
  };
  const text = step === null ? t('rollback.window.pick') : held ? t('rollback.window.at', { at: moment(at) }) : t('rollback.window.not-held', { at: moment(at) });
  return (
    <>
      <div className={classes.line}>
        {children}
        <input
          type="range" className={classes.pick} min={0} max={steps} value={step ?? steps} aria-label={t('rollback.window.pick')} aria-valuetext={text} title={text}
          onChange={(event) => { setStep(Number(event.currentTarget.value)); setNone(null); }} onPointerUp={take}
          onKeyUp={(event) => { if (event.key === 'Enter') take(); }}
        />
      </div>
      <div className={classes.ends}><TimeText at={line.start} show="exact" /><span>{t('rollback.window.now')}</span></div>
      <output className={classes.picked} role="status">
        {none === null ? (step === null ? '' : text) : t('rollback.window.nothing', { at: moment(none) })}
      </output>
      {error === null ? null : <ErrorNotice error={error} />}
    </>
  );
}
