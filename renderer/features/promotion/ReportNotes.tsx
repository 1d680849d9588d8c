import type { ReactElement } from 'react';
import { goodNotes } from '../../../shared/domain/promotion/promotion';
import type { Message } from '../../../shared/i18n/message';
import { useText } from '../../stores/language';
import { StatusBadge } from '../../ui/StatusBadge';
import classes from './switch.module.css';

/** The notes of a report; what is as it should be is told apart from what needs a look. */
export function ReportNotes({ notes }: { notes: readonly Message[] }): ReactElement {
  const t = useText();
  return (
    <>
      {notes.map((note, index) => (
        <p key={index} className={classes.warning}>
          {goodNotes.has(note.key) ? (
            <StatusBadge tone="good" plain>
              {t.message(note)}
            </StatusBadge>
          ) : (
            t.message(note)
          )}
        </p>
      ))}
    </>
  );
}
