import { LedgerError } from '../../errors.ts';
import { digestOf, textPartition } from './keys.ts';
import type { StoredRecord } from './stored-record.ts';
import type { Table, Write } from './table.ts';

/**
 * DynamoDB takes items of 400 KB, and each kilobyte of a write is paid for: long texts, which only allocations have, are in
 * items of their own, written once. They are named by their digest, so they never change and never differ.
 */
export type Texts = {
  /** Puts long texts in place of their digests. */
  readonly restore: (records: readonly StoredRecord[]) => Promise<readonly StoredRecord[]>;
  /** Writes the long texts, then gives the records with digests in their place. */
  readonly keep: (records: readonly StoredRecord[]) => Promise<readonly StoredRecord[]>;
};

/** A text is not what its name says. */
export class DamagedText extends LedgerError {}

/** What stands in place of a text. */
type Reference = { readonly text: string };

/** A usual record with a reference is well within a kilobyte. */
const MAX_INLINE = 512;

/** Texts that are not read or written a second time, in UTF-16 units. */
const MAX_KNOWN_LENGTH = 10_000_000;

/** In UTF-16 units, each of which takes at most 3 bytes in an item of 400 KB. */
const PART_LENGTH = 100_000;

export const createTexts = (table: Table): Texts => {
  const known = new Map<string, string>();
  let length = 0;
  const remember = (digest: string, text: string): void => {
    if (length + text.length > MAX_KNOWN_LENGTH) {
      known.clear();
      length = 0;
    }
    if (!known.has(digest)) length += text.length;
    known.set(digest, text);
  };

  const read = async (digest: string): Promise<string> => {
    const before = known.get(digest);
    if (before !== undefined) return before;
    let text = '';
    for await (const page of table.query(textPartition(digest)))
      for (const { body } of page) text += partOf(body);
    if (digestOf(text) !== digest)
      throw new DamagedText(`the ledger ${table.name} is damaged`, {
        because: `the text ${digest} is not there, or was changed`,
        next: 'restore the table from a backup',
      });
    remember(digest, text);
    return text;
  };

  const write = async (text: string): Promise<Reference> => {
    const digest = digestOf(text);
    if (!known.has(digest)) {
      for (let start = 0; start < text.length; start += PART_LENGTH) {
        const part: Write = {
          partition: textPartition(digest),
          sort: String(start).padStart(12, '0'),
          seen: 0,
          writer: digest,
          body: JSON.stringify(text.slice(start, start + PART_LENGTH)),
        };
        // It fails where the part is there already, as it must be.
        await table.write([part]);
      }
      remember(digest, text);
    }
    return { text: digest };
  };

  const restoreAll = async (members: Readonly<Record<string, unknown>>): Promise<Record<string, unknown>> => {
    const found: Record<string, unknown> = {};
    for (const [name, value] of Object.entries(members)) {
      if (name === 'answer') found[name] = await restoreAll(value as Record<string, unknown>);
      else found[name] = isReference(value) ? await read(value.text) : value;
    }
    return found;
  };

  const keepAll = async (members: Readonly<Record<string, unknown>>): Promise<Record<string, unknown>> => {
    const found: Record<string, unknown> = {};
    for (const [name, value] of Object.entries(members)) {
      if (name === 'answer') found[name] = await keepAll(value as Record<string, unknown>);
      else found[name] = typeof value === 'string' && value.length > MAX_INLINE ? await write(value) : value;
    }
    return found;
  };

  return {
    restore: records => Promise.all(records.map(record => restoreAll(record) as Promise<StoredRecord>)),
    keep: records => Promise.all(records.map(record => keepAll(record) as Promise<StoredRecord>)),
  };
};

const partOf = (body: string): string => {
  try {
    return String(JSON.parse(body));
  } catch {
    return '';
  }
};

const isReference = (value: unknown): value is Reference =>
  typeof value === 'object' && value !== null && 'text' in value;
