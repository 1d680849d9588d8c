import { Button, Menu } from '@mantine/core';
import type { ReactElement } from 'react';
import { switchOutlookOf } from '../../../shared/domain/analysis/outlook';
import { isPartial } from '../../../shared/domain/analysis/standing';
import type { InstanceSlotProps } from '../../stores/registry';
import { useFleet, useInstance } from '../../stores/fleet';
import { useText } from '../../stores/language';
import { useStandingClock } from '../../stores/standing';
import { openDialog } from '../../stores/ui';
import { useRefusal } from '../../ui/AtWork';
import { ProblemActButton } from '../../ui/ProblemAct';
import { problemTitle } from '../../ui/problem-text';
import { IconArrowsExchange, IconBolt, IconChevronDown, IconShieldLock } from '../../ui/icons';
import { canTakeOver, isBackAndWritable, isToBeFenced } from '../../ui/instance-acts';
import classes from './SwitchAction.module.css';

/** Top right of a standby: *Switch to primary*, two acts and never one verb (S16, B1). On a fenced server: fence it again. */
export function SwitchAction({ instanceId }: InstanceSlotProps): ReactElement | null {
  const t = useText();
  const view = useInstance(instanceId);
  const source = useInstance(view?.sourceId ?? null);
  // Nothing waits for the old source in an emergency: only who is at work on the standby itself is in its way.
  const refusals = { planned: useRefusal([{ instanceId }, { instanceId: view?.sourceId ?? null }]), emergency: useRefusal([{ instanceId }]) };
  if (view === undefined) return null;
  const returned = isBackAndWritable(view);
  if (isToBeFenced(view)) {
    return (
      <>
        {view.instance.intent.kind === 'fenced' ? <ProblemActButton act={{ kind: 'rejoin', instanceId }} /> : null}
        <Button variant={returned ? 'filled' : 'default'} color={returned ? 'red' : 'accent'} leftSection={<IconShieldLock size={15} />} onClick={() => openDialog({ kind: 'fence', instanceId })}>
          {t('promotion.action.fence')}
        </Button>
      </>
    );
  }
  if (!canTakeOver(view)) return null;
  // What takes over is the standby it stands behind; only where that is gone too, with the primary, may it be this one.
  const behind = view.role === 'local-replica' ? (source?.instance.name ?? t('common.not-known')) : null;
  return (
    <Menu position="bottom-end" width={340}>
      <Menu.Target>
        <Button variant="filled" leftSection={<IconArrowsExchange size={15} />} rightSection={<IconChevronDown size={14} />}>
          {t('promotion.action.switch')}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {(['planned', 'emergency'] as const).map((promotion) => (
          <Menu.Item key={promotion} disabled={promotion === 'planned' && (behind !== null || refusals.planned !== null)} leftSection={promotion === 'planned' ? <IconArrowsExchange size={16} /> : <IconBolt size={16} />} onClick={() => openDialog({ kind: 'switch', instanceId, promotion })}>
            <span className={classes.item}>
              <b>{t(`promotion.action.${promotion}`)}</b>
              <span className={classes.text}>{behind === null ? t(`promotion.action.${promotion}-text`) : t(`promotion.action.${promotion}-behind`, { standby: behind })}</span>
              {refusals[promotion] === null ? null : <span className={classes.text}>{refusals[promotion]}</span>}
            </span>
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

/** Under the lag band: what switching now would put at risk, from the last reading. The dialog reads the servers again. */
export function SwitchForecast({ instanceId }: InstanceSlotProps): ReactElement | null {
  const t = useText();
  const view = useInstance(instanceId);
  const source = useInstance(view?.sourceId ?? null);
  const clock = useStandingClock();
  const lag = view?.lag ?? null;
  // What never followed has nothing to switch to.
  const unlinked = useFleet((state) => state.topology.links.some((link) => link.replicaId === instanceId && link.state === 'not-synchronised'));
  if (unlinked) return null;
  if (view?.role === 'local-replica') return <span>{t('promotion.forecast.behind', { standby: source?.instance.name ?? t('common.not-known') })}</span>;
  if (view === undefined || lag === null) return null;
  const outlook = switchOutlookOf(view, source, clock);
  switch (outlook.kind) {
    case 'unknown':
      return <span>{t('promotion.forecast.unknown')}</span>;
    case 'blocked':
      return <span>{t('incident.outlook.blocked', { problem: problemTitle(t, outlook.problem), n: outlook.atRisk ?? -1 })}</span>;
    case 'ready': {
      const state = lag.state === 'caught-up' ? t('common.lag.caught-up') : t('common.lag.behind-transactions', { n: (lag.toReceive ?? 0) + (lag.toApply ?? 0) });
      const line = t('promotion.forecast.line', { lag: state, n: outlook.atRisk });
      return <span>{isPartial(view) ? t('promotion.forecast.with-part', { line }) : line}</span>;
    }
    default:
      return outlook satisfies never;
  }
}
