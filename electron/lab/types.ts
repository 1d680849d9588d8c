import type { LabStatus } from '../../shared/domain/settings';

/** The practice lab as a user orders it. Throws `lab-failed`, `runtime-missing` and `task-state` where it is busy. */
export interface LabService {
  status(): Promise<LabStatus>;
  /** Starts practice servers and registers them in the inventory. */
  up(options: { servers: number; runtimeId: string | null; sample: boolean; series?: string }): Promise<LabStatus>;
  down(): Promise<LabStatus>;
  /** One server, by its name in the lab: started again, stopped in order, or lost as a host that dies. */
  start(name: string): Promise<LabStatus>;
  stop(name: string): Promise<LabStatus>;
  lose(name: string): Promise<LabStatus>;
  /** Stops them, removes their data and takes them off the inventory. */
  remove(): Promise<LabStatus>;
  useProgram(path: string): Promise<LabStatus>;
}
