import { countChecks } from '../../../../shared/domain/checks/check';
import type { CheckReport } from '../../../../shared/domain/checks/check';
import type { Scope } from '../../../../shared/domain/scope/scope';
import type { SeedChoice, SeedProposal } from '../../../../shared/domain/sync/sync';

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
}

export interface WizardStepProps {
  readonly draft: Draft;
  readonly change: (change: Partial<Draft>) => void;
}

/** Why the wizard cannot leave a step; it can where this is true. Pure. */
export function canLeave(step: WizardStep, draft: Draft): boolean {
  switch (step) {
    case 'ends':
      return draft.name.trim() !== '' && draft.sourceId !== '' && draft.standbyId !== '' && draft.sourceId !== draft.standbyId;
    case 'objects':
      return draft.scope.kind === 'instance' || draft.scope.databases.length > 0;
    case 'checks': {
      if (draft.report === null) return false;
      const counts = countChecks(draft.report.results);
      return counts.fail === 0 && (counts.warn === 0 || draft.acceptWarnings);
    }
    case 'start':
      return true;
    default: {
      const unknown: never = step;
      throw new Error(`Unknown step ${String(unknown)}`);
    }
  }
}
