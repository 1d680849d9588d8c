import { UnstyledButton } from '@mantine/core';
import type { ReactElement } from 'react';
import { builtOperations, operations, permission } from '../../../shared/domain/fleet/policy';
import type { Operation } from '../../../shared/domain/fleet/policy';
import type { InstanceSlotProps } from '../../stores/registry';
import { useInstance } from '../../stores/fleet';
import { useText } from '../../stores/language';
import { go, openDialog } from '../../stores/ui';
import { IconChevronRight, IconLock } from '../../ui/icons';
import classes from './Operations.module.css';

/**
 * The ten operations of an instance (S6): on a standby each is there, locked, and opens to why and where instead. Where
 * nothing is locked, those that this version carries out are listed. The engine decides again for itself.
 */
export function Operations({ instanceId }: InstanceSlotProps): ReactElement | null {
  const t = useText();
  const view = useInstance(instanceId);
  if (view === undefined) return null;
  const rows = operations.map((operation) => ({ operation, locked: !permission(view.role, operation).allowed }));
  const anyLocked = rows.some((row) => row.locked);
  const shown = rows.filter((row) => row.locked || builtOperations.includes(row.operation));
  return (
    <>
      <p className={classes.note}>{t(anyLocked ? 'operations.locked-note' : 'operations.unlocked-note')}</p>
      <ul className={classes.list}>
        {shown.map(({ operation, locked }) => (
          <Row key={operation} operation={operation} locked={locked} onOpen={() => open(instanceId, operation, locked)} />
        ))}
      </ul>
    </>
  );
}

/** Where it can be done an operation has a page of its own, or a dialog. */
function open(instanceId: string, operation: Operation, locked: boolean): void {
  if (!locked && (operation === 'accounts' || operation === 'import' || operation === 'parameters' || operation === 'sql')) go({ id: operation, instanceId });
  else if (!locked && operation === 'port') openDialog({ kind: 'change-port', instanceId });
  else if (!locked && operation === 'character-set') go({ id: 'charset', instanceId });
  else if (!locked && operation === 'rollback') go({ id: 'rollback', instanceId, view: 'undo' });
  else if (!locked && operation === 'rollback-log') go({ id: 'rollback', instanceId, view: 'log' });
  else if (!locked && operation === 'read-only-instance') go({ id: 'read-only', instanceId });
  else openDialog({ kind: 'operation', instanceId, operation });
}

function Row({ operation, locked, onOpen }: { operation: Operation; locked: boolean; onOpen: () => void }): ReactElement {
  const t = useText();
  return (
    <li>
      <UnstyledButton className={classes.button} data-locked={locked || undefined} onClick={onOpen}>
        <span className={classes.name}>{t(`operations.name.${operation}`)}</span>
        <span className={classes.text}>{t(`operations.text.${operation}`)}</span>
        {locked ? <span className={classes.lock}><IconLock size={14} aria-hidden /> {t('operations.locked')}</span> : <IconChevronRight size={14} aria-hidden />}
      </UnstyledButton>
    </li>
  );
}
