import { defaultAccountChoice, type AccountChoice } from '../../../../shared/domain/accounts/shared-accounts';
import type { CheckReport } from '../../../../shared/domain/checks/check';
import type { Scope } from '../../../../shared/domain/scope/scope';
import type { SeedChoice, SeedProposal, SyncEdit, SyncSpec } from '../../../../shared/domain/sync/sync';
import { mayGoOn } from '../checks/verdict';

export const wizardSteps = ['ends', 'objects', 'checks', 'start'] as const;
export type WizardStep = (typeof wizardSteps)[number];

/** What the wizard gathers; each step shows and changes its part. */
export interface Draft {
  readonly name: string;
  readonly sourceId: string;
  readonly standbyId: string;
  readonly scope: Scope;
  readonly seed: SeedChoice;
  readonly proposal: SeedProposal | null;
  readonly report: CheckReport | null;
  readonly acceptWarnings: boolean;
  /** What was typed to agree to the erasure of the standby's databases. */
  readonly eraseWord: string;
  readonly erase: boolean;
  /** MB per second; null: no limit. */
  readonly copyRateMb: number | null;
  /** What the copy does with ordinary accounts that both servers have and that differ. */
  readonly accounts: AccountChoice;
}

export interface WizardStepProps {
  readonly draft: Draft;
  readonly change: (change: Partial<Draft>) => void;
}

export const maxNameLength = 64;

/** A name for a task between these servers; what is not known yet is left out. */
export function proposedName(...servers: readonly (string | undefined)[]): string {
  return servers.filter((name) => name !== undefined && name !== '').join('-').slice(0, maxNameLength);
}

/** What the wizard begins with. */
export function newDraft(ends: Pick<Draft, 'name' | 'sourceId' | 'standbyId' | 'scope'>): Draft {
  return { ...ends, seed: 'auto', proposal: null, report: null, acceptWarnings: false, eraseWord: '', erase: false, copyRateMb: null, accounts: defaultAccountChoice };
}

/** A task that is there, as a draft to change; its checks have yet to run. */
export function draftOf({ eraseTarget, copyRateMb, accounts, ...spec }: SyncSpec): Draft {
  return { ...spec, proposal: null, report: null, eraseWord: '', erase: eraseTarget, copyRateMb: copyRateMb ?? null, accounts: accounts ?? defaultAccountChoice };
}

/** What of a draft the engine is told; the pair comes besides. */
export function settingsOf({ name, scope, seed, acceptWarnings, erase, copyRateMb, accounts }: Draft): SyncEdit {
  const chosen = { ...(copyRateMb === null ? {} : { copyRateMb }), ...(accounts === defaultAccountChoice ? {} : { accounts }) };
  return { name: name.trim(), scope, seed, acceptWarnings, eraseTarget: erase, ...chosen };
}

/** Whether a person has chosen or typed something since the draft began; what was read of the servers does not count. */
export function isChanged(now: Draft, before: Draft): boolean {
  const entered = (draft: Draft): string => JSON.stringify([settingsOf(draft), draft.sourceId, draft.standbyId, draft.eraseWord]);
  return entered(now) !== entered(before);
}

/** The standby's databases that the first copy erases: where it takes the whole instance and does not adopt what is there. */
export function erasedBy({ scope, proposal }: Draft): readonly string[] {
  return proposal === null || scope.kind !== 'instance' || proposal.seed === 'adopt' ? [] : proposal.erases;
}

/** Whether the first copy brings accounts one by one, so that there is a choice: a clone replaces them all, an adopted standby keeps its own. */
export function copiesAccounts({ scope, seed, proposal }: Pick<Draft, 'scope' | 'seed' | 'proposal'>): boolean {
  return scope.kind === 'instance' && (seed === 'auto' ? (proposal?.seed ?? 'copy') : seed) === 'copy';
}

/** The word that agrees to an erasure; null where nothing is erased. */
export function eraseConfirmation({ erase, eraseWord }: Draft): string | null {
  return erase ? eraseWord : null;
}

/** Whether something is erased and the word that agrees to it, the name of the standby, is not (or no more) there. Pure. */
export function lacksEraseWord({ erase, eraseWord }: Draft, standbyName: string | undefined): boolean {
  return erase && eraseWord !== standbyName;
}

/** Whether the wizard can leave a step. Pure. */
export function canLeave(step: WizardStep, draft: Draft): boolean {
  switch (step) {
    case 'ends':
      return draft.name.trim() !== '' && draft.sourceId !== '' && draft.standbyId !== '' && draft.sourceId !== draft.standbyId;
    case 'objects':
      return draft.scope.kind === 'instance' || draft.scope.databases.length > 0;
    case 'checks':
      return draft.report !== null && mayGoOn(draft.report.results, draft.acceptWarnings);
    case 'start':
      return true;
    default: {
      const unknown: never = step;
      throw new Error(`Unknown step ${String(unknown)}`);
    }
  }
}
