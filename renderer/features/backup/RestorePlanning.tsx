import { Button, Checkbox } from '@mantine/core';
import type { ReactElement } from 'react';
import type { RestoreNote, RestoreOrder, RestorePlan } from '../../../shared/domain/backup/backup';
import type { NamedObject } from '../../../shared/domain/scope/named-objects';
import { isExecutable, type Plan, type Precondition } from '../../../shared/domain/tasks/plan';
import { message } from '../../../shared/i18n/message';
import { api, type Result } from '../../api';
import { useInstance, useRegionName } from '../../stores/fleet';
import { useNumber, useText } from '../../stores/language';
import { usePlanDraft, type PlanDraft } from '../../stores/plan-draft';
import { putTask } from '../../stores/tasks';
import { closeDialog } from '../../stores/ui';
import { ErrorNotice } from '../../ui/ErrorNotice';
import { formatBytes } from '../../ui/format';
import { IconChevronLeft } from '../../ui/icons';
import { Facts } from '../../ui/Page';
import { PlanForm } from '../../ui/PlanDialog';
import { StatusBadge, StatusIcon } from '../../ui/StatusBadge';
import classes from './backup.module.css';

/** Names that are written out; the rest is counted. */
const namesShown = 30;

/** A plan of a restore, with what forbids it as every plan has it. */
type ShownPlan = RestorePlan & Plan;

/** What stands in the way forbids a restore as an obstacle does, until its replacement is ordered. Pure. */
function shownPlan(plan: RestorePlan): ShownPlan {
  const failing = (id: string): Precondition => ({ id, title: message('backup.screen.restore.in-the-way', { target: plan.targetName }), status: 'fail', measured: message('common.state.bad'), remedy: null, sql: '' });
  const forbids = [...plan.obstacles.map(({ code }) => code), ...(plan.inTheWay.length > 0 && !plan.order.replace ? ['in-the-way'] : [])];
  return { ...plan, kind: 'restore', preconditions: forbids.map(failing), steps: [], warnings: [] };
}

interface Props {
  readonly order: RestoreOrder;
  readonly passphrase: string | null;
  readonly onBusy: (busy: boolean) => void;
  readonly onBack: () => void;
  readonly onStarted: (taskId: string) => void;
}

/** What a restore would do, as both sides are now; then its word. */
export function RestorePlanning({ order, passphrase, onBusy, onBack, onStarted }: Props): ReactElement {
  const t = useText();
  const target = useInstance(order.targetId);
  const region = useRegionName(target?.instance.regionId ?? '');
  const name = target?.instance.name ?? '';
  const draft = usePlanDraft<ShownPlan, RestoreOrder>(order, {
    read: async (next, signal): Promise<Result<ShownPlan>> => {
      const answer = await api.backup.planRestore({ order: next, passphrase }, { signal });
      return answer.ok ? { ok: true, value: shownPlan(answer.value) } : answer;
    },
    execute: async (started): Promise<Result<{ readonly taskId: string }>> => {
      const answer = await api.backup.restore(started);
      if (!answer.ok) return answer;
      putTask(answer.value);
      return { ok: true, value: { taskId: answer.value.id } };
    },
    onBusy,
    onStarted,
  });
  const { plan } = draft;
  return (
    <PlanForm
      draft={draft}
      isOutdated={plan !== null && plan.order.replace !== draft.options.replace}
      subject={{ text: t('backup.screen.restore.subject', { target: name, region }), wanted: [{ instanceId: order.targetId }] }}
      readingText={t('backup.screen.restore.planning', { target: name })}
      phrase={plan !== null && isExecutable(plan) ? plan.phrase : null}
      confirm={{ label: t(plan?.order.replace === true && plan.inTheWay.length > 0 ? 'backup.screen.restore.confirm-replace' : 'backup.screen.restore.confirm'), danger: plan?.order.replace === true }}
      onClose={closeDialog}
    >
      <div><Button size="compact-sm" leftSection={<IconChevronLeft size={14} />} onClick={onBack}>{t('backup.screen.restore.back')}</Button></div>
      {plan === null ? null : <Planned plan={plan} draft={draft} />}
    </PlanForm>
  );
}

function Planned({ plan, draft }: { plan: ShownPlan; draft: PlanDraft<ShownPlan, RestoreOrder> }): ReactElement {
  const t = useText();
  const n = useNumber();
  const { databases, tables, rows, plainBytes, targetName: target } = plan;
  const { until } = plan.order;
  const logOf = useInstance(until?.instanceId ?? null);
  return (
    <>
      {plan.obstacles.filter(({ code }) => code !== 'restore-in-the-way').map((obstacle, at) => <ErrorNotice key={at} error={obstacle} />)}
      <Facts
        rows={[
          { name: t('backup.screen.restore.will-be'), value: <b>{shortened([...databases].sort())}</b>, wide: true },
          { name: t('backup.screen.restore.amount'), value: t('backup.screen.restore.amount-value', { tables, rows: t('common.unit.rows', { n: n(rows) }), size: formatBytes(t.language, plainBytes) }), wide: true },
          ...(plan.later === null ? [] : [{
            name: t('backup.screen.restore.later'), wide: true,
            value: t('backup.screen.restore.later-value', { ...plan.later, name: logOf?.instance.name ?? t('common.not-known') }),
          }]),
        ]}
      />
      {plan.inTheWay.length === 0 ? null : (
        <div className={classes.danger}>
          <StatusBadge tone="bad" plain>{t('backup.screen.restore.in-the-way', { target })}</StatusBadge>
          <span className={classes.mono}>{shortened(plan.inTheWay.map(objectName))}</span>
          <Checkbox
            description={until == null ? null : t('backup.screen.restore.replace-later')}
            checked={draft.options.replace} disabled={until != null || draft.isReading || draft.isStarting} label={t('backup.screen.restore.replace', { target })}
            onChange={(event) => void draft.read({ ...draft.options, replace: event.currentTarget.checked })}
          />
        </div>
      )}
      {plan.notes.map((note) => <Note key={note.kind} note={note} target={target} />)}
    </>
  );
}

function Note({ note: { kind, names }, target }: { note: RestoreNote; target: string }): ReactElement {
  const t = useText();
  return <p className={classes.warning}><StatusIcon tone="mute" note /> <span>{t(`backup.screen.restore.note.${kind}`, { names: shortened(names), target })}</span></p>;
}

const objectName = ({ database, name }: NamedObject): string => (database === '' ? name : name === '' ? database : `${database}.${name}`);

function shortened(names: readonly string[]): string {
  const rest = names.length - namesShown;
  return rest > 0 ? `${names.slice(0, namesShown).join(', ')} … (+${rest})` : names.join(', ');
}
