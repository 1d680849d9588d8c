import { Checkbox, Modal, NumberInput } from '@mantine/core';
import { useState } from 'react';
import type { ReactElement } from 'react';
import { portNames, type PortFact, type PortPlan, type PortRequest, type WantedPorts } from '../../../../shared/domain/operations/port/plan';
import { isExecutable } from '../../../../shared/domain/tasks/plan';
import { api } from '../../../api';
import type { DialogProps } from '../../../stores/registry';
import { useInstance, useRegionName } from '../../../stores/fleet';
import { useText } from '../../../stores/language';
import { usePlanDraft, type PlanDraft } from '../../../stores/plan-draft';
import { useRunningTask } from '../../../stores/tasks';
import { closeDialog } from '../../../stores/ui';
import { PlanForm } from '../../../ui/PlanDialog';
import { Preconditions } from '../../../ui/Preconditions';
import { SqlBlock } from '../../../ui/SqlBlock';
import { PortRun } from './PortRun';
import classes from './port.module.css';

type Options = Omit<PortRequest, 'instanceId'>;
const none: WantedPorts = { port: null, admin_port: null, mysqlx_port: null, report_port: null };

/** What a server listens on and why; new ports, what they come to, the word; then the steps take the form's place. */
export function ChangePortDialog({ dialog: { instanceId } }: DialogProps<'change-port'>): ReactElement | null {
  const t = useText();
  const view = useInstance(instanceId);
  const running = useRunningTask('port-change', instanceId);
  const [taskId, setTaskId] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const shown = taskId ?? running?.id ?? null;
  if (view === undefined) return null;
  return (
    <Modal
      opened onClose={busy ? () => undefined : closeDialog} title={t('port.dialog.title', { name: view.instance.name })} size={820} closeOnClickOutside={false}
      closeButtonProps={{ 'aria-label': t('common.close') }}
    >
      {shown === null ? <Planning instanceId={instanceId} onBusy={setBusy} onStarted={setTaskId} /> : <PortRun taskId={shown} onClose={closeDialog} />}
    </Modal>
  );
}

function Planning({ instanceId, onBusy, onStarted }: {
  instanceId: string; onBusy: (busy: boolean) => void; onStarted: (taskId: string) => void;
}): ReactElement {
  const t = useText();
  const draft = usePlanDraft<PortPlan, Options>({ ports: none, restart: false }, {
    read: (options, signal) => api.port.plan({ instanceId, ...options }, { signal }),
    execute: (order) => api.port.execute(order),
    onBusy,
    onStarted: (taskId) => onStarted(taskId),
  });
  const { plan } = draft;
  const view = useInstance(instanceId);
  const region = useRegionName(view?.instance.regionId ?? '');
  const isEmpty = portNames.every((name) => draft.options.ports[name] === null);
  return (
    <PlanForm
      draft={draft}
      isOutdated={isOutdated(draft)}
      subject={plan === null ? null : { text: t('port.dialog.subject', { name: plan.name, region }), wanted: [{ instanceId }] }}
      readingText={t('port.dialog.planning')}
      phrase={plan !== null && isExecutable(plan) ? plan.phrase : null}
      confirm={{ label: t('port.dialog.confirm') }}
      onClose={closeDialog}
    >
      {plan === null ? null : (
        <>
          <PortTable ports={plan.ports} draft={draft} />
          {isEmpty ? null : <Details plan={plan} draft={draft} />}
        </>
      )}
    </PlanForm>
  );
}

const isOutdated = ({ plan, options }: PlanDraft<PortPlan, Options>): boolean => plan !== null
  && (plan.restart !== options.restart || portNames.some((name) => plan.wanted[name] !== options.ports[name]));

function PortTable({ ports, draft }: { ports: readonly PortFact[]; draft: PlanDraft<PortPlan, Options> }): ReactElement {
  const t = useText();
  const put = (name: PortFact['name'], value: string | number): void => {
    draft.setOptions({ ...draft.options, ports: { ...draft.options.ports, [name]: typeof value === 'number' ? value : null } });
  };
  return (
    <table className={classes.table}>
      <thead><tr>{(['name', 'now', 'source', 'new'] as const).map((column) => <th key={column} scope="col">{t(`port.dialog.${column}`)}</th>)}</tr></thead>
      <tbody>
        {ports.map((one) => (
          <tr key={one.name}>
            <td>{t(`port.name.${one.name}`)}</td>
            <td>
              {one.value}
              {one.listens === false ? <div className={classes.note}>{t('port.listens.no')}</div> : null}
              {one.socket === '' ? null : <div className={classes.note}>{one.socket}</div>}
            </td>
            <td className={classes.why}>{one.source === null ? t('parameters.source.untold') : `${t(`parameters.source.${one.source}`)} ${one.file}`}</td>
            <td>
              <NumberInput
                size="xs" w={110} hideControls min={1} max={65_535} allowDecimal={false} aria-label={`${t('port.dialog.new')}: ${t(`port.name.${one.name}`)}`}
                value={draft.options.ports[one.name] ?? ''} onChange={(value) => put(one.name, value)}
                onBlur={() => { if (isOutdated(draft)) void draft.read(); }}
              />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Details({ plan, draft }: { plan: PortPlan; draft: PlanDraft<PortPlan, Options> }): ReactElement {
  const t = useText();
  const lines = t('port.dialog.lines', { file: plan.optionFile === '' ? t('port.dialog.file') : plan.optionFile });
  return (
    <div className={classes.details}>
      <Preconditions preconditions={plan.preconditions} />
      {plan.optionLines.length === 0 ? null : (
        <>
          <h2 className={classes.part}>{lines}</h2>
          <pre className={classes.lines} tabIndex={0} aria-label={lines}>{plan.optionLines.join('\n')}</pre>
        </>
      )}
      <Checkbox
        label={t('port.dialog.restart')} checked={draft.options.restart}
        onChange={(event) => void draft.read({ ...draft.options, restart: event.currentTarget.checked })}
      />
      <h2 className={classes.part}>{t('port.dialog.steps')}</h2>
      <ol className={classes.notes}>{plan.steps.map((step) => <li key={step.id}>{t.message(step.title)}</li>)}</ol>
      <SqlBlock statements={plan.steps.flatMap((step) => step.sql)} />
      <h2 className={classes.part}>{t('port.dialog.back')}</h2>
      <ul className={classes.notes}>{plan.back.map((one) => <li key={one.key}>{t.message(one)}</li>)}</ul>
    </div>
  );
}
