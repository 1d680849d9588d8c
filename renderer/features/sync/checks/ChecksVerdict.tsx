import { Checkbox } from '@mantine/core';
import type { ReactElement } from 'react';
import { countChecks, type CheckResult } from '../../../../shared/domain/checks/check';
import { useText } from '../../../stores/language';
import { StatusBadge, type Tone } from '../../../ui/StatusBadge';
import { verdictOf, type Verdict } from './verdict';

const tones: Record<Verdict, Tone> = { fail: 'bad', warn: 'warn', pass: 'good' };

interface Props {
  readonly results: readonly CheckResult[];
  /** Says what failing checks keep from being done. */
  readonly failed: 'sync.wizard.checks-failed' | 'sync.scope.checks-failed';
}

/** The checks in one word. */
export function ChecksVerdict({ results, failed }: Props): ReactElement {
  const t = useText();
  const counts = countChecks(results);
  const texts: Record<Verdict, string> = {
    fail: t(failed, { n: counts.fail }),
    warn: t('sync.wizard.checks-warn', { n: counts.warn }),
    pass: t('sync.wizard.checks-pass'),
  };
  const verdict = verdictOf(results);
  return <StatusBadge tone={tones[verdict]}>{texts[verdict]}</StatusBadge>;
}

/** The user's word on checks that warn; nothing where none does, or where it would not help. */
export function AcceptWarnings({
  results, accepted, onAccept,
}: {
  results: readonly CheckResult[];
  accepted: boolean;
  onAccept: (accepted: boolean) => void;
}): ReactElement | null {
  const t = useText();
  if (verdictOf(results) !== 'warn') return null;
  return <Checkbox checked={accepted} onChange={(event) => onAccept(event.currentTarget.checked)} label={t('sync.wizard.accept')} />;
}
