import type { EpochSeconds } from '../../usage/hours.ts';
import type { PlannedRecord, SettledRecord } from '../../usage/outcome.ts';
import type { RunResults } from '../results.ts';
import type { Run } from '../run.ts';
import type { Changes, DraftRow, LedgerRun, RunEnd, Saved } from '../run-ledger.ts';
import { byUsage } from './by-usage.ts';
import { inParallel } from './in-parallel.ts';
import { RecordRows } from './record-rows.ts';
import type { RunItems } from './run-items.ts';
import type { CopyKey, RunningCopy } from './running-copy.ts';
import { TableChanges } from './table-changes.ts';
import { TableDraft } from './table-draft.ts';
import type { TableProblems } from './table-problems.ts';
import { usageText } from './working-copy.ts';

/**
 * A run in a table. It is planned in the working copy and leaves nothing in the table before `commit`. Then each record has
 * two conditional writes: before it is sent, with its quantity, and when AWS has replied. A condition that fails means that
 * another machine was first: the usage is read again, and the record is planned again as if it had been there all along.
 *
 * Of what is planned and was never begun, the table has nothing unless the run comes to its end: after a crash the same
 * input plans it again.
 */
export class TableRun implements LedgerRun {
  readonly draft: TableDraft;
  readonly problems: TableProblems;
  readonly isFirst: boolean;
  readonly #inner: Run;
  readonly #running: RunningCopy;
  readonly #items: RunItems;
  readonly #rows: RecordRows;
  readonly #changes: TableChanges;

  constructor(inner: Run, { running, items, problems, region, isFirst }: RunParts) {
    this.#inner = inner;
    this.isFirst = isFirst;
    this.problems = problems;
    this.#running = running;
    inner.results.leaveOut(running.told);
    this.#items = items;
    this.#rows = new RecordRows(running.copy, region);
    this.#changes = new TableChanges(inner, { running, items, rows: this.#rows });
    this.draft = new TableDraft(inner.draft, running);
  }

  get number(): number {
    return this.#inner.number;
  }

  get results(): RunResults {
    return this.#inner.results;
  }

  expireHour(timestamp: EpochSeconds, reason: string): void {
    this.#inner.expireHour(timestamp, reason);
  }

  async commit(): Promise<void> {
    await this.#items.begin(this.#running.hoursToSend());
    await this.#writeDropped();
    await this.#writeGrown();
    this.#inner.commit();
    await this.problems.save();
  }

  abandon(): void {
    this.#inner.abandon();
  }

  *pending(state: 'planned' | 'unknown'): Generator<PlannedRecord> {
    for (const planned of this.#inner.pending(state)) {
      if (state === 'unknown') this.#rows.noteUnknown(planned);
      yield planned;
    }
  }

  isReplanned(): boolean {
    return this.#changes.takeReplanned();
  }

  /** What an earlier run planned for an hour with an invalid row is not open any more, for any machine. */
  async #writeDropped(): Promise<void> {
    const written = new Set<string>();
    for (;;) {
      const rows: DraftRow[] = [];
      const left = this.draft.dropAgain().filter(usage => !written.has(usageText(usage)));
      if (left.length === 0) return;
      for (const usage of left) {
        if (await this.#running.writeUsage(usage, [])) written.add(usageText(usage));
        else rows.push(...(await this.#running.readAgain(usage, 'planning')));
      }
      if (written.size < left.length) this.draft.planAgain(rows);
    }
  }

  /** What grew is in the table before anything of the plan that takes the difference may be sent. */
  async #writeGrown(): Promise<void> {
    for (;;) {
      const rows: DraftRow[] = [];
      let isChanged = false;
      for (const [usage, streams] of byUsage<CopyKey>(this.#running.takeGrown(), key => key)) {
        if (await this.#running.writeUsage(usage, streams)) continue;
        isChanged = true;
        rows.push(...(await this.#running.readAgain(usage, 'planning')));
      }
      if (!isChanged) return;
      rows.push(...(await this.#running.readStreams()).rows);
      // Another machine may have carried the difference: then nothing of it is left.
      this.draft.planAgain(rows);
    }
  }

  save(changes: Changes): Promise<Saved> {
    return this.#changes.save(changes);
  }

  acceptedAfter(time: EpochSeconds): SettledRecord | undefined {
    return this.#inner.acceptedAfter(time);
  }

  async markSharedIds(): Promise<void> {
    const before = new Set(this.#rows.marked().map(key => usageText(key)));
    this.#inner.markSharedIds();
    const marked = this.#rows.marked().filter(key => !before.has(usageText(key)));
    await inParallel(
      byUsage(marked, key => key),
      async ([usage]) => {
        // Where another machine was faster, its own run finds the same ids.
        await this.#running.writeUsage(usage, []);
      },
    );
  }

  async finish(end: RunEnd): Promise<void> {
    const untouched = byUsage(this.#rows.untouched(this.number), key => key);
    await this.#items.announce(untouched.map(([{ hour }]) => hour));
    await inParallel(untouched, async ([usage]) => {
      // Where another machine was faster, it has planned the record itself.
      await this.#running.writeUsage(usage, []);
    });
    this.#inner.finish(end);
    await this.#items.end(end);
  }
}

type RunParts = {
  readonly running: RunningCopy;
  readonly items: RunItems;
  readonly problems: TableProblems;
  readonly region: string;
  readonly isFirst: boolean;
};
