import { Button } from '@mantine/core';
import type { ReactElement } from 'react';
import type { LabServerView } from '../../../shared/domain/settings';
import { useFleet } from '../../stores/fleet';
import { useText } from '../../stores/language';
import { useHasDialog } from '../../stores/registry';
import { closeDialog, openDialog, openInstance } from '../../stores/ui';
import { IconArrowRight } from '../../ui/icons';
import { nextStep } from './next-step';
import classes from './LabPanel.module.css';

/** What to practise next on the servers that run, with the button that leads there. */
export function NextStep({ servers, busy, onStart }: {
  servers: readonly LabServerView[];
  busy: boolean;
  onStart: (name: string) => void;
}): ReactElement | null {
  const t = useText();
  const byId = useFleet((state) => state.byId);
  const canAdd = useHasDialog('add-standby');
  const next = nextStep(servers, byId);
  if (next === null) return null;
  const open = (instanceId: string): void => {
    closeDialog();
    openInstance(instanceId);
  };
  const opens = (view: { instance: { id: string; name: string } }): ReactElement => (
    <Button onClick={() => open(view.instance.id)}>{t('lab.panel.next.open', { name: view.instance.name })}</Button>
  );
  const names = 'primary' in next ? { primary: next.primary.instance.name, standby: 'standby' in next ? next.standby.instance.name : '' } : {};
  return (
    <section className={classes.next} aria-label={t('lab.panel.next')}>
      <h3 className={classes.nextTitle}><IconArrowRight size={15} aria-hidden /> {t('lab.panel.next')}</h3>
      {next.kind === 'protect' ? (
        <>
          <p>{t('lab.panel.next.protect', names)}</p>
          {canAdd ? <Button variant="filled" onClick={() => openDialog({ kind: 'add-standby', sourceId: next.primary.instance.id })}>{t('fleet.add-standby')}</Button> : null}
        </>
      ) : next.kind === 'returned' ? (
        <>
          <p>{t('lab.panel.next.returned', { name: next.old.instance.name })}</p>
          {opens(next.old)}
        </>
      ) : next.kind === 'restart' ? (
        <>
          <p>{t('lab.panel.next.restart', { name: next.name })}</p>
          <Button disabled={busy} onClick={() => onStart(next.name)}>{t('lab.panel.start-what', { name: next.name })}</Button>
        </>
      ) : (
        <>
          <p>{t(`lab.panel.next.${next.kind}`, names)}{next.kind === 'practise' ? <> {t('lab.panel.next.lose', names)}</> : null}</p>
          {opens(next.standby)}
        </>
      )}
    </section>
  );
}
