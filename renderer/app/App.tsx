import { MantineProvider } from '@mantine/core';
import type { ReactElement } from 'react';
import { useSettings } from '../stores/settings';
import { ErrorBoundary } from './ErrorBoundary';
import { FeaturesContext } from '../stores/registry';
import type { Features } from '../stores/registry';
import { Shell } from './Shell';
import { theme, variables } from './theme';

/** The nonce that the page's content security policy allows style sheets by, as the page carries it. */
function styleNonce(): string {
  return document.querySelector<HTMLMetaElement>('meta[name="style-nonce"]')?.content ?? '';
}

/** Everything around the shell: theme, colour scheme (the user's choice, else the system's), the features that are built. */
export function App({ features }: { features: Features }): ReactElement {
  const chosen = useSettings((state) => state.settings.theme);
  return (
    <MantineProvider theme={theme} cssVariablesResolver={variables} getStyleNonce={styleNonce} defaultColorScheme="auto" {...(chosen === 'system' ? {} : { forceColorScheme: chosen })}>
      <FeaturesContext value={features}>
        <ErrorBoundary>
          <Shell />
        </ErrorBoundary>
      </FeaturesContext>
    </MantineProvider>
  );
}
