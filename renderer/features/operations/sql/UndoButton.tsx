import { Button } from '@mantine/core';
import type { ReactElement } from 'react';
import type { StatementState } from '../../../../shared/domain/operations/sql/run';
import type { SqlKind } from '../../../../shared/domain/operations/sql/statement-kind';
import { useText } from '../../../stores/language';
import { go } from '../../../stores/ui';
import { IconArrowBackUp } from '../../../ui/icons';

/** Kinds whose rows may be taken back from the log: changes, and what may have made some. */
const changes: readonly SqlKind[] = ['write', 'unbounded-write', 'unknown'];

/** The way from a change that was made here to what taking back just its transaction would write; nothing where there is no such way. */
export function UndoButton({ instanceId, kind, state, gtid }: {
  readonly instanceId: string; readonly kind: SqlKind; readonly state: StatementState | 'begun'; readonly gtid: string | null;
}): ReactElement | null {
  const t = useText();
  if (gtid === null || state !== 'done' || !changes.includes(kind)) return null;
  return (
    <Button
      size="compact-xs" variant="default" leftSection={<IconArrowBackUp size={12} />} title={gtid}
      onClick={() => go({ id: 'rollback', instanceId, view: 'undo', gtids: [gtid] })}
    >
      {t('sql.page.undo')}
    </Button>
  );
}
