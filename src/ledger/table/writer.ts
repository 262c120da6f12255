import { randomUUID } from 'node:crypto';
import type { ItemKey, NewItem, Table } from './table.ts';

/**
 * Makes the conditional writes to a table. Each has a name that no other write ever had, of this process or another: when a
 * reply was lost, the client repeats the write and its condition fails, and the item says by its name who wrote it. One
 * writer serves all that a process does with a table.
 */
export class Writer {
  readonly table: Table;
  readonly #name = randomUUID();
  #writes = 0;

  constructor(table: Table) {
    this.table = table;
  }

  /** Writes all or nothing. False: something else is there. */
  async write(items: readonly [NewItem, ...NewItem[]]): Promise<boolean> {
    const writer = this.#nextName();
    const [first, ...others] = items;
    const named = others.map(item => ({ ...item, writer }));
    if (await this.table.write([{ ...first, writer }, ...named])) return true;
    return (await this.table.get(first))?.writer === writer;
  }

  /** Writes an item, unless somebody was faster: what is there by then does as well. */
  async offer(item: NewItem): Promise<void> {
    await this.table.write([{ ...item, writer: this.#nextName() }]);
  }

  /** Deletes an item that is as it was seen. False: it has changed. Whoever has deleted it, it is gone. */
  async remove(key: ItemKey, seen: number): Promise<boolean> {
    return (await this.table.remove(key, seen)) || (await this.table.get(key)) === undefined;
  }

  #nextName(): string {
    this.#writes += 1;
    return `${this.#name} ${this.#writes}`;
  }
}
