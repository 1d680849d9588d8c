import { Button } from '@mantine/core';
import type { ReactElement, ReactNode } from 'react';
import type { AppError } from '../../shared/errors/codes';
import { isMessageKey } from '../../shared/i18n/translate';
import type { Translator } from '../../shared/i18n/translate';
import { useText } from '../stores/language';
import { IconAlertOctagonFilled } from './icons';
import classes from './ErrorNotice.module.css';

type AnyError = AppError & { readonly correlationId?: string; readonly retry?: boolean };

function part(t: Translator, error: AppError, which: '' | '.safe' | '.cure'): string | null {
  const key = `errors.${error.code}${which}`;
  return isMessageKey(key) ? t(key, error.params as Readonly<Record<string, string | number>>) : null;
}

/** What happened, in one sentence of the reader's language. */
export function errorText(t: Translator, error: AppError): string {
  return part(t, error, '') ?? t('common.error.code', { code: error.code });
}

/**
 * A failure where its cause is: what happened, on which server, what is still safe (`safe`, where the caller knows better
 * than the general text), what to do, and beneath it the server's own text, selectable. Announced when it appears.
 */
export function ErrorNotice({
  error, safe, onRetry, children,
}: {
  error: AnyError;
  safe?: ReactNode;
  onRetry?: () => void;
  children?: ReactNode;
}): ReactElement {
  const t = useText();
  const cure = part(t, error, '.cure');
  const unharmed = safe ?? part(t, error, '.safe');
  return (
    <div className={classes.notice} role="alert">
      <IconAlertOctagonFilled size={16} className={classes.icon} aria-hidden />
      <div className={classes.text}>
        <div className={classes.what}>{errorText(t, error)}</div>
        {error.server === undefined ? null : <div>{t('common.error.where', { server: error.server })}</div>}
        {unharmed === null ? null : (
          <div>
            <b>{t('common.error.safe')}</b> {unharmed}
          </div>
        )}
        {cure === null ? null : (
          <div>
            <b>{t('common.error.cure')}</b> {cure}
          </div>
        )}
        {error.detail === undefined || error.detail === '' ? null : (
          <div className={classes.detail}>
            <span className={classes.detailLabel}>{t('common.error.server-text')}</span>
            <pre className={classes.serverText}>{error.detail}</pre>
          </div>
        )}
        {error.code === 'internal' && error.correlationId !== undefined ? <div className={classes.reference}>{t('common.error.reference', { id: error.correlationId })}</div> : null}
        {children}
        {onRetry === undefined ? null : (
          <div>
            <Button onClick={onRetry}>{t('common.retry')}</Button>
          </div>
        )}
      </div>
    </div>
  );
}
