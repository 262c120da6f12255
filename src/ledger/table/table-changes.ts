import type { EpochMs } from '../../usage/hours.ts';
import { keyOf, keyText } from '../../usage/key.ts';
import type { PlannedRecord, SettledRecord } from '../../usage/outcome.ts';
import type { Run } from '../run.ts';
import type { Changes, DraftRow, Saved } from '../run-ledger.ts';
import { byUsage } from './by-usage.ts';
import { inParallel } from './in-parallel.ts';
import type { Usage } from './keys.ts';
import type { RecordRows, RowThen } from './record-rows.ts';
import type { RunItems } from './run-items.ts';
import type { RunningCopy } from './running-copy.ts';
import { type RegionStream, textOf } from './streams.ts';
import { usageText } from './working-copy.ts';

type ChangesParts = {
  readonly running: RunningCopy;
  readonly items: RunItems;
  readonly rows: RecordRows;
};

/** Begins and settles the records of a run in a table. */
export class TableChanges {
  readonly #inner: Run;
  readonly #running: RunningCopy;
  readonly #items: RunItems;
  readonly #rows: RecordRows;
  #isReplanned = false;

  constructor(inner: Run, { running, items, rows }: ChangesParts) {
    this.#inner = inner;
    this.#running = running;
    this.#items = items;
    this.#rows = rows;
  }

  /** Whether records that were turned down since this was last asked are to be sent after all. */
  takeReplanned(): boolean {
    const found = this.#isReplanned;
    this.#isReplanned = false;
    return found;
  }

  async save({ settled = [], begun = [], at }: Changes): Promise<Saved> {
    const turnedDown = new Set<PlannedRecord>();
    const current = begun.map(records =>
      records.filter(planned => {
        const isCurrent = this.#rows.isPlanned(planned, this.#inner.number);
        if (!isCurrent) turnedDown.add(planned);
        return isCurrent;
      }),
    );
    this.#isReplanned ||= this.#rows.areOpen([...turnedDown], this.#inner.number);
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
          own: this.#rows.settledRows(settling, this.#inner.number),
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
          read.readings(streams) === readings &&
          left.every(one => this.#rows.isBegun(one, this.#inner.number));
        if (isCurrent && (await this.#running.beginUsage(usage, this.#rows.streamsOf(left)))) {
          for (const planned of left) this.#running.leaves(planned);
          return;
        }
        await this.#planAgain(usage, streams);
        readings = read.readings(streams);
        // What carries may have another quantity by now.
        left = this.#rows.beginAgain(left, this.#inner.number);
      }
    });
    if (left.length === group.length) return [];
    this.#isReplanned ||= this.#rows.areOpen(group, this.#inner.number);
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
          const found = this.#rows.settleBeside(row, { run: this.#inner.number, at });
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
}

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
