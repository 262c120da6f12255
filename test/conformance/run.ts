import { parseArgs } from 'node:util';
import { KEY_PAIR } from '../../src/emulator/principal.ts';
import { startEmulator } from '../../src/emulator/server.ts';
import { leave, runRow } from './marketplaces.ts';
import { ROWS } from './rows.ts';
import { type Played, scoreText } from './score.ts';
import { controlAt, type Target } from './target.ts';

/**
 * `npm run conformance -- --endpoint-url URL [--region REGION]`: checks how well an endpoint behaves like the service.
 * Requests are signed with the keys in the environment, or with AWS's example key pair. Without an endpoint, our own
 * emulator is checked. Where AWS's sources disagree or say nothing, every reading is accepted. Rows that need a catalog, a
 * clock or faults are skipped without a control plane. Every run has its own customers and products; an endpoint with a
 * control plane is also reset, and its catalog and faults are removed.
 */
const { values } = parseArgs({
  options: { 'endpoint-url': { type: 'string' }, region: { type: 'string', default: 'us-east-1' } },
});

const credentialsIn = ({
  AWS_ACCESS_KEY_ID: accessKeyId,
  AWS_SECRET_ACCESS_KEY: secretAccessKey,
  AWS_SESSION_TOKEN: sessionToken,
}: NodeJS.ProcessEnv): Target['credentials'] =>
  accessKeyId === undefined || secretAccessKey === undefined
    ? KEY_PAIR
    : { accessKeyId, secretAccessKey, ...(sessionToken !== undefined && { sessionToken }) };

/** Test usage must not be sent to AWS, which would bill it. */
const isAws = (url: string): boolean =>
  /\.(amazonaws\.(com|com\.cn|eu)|api\.aws|api\.amazonwebservices\.\S+)$/.test(new URL(url).hostname);

const run = async (url: string, credentials: Target['credentials']): Promise<readonly Played[]> => {
  const control = await controlAt(url);
  if (control === undefined) process.stdout.write(`${url} has no control plane of ampmeter emulator\n`);
  const target: Target = { url, region: values.region, credentials, control, reading: undefined };
  const name = Date.now().toString(36);
  const played: Played[] = [];
  for (const [place, row] of ROWS.entries()) {
    played.push({ row, outcome: await runRow(row, target, name, place) });
  }
  if (control !== undefined) await leave(control);
  return played;
};

const own = async (): Promise<readonly Played[]> => {
  const emulator = await startEmulator({
    port: 0,
    now: () => new Date(),
    uuid: () => crypto.randomUUID(),
    window: 'on',
    signatures: 'verify',
  });
  try {
    return await run(emulator.url, KEY_PAIR);
  } finally {
    await emulator.close();
  }
};

const url = values['endpoint-url'];
if (url !== undefined && isAws(url)) {
  process.stderr.write(`${url} is AWS: usage reported there is billed\n`);
  process.exitCode = 2;
} else {
  const played = await (url === undefined ? own() : run(url, credentialsIn(process.env)));
  process.stdout.write(scoreText(played));
  process.exitCode = played.some(({ outcome }) => outcome.kind === 'failed') ? 1 : 0;
}
