import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, type TestContext, test } from 'node:test';
import { BEHAVIOURS } from '../../src/emulator/behaviours/behaviours.ts';
import { KEY_PAIR } from '../../src/emulator/principal.ts';
import { startEmulator } from '../../src/emulator/server.ts';
import { runRow } from './marketplaces.ts';
import type { Row } from './row.ts';
import { ROWS, SECTIONS } from './rows.ts';
import { controlAt, type Target } from './target.ts';

/** The emulator with one of its readings, or with its defaults. */
const startTarget = async (t: TestContext, reading: string | undefined): Promise<Target> => {
  const emulator = await startEmulator({
    port: 0,
    now: () => new Date(),
    uuid: () => crypto.randomUUID(),
    window: 'on',
    signatures: 'verify',
    behaviours: reading === undefined ? [] : [reading],
  });
  t.after(emulator.close);
  const control = await controlAt(emulator.url);
  assert.notEqual(control, undefined);
  return {
    url: emulator.url,
    region: 'us-east-1',
    credentials: KEY_PAIR,
    control,
    reading: reading ?? 'as documented',
  };
};

/** Names that only tests in this process use: each reading has its own emulator. */
const RUN = 'test';

const readingsOf = (row: Row): readonly string[] => {
  const names = {
    product: 'p',
    customer: 'c',
    account: '1',
    otherAccount: '2',
    license: 'a',
    otherLicense: 'b',
  };
  const steps = row.steps({ ...names, token: 't', now: 0, hour: 0 });
  return [...new Set(steps.flatMap(({ or }) => Object.keys(or ?? {})))];
};

const READINGS = [...new Set(ROWS.flatMap(readingsOf))].sort();

describe('the emulator conforms', () => {
  for (const reading of [undefined, ...READINGS]) {
    const rows = [...ROWS.entries()].filter(
      ([, row]) => reading === undefined || readingsOf(row).includes(reading),
    );
    test(reading ?? 'as AWS documents it', async t => {
      const target = await startTarget(t, reading);
      for (const [place, row] of rows) {
        await t.test(`${row.section}: ${row.rule}`, async () => {
          const outcome = await runRow(row, target, RUN, place);
          assert.equal(outcome.kind === 'failed' ? outcome.why : outcome.kind, 'passed', row.source);
        });
      }
    });
  }
});

/** A service without rules, with a control plane that does nothing. */
const startStub = async (t: TestContext, status: number, body: (input: Batch) => object): Promise<Target> => {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', chunk => chunks.push(chunk));
    request.on('end', () => {
      response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1', 'x-amzn-requestid': UUID });
      response.end(JSON.stringify(body(inputIn(Buffer.concat(chunks).toString()))));
    });
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  t.after(() => void server.close());
  const nothing = async (): Promise<void> => {};
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    region: 'us-east-1',
    credentials: KEY_PAIR,
    control: { post: nothing, remove: nothing, records: async () => [] },
    reading: 'as documented',
  };
};

type Batch = { readonly UsageRecords?: readonly object[] };

const inputIn = (text: string): Batch => {
  try {
    const input = JSON.parse(text) as Batch;
    return Array.isArray(input.UsageRecords) ? input : {};
  } catch {
    return {};
  }
};

const UUID = '1818031d-2bdf-43e8-ad5f-b85e28a14c7b';

const yes = ({ UsageRecords = [] }: Batch): object => ({
  Results: UsageRecords.map(UsageRecord => ({ UsageRecord, MeteringRecordId: UUID, Status: 'Success' })),
  UnprocessedRecords: [],
});

const no = (): object => ({ __type: 'InternalServiceErrorException', message: 'no' });

describe('the table', () => {
  test('has no rule that both a service that accepts everything and one that rejects everything follow', async t => {
    const [accepting, refusing] = [await startStub(t, 200, yes), await startStub(t, 500, no)];
    for (const [place, row] of ROWS.entries()) {
      const outcomes = [await runRow(row, accepting, RUN, place), await runRow(row, refusing, RUN, place)];
      assert.ok(
        outcomes.some(({ kind }) => kind === 'failed'),
        `${row.section}: ${row.rule}`,
      );
    }
  });

  test('covers every reading of the emulator', () => {
    const readings = BEHAVIOURS.flatMap(({ name, readings: [, ...others] }) =>
      others.map(({ reading }) => `${name}=${reading}`),
    );
    assert.deepEqual(READINGS, readings.sort());
  });

  test('has each rule once, in a named section, with its source', () => {
    const rules = ROWS.map(({ section, rule }) => `${section}: ${rule}`);
    assert.deepEqual(
      rules.filter((rule, place) => rules.indexOf(rule) !== place),
      [],
    );
    for (const { section, source } of ROWS) {
      assert.notEqual(SECTIONS[section.split('.')[0] ?? ''], undefined, section);
      assert.match(source, /\w{3}/);
    }
  });

  test('has as many rules as docs/emulator.md says', () => {
    const page = readFileSync(new URL('../../docs/emulator.md', import.meta.url), 'utf8');
    assert.match(page, new RegExp(`\\b${ROWS.length} rules\\b`));
  });

  test('has rules for every section', () => {
    const sections = new Set(ROWS.map(({ section }) => section.split('.')[0]));
    assert.deepEqual([...sections].sort(), Object.keys(SECTIONS).sort());
  });
});
