import { readFileSync, writeFileSync } from 'node:fs';
import { createRegister } from '../../src/files/register.ts';
import { Ledger } from '../../src/ledger/ledger.ts';
import { nodeWorld } from '../../src/node-world.ts';
import { execute } from '../../src/upload/execute.ts';
import { openInputs } from '../../src/upload/input-files.ts';
import type { RejectsParts } from '../../src/upload/rejects.ts';
import { finish, planUpload, type UploadOptions } from '../../src/upload/upload.ts';
import { timestampReader } from '../../src/usage/timestamp.ts';
import { testWorld } from '../helpers/world.ts';
import { FACTS, newPath } from '../ledger/setup.ts';
import { awsReply, clientWith } from '../metering/setup.ts';
import { type Request, success } from './setup.ts';

const { files } = nodeWorld(process, { stop: new AbortController().signal } as never);

export type Run = {
  readonly answer?: (request: Request) => ReturnType<typeof awsReply>;
  readonly ledgerPath?: string;
  readonly delimiter?: string;
  readonly merge?: UploadOptions['merge'];
  /** The time of rows without one, epoch milliseconds. */
  readonly timestamp?: number;
};

/** Customers that end in nines have no agreement, dimensions that begin with `=` are not known. */
export const usual = ({ UsageRecords }: Request) =>
  UsageRecords.some(({ Dimension }) => Dimension.startsWith('='))
    ? awsReply({ __type: 'InvalidUsageDimensionException', message: '=1+1 is no dimension' }, { status: 400 })
    : awsReply({
        Results: UsageRecords.map(record =>
          record.CustomerAWSAccountId?.endsWith('99')
            ? { UsageRecord: record, Status: 'CustomerNotSubscribed' }
            : success(record),
        ),
      });

const SILENT = {
  problem: () => {},
  checked: async () => {},
  sending: () => {},
  settled: () => {},
  notSent: () => {},
};

/** Uploads the files with `--skip-invalid`, then gives `use` what the files of a run are written from. */
export const uploadedFrom = async <T>(
  paths: readonly string[],
  { answer = usual, ledgerPath, delimiter, merge = 'none', timestamp }: Run,
  use: (parts: RejectsParts, sent: readonly string[]) => Promise<T>,
): Promise<T> => {
  const world = testWorld();
  const check = {
    now: world.now(),
    timestamp,
    productCode: undefined,
    readTimestamp: timestampReader(undefined),
    allowRoundAccounts: false,
    allowNullText: false,
  };
  const standIns = { timestamp: timestamp !== undefined, productCode: false };
  const inputs = await openInputs(
    paths,
    undefined,
    { delimiter, map: new Map(), allowEmpty: false, standIns },
    { files },
    ledgerPath,
  );
  const ledger = Ledger.open(ledgerPath);
  try {
    const sent: string[] = [];
    const { client } = clientWith(
      [
        request => {
          const input: Request = JSON.parse(String(request.body));
          if (input.UsageRecords.length === 1 || answer(input).status === 200)
            sent.push(...input.UsageRecords.map(({ Dimension }) => Dimension));
          return answer(input);
        },
      ],
      { world },
    );
    const options: UploadOptions = {
      ...FACTS,
      check,
      merge,
      skipInvalid: true,
      skipOpen: false,
      knownProblems: 'report',
      isPreview: false,
      dryRun: false,
      sharedFiles: [],
      concurrency: 1,
      rate: undefined,
      giveUpAfterMs: 60_000,
    };
    const parts = { ledger, client, world, reporter: SILENT, startMs: 0 };
    const plan = await planUpload(inputs.rows(), options, parts);
    const { summary } = await execute(plan, { client, isClockDependent: false, rowFiles: undefined });
    await finish(plan, { exitCode: 0, summary });
    const register = createRegister();
    for (const path of paths) await register.claim(path, 'an input');
    const rowParts = {
      inputs,
      run: plan.run,
      check,
      delimiter,
      withChanged: plan.withChanged,
      problems: plan.found.problems,
      register,
      ledger: ledgerPath,
      stampRejects: timestamp !== undefined,
      world: { files },
    };
    return await use(rowParts, sent);
  } finally {
    ledger[Symbol.dispose]();
    await inputs.close();
  }
};

export const HEADER = 'timestamp,customer_aws_account_id,product_code,dimension,quantity,note';
export const line = (account: string, dimension: string, quantity: string, note = ''): string =>
  `2026-11-22T09:00:00Z,${account},p,${dimension},${quantity},${note}`;

export const fileOf = (lines: readonly string[], name = 'usage.csv'): string => {
  const path = newPath(name);
  writeFileSync(path, `${lines.join('\n')}\n`);
  return path;
};

export const linesIn = (path: string): string[] => readFileSync(path, 'utf8').trimEnd().split('\n');

export const INPUT = [
  HEADER,
  line('111122223333', 'd1', '1', '"with, a comma and ""quotes"""'),
  line('111122223333', 'd2', 'many'),
  line('444455556699', 'd3', '3'),
  line('111122223333', '=1+1', '4'),
  line('111122223333', 'd5', '5', '=2+2'),
];
