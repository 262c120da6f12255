import { type CheckOptions, checkRow, type Usage } from '../usage/check.ts';
import { keyOf, usageKeyOf } from '../usage/key.ts';
import { type MergeMode, mergeRows } from '../usage/merge.ts';
import type { PlannedRecord } from '../usage/outcome.ts';
import { identityMode } from '../usage/record.ts';
import type { Place, Problem, Row } from '../usage/row.ts';

/** What a run means to send, and what it cannot. */
export type Plan = {
  /** Rows read, the invalid ones included. */
  readonly rows: number;
  readonly records: readonly PlannedRecord[];
  readonly problems: readonly Problem[];
};

export type PlanOptions = { readonly check: CheckOptions; readonly merge: MergeMode };

/** Checks every row and makes the records out of them, before anything is sent. */
export const makePlan = async (
  input: AsyncIterable<Row | Problem>,
  { check, merge }: PlanOptions,
): Promise<Plan> => {
  const problems: Problem[] = [];
  const groups = new Map<string, [Usage, ...Usage[]]>();
  let rows = 0;
  for await (const item of input) {
    if (!('cells' in item)) {
      if (item.raw !== undefined) rows += 1;
      problems.push(item);
      continue;
    }
    rows += 1;
    const checked = checkRow(item, check);
    problems.push(...checked.problems);
    if (checked.usage === undefined) continue;
    const key = keyOf(checked.usage.record);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [checked.usage]);
    else group.push(checked.usage);
  }

  const records: PlannedRecord[] = [];
  for (const group of groups.values()) {
    const merged = mergeRows(group, merge);
    if (merged.ok) records.push(merged.planned);
    else problems.push(...problemsAt(merged.places, merged.message, merged.help));
  }
  const doubled = billedTwice(records);
  problems.push(...doubled.problems);
  return { rows, records: records.filter(record => !doubled.records.has(record)), problems };
};

/**
 * Records that AWS would bill twice, because it does not compare licences with product codes: the same account,
 * dimension and hour in both. Two product codes that are known and differ are two products.
 */
const billedTwice = (
  records: readonly PlannedRecord[],
): { records: ReadonlySet<PlannedRecord>; problems: Problem[] } => {
  const byUsage = new Map<string, PlannedRecord[]>();
  for (const planned of records) {
    const key = usageKeyOf(planned.record);
    if (key === undefined) continue;
    const group = byUsage.get(key);
    if (group === undefined) byUsage.set(key, [planned]);
    else group.push(planned);
  }
  const twice = new Set<PlannedRecord>();
  const problems: Problem[] = [];
  for (const group of byUsage.values()) {
    const licensed = group.filter(({ record }) => identityMode(record) === 'licence');
    const coded = group.filter(({ record }) => identityMode(record) === 'account');
    const clash = coded.filter(({ record }) =>
      licensed.some(
        other => other.record.productCode === undefined || other.record.productCode === record.productCode,
      ),
    );
    if (clash.length === 0) continue;
    const involved = [...licensed, ...clash];
    for (const planned of involved) twice.add(planned);
    problems.push(
      ...problemsAt(
        involved.flatMap(({ rows }) => rows),
        'the same account, dimension and hour with a license ARN and with a product code: AWS would bill both',
        'report the hour one way; with both in a row the product code only tells products apart',
      ),
    );
  }
  return { records: twice, problems };
};

/** So many rows are named beside each; a million rows of one key would each name all the others. */
const NAMED = 5;

/** One problem for several rows: told at each, naming the others. */
const problemsAt = (places: readonly Place[], message: string, help: string | undefined): Problem[] =>
  places.map(place => {
    const others = places.slice(0, NAMED + 1).filter(other => other !== place);
    const names = others.slice(0, NAMED).map(other => nameOf(other, place));
    const more = places.length - 1 - names.length;
    const list = [...names, ...(more > 0 ? [`${more} more`] : [])].join(', ');
    const also = list === '' ? '' : ` (also ${list})`;
    return {
      ...place,
      severity: 'error',
      message: `${message}${also}`,
      help,
      raw: undefined,
      span: undefined,
    };
  });

const nameOf = (other: Place, from: Place): string =>
  other.file === from.file ? `line ${other.line}` : `${other.file}:${other.line}`;
