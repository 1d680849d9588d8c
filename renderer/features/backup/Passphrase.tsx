import { PasswordInput } from '@mantine/core';
import type { ReactElement } from 'react';
import { useText } from '../../stores/language';
import { StatusIcon } from '../../ui/StatusBadge';
import classes from './backup.module.css';

/** Of a passphrase that is set here. */
const leastCharacters = 8;

/** A passphrase that is set, typed twice. */
export interface NewPassphrase {
  readonly text: string;
  readonly again: string;
}

export function isUsable({ text, again }: NewPassphrase): boolean {
  return text.length >= leastCharacters && text === again;
}

/** Nothing is typed yet. */
export const noPassphrase: NewPassphrase = { text: '', again: '' };

interface NewPassphraseProps {
  readonly value: NewPassphrase;
  readonly onChange: (value: NewPassphrase) => void;
  /** What its loss means. */
  readonly lost: string;
}

/** Sets a passphrase, and says what its loss means. */
export function NewPassphraseFields({ value, onChange, lost }: NewPassphraseProps): ReactElement {
  const t = useText();
  const short = value.text !== '' && value.text.length < leastCharacters;
  const differs = value.again !== '' && value.text !== value.again;
  return (
    <>
      <div className={classes.pair}>
        <PasswordInput
          label={t('backup.screen.passphrase')} value={value.text} autoComplete="new-password" error={short ? t('backup.screen.passphrase.short', { least: leastCharacters }) : null}
          onChange={(event) => onChange({ ...value, text: event.currentTarget.value })}
        />
        <PasswordInput
          label={t('backup.screen.passphrase.again')} value={value.again} autoComplete="new-password" error={differs ? t('backup.screen.passphrase.differs') : null}
          onChange={(event) => onChange({ ...value, again: event.currentTarget.value })}
        />
      </div>
      <p className={classes.warning}><StatusIcon tone="warn" /> <span>{lost}</span></p>
    </>
  );
}

/** Asks for the passphrase of a backup that is encrypted. */
export function PassphraseField({ value, onChange }: { value: string; onChange: (value: string) => void }): ReactElement {
  const t = useText();
  return (
    <PasswordInput
      label={t('backup.screen.passphrase')} description={t('backup.screen.passphrase.why')} value={value} autoComplete="off"
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}
