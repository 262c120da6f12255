import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lostText, printOpenRecords } from '../../../src/commands/batch/open-records.ts';
import type { BatchOptions } from '../../../src/commands/batch/options.ts';

const LOST_SINCE = Date.parse('2026-11-22T09:00:00Z') / 1000;
const at = (text: string) => ({ now: () => new Date(text) });
const options = (flags: object = {}): BatchOptions =>
  ({ files: ['usage.csv'], ...flags }) as Partial<BatchOptions> as BatchOptions;
const textAt = (text: string, flags: object = {}): string =>
  lostText({ lost: 2, lostSince: LOST_SINCE }, options(flags), at(text));

test('the command that settles what is lost means the same ledger and the same AWS', () => {
  const flags = {
    ledger: 'my ledger.db',
    profile: 'seller',
    region: 'eu-west-1',
    dualStack: true,
    fips: false,
    caBundle: '-ca.pem',
  };
  assert.match(
    textAt('2026-11-22T10:00:00Z', flags),
    /2 records .*: ampmeter reconcile --settle --since 2026-11-22 --ledger 'my ledger\.db' --region eu-west-1 --profile seller --dual-stack --ca-bundle=-ca\.pem$/,
  );
});

test('what is older than the history of CloudTrail is looked for in the files of a trail', () => {
  assert.match(textAt('2027-02-19T23:59:00Z'), /look in CloudTrail: .*--since 2026-11-22$/);
  assert.match(
    textAt('2027-02-20T00:00:00Z', { profile: 'seller', ledger: 'l.db' }),
    /the files of a trail, here in the folder AWSLogs: ampmeter reconcile --settle --since 2026-11-22 --ledger l\.db --cloudtrail AWSLogs$/,
  );
});

test('where nothing is remembered there is nothing for reconcile to settle', () => {
  assert.match(textAt('2026-11-22T10:00:00Z', { ledger: false }), /aws cloudtrail lookup-events$/);
});

const HERE = { endpoint: 'aws', region: 'us-east-1' };
const NEXT_DOOR = { endpoint: 'aws', region: 'eu-west-1', records: 2 };
const EMULATOR = { endpoint: 'http://127.0.0.1:4100/', region: 'us-east-1', records: 1 };

const saidOf = async (
  { open = 0, elsewhere = [] }: { open?: number; elsewhere?: readonly (typeof NEXT_DOOR)[] },
  flags: object,
): Promise<string[]> => {
  const said: string[] = [];
  const say = async (text: string): Promise<void> => void said.push(text);
  const report = {
    carried: () => 0,
    leftBehind: () => ({ open, stuck: 0, stuckSince: undefined }),
    openElsewhere: () => [...elsewhere],
  };
  await printOpenRecords(
    report,
    options(flags),
    HERE,
    { notice: say, warn: say },
    at('2026-11-22T10:00:00Z'),
  );
  return said;
};

test('what --skip-open leaves is sent by a command with the same flags', async () => {
  assert.deepEqual(await saidOf({ open: 3 }, { ledger: 'l.db' }), [
    '3 records that earlier runs left open are not sent (--skip-open); ampmeter batch --ledger l.db sends them',
  ]);
});

test('what is open in another Region is told, with the command that sends it', async () => {
  const flags = { endpointUrl: 'https://metering.marketplace.us-east-1.amazonaws.com', profile: 'seller' };
  assert.deepEqual(await saidOf({ elsewhere: [NEXT_DOOR, EMULATOR] }, flags), [
    '2 records that earlier runs left open for eu-west-1 are not sent by this run; ampmeter batch --region eu-west-1 --profile seller sends them',
  ]);
});

test('a run without files tells what is open anywhere', async () => {
  assert.deepEqual(await saidOf({ elsewhere: [EMULATOR] }, { files: [] }), [
    'no open records: earlier runs left nothing to send to us-east-1',
    '1 record that earlier runs left open for us-east-1 at http://127.0.0.1:4100/ is not sent by this run; ampmeter batch --region us-east-1 --endpoint-url http://127.0.0.1:4100/ sends it',
  ]);
});
