import { describe, expect, it } from 'vitest';
import { cloneProgress, type CloneStage } from '../../../electron/sync/seed/clone-progress';
import { mebibytes } from '../../../electron/sync/seed/clone-rate';

const stage = (name: string, state: string, estimate: number, data: number, speed = 0): CloneStage => ({ stage: name, state, estimate, data, speed });

describe('the progress of a clone', () => {
  it('is nothing before the first stage', () => {
    expect(cloneProgress([], 0)).toEqual({ text: null, done: 0, total: null, unit: 'bytes', rate: null, etaSeconds: null });
    expect(cloneProgress([stage('DROP DATA', 'Not Started', 0, 0)], 5).text).toBeNull();
  });

  it('names the stage under way and counts the bytes of all of them', () => {
    const progress = cloneProgress([stage('DROP DATA', 'Completed', 0, 0), stage('FILE COPY', 'In Progress', 1000, 400, 100), stage('PAGE COPY', 'Not Started', 0, 0)], 60);
    expect(progress).toEqual({ text: { key: 'sync.step.cloneStage', params: { stage: 'FILE COPY', number: 2, of: 3 } }, done: 400, total: 1000, unit: 'bytes', rate: 100, etaSeconds: 6 });
  });

  it('takes a stage that has ended by what it moved, and an estimate that was too low by what came', () => {
    expect(cloneProgress([stage('FILE COPY', 'Completed', 1000, 900), stage('REDO COPY', 'In Progress', 10, 30, 10)], 60)).toMatchObject({ done: 930, total: 930, etaSeconds: 0 });
  });

  it('reckons with the rate since the beginning where the server tells none', () => {
    expect(cloneProgress([stage('FILE COPY', 'In Progress', 1000, 400)], 4)).toMatchObject({ rate: 100, etaSeconds: 6 });
    expect(cloneProgress([stage('FILE COPY', 'In Progress', 1000, 400)], 0.2)).toMatchObject({ rate: null, etaSeconds: null });
  });
});

describe('the speed limit of a clone', () => {
  it.each([[0.1, 1], [1, 1], [2, 1], [8, 7], [100, 95], [100_000, 95_367]])('%d MB/s are %d MiB/s: never more, and never 0, which is none', (mb, mib) => {
    expect(mebibytes(mb)).toBe(mib);
  });
});
