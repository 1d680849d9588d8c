import { Button } from '@mantine/core';
import { Component } from 'react';
import type { ErrorInfo, ReactElement, ReactNode } from 'react';
import { translatorOf, languageIn } from '../stores/language';
import { useSettings } from '../stores/settings';
import { go } from '../stores/ui';
import { EmptyState } from '../ui/EmptyState';

interface State {
  readonly error: Error | null;
}

/** Keeps a fault in one page from taking the window: says so, what is still safe, and the way out. */
export class ErrorBoundary extends Component<{ readonly children: ReactNode }, State> {
  override state: State = { error: null };

  static getDerivedStateFromError(error: unknown): State {
    return { error: error instanceof Error ? error : new Error(String(error)) };
  }

  override componentDidCatch(error: unknown, info: ErrorInfo): void {
    // The window's console is all there is; the engine's log hears of it through the desktop's console listener.
    console.error(error, info.componentStack);
  }

  override render(): ReactNode {
    const { error } = this.state;
    return error === null ? this.props.children : <Fault error={error} onLeave={() => this.setState({ error: null })} />;
  }
}

function Fault({ error, onLeave }: { error: Error; onLeave: () => void }): ReactElement {
  const t = translatorOf(languageIn(useSettings.getState()));
  return (
    <div role="alert">
      <EmptyState
        title={t('common.error.screen.title')}
        text={
          <>
            {t('common.error.screen.text')}
            <br />
            <code>{error.message}</code>
          </>
        }
        action={
          <>
            <Button
              variant="filled"
              onClick={() => {
                go({ id: 'fleet' });
                onLeave();
              }}
            >
              {t('common.nav.fleet')}
            </Button>
            <Button onClick={() => window.location.reload()}>{t('common.error.screen.reload')}</Button>
          </>
        }
      />
    </div>
  );
}
