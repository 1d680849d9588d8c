import { Button, Select, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { ReactElement } from 'react';
import { longestWordNote, openProblems, seenOf } from '../../../../shared/domain/fleet/attention';
import type { AttentionOutcome, InstanceView } from '../../../../shared/domain/fleet/view';
import type { Translator } from '../../../../shared/i18n/translate';
import { api } from '../../../api';
import type { Result } from '../../../api';
import { useFleet } from '../../../stores/fleet';
import { useText } from '../../../stores/language';
import { choose } from '../../../stores/lists';
import type { DialogProps } from '../../../stores/registry';
import { withAll } from '../../../stores/selection';
import { closeDialog, type WatchingAct } from '../../../stores/ui';
import { DialogFoot } from '../../../ui/DialogFoot';
import { FormModal } from '../../../ui/FormModal';
import { useMany, type Outcome } from '../../../ui/many';
import { ManyResults } from '../../../ui/ManyResults';
import { problemTitle } from '../../../ui/problem-text';
import { watchingParts } from './watching-parts';
import classes from './ManyDialog.module.css';

const hourMs = 3_600_000;
const hours = [1, 4, 8, 24, 72, 168] as const;
/** No end by the clock. */
const open = 'open';

const spanText = (t: Translator, n: number): string => (n < 72 ? t('attention.for.hours', { n }) : t('attention.for.days', { n: n / 24 }));

/** What holds for a time; a silence always does. */
const isTimed = (act: WatchingAct): act is 'acknowledge' | 'silence' | 'pause' => act === 'acknowledge' || act === 'silence' || act === 'pause';

function order(
  act: WatchingAct, views: readonly InstanceView[], only: string | undefined, span: string, note: string,
): Promise<Result<readonly AttentionOutcome[]>> {
  const ids = views.map(({ instance }) => instance.id);
  const until = span === open ? null : Date.now() + Number(span) * hourMs;
  switch (act) {
    case 'acknowledge':
      return api.fleet.acknowledge({ instances: views.map((view) => ({ id: view.instance.id, problems: openProblems(view, only).map(seenOf) })), until, note });
    case 'silence':
      return api.fleet.silence({ ids, until: until ?? Date.now() + hourMs, note });
    case 'pause':
      return api.fleet.pauseWatching({ ids, until, note });
    case 'end-silence':
      return api.fleet.endAttention({ ids, act: 'silence', problems: null });
    case 'resume':
      return api.fleet.endAttention({ ids, act: 'pause', problems: null });
    default:
      return act satisfies never;
  }
}

const outcomeOf = ({ error, changed }: AttentionOutcome): Outcome =>
  error !== null ? { kind: 'refused', error } : changed.length > 0 ? { kind: 'partly', but: changed.length } : { kind: 'done' };

/**
 * Says something about how instances are watched, of each by itself: one that is refused keeps none of the others. What came of each stays to
 * be read; those that were refused stay chosen.
 */
export function WatchingDialog({ dialog: { instanceIds, act, problem } }: DialogProps<'watching'>): ReactElement {
  const t = useText();
  // As they were when it was opened: what is acknowledged is what its reader saw.
  const [views] = useState(() => instanceIds.flatMap((id) => useFleet.getState().byId.get(id) ?? []));
  const [span, setSpan] = useState<string>(act === 'silence' ? '1' : open);
  const [note, setNote] = useState('');
  const { outcomes, busy, runTogether } = useMany();
  const { take, left } = watchingParts(views, act, problem);
  const isOver = outcomes.size > 0 && !busy;
  const isBegun = outcomes.size > 0;
  const perform = async (): Promise<void> => {
    const taken = new Set(take.map(({ id }) => id));
    const found = await runTogether([...taken], async () => {
      const answer = await order(act, views.filter(({ instance }) => taken.has(instance.id)), problem, span, note);
      return answer.ok ? { ok: true, value: new Map(answer.value.map((one) => [one.id, outcomeOf(one)])) } : answer;
    });
    choose('fleet', (before) => withAll(before, [...found].flatMap(([id, { kind }]) => (kind === 'done' ? [id] : [])), false));
  };
  const subject = { n: take.length, name: take[0]?.name ?? '' };
  const title = t(`attention.title.${act}`, subject);
  return (
    <FormModal title={title} size={620} busy={busy} dirty={note !== '' && !isBegun} onClose={closeDialog}>
      <div className={classes.form}>
        <p className={classes.note}>{t(`attention.says.${act}`, subject)}</p>
        {isTimed(act) ? (
          <>
            <Select
              label={t('attention.for')} value={span} onChange={(value) => setSpan(value ?? span)} disabled={isBegun} allowDeselect={false} data-autofocus
              data={[
                ...(act === 'silence' ? [] : [{ value: open, label: t(act === 'pause' ? 'attention.for.resumed' : 'attention.for.open') }]),
                ...hours.map((n) => ({ value: String(n), label: spanText(t, n) })),
              ]}
            />
            <TextInput label={t('attention.note')} value={note} maxLength={longestWordNote} disabled={isBegun} onChange={(event) => setNote(event.currentTarget.value)} />
          </>
        ) : null}
        <ManyResults
          title={t('attention.about', { n: take.length })} outcomes={outcomes}
          items={take.map(({ id, name, problems }) => ({ id, name, note: act === 'acknowledge' ? problems.map((one) => problemTitle(t, one)).join(' · ') : undefined }))}
          left={left.map(({ id, name, reason }) => ({ id, name, reason: t(reason) }))}
        />
      </div>
      <DialogFoot apart>
        {busy ? null : <Button onClick={closeDialog} {...(isOver ? { variant: 'filled' } : {})}>{t(isOver ? 'common.close' : 'common.cancel')}</Button>}
        {isOver ? null : <Button variant="filled" loading={busy} disabled={take.length === 0} onClick={() => void perform()}>{title}</Button>}
      </DialogFoot>
    </FormModal>
  );
}
