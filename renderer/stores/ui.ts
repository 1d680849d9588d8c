import type { TableName } from '../../shared/domain/scope/protection';
import { create } from 'zustand';
import type { FleetFilter } from '../../shared/domain/fleet/saved-filter';
import type { InstanceForm } from '../../shared/domain/fleet/instance';
import type { Operation } from '../../shared/domain/fleet/policy';
import type { PromotionKind } from '../../shared/domain/promotion/promotion';
import type { Message } from '../../shared/i18n/message';

/** The tabs of an instance's page, in their order. Each but the first is there where `features.ts` names its content. */
export const instanceTabs = ['details', 'monitoring', 'backups', 'slow-queries', 'operations'] as const;
export type InstanceTab = (typeof instanceTabs)[number];

/** Where the window is. One page at a time; what it shows beyond that is in the page's own state. */
export type Page =
  | { readonly id: 'fleet' }
  | { readonly id: 'instance'; readonly instanceId: string; readonly tab: InstanceTab }
  | { readonly id: 'dependencies'; readonly instanceId: string | null }
  | { readonly id: 'sync' }
  | { readonly id: 'sync-task'; readonly syncId: string }
  | { readonly id: 'backups' }
  | { readonly id: 'audit' }
  | { readonly id: 'failback'; readonly instanceId: string }
  | { readonly id: 'report'; readonly reportId: string }
  /** Two servers compared. */
  | { readonly id: 'verification'; readonly sourceId: string; readonly standbyId: string }
  | { readonly id: 'dossier'; readonly instanceId: string }
  | { readonly id: 'accounts'; readonly instanceId: string }
  | { readonly id: 'charset'; readonly instanceId: string }
  | { readonly id: 'import'; readonly instanceId: string }
  | { readonly id: 'parameters'; readonly instanceId: string }
  | { readonly id: 'rollback'; readonly instanceId: string; readonly view: 'undo' | 'log'; /** Transactions that are chosen at first. */ readonly gtids?: readonly string[] }
  | { readonly id: 'read-only'; readonly instanceId: string }
  | { readonly id: 'sql'; readonly instanceId: string }
  | { readonly id: 'settings' };
export type PageId = Page['id'];
export type PageOf<Id extends PageId> = Extract<Page, { id: Id }>;

/** Values an instance form starts with, e.g. from a server that replicates and is not registered. */
export type InstancePrefill = Partial<Pick<InstanceForm, 'name' | 'regionId' | 'projectId' | 'admin'>>;

/** What can be said about how instances are watched. */
export const watchingActs = ['acknowledge', 'silence', 'end-silence', 'pause', 'resume'] as const;
export type WatchingAct = (typeof watchingActs)[number];

/** The dialog that is open; one at a time. */
export type Dialog =
  | { readonly kind: 'add-instance'; readonly prefill: InstancePrefill }
  | { readonly kind: 'edit-instance'; readonly instanceId: string }
  | { readonly kind: 'set-password'; readonly instanceId: string }
  | { readonly kind: 'set-passwords' }
  | { readonly kind: 'remove-instance'; readonly instanceId: string }
  | { readonly kind: 'manage-groups' }
  | { readonly kind: 'import-inventory'; readonly path: string; readonly text: string }
  /** `instanceIds`: those that were chosen in the list. */
  | { readonly kind: 'transfer-many'; readonly instanceIds: readonly string[] }
  /** `problem`: of one instance, the one problem that it is about. */
  | { readonly kind: 'watching'; readonly instanceIds: readonly string[]; readonly act: WatchingAct; readonly problem?: string }
  | { readonly kind: 'saved-filters' }
  | { readonly kind: 'many-syncs'; readonly syncIds: readonly string[]; readonly act: 'pause' | 'resume' }
  | { readonly kind: 'lab' }
  /** `readOnly`: in the source's own region, as a read-only instance. */
  | { readonly kind: 'add-standby'; readonly sourceId: string; readonly readOnly?: boolean }
  /** `standbyId` null: the user chooses one. */
  | { readonly kind: 'create-sync'; readonly sourceId: string; readonly standbyId: string | null }
  | { readonly kind: 'change-scope'; readonly syncId: string; /** Tables that the choice begins without. */ readonly without?: readonly TableName[] }
  | { readonly kind: 'edit-sync'; readonly syncId: string }
  | { readonly kind: 'remove-sync'; readonly syncId: string }
  | { readonly kind: 'skip-transaction'; readonly syncId: string }
  | { readonly kind: 'repair-rows'; readonly verificationId: string }
  | { readonly kind: 'switch'; readonly instanceId: string; readonly promotion: PromotionKind }
  | { readonly kind: 'fence'; readonly instanceId: string }
  | { readonly kind: 'enable-gtid'; readonly instanceId: string }
  | { readonly kind: 'change-port'; readonly instanceId: string }
  | { readonly kind: 'operation'; readonly instanceId: string; readonly operation: Operation }
  | { readonly kind: 'thresholds'; readonly instanceId: string }
  | { readonly kind: 'backup-now'; readonly instanceId: string }
  | { readonly kind: 'show-backup'; readonly backupId: string }
  /** Reads all of it, or restores it into a practice server. */
  | { readonly kind: 'check-backup'; readonly backupId: string; readonly check: 'verify' | 'prove' }
  | { readonly kind: 'restore-backup'; readonly backupId: string }
  | { readonly kind: 'remove-backup'; readonly backupId: string }
  | { readonly kind: 'unlock-vault' }
  /** An empty password store in place of one that cannot be opened. */
  | { readonly kind: 'start-over' };
export type DialogKind = Dialog['kind'];
export type DialogOf<Kind extends DialogKind> = Extract<Dialog, { kind: Kind }>;

/** The field that searches the tree, found by this id from the `/` key. */
export const treeSearchId = 'tree-search';

export type Grouping = 'region' | 'project';

export interface UiState {
  readonly page: Page;
  readonly back: readonly Page[];
  readonly forward: readonly Page[];
  /** What of an instance was looked at last, in this session: another one that is chosen opens there too. */
  readonly lastTab: InstanceTab;
  readonly dialog: Dialog | null;
  /** The menu of an instance that is open, and where in the window; null: none. */
  readonly menu: { readonly instanceId: string; readonly x: number; readonly y: number } | null;
  /** The tree in a drawer, in a narrow window. */
  readonly treeOpen: boolean;
  readonly tree: {
    readonly grouping: Grouping;
    readonly filter: FleetFilter;
    readonly regionId: string | null;
    readonly search: string;
    readonly collapsed: ReadonlySet<string>;
  };
  /** Said to screen readers through the live region; `n` makes equal texts distinct. */
  readonly said: { readonly text: Message | null; readonly n: number };
}

export const useUi = create<UiState>(() => ({
  page: { id: 'fleet' },
  back: [],
  forward: [],
  lastTab: 'details',
  dialog: null,
  menu: null,
  treeOpen: false,
  tree: { grouping: 'region', filter: 'all', regionId: null, search: '', collapsed: new Set() },
  said: { text: null, n: 0 },
}));

const samePage = (a: Page, b: Page): boolean => JSON.stringify(a) === JSON.stringify(b);
const historyLimit = 50;

/** Goes to a page. The one it leaves can be gone back to. */
export function go(page: Page): void {
  useUi.setState((state) =>
    samePage(state.page, page) ? { treeOpen: false } : { page, back: [...state.back, state.page].slice(-historyLimit), forward: [], treeOpen: false },
  );
}

export function goBack(): void {
  useUi.setState((state) => {
    const page = state.back.at(-1);
    return page === undefined ? {} : { page, back: state.back.slice(0, -1), forward: [state.page, ...state.forward] };
  });
}

export function goForward(): void {
  useUi.setState((state) => {
    const [page, ...forward] = state.forward;
    return page === undefined ? {} : { page, forward, back: [...state.back, state.page] };
  });
}

export function openInstance(instanceId: string, tab: InstanceTab = 'details'): void {
  go({ id: 'instance', instanceId, tab });
}

/** Opens an instance where the last one was looked at: who compares several stays with what is compared. */
export function showInstance(instanceId: string): void {
  openInstance(instanceId, useUi.getState().lastTab);
}

/** Turns to a tab of an instance. Where something can be done is not remembered: nobody is to arrive there unasked. */
export function chooseTab(instanceId: string, tab: InstanceTab): void {
  useUi.setState({ lastTab: tab === 'operations' ? 'details' : tab });
  openInstance(instanceId, tab);
}

/** Opens a dialog; there is one at a time, so it replaces the one that is open. */
export function openDialog(dialog: Dialog): void {
  useUi.setState({ dialog });
}

export function closeDialog(): void {
  useUi.setState({ dialog: null });
}

/** Opens the menu of an instance at a place of the window, in CSS pixels. */
export function openInstanceMenu(instanceId: string, x: number, y: number): void {
  useUi.setState({ menu: { instanceId, x, y } });
}

/** Closes that menu; one that was opened since stays, as where the keys open another while the first is on its way out. */
export function closeInstanceMenu(menu: UiState['menu']): void {
  useUi.setState((state) => (state.menu === menu ? { menu: null } : {}));
}

export function setTree(change: Partial<UiState['tree']>): void {
  useUi.setState((state) => ({ tree: { ...state.tree, ...change } }));
}

/** Says a state change to screen readers. */
export function say(text: Message): void {
  useUi.setState((state) => ({ said: { text, n: state.said.n + 1 } }));
}
