import type { Parsed } from '../../src/usage/parsed.ts';
import type { UsageRecord } from '../../src/usage/record.ts';
import type { ColumnName, Row } from '../../src/usage/row.ts';

/** 2026-11-22T10:00:00Z, epoch seconds. */
export const TEN = 1_795_341_600;

/** The customer and hour that most tests meter; each test says what is different. */
export const sampleRecord = (different: Partial<UsageRecord> = {}): UsageRecord => ({
  timestamp: TEN,
  dimension: 'gb-stored',
  quantity: 42,
  customerAWSAccountId: '123456789012',
  licenseArn: undefined,
  customerIdentifier: undefined,
  productCode: '4ml54db8vrmjuykaw1psroool',
  usageAllocations: undefined,
  ...different,
});

export const LICENSE = 'arn:aws:license-manager::123456789012:license:l-0123456789abcdef0123456789abcdef';

export type Cells = { readonly [Name in ColumnName | `tag:${string}`]?: string };

/** A row whose header is the names of `cells`, in their order. A cell is said to stand at ten times its index. */
export const rowOf = (cells: Cells, place = { file: 'usage.csv', line: 2 }): Row => {
  const names = Object.keys(cells);
  const texts = Object.values(cells).map(text => text ?? '');
  const columns = names.map((name, index) => ({ name, index }));
  const isTag = ({ name }: { name: string }): boolean => name.startsWith('tag:');
  return {
    ...place,
    columns: {
      names,
      known: Object.fromEntries(
        columns.filter(column => !isTag(column)).map(({ name, index }) => [name, index]),
      ),
      tags: columns.filter(isTag).map(({ name, index }) => ({ key: name.slice('tag:'.length), index })),
    },
    cells: texts,
    raw: texts.join(','),
    locate: (_raw, cell) => ({ column: cell * 10 + 1, length: texts[cell]?.length ?? 0 }),
  };
};

export const sampleCells: Cells = {
  timestamp: '2026-11-22T10:00:00Z',
  customer_aws_account_id: '123456789012',
  product_code: '4ml54db8vrmjuykaw1psroool',
  dimension: 'gb-stored',
  quantity: '42',
};

/** The value, for tests that compare; undefined when there is none. */
export const parsedValue = <T>(result: Parsed<T>): T | undefined => (result.ok ? result.value : undefined);

/** What a person reads: the message, and the help after a slash. */
export const troubleOf = (result: Parsed<unknown>): string =>
  result.ok ? `accepted ${JSON.stringify(result.value)}` : `${result.message} / ${result.help ?? ''}`;
