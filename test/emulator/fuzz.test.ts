import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { isFull } from '../helpers/volume.ts';
import { type Case, drawCase } from './fuzz/cases.ts';
import { type Judged, judge } from './fuzz/oracle.ts';
import { type ParsedReply, repliesIn, requestsIn } from './fuzz/wire-bytes.ts';
import { send } from './setup.ts';

/**
 * Random and mutated requests. Another seed: `FUZZ_SEED=2 FUZZ_REQUESTS=1000000 node --test test/emulator/fuzz.test.ts`;
 * one case again: `FUZZ_SEED=2 FUZZ_CASE=4711`.
 */
const SEED = Number(process.env['FUZZ_SEED'] ?? 1);
const REQUESTS = Number(process.env['FUZZ_REQUESTS'] ?? (isFull ? 10_000 : 1_000));
const ONLY = process.env['FUZZ_CASE'];

const CONNECTIONS = 24;

/** No answer takes so long, however busy the machine is. */
const HANGS_AFTER_MS = 30_000;

const ERROR = /^[A-Z][A-Za-z]+$/;

test(`${REQUESTS} random and mutated requests: no crash, no hang, no 200 too many`, async t => {
  t.diagnostic(`seed ${SEED}`);
  const { child, url } = await startProcess(t);
  const { host } = new URL(url);
  const tally = { requests: 0, right: 0, answers: new Map<number, number>() };
  const dimensions = new Set<unknown>();
  let place = Number(ONLY ?? 0);
  let isOver = false;
  const worker = async (): Promise<void> => {
    while (tally.requests < REQUESTS && !isOver) {
      const drawn = await drawCase(SEED, place++, host);
      tally.requests += ONLY === undefined ? drawn.requests : REQUESTS;
      for (const status of await sendCase(drawn, url, dimensions)) {
        tally.answers.set(status, (tally.answers.get(status) ?? 0) + 1);
      }
      tally.right += drawn.right;
    }
  };
  child.on('exit', () => {
    isOver = true;
  });
  const workers = Array.from({ length: ONLY === undefined ? CONNECTIONS : 1 }, worker);
  try {
    await Promise.all(workers);
  } finally {
    isOver = true;
    await Promise.allSettled(workers);
  }

  t.diagnostic(
    [...tally.answers]
      .map(([status, count]) => `${count} × ${status}`)
      .sort()
      .join(', '),
  );
  const { text } = await send(url, { method: 'GET', path: '/_emulator/records' });
  const records = JSON.parse(text) as { Dimension: string }[];
  for (const { Dimension } of records) assert.ok(dimensions.has(Dimension), `nobody may record ${Dimension}`);
  child.stdin?.end();
  assert.deepEqual(await once(child, 'close'), [0, null]);
  if (ONLY !== undefined) return;
  // Else the fuzz has become too wild to find anything behind the door, or too tame.
  assert.ok(tally.right > REQUESTS / 10, `${tally.right} right`);
  assert.ok((tally.answers.get(200) ?? 0) > 2 * tally.right);
  assert.ok((tally.answers.get(400) ?? 0) > REQUESTS / 5);
  assert.ok(records.length > REQUESTS / 10);
});

const startProcess = async (t: TestContext): Promise<{ child: ChildProcess; url: string }> => {
  // Node 22 says of TypeScript that it is experimental, and nothing is to be said here.
  const quiet = '--disable-warning=ExperimentalWarning';
  const child = spawn(process.execPath, [quiet, join(import.meta.dirname, 'fuzz/emulator-process.ts')]);
  t.after(() => child.kill('SIGKILL'));
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', text => {
    stderr += text;
  });
  t.after(() => {
    if (stderr !== '') t.diagnostic(stderr.slice(0, 5000));
    assert.equal(stderr, '');
  });
  const early = once(child, 'exit').then(([code]) => assert.fail(`it ended with ${code}`));
  early.catch(() => {});
  const [url] = await Promise.race([once(child.stdout.setEncoding('utf8'), 'data'), early]);
  return { child, url: String(url).trim() };
};

/** Plays a case, checks what came back, and gives the statuses; adds the names of what may be recorded. */
const sendCase = async (drawn: Case, url: string, dimensions: Set<unknown>): Promise<readonly number[]> => {
  const named = (what: string): string => `seed ${SEED}, case ${drawn.place}: ${what}`;
  const received = await exchange(url, drawn).catch(error => assert.fail(named(String(error))));
  const bytes = Buffer.concat(drawn.pieces);
  const requests = requestsIn(bytes);
  const judged = requests.map(request => judge(request, drawn.signatures));
  for (const right of judged) for (const name of dimensionsOf(right)) dimensions.add(name);
  if (drawn.leaves) return [];
  let replies: readonly ParsedReply[] = [];
  try {
    replies = repliesIn(received);
  } catch (error) {
    assert.fail(named(String(error)));
  }
  for (const [at, reply] of replies.entries()) {
    const what = named(`reply ${at}: ${reply.status} ${reply.body.slice(0, 500)}`);
    assert.equal(reply.status === 200 && judged[at] === undefined, false, `${what}, not right`);
    assert.notEqual(reply.status, 500, what);
    if (reply.headers.has('x-amzn-requestid')) checkReply(reply, what);
    else assert.ok([400, 408, 413, 417, 431].includes(reply.status), what);
  }
  for (let at = 0; at < drawn.right; at++) {
    assert.equal(replies[at]?.status, 200, named(`request ${at} is right, but: ${replies[at]?.body}`));
    assert.notEqual(judged[at], undefined, named(`the oracle does not know that request ${at} is right`));
  }
  return replies.map(({ status }) => status);
};

/** What a right request may record. */
const dimensionsOf = (right: Judged | undefined): readonly unknown[] => {
  switch (right?.operation) {
    case 'BatchMeterUsage':
      return (right.input['UsageRecords'] as { Dimension: string }[]).map(({ Dimension }) => Dimension);
    case 'MeterUsage':
      return [right.input['UsageDimension']];
    default:
      return [];
  }
};

const checkReply = ({ status, body }: ParsedReply, what: string): void => {
  const { __type: type, message } = JSON.parse(body) as { __type?: string; message?: string };
  if (status === 200) assert.equal(type, undefined, what);
  else {
    assert.match(type?.split('#')[1] ?? '', ERROR, what);
    assert.equal(typeof message, 'string', what);
  }
};

/** What comes back until the connection is closed; never waits longer than for an answer. */
const exchange = async (url: string, { pieces, leaves, right }: Case): Promise<Buffer> => {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port), noDelay: true });
  const chunks: Buffer[] = [];
  socket.on('data', chunk => chunks.push(chunk));
  socket.on('error', () => {});
  const closed = new Promise(resolve => socket.on('close', resolve));
  let hangs = false;
  const timer = setTimeout(() => {
    hangs = true;
    socket.destroy();
  }, HANGS_AFTER_MS);
  for (const [at, piece] of pieces.entries()) {
    if (at > 0) await nextTurn();
    socket.write(piece);
  }
  // Node's server forgets what it has not answered yet when a caller says that nothing more will come.
  const endWhenAnswered = (): void => {
    if (wholeReplies(chunks) >= right) socket.end();
  };
  socket.on('data', endWhenAnswered);
  if (leaves) socket.resetAndDestroy();
  else endWhenAnswered();
  await closed;
  clearTimeout(timer);
  if (hangs) throw new Error('no answer, and the connection stays open');
  return Buffer.concat(chunks);
};

const wholeReplies = (chunks: readonly Buffer[]): number => {
  try {
    return repliesIn(Buffer.concat(chunks)).length;
  } catch {
    return 0;
  }
};
