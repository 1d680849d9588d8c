import { Button, TextInput } from '@mantine/core';
import type { ReactElement, ReactNode } from 'react';
import type { Plan } from '../../shared/domain/tasks/plan';
import { useNow } from '../stores/clock';
import { useText } from '../stores/language';
import { isExpired, planPhase, type PlanDraft } from '../stores/plan-draft';
import { RefusalNotice, type WantedLock } from './AtWork';
import { DialogFoot } from './DialogFoot';
import { ErrorNotice } from './ErrorNotice';
import { Waiting } from './Waiting';
import classes from './PlanDialog.module.css';

/** What a dialog over a plan shows, or over its run; scrolls above the buttons. */
export function PlanBody({ children }: { children: ReactNode }): ReactElement {
  return <div className={classes.body}>{children}</div>;
}

interface PlanFormProps<P, Options> {
  readonly draft: PlanDraft<P, Options>;
  /** The choices are no longer those that the plan was read for. */
  readonly isOutdated: boolean;
  /** What is done to what, and the locks that it takes; null: not known before the plan is. */
  readonly subject: { readonly text: string; readonly wanted: readonly WantedLock[] } | null;
  /** Said while the first plan is read. */
  readonly readingText: string;
  /** What must be typed; null: there is nothing to confirm, the dialog can only be closed. */
  readonly phrase: string | null;
  readonly confirm: { readonly label: string; readonly danger?: boolean };
  readonly onClose: () => void;
  /** The plan and the choices. */
  readonly children: ReactNode;
}

/** Plan, word, run: what will be done, the word, the act. Cancel is the default. */
export function PlanForm<P extends Plan, Options>(props: PlanFormProps<P, Options>): ReactElement {
  const { draft, isOutdated, subject, readingText, phrase, confirm, onClose, children } = props;
  const t = useText();
  const now = useNow();
  const phase = planPhase({ ...draft, isOutdated, phrase }, now);
  const isStarting = phase === 'starting';
  return (
    <>
      <PlanBody>
        {subject === null ? null : (
          <>
            <p className={classes.subject}>{subject.text}</p>
            <RefusalNotice wanted={subject.wanted} />
          </>
        )}
        {phase === 'reading' ? <Waiting>{readingText}</Waiting> : null}
        {children}
        {draft.plan !== null && isExpired(draft.plan, now) ? <p role="status">{t('common.plan.expired')}</p> : null}
        {draft.error === null ? null : <ErrorNotice error={draft.error} />}
      </PlanBody>
      <DialogFoot start={phrase === null ? null : <Word phrase={phrase} word={draft.word} disabled={isStarting} onChange={draft.setWord} />}>
        <Button onClick={() => void draft.read()} loading={draft.isReading} disabled={isStarting}>{t('common.plan.again')}</Button>
        <Button onClick={onClose} disabled={isStarting} data-autofocus>{t(phrase === null ? 'common.close' : 'common.cancel')}</Button>
        {phrase === null ? null : (
          <Button variant="filled" color={confirm.danger === true ? 'red' : 'accent'} disabled={phase !== 'ready'} loading={isStarting} onClick={() => void draft.execute()}>
            {confirm.label}
          </Button>
        )}
      </DialogFoot>
    </>
  );
}

function Word({ phrase, word, disabled, onChange }: { phrase: string; word: string; disabled: boolean; onChange: (word: string) => void }): ReactElement {
  const t = useText();
  return (
    <TextInput
      className={classes.word}
      label={t('common.guard.type', { phrase })}
      value={word}
      onChange={(event) => onChange(event.currentTarget.value)}
      autoComplete="off"
      spellCheck={false}
      disabled={disabled}
    />
  );
}
