import type { KeyboardEvent, MouseEvent } from 'react';
import { openInstanceMenu } from '../stores/ui';

/** Whether a key asks for the menu of what has the keys: the menu key, or Shift+F10. */
export function asksForMenu({ key, shiftKey }: Pick<KeyboardEvent, 'key' | 'shiftKey'>): boolean {
  return key === 'ContextMenu' || (key === 'F10' && shiftKey);
}

/** Opens the menu of an instance where the pointer is. */
export function menuAtPointer(event: MouseEvent, instanceId: string): void {
  event.preventDefault();
  openInstanceMenu(instanceId, event.clientX, event.clientY);
}

/** Opens the menu of an instance beneath the start of an element. */
export function menuBeneath(element: Element | null, instanceId: string): void {
  const box = element?.getBoundingClientRect();
  openInstanceMenu(instanceId, (box?.left ?? 0) + 12, box?.bottom ?? 0);
}
