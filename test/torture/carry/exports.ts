import { below, type Random } from '../../../src/emulator/faults/random.ts';
import { usableHours } from '../usage-file.ts';

/** One export after the other, each with all that is known of these hours by then. The same dice, the same exports. */
export type Exports = {
  /** How many customers use something. */
  readonly streams: number;
  readonly count: number;
  /** Some of what they use is never billed: the service rejects it. */
  readonly poisoned: boolean;
};

const HEADER =
  'timestamp,customer_aws_account_id,license_arn,product_code,dimension,quantity,tag:Team,invoice\n';

/** An amount is a whole number of these: 10⁻¹⁸ of a unit. */
const ONE = 10n ** 18n;

/** The texts of each export: one file or two, which share its rows. No cell needs quotes. */
export const exportTexts = ({ streams, count, poisoned }: Exports, dice: Random): string[][] => {
  const hours = usableHours(Date.now()).slice(0, 20);
  const known = Array.from({ length: streams }, (_, index) => streamOf(index, poisoned, hours, dice));
  return Array.from({ length: count }, (_, number) => {
    const rows: string[] = [];
    for (const stream of known) {
      for (const hour of stream.hours) {
        if (hour.from > number) continue;
        if (hour.from < number) change(hour, dice);
        rows.push(...rowsOf(stream, hour, dice));
      }
    }
    return filesOf(shuffled(rows, dice), dice);
  });
};

type Stream = {
  readonly name: string;
  readonly who: string;
  readonly isTagged: boolean;
  readonly hours: readonly Hour[];
};

type Hour = {
  /** Epoch seconds. */
  readonly hour: number;
  /** The export that is the first to have it. */
  readonly from: number;
  readonly parts: bigint[];
};

const streamOf = (index: number, poisoned: boolean, hours: readonly number[], dice: Random): Stream => {
  const licensed = index % 3 === 1;
  const isStranger = poisoned && index === 1;
  const who = [
    isStranger ? '404404404404' : String(111_122_220_001 + Math.floor(index / 2)),
    licensed ? 'arn:aws:license-manager::123456789012:license:l-carry' : '',
    licensed ? '' : 'carry',
    poisoned && index === 2 ? 'unknown_dimension' : index % 2 === 0 ? 'gb' : 'users',
  ].join(',');
  const isTagged = index % 4 === 3;
  const used = hours.filter(() => dice() < 0.5);
  return {
    name: `i-${index}`,
    who,
    isTagged,
    hours: used.map(hour => ({
      hour,
      from: dice() < 0.6 ? 0 : 1 + below(3, dice),
      parts: Array.from({ length: isTagged ? 2 : 1 }, () => amount(dice)),
    })),
  };
};

/** Many have less than a unit, some more, some nothing. */
const amount = (dice: Random): bigint => {
  const whole = BigInt(dice() < 0.5 ? 0 : below(9, dice));
  const digits = BigInt(below(19, dice));
  const fraction = digits === 0n ? 0n : BigInt(below(1_000_000_000, dice)) * 1_000_000_007n;
  return whole * ONE + ((fraction % 10n ** digits) * ONE) / 10n ** digits;
};

/** A quarter of the hours grow, by a crumb or by several units; a few shrink. */
const change = ({ parts }: Hour, dice: Random): void => {
  const chance = dice();
  const place = below(parts.length, dice);
  const before = parts[place] ?? 0n;
  if (chance < 0.25) parts[place] = before + amount(dice) + BigInt(below(3, dice));
  else if (chance < 0.28) parts[place] = before / 2n;
};

const rowsOf = ({ name, who, isTagged }: Stream, { hour, parts }: Hour, dice: Random): string[] => {
  const row = (quantity: bigint, team: string): string => {
    const at = new Date((hour + below(3600, dice)) * 1000).toISOString();
    return `${at},${who},${textOf(quantity)},${team},${name}\n`;
  };
  if (isTagged) return parts.map((part, place) => row(part, place === 0 ? 'Sales' : 'IT'));
  const [all = 0n] = parts;
  if (dice() < 0.7) return [row(all, '')];
  const some = all / 3n;
  return [row(some, ''), row(all - some, '')];
};

const textOf = (value: bigint): string => {
  const fraction = (value % ONE).toString().padStart(18, '0').replace(/0+$/, '');
  return fraction === '' ? String(value / ONE) : `${value / ONE}.${fraction}`;
};

const shuffled = (rows: readonly string[], dice: Random): string[] =>
  rows
    .map(row => ({ row, place: dice() }))
    .sort((a, b) => a.place - b.place)
    .map(({ row }) => row);

const filesOf = (rows: readonly string[], dice: Random): string[] => {
  const cut = dice() < 0.3 ? below(rows.length, dice) : 0;
  const files = cut === 0 ? [rows] : [rows.slice(0, cut), rows.slice(cut)];
  return files.map(lines => HEADER + lines.join(''));
};
