import assert from 'node:assert/strict';
import fs, {
  appendFileSync,
  chmodSync,
  lstatSync,
  readFileSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import fc from 'fast-check';
import { BEHAVIOURS } from '../../../src/emulator/behaviours/behaviours.ts';
import type { Emulator, EmulatorOptions } from '../../../src/emulator/emulator.ts';
import { HEADER, readStateLine, type StateLine } from '../../../src/emulator/state/journal-line.ts';
import { openState } from '../../../src/emulator/state/state-file.ts';
import { UsageError } from '../../../src/errors.ts';
import { newFolder } from '../../helpers/tool.ts';
import { type EmulatorWithTrail, startWithTrail } from '../cloudtrail/lookups.ts';
import { call, callHeaders, NOW, seconds, send } from '../setup.ts';

const Timestamp = seconds('2026-11-22T10:00:00Z');
const RECORD = { Timestamp, CustomerAWSAccountId: '111122223333', Dimension: 'users', Quantity: 3 };
const batch = (...UsageRecords: object[]): object => ({ ProductCode: 'product', UsageRecords });
const USAGE = { ProductCode: 'product', Timestamp, UsageDimension: 'users', UsageQuantity: 1 };

const newFile = (): string => join(newFolder(), 'state.jsonl');

/** An event of a batch of 25 that was refused. */
const REFUSED = {
  at: NOW,
  requestId: 'id',
  operation: 'BatchMeterUsage',
  caller: { accountId: '123456789012', userName: 'example', accessKeyId: 'AKIDEXAMPLE', region: 'us-east-1' },
  input: { UsageRecords: new Array(25).fill(RECORD) },
  error: { code: 'ValidationException', message: '' },
  sourceIPAddress: '127.0.0.1',
  userAgent: '',
};

type LoggedCall = {
  readonly input: { readonly UsageRecords: readonly object[] };
  readonly output: {
    readonly Results: readonly { readonly UsageRecord: object }[];
    readonly UnprocessedRecords: readonly object[];
  };
};

/** From now on every write stops half-way: the disk is full. Gives what makes room again. */
const fillDisk = (t: TestContext): (() => void) => {
  const { writeSync } = fs;
  let isFirst = true;
  const full = (file: number, bytes: Buffer, offset: number, length: number, place: number): number => {
    isFirst = !isFirst;
    if (isFirst) throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
    return writeSync(file, bytes, offset, Math.ceil(length / 2), place);
  };
  const mock = t.mock.method(fs, 'writeSync', full as typeof writeSync);
  syncBuiltinESMExports();
  const mended = (): void => {
    mock.mock.restore();
    syncBuiltinESMExports();
  };
  t.after(mended);
  return mended;
};

const linesIn = (file: string): string[] => readFileSync(file, 'utf8').trimEnd().split('\n');

/** Ids are not repeated by the next emulator, as in real life. */
const start = (
  t: TestContext,
  state: string,
  options: Partial<EmulatorOptions> = {},
): Promise<EmulatorWithTrail> => startWithTrail(t, { state, uuid: () => crypto.randomUUID(), ...options });

const statuses = async (emulator: Emulator, input: object): Promise<unknown> => {
  const { output } = await call(emulator, 'BatchMeterUsage', input);
  return (output.Results as { Status: string }[]).map(({ Status }) => Status);
};

describe('an emulator with a state file', () => {
  it('goes on where the last one stopped', async t => {
    const state = newFile();
    const { emulator, events } = await start(t, state);
    await call(
      emulator,
      'BatchMeterUsage',
      batch(RECORD, { ...RECORD, Dimension: 'gb', Quantity: undefined }),
    );
    await call(emulator, 'MeterUsage', { ...USAGE, ClientToken: 'token' });
    await call(emulator, 'ResolveCustomer', { RegistrationToken: 'invalid_token' });
    const publicKey = await emulator.publicKeyPem();
    await call(emulator, 'RegisterUsage', { ProductCode: 'product', PublicKeyVersion: 1 });
    const records = emulator.records();
    const before = await events();
    await emulator.close();

    const { emulator: next, events: nextEvents } = await start(t, state);
    assert.deepEqual(next.records(), records);
    assert.equal(records.length, 3);
    assert.equal(await next.publicKeyPem(), publicKey);
    assert.deepEqual(await nextEvents(), before);
    assert.equal(before.length, 4);
    assert.deepEqual(await statuses(next, batch(RECORD)), ['Success']);
    assert.deepEqual(await statuses(next, batch({ ...RECORD, Quantity: 4 })), ['DuplicateRecord']);
    const again = await call(next, 'MeterUsage', { ...USAGE, ClientToken: 'token' });
    assert.equal(again.output.MeteringRecordId, records[2]?.MeteringRecordId);
    const conflict = await call(next, 'MeterUsage', { ...USAGE, UsageQuantity: 2, ClientToken: 'token' });
    assert.equal(conflict.error, 'IdempotencyConflictException');
    assert.equal(next.records().length, 3);
  });

  it('remembers which registration tokens were used, but not the tokens', async t => {
    const state = newFile();
    const options = { behaviours: ['token-reuse=expired'] };
    const token = { RegistrationToken: 'test_token:secret' };
    const { emulator } = await start(t, state, options);
    assert.equal((await call(emulator, 'ResolveCustomer', token)).status, 200);
    await emulator.close();
    const { emulator: next } = await start(t, state, options);
    assert.equal((await call(next, 'ResolveCustomer', token)).error, 'ExpiredTokenException');
    assert.doesNotMatch(readFileSync(state, 'utf8'), /secret/);
  });

  const troubles = ['reset-after', 'error500-after', 'truncated', 'missing', 'slow@600000'];
  for (const fault of troubles) {
    it(`has what was recorded before the reply is on its way: ${fault}`, async t => {
      const state = newFile();
      const { emulator } = await start(t, state);
      emulator.setFaults({ next: fault });
      const body = JSON.stringify(batch(RECORD));
      const reply = send(emulator.url, { headers: callHeaders('BatchMeterUsage'), body }).catch(() => {});
      while (linesIn(state).length < 2) await new Promise(resolve => setImmediate(resolve));
      const [line] = linesIn(state).slice(1);
      const { records, events } = JSON.parse(line ?? '') as { records: object[]; events: object[] };
      assert.deepEqual([records.length, events.length], [1, 1], 'a call is one line');
      await emulator.close();
      await reply;
    });
  }

  it('writes one line for each call, and none for what is no call', async t => {
    const state = newFile();
    const { emulator } = await start(t, state);
    for (let count = 1; count <= 5; count++) {
      await call(emulator, 'BatchMeterUsage', batch({ ...RECORD, Dimension: `d${count}` }, RECORD));
      assert.equal(linesIn(state).length, 1 + count);
    }
    await send(emulator.url, { method: 'GET', path: '/_emulator/records' });
    await send(emulator.url, { path: '/elsewhere' });
    assert.equal(linesIn(state).length, 6);
    if (process.platform !== 'win32') assert.equal(statSync(state).mode & 0o777, 0o600);
  });

  it('says of a ClientToken whether its call recorded something', async t => {
    const state = newFile();
    const { emulator } = await start(t, state);
    for (const ClientToken of ['first', 'second']) {
      await call(emulator, 'MeterUsage', { ...USAGE, ClientToken });
    }
    const tokens = linesIn(state).map(line => (JSON.parse(line) as StateLine).tokens ?? []);
    assert.deepEqual(
      tokens.flat().map(({ use }) => use.isAgain),
      [undefined, true],
    );
  });

  it('does not keep what a look-up has shown', async t => {
    const state = newFile();
    const { emulator, lookUp } = await start(t, state);
    await call(emulator, 'ResolveCustomer', { RegistrationToken: 'test_token' });
    for (let count = 0; count < 5; count++) await lookUp();
    for (const line of linesIn(state).slice(2)) assert.ok(line.length < 500, line);
  });

  it('is emptied by a reset, and keeps its signing key', async t => {
    const state = newFile();
    const { emulator } = await start(t, state);
    await call(emulator, 'RegisterUsage', { ProductCode: 'product', PublicKeyVersion: 1 });
    await call(emulator, 'MeterUsage', { ...USAGE, ClientToken: 'token' });
    const publicKey = await emulator.publicKeyPem();
    emulator.reset();
    assert.equal(linesIn(state).length, 2);
    await call(emulator, 'BatchMeterUsage', batch(RECORD));
    await emulator.close();
    const { emulator: next, events } = await start(t, state);
    assert.deepEqual(
      next.records().map(({ operation }) => operation),
      ['BatchMeterUsage'],
    );
    assert.deepEqual(
      (await events()).map(({ eventName }) => eventName),
      ['BatchMeterUsage'],
    );
    assert.equal(await next.publicKeyPem(), publicKey);
  });

  it('leaves the clock, the faults and the statistics behind', async t => {
    const state = newFile();
    const { emulator } = await start(t, state);
    emulator.setClock({ advance: '1h' });
    emulator.setFaults({ faults: ['throttle:1'] });
    await call(emulator, 'BatchMeterUsage', batch(RECORD));
    await emulator.close();
    const { emulator: next } = await start(t, state);
    assert.equal((await call(next, 'BatchMeterUsage', batch(RECORD))).status, 200);
    assert.equal(next.stats().requests, 1);
    assert.equal(next.records()[0]?.receivedAt, NOW.toISOString());
  });

  it('forgets the line that was cut off by a crash, and writes on from there', async t => {
    const state = newFile();
    const { emulator } = await start(t, state);
    await call(emulator, 'BatchMeterUsage', batch(RECORD));
    await call(emulator, 'BatchMeterUsage', batch({ ...RECORD, Dimension: 'gb' }));
    await emulator.close();
    truncateSync(state, statSync(state).size - 1);
    const { emulator: next } = await start(t, state);
    assert.deepEqual(
      next.records().map(({ Dimension }) => Dimension),
      ['users'],
    );
    await call(next, 'BatchMeterUsage', batch({ ...RECORD, Dimension: 'seats' }));
    await next.close();
    const { emulator: last } = await start(t, state);
    assert.deepEqual(
      last.records().map(({ Dimension }) => Dimension),
      ['users', 'seats'],
    );
  });

  it('is whole after a crash at any byte: each call is there, or it is not', async t => {
    const state = newFile();
    const { emulator } = await start(t, state);
    for (const Dimension of ['a', 'é', 'b']) {
      await call(
        emulator,
        'BatchMeterUsage',
        batch({ ...RECORD, Dimension }, { ...RECORD, Dimension: `${Dimension}2` }),
      );
    }
    await emulator.close();
    const bytes = readFileSync(state);
    const ends = [...bytes.keys()].filter(index => bytes[index] === 0x0a);
    const target = newFile();
    fc.assert(
      fc.property(fc.integer({ min: 0, max: bytes.length }), length => {
        writeFileSync(target, bytes.subarray(0, length));
        let records = 0;
        const restore = ({ records: some = [] }: { records?: readonly object[] }): void => {
          records += some.length;
        };
        openState(target, restore).close();
        const whole = ends.filter(end => end < length).length;
        assert.equal(records, 2 * Math.max(0, whole - 1));
        const kept = readFileSync(target);
        assert.deepEqual(
          kept,
          whole === 0 ? Buffer.from(`${HEADER}\n`) : bytes.subarray(0, (ends[whole - 1] ?? 0) + 1),
        );
      }),
    );
  });

  const whole = `${HEADER}\n{"signingKey":"x"}\n`;
  const entry = { region: 'r', operation: 'MeterUsage', receivedAt: NOW, meteringRecordId: 'i', record: {} };
  const recordLine = JSON.stringify({ records: [{ key: 'k', entry }] });
  const eventLine = JSON.stringify({ events: [{ event: REFUSED, lasting: false }] });
  const damaged: readonly (readonly [what: string, content: string, pattern: RegExp])[] = [
    ['a note', 'buy milk', /state\.jsonl:1: this is not the state file of an emulator/],
    ['something else', 'timestamp,quantity\n', /state\.jsonl:1: this is not the state file of an emulator/],
    [
      "the emulator's log",
      '{"at":"2026-11-22T10:30:00.000Z"}\n',
      /:1: this is not the state file of an emulator/,
    ],
    [
      'a later version',
      '{"file":"ampmeter emulator state","version":2}\n',
      /:1: this was written by another/,
    ],
    ['no JSON', `${HEADER}\n{}\n{"records":[\n{}\n`, /state\.jsonl:3: this line is damaged/],
    ['an empty line', `${HEADER}\n\n{}\n`, /:2: this line is damaged/],
    ['a list', `${HEADER}\n[]\n`, /:2: this line is damaged/],
    ['members of something else', `${HEADER}\n{"record":1}\n`, /:2: this line is damaged/],
    ['a record without a key', `${HEADER}\n${recordLine.replace('"k"', '1')}\n`, /:2: this line is damaged/],
    [
      'a record of no date',
      `${HEADER}\n${recordLine.replace(/"2026[^"]*"/, '"soon"')}\n`,
      /:2: this line is damaged/,
    ],
    [
      'an event of nobody',
      `${HEADER}\n${eventLine.replace('"accountId"', '"id"')}\n`,
      /:2: this line is damaged/,
    ],
    ['a record without an id', `${HEADER}\n${recordLine.replace('"i"', '1')}\n`, /:2: this line is damaged/],
    [
      'an event without a time',
      `${HEADER}\n{"events":[{"event":{},"lasting":true}]}\n`,
      /:2: this line is damaged/,
    ],
    [
      'a record that is not there',
      `${HEADER}\n${recordLine.replace('{}', '7')}\n`,
      /:2: this line is damaged/,
    ],
    [
      'an event to be delivered by halves',
      `${HEADER}\n${eventLine.replace('"lasting"', '"toDeliver":false,"lasting"')}\n`,
      /:2: this line is damaged/,
    ],
    ['a delivery of nothing', `${HEADER}\n{"delivered":[1]}\n`, /:2: this line is damaged/],
    ['keys by nobody', `${HEADER}\n{"keyedBy":"dedup-time=hour"}\n`, /:2: this line is damaged/],
    ['one record twice', `${HEADER}\n${recordLine}\n${recordLine}\n`, /:3: a record of k already exists/],
    ['a key that is none', whole, /:2: .*/],
  ];
  for (const [what, content, pattern] of damaged) {
    it(`does not start on a file with ${what}, and leaves it as it is`, async t => {
      const state = newFile();
      writeFileSync(state, content);
      await assert.rejects(start(t, state), error => {
        assert.ok(error instanceof UsageError);
        assert.match(error.message, pattern);
        assert.match(error.next ?? '', /move it away/);
        return true;
      });
      assert.equal(readFileSync(state, 'utf8'), content);
    });
  }

  for (const { name, readings } of BEHAVIOURS) {
    for (const { reading } of readings) {
      it(`finds its records again, or says why it cannot: ${name}=${reading}`, async t => {
        const state = newFile();
        const { emulator } = await start(t, state);
        const resend = async (to: Emulator): Promise<void> => {
          await call(to, 'BatchMeterUsage', batch({ ...RECORD, Timestamp: Timestamp + 900 }));
          await call(to, 'MeterUsage', { ...USAGE, ClientToken: 'token' });
          await call(to, 'MeterUsage', { ...USAGE, ClientToken: 'another' });
        };
        await resend(emulator);
        assert.equal(emulator.records().length, 2);
        await emulator.close();
        const behaviours = [`${name}=${reading}`];
        const next = await start(t, state, { behaviours }).catch((error: unknown) => error);
        if (next instanceof UsageError) {
          assert.ok(
            next.message.includes(
              `was written by an emulator with --behaviour ${name}=${readings[0].reading}`,
            ),
          );
          assert.match(next.next ?? '', /use the same flags/);
          assert.equal((await start(t, state)).emulator.records().length, 2);
          return;
        }
        const { emulator: other } = next as EmulatorWithTrail;
        await resend(other);
        assert.equal(other.records().length, 2);
      });
    }
  }

  it('may have other behaviours when it has no records any more', async t => {
    const state = newFile();
    const { emulator } = await start(t, state);
    await call(emulator, 'BatchMeterUsage', batch(RECORD));
    emulator.reset();
    await emulator.close();
    const options = { behaviours: ['dedup-time=exact'] };
    const { emulator: next } = await start(t, state, options);
    await call(next, 'BatchMeterUsage', batch(RECORD));
    await next.close();
    await assert.rejects(start(t, state), /--behaviour dedup-time=exact/);
    const { emulator: last } = await start(t, state, options);
    await call(last, 'BatchMeterUsage', batch(RECORD));
    assert.equal(last.records().length, 1);
  });

  it('starts on an empty file', async t => {
    const state = newFile();
    writeFileSync(state, '');
    const { emulator } = await start(t, state);
    assert.deepEqual(emulator.records(), []);
    assert.equal(readFileSync(state, 'utf8'), `${HEADER}\n`);
  });

  it('does not start on a file that another one uses, and does when that has stopped', async t => {
    const state = newFile();
    const { emulator } = await start(t, state);
    await call(emulator, 'BatchMeterUsage', batch(RECORD));
    await assert.rejects(start(t, state), (error: UsageError) => {
      assert.ok(error instanceof UsageError);
      assert.match(error.message, /another emulator uses the state file .*state\.jsonl/);
      return true;
    });
    assert.equal((await call(emulator, 'BatchMeterUsage', batch(RECORD))).status, 200);
    await emulator.close();
    const { emulator: next } = await start(t, state);
    assert.equal(next.records().length, 1);
  });

  it('lets go of its file when it cannot listen', async t => {
    const state = newFile();
    const { emulator: there } = await startWithTrail(t);
    const port = Number(new URL(there.url).port);
    await assert.rejects(start(t, state, { port }), { code: 'EADDRINUSE' });
    await start(t, state);
  });

  it('does not start where no file can be', async t => {
    const folder = newFolder();
    for (const state of [join(folder, 'nowhere', 'state.jsonl'), folder, '/dev/zero']) {
      await assert.rejects(start(t, state), (error: Error) => {
        assert.ok(error instanceof UsageError, String(error));
        assert.ok(error.message.includes(`cannot use the state file ${state}`), error.message);
        return true;
      });
    }
  });

  it('writes through a link', async t => {
    if (process.platform === 'win32') return t.skip('links need a privilege there');
    const target = newFile();
    writeFileSync(target, '');
    const state = join(newFolder(), 'link');
    symlinkSync(target, state);
    const { emulator } = await start(t, state);
    await call(emulator, 'BatchMeterUsage', batch(RECORD));
    assert.ok(lstatSync(state).isSymbolicLink());
    assert.equal(linesIn(target).length, 2);
  });

  it('is written through a link to what is not there yet', async t => {
    const folder = newFolder();
    symlinkSync('target', join(folder, 'link'));
    const { emulator } = await start(t, join(folder, 'link'));
    await call(emulator, 'BatchMeterUsage', batch(RECORD));
    assert.ok(lstatSync(join(folder, 'link')).isSymbolicLink());
    assert.equal(linesIn(join(folder, 'target')).length, 2);
  });

  it('leaves what is called like a draft of it alone, and keeps its mode', async t => {
    const state = newFile();
    writeFileSync(state, '');
    chmodSync(state, 0o640);
    writeFileSync(`${state}.part`, 'mine');
    const { emulator } = await start(t, state);
    await call(emulator, 'BatchMeterUsage', batch(RECORD));
    assert.equal(readFileSync(`${state}.part`, 'utf8'), 'mine');
    assert.equal(statSync(state).mode & 0o777, 0o640);
    assert.equal(linesIn(state).length, 2);
  });
});

describe('a state file', () => {
  it('has each record of a batch once, and gives back one object for it', async t => {
    const state = newFile();
    const { emulator } = await start(t, state);
    emulator.setFaults({ next: 'unprocessed@1' });
    const records = ['first', 'second', 'third'].map(Dimension => ({ ...RECORD, Dimension }));
    await call(emulator, 'BatchMeterUsage', batch(...records));
    await emulator.close();
    const text = readFileSync(state, 'utf8');
    for (const { Dimension } of records) {
      // Its key names it, too.
      assert.equal(text.split(`"Dimension":"${Dimension}"`).length, 2, Dimension);
    }
    const read: StateLine[] = [];
    openState(state, line => read.push(line)).close();
    const [{ records: stored = [], events = [] } = {}] = read;
    const [{ event } = assert.fail()] = events;
    const { input, output } = event as unknown as LoggedCall;
    assert.deepEqual(input.UsageRecords, records);
    const returned = [...output.Results.map(({ UsageRecord }) => UsageRecord), ...output.UnprocessedRecords];
    assert.equal(
      new Set([...input.UsageRecords, ...returned, ...stored.map(({ entry }) => entry.record)]).size,
      3,
    );
    assert.equal(stored.length, 2);
  });

  it('loses the events that are forgotten, when it is opened', async t => {
    const state = newFile();
    const refused = JSON.stringify({ events: [{ event: REFUSED, lasting: false }] });
    writeFileSync(state, `${HEADER}\n${`${refused}\n`.repeat(8000)}`);
    const { emulator } = await start(t, state);
    const left = linesIn(state).length - 1;
    assert.ok(left > 1000 && left < 8000, String(left));
    assert.deepEqual(emulator.records(), []);
  });

  it('has no trace of a line that could not be written whole', t => {
    const state = newFile();
    const file = openState(state, () => {});
    file.append({ signingKey: 'a' });
    const before = readFileSync(state, 'utf8');
    const mended = fillDisk(t);
    assert.throws(() => file.append({ signingKey: 'lost' }), /ENOSPC/);
    assert.equal(readFileSync(state, 'utf8'), before);
    assert.throws(() => file.replace([]), /ENOSPC/);
    assert.equal(readFileSync(state, 'utf8'), before);
    mended();
    file.append({ signingKey: 'b' });
    file.close();
    assert.equal(readFileSync(state, 'utf8'), `${HEADER}\n{"signingKey":"a"}\n{"signingKey":"b"}\n`);
    assert.throws(() => file.append({}), /closed/);
  });

  it('makes up for what could not be written, and until then nobody is answered', async t => {
    const state = newFile();
    const failures: unknown[] = [];
    const { emulator } = await start(t, state, { onRequest: ({ failure }) => failures.push(failure) });
    const mended = fillDisk(t);
    await assert.rejects(call(emulator, 'BatchMeterUsage', batch(RECORD)), { code: 'ECONNRESET' });
    await assert.rejects(call(emulator, 'ResolveCustomer', { RegistrationToken: 'x' }), {
      code: 'ECONNRESET',
    });
    assert.match(String(failures[0]), /ENOSPC/);
    mended();
    assert.deepEqual(await statuses(emulator, batch(RECORD)), ['Success']);
    await emulator.close();
    const { emulator: next, events } = await start(t, state);
    assert.deepEqual(next.records(), emulator.records());
    assert.equal(next.records().length, 1);
    assert.equal((await events()).length, 3);
  });

  it('is read in pieces: lines may be longer than one', () => {
    const state = newFile();
    const long = 'é'.repeat(1_500_000);
    writeFileSync(state, `${HEADER}\n`);
    for (const signingKey of ['short', long, 'short']) {
      appendFileSync(state, `${JSON.stringify({ signingKey })}\n`);
    }
    const lengths: number[] = [];
    openState(state, line => lengths.push(line.signingKey?.length ?? 0)).close();
    assert.deepEqual(lengths, [5, 1_500_000, 5]);
  });

  it('is read whatever stands in it, without anything worse than a refusal', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), text => {
        const read = readStateLine(text);
        if (!read.ok) assert.equal(read.message, 'this line is damaged');
      }),
    );
  });
});
