import { localReplicaObstacleOf } from '../../shared/domain/analysis/obstacle';
import { formatEndpoint } from '../../shared/domain/fleet/instance';
import type { Instance, TlsMode } from '../../shared/domain/fleet/instance';
import { isReplicaRole } from '../../shared/domain/fleet/role';
import type { Role } from '../../shared/domain/fleet/role';
import type { InstanceView } from '../../shared/domain/fleet/view';
import type { Translator } from '../../shared/i18n/translate';
import type { DialogKind, PageId } from '../stores/ui';
import type { WantedLock } from './AtWork';

/** Everything that can be begun with an instance, in the order in which it is offered. */
const instanceActs = [
  'open', 'dependencies', 'operations', 'switch', 'emergency', 'fence', 'dossier', 'add-standby', 'back-up', 'password', 'edit', 'copy-address', 'copy-command', 'remove',
] as const;
export type InstanceAct = (typeof instanceActs)[number];

/** An act that an instance has. `refusal`: why it cannot be begun now, in a sentence; null: it can. */
export interface OfferedAct {
  readonly id: InstanceAct;
  readonly label: string;
  readonly refusal: string | null;
}

/** What the list of acts is made from. */
export interface ActReading {
  readonly view: InstanceView;
  /** The instance that it follows, where it is registered. */
  readonly source: InstanceView | undefined;
  readonly t: Translator;
  /** Why an act that takes these locks would be refused now; null: nobody is in the way. */
  readonly refusalOf: (wanted: readonly WantedLock[]) => string | null;
  /** What is built: nothing leads to what is not. */
  readonly dialogs: Readonly<Partial<Record<DialogKind, unknown>>>;
  readonly pages: Readonly<Partial<Record<PageId, unknown>>>;
  readonly operations: boolean;
}

/** S13: what takes part in the protection of something has a dependency view. */
export function hasDependencies(role: Role): boolean {
  return role === 'primary' || role === 'standby' || role === 'local-replica';
}

/** An old primary that is to refuse writes: fenced before, or back and writable. */
export function isToBeFenced(view: Pick<InstanceView, 'role' | 'problems'>): boolean {
  return view.role === 'fenced' || isBackAndWritable(view);
}

export function isBackAndWritable({ problems }: Pick<InstanceView, 'problems'>): boolean {
  return problems.some(({ code }) => code === 'fenced-writable' || code === 'two-writable-members');
}

/** Whether it follows another server, so that it can take over. */
export function canTakeOver(view: Pick<InstanceView, 'role' | 'problems' | 'facts'>): boolean {
  return !isToBeFenced(view) && isReplicaRole(view.role) && view.facts !== null && view.facts.channels.length > 0;
}

/** The acts of an instance, for its menu on its page, in the tree, in tables and in the graph, and for the palette. Pure. */
export function actsOf(reading: ActReading): readonly OfferedAct[] {
  return instanceActs.flatMap((id) => offered(id, reading) ?? []);
}

function offered(id: InstanceAct, reading: ActReading): OfferedAct | null {
  const { view, t, dialogs, pages } = reading;
  const act = (built: boolean, label: string, refusal: string | null = null): OfferedAct | null => (built ? { id, label, refusal } : null);
  switch (id) {
    case 'open':
      return act(pages.instance !== undefined, t('common.open'));
    case 'dependencies':
      return act(pages.dependencies !== undefined && hasDependencies(view.role), t('fleet.view.dependencies'));
    case 'operations':
      return act(pages.instance !== undefined && reading.operations, t('fleet.tab.operations'));
    case 'switch':
      return act(dialogs.switch !== undefined && canTakeOver(view), t('promotion.action.planned'), plannedRefusal(reading));
    case 'emergency':
      return act(dialogs.switch !== undefined && canTakeOver(view), t('promotion.action.emergency'), reading.refusalOf([{ instanceId: view.instance.id }]));
    case 'fence':
      return act(dialogs.fence !== undefined && isToBeFenced(view), t('promotion.action.fence'));
    case 'dossier':
      return act(pages.dossier !== undefined && view.role === 'fenced', t('dossier.open'));
    case 'add-standby':
      return addStandby(reading);
    case 'back-up':
      return act(dialogs['backup-now'] !== undefined, t('backup.screen.act.now-open'));
    case 'password':
      return act(dialogs['set-password'] !== undefined, t('fleet.set-password'));
    case 'edit':
      return act(dialogs['edit-instance'] !== undefined, t('fleet.edit-instance'));
    case 'copy-address':
      return act(true, t('fleet.acts.copy-address'));
    case 'copy-command':
      return act(true, t('fleet.acts.copy-command'));
    case 'remove':
      return act(dialogs['remove-instance'] !== undefined, t('fleet.remove-instance'));
    default:
      return id satisfies never;
  }
}

/** A local replica is not switched to while the standby it stands behind can be; nobody else may be at work on either end. */
function plannedRefusal({ view, source, t, refusalOf }: ActReading): string | null {
  if (view.role === 'local-replica') return t('promotion.action.planned-behind', { standby: source?.instance.name ?? t('common.not-known') });
  return refusalOf([{ instanceId: view.instance.id }, { instanceId: view.sourceId }]);
}

/** Behind a standby stands its local replica (S2); nothing stands behind that, or behind a read-only instance. */
function addStandby({ view, t, dialogs }: ActReading): OfferedAct | null {
  const { role } = view;
  if (dialogs['add-standby'] === undefined || role === 'local-replica' || role === 'read-only' || role === 'fenced') return null;
  const obstacle = role === 'standby' ? localReplicaObstacleOf(view) : view.standbyObstacle;
  return { id: 'add-standby', label: t(role === 'standby' ? 'fleet.add-local-replica' : 'fleet.add-standby'), refusal: obstacle === null ? null : t.message(obstacle) };
}

/** The client's words for how a connection is protected. https://dev.mysql.com/doc/refman/8.4/en/connection-options.html#option_general_ssl-mode */
const sslModes: Record<TlsMode, string> = { 'off': 'DISABLED', 'preferred': 'PREFERRED', 'verify': 'VERIFY_CA', 'verify-identity': 'VERIFY_IDENTITY' };

const shellQuoted = (text: string): string => (/^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`);

/** The command that opens the mysql client of a terminal on this instance; it asks for the password itself. */
export function clientCommand({ admin, user, tls }: Pick<Instance, 'admin' | 'user' | 'tls'>): string {
  const ca = tls.ca === null ? [] : ['--ssl-ca=ca.pem'];
  return ['mysql', `--host=${shellQuoted(admin.host)}`, `--port=${admin.port}`, `--user=${shellQuoted(user)}`, '--password', `--ssl-mode=${sslModes[tls.mode]}`, ...ca].join(' ');
}

/** What a search looks at: the name, and both addresses with their ports, as they are written. */
export function searchTexts({ name, admin, replication }: Pick<Instance, 'name' | 'admin' | 'replication'>): readonly string[] {
  return [name, formatEndpoint(admin), ...(replication === null ? [] : [formatEndpoint(replication)])];
}

/** Whether every word of a search is in one of the texts, letter case aside. No word: everything is found. */
export function isFoundBy(search: string, texts: readonly string[]): boolean {
  const words = search.trim().toLowerCase();
  if (words === '') return true;
  const low = texts.map((text) => text.toLowerCase());
  return words.split(/\s+/).every((word) => low.some((text) => text.includes(word)));
}
