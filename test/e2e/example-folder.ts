import assert from 'node:assert/strict';
import { chmodSync, copyFileSync, cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { partsOf } from '../docs/parts.ts';
import { runHere } from '../helpers/in-process.ts';
import { clock, hourAgo as hourBefore, newFolder, withEmulator } from '../helpers/tool.ts';

const ROOT = join(import.meta.dirname, '../..');

export type Env = Readonly<Record<string, string | undefined>>;

/** Examples ask for relative times. */
export const hourAgo = (hours: number): string => hourBefore(hours, clock.now());

const PRODUCT = '4ml54db8vrmjuykaw1psroool';
const HEADER = 'timestamp,customer_aws_account_id,product_code,dimension,quantity';

/** Usage of one hour, its times written like this. */
const usage = (time: string, header = HEADER): string =>
  `${[header, ...['users,12', 'gb,340'].map(row => `${time},111122223333,${PRODUCT},${row}`)].join('\n')}\n`;

const spaced = (hours: number): string => hourAgo(hours).replace('T', ' ').replace('Z', '');

/** The time of an hour ago on the clocks of a zone. */
const localTime = (zone: string): string =>
  new Date(Date.parse(hourAgo(1))).toLocaleString('sv-SE', { timeZone: zone });

/** What these programs write for the queries of the documents. */
const EXPORTS: Readonly<Record<string, string>> = {
  psql: usage(`${spaced(2)}+00`),
  bq: usage(hourAgo(2)),
  snow: usage(hourAgo(2), HEADER.toUpperCase()),
  duckdb: usage(`${spaced(2)}+00`),
};

/** The program whose export a line writes to a file, which can then be uploaded. */
export const exporterIn = (line: string): string | undefined =>
  Object.keys(EXPORTS).find(name => line.startsWith(`${name} `) && line.endsWith('> usage.csv'));

/** A folder with an example's files, and the environment in which it runs there. */
export type Prepared = { readonly folder: string; readonly all: Env };

type Needed = {
  /** Where the emulator is. */
  readonly url: string;
  readonly env: Env;
  /** Has been uploaded there: its usage and its ledger are copied. Without it a run is made for each line that reads one. */
  readonly uploaded?: Prepared;
};

/** One that has uploaded its usage. */
export const prepareUpload = async (needed: Needed): Promise<Prepared> => {
  const prepared = await prepare('ampmeter batch usage.csv', needed);
  await runOrFail(['batch', 'usage.csv'], prepared);
  return prepared;
};

const runOrFail = async (args: readonly string[], { folder, all }: Prepared): Promise<void> => {
  const { code, stderr } = await runHere(args, { env: all, cwd: folder });
  assert.equal(code, 0, stderr);
};

/** One with every file that the examples name, and a ledger that has seen a run where the line reads one. */
export const prepare = async (line: string, { url, env, uploaded }: Needed): Promise<Prepared> => {
  const folder = newFolder();
  const put = (name: string, text: string): void => {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  };
  for (const name of ['usage.csv', 'last-day.csv']) put(name, usage(hourAgo(2)));
  if (line === 'ampmeter batch zeros.csv')
    put('zeros.csv', `${HEADER}\n${hourAgo(3)},111122223333,${PRODUCT},users,0\n`);
  const subscriber = `customer_aws_account_id,product_code,dimension\n111122223333,${PRODUCT},users\n`;
  put('subscribers.csv', subscriber);
  for (const name of ['billing.csv', 'billing.rejected.csv'])
    put(name, usage(hourAgo(2), 'timestamp,Account,product_code,dimension,Total'));
  put('local.csv', usage(localTime(/--timezone (\S+)/.exec(line)?.[1] ?? 'UTC')));
  put(
    'usage.jsonl',
    `{"timestamp":"${hourAgo(2)}","CustomerAWSAccountId":"111122223333","ProductCode":"${PRODUCT}","Dimension":"gb","Quantity":3}\n`,
  );
  put(
    'accounts.csv',
    `timestamp,customer_aws_account_id,dimension,quantity\n${hourAgo(2)},111122223333,users,12\n`,
  );
  put('buyers.csv', 'customer_aws_account_id,license_arn,dimension,from,source\n');
  put('form-body.txt', 'x-amzn-marketplace-token=test_token');
  if (line.includes('key.pem')) put('key.pem', await (await fetch(`${url}/_emulator/public-key`)).text());
  // No more than a line can use: there are many lines.
  put('home/.aws/config', '[profile seller]\nregion = us-east-1\n');
  put(
    'home/.aws/credentials',
    `[seller]\naws_access_key_id = ${env['AWS_ACCESS_KEY_ID']}\naws_secret_access_key = ${env['AWS_SECRET_ACCESS_KEY']}\n`,
  );
  for (const place of [
    '.local/share/bash-completion/completions',
    '.local/share/zsh',
    '.config/fish/completions',
  ])
    if (line.includes('completion')) mkdirSync(join(folder, 'home', place), { recursive: true });
  if (line.includes('examples/'))
    cpSync(join(ROOT, 'examples'), join(folder, 'examples'), { recursive: true });
  copyFileSync(join(ROOT, 'examples/emulator/catalog.json'), join(folder, 'catalog.json'));
  for (const document of ['first-week', 'billing-every-hour'])
    for (const part of partsOf(readFileSync(join(ROOT, `docs/${document}.md`), 'utf8')))
      if (part.kind === 'file' && ['shop.json', 'licenses.sql'].includes(part.name))
        put(part.name, part.text);

  const exporters = Object.keys(EXPORTS).filter(name => line.startsWith(name));
  for (const name of exporters) {
    const text = EXPORTS[name] ?? '';
    put(`exports/${name}.csv`, text);
    put(`bin/${name}`, `#!/bin/sh\ncat '${join(folder, `exports/${name}.csv`)}'\n`);
  }
  // Athena's results: all in quotes, times without a zone.
  const athena = usage(`${spaced(2)}.000`).replaceAll(/[^,\n]+/g, '"$&"');
  if (line.startsWith('aws s3 cp ')) {
    put('exports/athena.csv', athena);
    put('bin/aws', `#!/bin/sh\ncp '${join(folder, 'exports/athena.csv')}' "$4"\n`);
    exporters.push('aws');
  }
  for (const program of exporters) chmodSync(join(folder, 'bin', program), 0o755);
  const all: Env = {
    ...env,
    PATH: [join(folder, 'bin'), env['PATH'] ?? process.env['PATH']].join(delimiter),
    HOME: join(folder, 'home'),
    XDG_STATE_HOME: join(folder, 'state'),
    LANG: 'C.UTF-8',
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_DEFAULT_REGION: 'us-east-1',
    TOKEN: 'test_token',
  };
  if (line.includes('s3-copy')) {
    // CloudTrail's files are written when the emulator ends; they tell of the run in the ledger.
    const endpoint = await withEmulator(
      async (_, trailed) => {
        await runHere(['batch', 'usage.csv'], { env: { ...all, ...trailed }, cwd: folder });
        return trailed;
      },
      { cloudTrail: join(folder, 's3-copy') },
    );
    return { folder, all: { ...all, ...endpoint } };
  }
  const prepared = { folder, all };
  if (uploaded !== undefined)
    for (const name of ['usage.csv', 'state'])
      cpSync(join(uploaded.folder, name), join(folder, name), { recursive: true });
  else if (/\b(history|gaps|report|reconcile|ledger|zeros|subscribers)\b/.test(line))
    await runOrFail(['batch', 'usage.csv'], prepared);
  await useLedger(line, prepared);
  if (/--product-code .* --timestamp/.test(line))
    put('usage.csv', 'customer_aws_account_id,dimension,quantity\n111122223333,users,12\n');
  return prepared;
};

const useLedger = async (line: string, prepared: Prepared): Promise<void> => {
  const run = (...args: readonly string[]): Promise<void> => runOrFail(args, prepared);
  if (line.includes('dynamodb://') && !line.includes('ledger create'))
    await run('ledger', 'create', '--ledger', 'dynamodb://ampmeter');
  if (line.includes('copy ledger.db')) await run('ledger', 'backup', 'ledger.db');
  if (line.includes('--ledger ledger-backup.db')) await run('ledger', 'backup', 'ledger-backup.db');
};
