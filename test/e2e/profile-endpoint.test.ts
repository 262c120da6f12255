import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { KEY_PAIR } from '../../src/emulator/principal.ts';
import { toolHere } from '../helpers/in-process.ts';
import { type Ended, fileWith, hourAgo, newFolder, withEmulator } from '../helpers/tool.ts';

const USAGE = `timestamp,customer_aws_account_id,product_code,dimension,quantity\n${hourAgo(2)},111122223333,product,users,3\n`;

/** Each command that shows what was sent to one endpoint, and how its output says that it has found the record. */
const QUESTIONS: readonly (readonly [args: readonly string[], found: RegExp])[] = [
  [['history', '-o', 'json'], /"Quantity":3/],
  [['history', '--runs', '-o', 'json'], /"run":1/],
  [['gaps', '-o', 'json'], /"subscriptions":1/],
  [['report', '--html', 'page.html', '-o', 'json'], /"records":1/],
  [['subscribers', '-o', 'json'], /"sources":\["ledger"\]/],
  [['reconcile', '--cloudtrail', '-', '-o', 'json'], /"(pending|ledgerOnly)":1/],
  [['ledger', 'import', '--cloudtrail', '-', '--dry-run', '-o', 'json'], /"endpoint":"http:/],
];

describe('the endpoint of a profile says where a batch sends, and which records others show', () => {
  for (const [args, found] of QUESTIONS)
    for (const how of ['--profile', 'AWS_PROFILE'] as const)
      test(`${args.filter(one => one !== '-').join(' ')} with ${how}`, () =>
        withEmulator(async ({ url }) => {
          const config = `[profile local]\nendpoint_url = ${url}\nregion = us-east-1\naws_access_key_id = ${KEY_PAIR.accessKeyId}\naws_secret_access_key = ${KEY_PAIR.secretAccessKey}\n`;
          const env = {
            AWS_CONFIG_FILE: fileWith(config, 'config'),
            AWS_SHARED_CREDENTIALS_FILE: fileWith('', 'credentials'),
            XDG_STATE_HOME: newFolder(),
            ...(how === 'AWS_PROFILE' && { AWS_PROFILE: 'local' }),
          };
          const named = how === '--profile' ? ['--profile', 'local'] : [];
          const run = (...words: readonly string[]): Promise<Ended> =>
            toolHere([...words, ...named], { env, cwd: newFolder(), input: '{"Records":[]}' });
          const sent = await run('batch', fileWith(USAGE));
          assert.equal(sent.code, 0, sent.stderr);
          const { stdout, stderr } = await run(...args);
          assert.match(stdout.replaceAll(/\s/g, ''), found, stderr);
          assert.doesNotMatch(stderr, /warning/);
        }));
});
