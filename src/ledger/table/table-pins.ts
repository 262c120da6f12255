import type { EpochMs } from '../../usage/hours.ts';
import { startOfHour } from '../../usage/hours.ts';
import type { DestinationScope } from '../../usage/scope.ts';
import { Pins } from '../pins.ts';
import type { InputId, PinnedInput, PinStore } from '../run-ledger.ts';
import { prepare } from '../sqlite.ts';
import { CorrectedHours } from './corrected-hours.ts';
import { inParallel } from './in-parallel.ts';
import { bodyOf } from './item-body.ts';
import { pinsPartition } from './keys.ts';
import type { Item, ItemKey } from './table.ts';
import type { WorkingCopy } from './working-copy.ts';
import type { Writer } from './writer.ts';

type PinRow = {
  readonly input: string;
  readonly region: string;
  readonly file: string | null;
  readonly at: EpochMs;
  readonly run: number | null;
  readonly compared: 0 | 1;
  readonly named: EpochMs | null;
};

/** The pins of a table (`Pins`). They are few: a pin is deleted when everything of its input is billed. */
export class TablePins implements PinStore {
  readonly #copy: WorkingCopy;
  readonly #pins: Pins;
  readonly #hours: CorrectedHours;
  /** As the table has them. */
  readonly #items = new Map<string, Pick<Item, 'revision' | 'body'>>();
  readonly #writer: Writer;
  readonly #sql: ReturnType<typeof prepareStatements>;

  private constructor(copy: WorkingCopy, at: DestinationScope, writer: Writer) {
    this.#copy = copy;
    this.#writer = writer;
    this.#pins = new Pins(copy.database, at);
    this.#hours = new CorrectedHours(copy, writer);
    this.#sql = prepareStatements(copy.database.sqlite);
  }

  static async read(copy: WorkingCopy, at: DestinationScope, writer: Writer): Promise<TablePins> {
    const pins = new TablePins(copy, at, writer);
    for await (const page of copy.table.query(pinsPartition(copy.endpoint)))
      for (const item of page) await pins.#take(item);
    return pins;
  }

  async #take(item: Item): Promise<void> {
    const { sort, revision, body } = item;
    const pin = bodyOf<PinRow>(item, this.#copy.table.name, 'region', 'input', 'at');
    this.#items.set(sort, { revision, body });
    this.#sql.set.run(
      this.#copy.destination(pin.region),
      pin.input,
      pin.file,
      pin.at,
      pin.run,
      pin.compared,
      pin.named,
    );
    // Whether a pin holds depends on the records of its hour.
    await this.#copy.readHours([startOfHour(pin.at)]);
  }

  any(): boolean {
    return this.#pins.any();
  }

  find(id: InputId): EpochMs | undefined {
    return this.#pins.find(id);
  }

  namedAt(id: InputId): EpochMs | undefined {
    return this.#pins.namedAt(id);
  }

  uncompared(): EpochMs[] {
    return this.#pins.uncompared();
  }

  async add(
    inputs: readonly PinnedInput[],
    how: { readonly replace: boolean; readonly compared: boolean },
  ): Promise<void> {
    do this.#pins.add(inputs, how);
    while (!(await this.#save()));
  }

  async plannedBy(run: number, inputs: readonly PinnedInput[]): Promise<void> {
    do this.#pins.plannedBy(run, inputs);
    while (!(await this.#save()));
  }

  async correct(offsetMs: number): Promise<number> {
    const misplaced = await this.#hours.find(offsetMs);
    const moved = this.#pins.correct(offsetMs);
    await this.#hours.save(misplaced);
    await this.#save();
    return moved;
  }

  async remove(inputs: readonly PinnedInput[]): Promise<void> {
    this.#pins.remove(inputs);
    await this.#save();
  }

  /** Writes what has changed. False: another machine was faster with some of it, and its pins are taken instead. */
  async #save(): Promise<boolean> {
    let isSaved = true;
    const now = new Map(this.#sql.all.all().map(row => [row.input, JSON.stringify({ ...row })]));
    const changed = [...new Set([...now.keys(), ...this.#items.keys()])].filter(
      input => now.get(input) !== this.#items.get(input)?.body,
    );
    await inParallel(changed, async sort => {
      const body = now.get(sort);
      const seen = this.#items.get(sort)?.revision ?? 0;
      const key: ItemKey = { partition: pinsPartition(this.#copy.endpoint), sort };
      if (
        body === undefined
          ? await this.#writer.remove(key, seen)
          : await this.#writer.write([{ ...key, seen, body }])
      ) {
        if (body === undefined) this.#items.delete(sort);
        else this.#items.set(sort, { revision: seen + 1, body });
        return;
      }
      isSaved = false;
      const item = await this.#copy.table.get(key);
      this.#items.delete(sort);
      this.#sql.forget.run(sort);
      if (item !== undefined) await this.#take(item);
    });
    return isSaved;
  }
}

const prepareStatements = (db: WorkingCopy['database']['sqlite']) => ({
  all: prepare<PinRow>(
    db,
    'SELECT input, region, file, at, run, compared, named FROM pin JOIN destination ON destination.id = pin.destination',
  ),
  set: db.prepare(
    'INSERT OR REPLACE INTO pin (destination, input, file, at, run, compared, named) VALUES (?, ?, ?, ?, ?, ?, ?)',
  ),
  forget: db.prepare('DELETE FROM pin WHERE input = ?'),
});
