import { InputError } from '../errors.ts';
import type { Client } from '../metering/client.ts';
import { counted } from '../report/numbers.ts';
import { outcomeMembers, outcomesTable, problemMembers } from '../report/outcomes.ts';
import { problemsText } from '../report/problems.ts';
import { summaryText } from '../report/summary.ts';
import { type Terminal, terminalFor } from '../report/terminal.ts';
import { rowsOf } from '../upload/files.ts';
import { type Prepared, prepare } from '../upload/prepare.ts';
import { requestOf } from '../upload/send.ts';
import { exitCodeOf } from '../upload/summary.ts';
import { type UploadReport, upload } from '../upload/upload.ts';
import { isBilled, type SettledRecord } from '../usage/outcome.ts';
import type { Problem } from '../usage/row.ts';
import type { World } from '../world.ts';
import { type BatchOptions, batchMeaning } from './batch.ts';
import { type Connection, connect } from './connect.ts';
import { sayError } from './say-error.ts';
import { curlCommand } from './show-request.ts';

/** A table longer than this is no longer read: then it lists only what is not billed. Rows. */
const TABLE_ROWS = 100;

export const runBatch = async (options: BatchOptions, world: World): Promise<number> => {
  const terminal = terminalFor(world, options.color);
  const startedMs = world.monotonic();
  const meaning = batchMeaning(options, world);
  const { delimiter, map, allowEmpty } = options;
  const standIns = {
    timestamp: options.timestamp !== undefined,
    productCode: options.productCode !== undefined,
  };
  const rows = rowsOf(options.files, options.inputFormat, { delimiter, map, allowEmpty, standIns }, world);
  const prepared = await prepare(rows, meaning);
  await sayProblems(prepared.problems, options, world, terminal);

  let connection: Connection | undefined;
  const connectOnce = async (): Promise<Client> => {
    connection = await connect('BatchMeterUsage', options, world, terminal);
    return connection.client;
  };
  try {
    if (options.showRequest && !prepared.refused)
      return await showRequests(prepared, await connectOnce(), world);
    const settled: SettledRecord[] = [];
    const report = await upload(
      prepared,
      {
        files: options.files,
        concurrency: options.concurrency,
        giveUpAfterMs: options.giveUpAfterMs,
        startedMs,
      },
      {
        world,
        connect: connectOnce,
        onSettled: record => {
          if (options.output === 'jsonl')
            void world.stdout.write(jsonLine('outcome', outcomeMembers(record)));
          else settled.push(record);
        },
      },
    );
    await sayReport({ report, prepared, settled, options, world, terminal, connection });
    const code = await sayEnd(report, prepared, options, world, terminal);
    return code;
  } finally {
    await connection?.close();
  }
};

const showRequests = async ({ batches }: Prepared, client: Client, world: World): Promise<number> => {
  for (const batch of batches) {
    await world.stdout.write(`${curlCommand(await client.prepare('BatchMeterUsage', requestOf(batch)))}\n`);
  }
  return 0;
};

const jsonLine = (type: string, members: object): string => `${JSON.stringify({ type, ...members })}\n`;

/** Scripts get the errors of the input with the outcomes; warnings they get here. */
const sayProblems = async (
  problems: readonly Problem[],
  { output }: BatchOptions,
  { stderr }: World,
  { err, errWidth, symbols }: Terminal,
): Promise<void> => {
  if (output === 'table') {
    const view = { problems, total: problems.length, width: errWidth, paint: err, cutMark: symbols.cut };
    if (problems.length > 0) await stderr.write(`${problemsText(view)}\n`);
    return;
  }
  for (const { severity, file, line, span, message } of problems) {
    if (severity === 'warning')
      await stderr.write(jsonLine('warning', { file, line, column: span?.column, message }));
  }
};

type End = {
  readonly report: UploadReport;
  readonly prepared: Prepared;
  readonly settled: readonly SettledRecord[];
  readonly options: BatchOptions;
  readonly world: World;
  readonly terminal: Terminal;
  readonly connection: Connection | undefined;
};

const sayReport = async ({
  report,
  prepared,
  settled,
  options,
  world,
  terminal,
  connection,
}: End): Promise<void> => {
  const { summary, tally } = report;
  const { stdout, stderr } = world;
  const errors = prepared.problems.filter(({ severity }) => severity === 'error').map(problemMembers);
  const inOrder = byPlace(settled, options.files);
  const notBilled = inOrder.filter(({ outcome }) => !isBilled(outcome.status));
  switch (options.output) {
    case 'json': {
      const problems = [...errors, ...notBilled.map(outcomeMembers)];
      return stdout.write(`${JSON.stringify({ summary, problems }, null, 2)}\n`);
    }
    case 'jsonl':
      for (const members of errors) await stdout.write(jsonLine('outcome', members));
      return stdout.write(jsonLine('summary', summary));
    case 'table': {
      const listed = inOrder.length <= TABLE_ROWS ? inOrder : notBilled.slice(0, TABLE_ROWS);
      if (listed.length > 0 && !prepared.refused) {
        const { width, out, symbols } = terminal;
        const view = { width, paint: out, symbols, manyFiles: options.files.length > 1 };
        await stdout.write(outcomesTable(listed, view));
        const rest = inOrder.length - listed.length;
        if (rest > 0)
          await stderr.write(
            `${symbols.cut} and ${counted(rest, 'record')} not listed; -o jsonl lists all\n`,
          );
      }
      const { rows, records, requests, retries, seconds } = summary;
      const destination = connection === undefined ? undefined : destinationText(connection);
      await stderr.write(
        `\n${summaryText({ tally, rows, records, requests, retries, seconds, destination }, terminal.err)}`,
      );
      return;
    }
    default:
      return options.output satisfies never;
  }
};

/** An endpoint that is not AWS's is named: a forgotten variable sends a month of usage to an emulator. */
const destinationText = ({ destination, local }: Connection): string => {
  if (local) return 'the private emulator (--local)';
  const { region, url, endpointSource } = destination;
  return endpointSource === undefined ? region : `${region} at ${url.origin} (${endpointSource})`;
};

const byPlace = (settled: readonly SettledRecord[], files: readonly string[]): SettledRecord[] => {
  const order = new Map(files.map((file, index) => [file, index]));
  const fileOf = ({ rows }: SettledRecord): number => order.get(rows[0]?.file ?? '') ?? 0;
  const lineOf = ({ rows }: SettledRecord): number => rows[0]?.line ?? 0;
  return settled.toSorted((a, b) => fileOf(a) - fileOf(b) || lineOf(a) - lineOf(b));
};

/** Which code counts when several apply: what must be mended first comes first. */
const PRECEDENCE = [9, 1, 6, 7, 5, 4];

const sayEnd = async (
  { stopped, tally }: UploadReport,
  prepared: Prepared,
  options: BatchOptions,
  world: World,
  terminal: Terminal,
): Promise<number> => {
  if (prepared.refused) {
    const message = `${counted(prepared.invalidRows, 'row')} of the input cannot be sent; nothing was sent`;
    return sayError(
      new InputError(message, 'mend the input, or say --skip-invalid to send the rest'),
      options,
      world,
      terminal,
    );
  }
  const codes: number[] = [exitCodeOf(tally)];
  if (stopped !== undefined) codes.push(await sayError(stopped, options, world, terminal));
  return PRECEDENCE.find(code => codes.includes(code)) ?? 0;
};
