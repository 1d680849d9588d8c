import { useEffect } from 'react';
import { goBack, goForward, treeSearchId, useUi } from '../stores/ui';

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName));
}

/** Keys that work everywhere: `/` search, Alt+arrows back and forward. Ctrl/Cmd+K belongs to the palette. */
export function useKeyboard(): void {
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || useUi.getState().dialog !== null) return;
      if (event.key === '/' && !isTyping(event.target) && !event.ctrlKey && !event.metaKey && !event.altKey) {
        event.preventDefault();
        const field = document.getElementById(treeSearchId);
        if (field === null) {
          useUi.setState({ treeOpen: true });
          requestAnimationFrame(() => document.getElementById(treeSearchId)?.focus());
        } else {
          field.focus();
        }
        return;
      }
      if (!event.altKey || isTyping(event.target)) return;
      if (event.key === 'ArrowLeft') goBack();
      else if (event.key === 'ArrowRight') goForward();
    };
    window.addEventListener('keydown', onKeyDown);
    return () => window.removeEventListener('keydown', onKeyDown);
  }, []);
}
