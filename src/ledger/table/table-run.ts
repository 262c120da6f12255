import type { EpochMs, EpochSeconds } from '../../usage/hours.ts';
import { keyOf, keyText } from '../../usage/key.ts';
import type { PlannedRecord, SettledRecord } from '../../usage/outcome.ts';
import type { RunResults } from '../results.ts';
import type { Run } from '../run.ts';
import type { Changes, DraftRow, LedgerRun, RunEnd, Saved } from '../run-ledger.ts';
import { byUsage } from './by-usage.ts';
import { inParallel } from './in-parallel.ts';
import type { Usage } from './keys.ts';
import { RecordRows, type RowThen } from './record-rows.ts';
import type { RunItems } from './run-items.ts';
import type { CopyKey, RunningCopy } from './running-copy.ts';
import { type RegionStream, textOf } from './streams.ts';
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
  #isReplanned = false;

  constructor(inner: Run, { running, items, problems, region, isFirst }: RunParts) {
    this.#inner = inner;
    this.isFirst = isFirst;
    this.problems = problems;
    this.#running = running;
    inner.results.leaveOut(running.told);
    this.#items = items;
    this.#rows = new RecordRows(running.copy, region);
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
    const found = this.#isReplanned;
    this.#isReplanned = false;
    return found;
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

  async save({ settled = [], begun = [], at }: Changes): Promise<Saved> {
    const turnedDown = new Set<PlannedRecord>();
    const current = begun.map(records =>
      records.filter(planned => {
        const isCurrent = this.#rows.isPlanned(planned, this.number);
        if (!isCurrent) turnedDown.add(planned);
        return isCurrent;
      }),
    );
    this.#isReplanned ||= this.#rows.areOpen([...turnedDown], this.number);
    const beginnings = groupsOf(current.flat()).map(([usage, group]) => ({
      usage,
      group,
      before: this.#rows.rowsOf(group),
      readings: this.#running.streams.readings(this.#rows.streamsOf(group)),
    }));
    const settlings = groupsOf(settled.map(({ planned }) => planned)).map(([usage, group]) => ({
      usage,
      group,
      before: this.#rows.rowsOf(group),
    }));
    this.#inner.save({ begun: current, at });
    const saved = this.#inner.save({ settled, at }).settled;
    const replaced = new Map<PlannedRecord, SettledRecord | 'left'>();
    const written = new Set<Saving>();
    // Both at once: nothing is settled in the commit that begins it.
    const ends = await Promise.allSettled([
      inParallel(beginnings, async beginning => {
        for (const planned of await this.#begin(beginning)) turnedDown.add(planned);
        written.add(beginning);
      }),
      inParallel(
        settlings.map(settling => ({
          ...settling,
          settling,
          own: this.#rows.settledRows(settling, this.number),
        })),
        async ({ settling, usage, own }) => {
          await this.#settle({ usage, own }, at, replaced);
          for (const planned of settling.group) this.#running.isBack(planned);
          written.add(settling);
        },
      ),
    ]);
    const failed = ends.find(end => end.status === 'rejected');
    if (failed !== undefined) {
      // What the table may not have is not told: no request has left, or no reply has come.
      for (const saving of [...beginnings, ...settlings]) {
        if (written.has(saving)) continue;
        this.#rows.putBack(saving.before);
        for (const planned of saving.group) this.#running.untell(planned);
      }
      throw failed.reason;
    }
    return {
      settled: settled
        .map(({ planned }, index) => replaced.get(planned) ?? (saved[index] as SettledRecord))
        .filter(one => one !== 'left'),
      turnedDown,
    };
  }

  /** `readings`: of the streams, when the records were planned. Gives the records that must not leave now. */
  async #begin({ usage, group, readings: before }: Beginning): Promise<readonly PlannedRecord[]> {
    const streams = this.#rows.streamsOf(group);
    const { streams: read } = this.#running;
    // What a stream has left over may be planned for an hour that had no record before.
    await this.#items.announce([usage.hour]);
    let left = group;
    let readings = before;
    await this.#running.inTurn(itemsOf(usage, streams), async () => {
      while (left.length > 0) {
        // The amounts are those of the stream as it was when they were planned. Work on another record of the usage may have
        // read the item again.
        const isCurrent =
          read.readings(streams) === readings && left.every(one => this.#rows.isBegun(one, this.number));
        if (isCurrent && (await this.#running.beginUsage(usage, this.#rows.streamsOf(left)))) {
          for (const planned of left) this.#running.leaves(planned);
          return;
        }
        await this.#planAgain(usage, streams);
        readings = read.readings(streams);
        // What carries may have another quantity by now.
        left = this.#rows.beginAgain(left, this.number);
      }
    });
    if (left.length === group.length) return [];
    this.#isReplanned ||= this.#rows.areOpen(group, this.number);
    const leaving = new Set(left);
    return group.filter(planned => !leaving.has(planned));
  }

  /** Reads a usage and streams again, and plans what is left of the input with what others have written to them. */
  async #planAgain(
    usage: Usage,
    streams: readonly RegionStream[],
    settled: readonly PlannedRecord[] = [],
  ): Promise<void> {
    const changed = [usage];
    for (const stream of streams) changed.push(...(await this.#running.streams.read(stream)));
    const rows: DraftRow[] = [];
    for (const one of changed) rows.push(...(await this.#running.readAgain(one, 'sending')));
    const over = new Set(settled.map(({ record }) => keyText(record)));
    this.#inner.draft.replan(
      rows.filter(({ record }) => !over.has(keyText(record))),
      changed.map(({ hour }) => hour),
    );
  }

  async #settle(
    { usage, own }: Settling,
    at: EpochMs,
    replaced: Map<PlannedRecord, SettledRecord | 'left'>,
  ): Promise<void> {
    const group = own.map(([planned]) => planned);
    const streams = this.#rows.streamsOf(group);
    await this.#running.inTurn(itemsOf(usage, streams), async () => {
      for (let left = own; ; ) {
        left = left.filter(row => {
          const found = this.#rows.settleBeside(row, { run: this.number, at });
          if (found !== 'own') replaced.set(row[0], found);
          if (found === 'left') this.#running.untell(row[0]);
          return found === 'own';
        });
        if (left.length === 0) return;
        // A record that is billed stays what it was in the sum of its stream.
        const dropped = streams.filter(stream => !this.#rows.counts(stream, usage.hour));
        if (await this.#running.writeUsage(usage, dropped)) return;
        await this.#planAgain(usage, dropped, group);
      }
    });
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

type Settling = { readonly usage: Usage; readonly own: readonly RowThen[] };

/** What is written of one usage; `before`: as the copy had it. */
type Saving = {
  readonly usage: Usage;
  readonly group: readonly PlannedRecord[];
  readonly before: readonly RowThen[];
};

type Beginning = Saving & { readonly readings: number };

const groupsOf = (records: readonly PlannedRecord[]) => byUsage(records, ({ record }) => keyOf(record));

const itemsOf = (usage: Usage, streams: readonly RegionStream[]): readonly string[] => [
  usageText(usage),
  ...streams.map(textOf),
];
