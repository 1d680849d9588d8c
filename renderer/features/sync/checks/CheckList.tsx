import { Button, UnstyledButton } from '@mantine/core';
import { useState } from 'react';
import type { ReactElement } from 'react';
import { checkGroups, countChecks } from '../../../../shared/domain/checks/check';
import type { CheckResult, CheckStatus, Remedy } from '../../../../shared/domain/checks/check';
import { refText } from '../../../../shared/domain/checks/refs';
import { useText } from '../../../stores/language';
import { CopyButton } from '../../../ui/CopyText';
import { IconChevronRight } from '../../../ui/icons';
import { StatusBadge, StatusIcon } from '../../../ui/StatusBadge';
import type { Tone } from '../../../ui/StatusBadge';
import classes from './CheckList.module.css';

const tones: Record<CheckStatus, Tone> = { pass: 'good', info: 'calm', warn: 'warn', fail: 'bad', error: 'bad', skipped: 'calm' };
const order: Record<CheckStatus, number> = { fail: 0, error: 0, warn: 1, info: 2, skipped: 3, pass: 4 };
const isMiss = (result: CheckResult): boolean => order[result.status] < 2;

/** What may be done about a check in place; absent where a report is only read. */
export interface CheckActions {
  readonly busyId: string | null;
  readonly onAgain: (checkId: string) => void;
  /** Absent where a cure is not applied from here. */
  readonly onFix?: (checkId: string) => void;
  /** Opens the guided change to GTID for the side that lacks it. */
  readonly onTurnGtidOn?: (side: 'source' | 'standby') => void;
  /** Takes the tables that a cure names into the scope. */
  readonly onAddToScope: (tables: NonNullable<Remedy['addToScope']>) => void;
}

/** More names than anybody reads stay in the report. */
const shownItems = 50;

/** The checks of a report: counts, then by group with the failing ones first; each opens to measured, required, why, cure. */
export function CheckList({
  results, missesOnly = true, actions,
}: {
  results: readonly CheckResult[];
  missesOnly?: boolean;
  actions?: CheckActions;
}): ReactElement {
  const t = useText();
  const counts = countChecks(results);
  const misses = results.filter(isMiss);
  const [all, setAll] = useState(!missesOnly && misses.length === 0);
  const listed = all ? results : misses;
  return (
    <div>
      <div className={classes.counts}>
        <StatusBadge tone="good" plain>{t('sync.checks.pass', { n: counts.pass })}</StatusBadge>
        {counts.warn === 0 ? null : <StatusBadge tone="warn" plain>{t('sync.checks.warn', { n: counts.warn })}</StatusBadge>}
        {counts.fail === 0 ? null : <StatusBadge tone="bad" plain>{t('sync.checks.fail', { n: counts.fail })}</StatusBadge>}
        {counts.skipped === 0 ? null : <StatusBadge tone="calm" plain>{t('sync.checks.skipped', { n: counts.skipped })}</StatusBadge>}
        <Button variant="subtle" ml="auto" onClick={() => setAll(!all)}>
          {t(all ? 'sync.checks.show-misses' : 'sync.checks.show-all')}
        </Button>
      </div>
      {checkGroups.map((group) => {
        const inGroup = listed.filter((result) => result.group === group).sort((a, b) => order[a.status] - order[b.status]);
        if (inGroup.length === 0) return null;
        return (
          <section key={group} className={classes.group}>
            <h3 className={classes.groupTitle}>{t(`sync.checks.group.${group}`)}</h3>
            <ul className={classes.list}>
              {inGroup.map((result) => (
                <Check key={result.id} result={result} {...(actions === undefined ? {} : { actions })} />
              ))}
            </ul>
          </section>
        );
      })}
    </div>
  );
}

interface CheckProps {
  readonly result: CheckResult;
  readonly actions?: CheckActions;
}

function Check({ result, actions }: CheckProps): ReactElement {
  const t = useText();
  const [open, setOpen] = useState(order[result.status] === 0);
  return (
    <li className={classes.check} data-status={result.status}>
      <UnstyledButton className={classes.head} aria-expanded={open} onClick={() => setOpen(!open)}>
        <StatusIcon tone={tones[result.status]} />
        <span className={classes.title}>
          {t.message(result.title)}
          <span className="visually-hidden">, {t(`sync.checks.status.${result.status}`)}</span>
        </span>
        <span className={classes.measuredShort}>{open ? null : t.message(result.measured)}</span>
        <span className={classes.id}>{result.id}</span>
        <IconChevronRight size={14} className={classes.chevron} data-open={open || undefined} aria-hidden />
      </UnstyledButton>
      {open ? (
        <div className={classes.body}>
          <CheckFacts result={result} />
          {actions === undefined ? null : <Acts result={result} actions={actions} />}
        </div>
      ) : null}
    </li>
  );
}

/** Measured, required, why, cure, and where the vendor says so. */
function CheckFacts({ result }: { result: CheckResult }): ReactElement {
  const t = useText();
  const { remedy, ref } = result;
  return (
    <dl className={classes.facts}>
      <dt>{t('sync.checks.measured')}</dt>
      <dd>{t.message(result.measured)}</dd>
      <Items result={result} />
      <dt>{t('sync.checks.required')}</dt>
      <dd>{t.message(result.required)}</dd>
      <dt>{t('sync.checks.why')}</dt>
      <dd>{t.message(result.why)}</dd>
      {remedy === null || result.status === 'pass' ? null : (
        <>
          <dt>{t('sync.checks.cure')}</dt>
          <dd>
            {t.message(remedy.text)}
            {result.needsRestart ? ` (${t('sync.checks.restart')})` : null}
            <Code what="SQL" shown={remedy.sql?.map((line) => (line.endsWith(';') ? line : `${line};`))} copied={remedy.sql} />
            <Code what={t('sync.checks.config')} shown={remedy.config} copied={remedy.config} />
          </dd>
        </>
      )}
      {ref === undefined ? null : (
        <>
          <dt>{t('sync.checks.ref')}</dt>
          <dd className={classes.ref}>
            {t.message(refText(ref))}
            {ref === null ? null : <CopyButton text={ref.page} what={t('sync.checks.ref-page')} />}
          </dd>
        </>
      )}
    </dl>
  );
}

/** Lines of a cure, to be copied. */
function Code({ what, shown, copied }: { what: string; shown: readonly string[] | undefined; copied: readonly string[] | undefined }): ReactElement | null {
  if (shown === undefined || copied === undefined || shown.length === 0) return null;
  return (
    <div className={classes.code}>
      <pre tabIndex={0} aria-label={what}>{shown.join('\n')}</pre>
      <CopyButton text={copied.join('\n')} what={what} />
    </div>
  );
}

/** What was found, by name. */
function Items({ result: { title, items = [] } }: { result: CheckResult }): ReactElement | null {
  const t = useText();
  if (items.length === 0) return null;
  return (
    <>
      <dt>{t('sync.checks.affected')}</dt>
      <dd>
        <ul className={classes.items} tabIndex={0} aria-label={t('sync.checks.items', { what: t.message(title) })}>
          {items.slice(0, shownItems).map((item) => <li key={item}>{item}</li>)}
          {items.length > shownItems ? <li>{t('sync.checks.more-items', { n: items.length - shownItems })}</li> : null}
        </ul>
      </dd>
    </>
  );
}

/** What can be done about a check in place. */
function Acts({ result, actions }: Required<CheckProps>): ReactElement {
  const t = useText();
  const what = t.message(result.title);
  const isBusy = actions.busyId === result.id;
  const isOff = actions.busyId !== null;
  const { remedy } = result;
  return (
    <div className={classes.actions}>
      {result.fixable && isMiss(result) && actions.onFix !== undefined ? (
        <Button variant="filled" loading={isBusy} disabled={isOff} aria-label={t('sync.checks.fix-what', { what })} onClick={() => actions.onFix?.(result.id)}>
          {t('sync.checks.fix')}
        </Button>
      ) : null}
      {isMiss(result) && aboutGtid.has(result.id) && remedy?.on !== undefined ? (
        <TurnGtidOn side={remedy.on} actions={actions} main={!result.fixable} />
      ) : null}
      {remedy?.addToScope === undefined || remedy.addToScope.length === 0 ? null : <AddToScope tables={remedy.addToScope} actions={actions} />}
      <Button loading={isBusy} disabled={isOff} aria-label={t('sync.checks.again-what', { what })} onClick={() => actions.onAgain(result.id)}>
        {t('sync.checks.again')}
      </Button>
    </div>
  );
}

/** Checks whose cure is the change to GTID of a whole topology. */
const aboutGtid: ReadonlySet<string> = new Set(['gtid.mode', 'gtid.consistency', 'gtid.anonymous']);

function TurnGtidOn({ side, actions, main }: { side: 'source' | 'standby'; actions: CheckActions; main: boolean }): ReactElement | null {
  const t = useText();
  const { onTurnGtidOn } = actions;
  if (onTurnGtidOn === undefined) return null;
  return <Button variant={main ? 'filled' : 'default'} disabled={actions.busyId !== null} onClick={() => onTurnGtidOn(side)}>{t('gtid.open')}</Button>;
}

function AddToScope({ tables, actions }: { tables: NonNullable<Remedy['addToScope']>; actions: CheckActions }): ReactElement {
  const t = useText();
  return <Button variant="filled" disabled={actions.busyId !== null} onClick={() => actions.onAddToScope(tables)}>{t('sync.checks.add-to-scope', { n: tables.length })}</Button>;
}
