import assert from 'node:assert/strict';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { gunzipSync } from 'node:zlib';
import type { CloudTrailEvent } from '../../../src/emulator/cloudtrail/cloudtrail-event.ts';
import { openTrail } from '../../../src/emulator/cloudtrail/trail.ts';
import type { EmulatorOptions } from '../../../src/emulator/emulator.ts';
import { UsageError } from '../../../src/errors.ts';
import { newFolder } from '../../helpers/tool.ts';
import { call, callHeaders, NOW, send } from '../setup.ts';
import { claim, startWithTrail } from './lookups.ts';

const resolve = { RegistrationToken: 'test_token' };

/** Paths below a folder, of files only, with `/` between their parts. */
const filesIn = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    // What is being written is moved to its name while we look.
    .filter(file => statSync(join(folder, file), { throwIfNoEntry: false })?.isFile() === true)
    .map(file => file.replaceAll('\\', '/'))
    .sort();

const eventsIn = (folder: string): CloudTrailEvent[] =>
  filesIn(folder).flatMap(file => {
    const text = gunzipSync(readFileSync(join(folder, file))).toString();
    const { Records, ...others } = JSON.parse(text) as { Records: CloudTrailEvent[] };
    assert.deepEqual(others, {});
    return Records;
  });

/** As much of an event as files are sorted by, and so much more. */
const anEvent = (filling = 0, awsRegion = 'us-east-1'): CloudTrailEvent =>
  ({ awsRegion, recipientAccountId: '123456789012', userAgent: 'x'.repeat(filling) }) as CloudTrailEvent;

/** A trail without an emulator, and what it could not write. */
const openedTrail = (folder = newFolder()) => {
  const troubles: unknown[] = [];
  const onTrouble = (error: unknown) => troubles.push(error);
  const trail = openTrail(folder, { now: () => NOW, onTrouble, onDelivered: () => {} });
  return { trail, folder, troubles };
};

/** Lets what is written in the background come to its end: there is nothing to wait for but that. */
const until = async (isSo: () => boolean): Promise<void> => {
  while (!isSo()) await new Promise(resolve => setImmediate(resolve));
};

describe('the log files of CloudTrail', () => {
  it('have everything when the emulator stops, one for each Region, under the names of S3', async t => {
    const folder = newFolder();
    const { emulator, events } = await startWithTrail(t, { cloudTrail: join(folder, 'new', 'trail') });
    await call(emulator, 'ResolveCustomer', resolve);
    await call(emulator, 'ResolveCustomer', { RegistrationToken: 'invalid_token' });
    const headers = { ...callHeaders('ResolveCustomer'), ...claim('AKIDEXAMPLE', 'eu-west-1') };
    await send(emulator.url, { headers, body: JSON.stringify(resolve) });
    const here = await events();
    assert.deepEqual(filesIn(folder), []);
    await emulator.close();
    const files = filesIn(folder);
    assert.equal(files.length, 2);
    const name =
      /^new\/trail\/AWSLogs\/123456789012\/CloudTrail\/(eu-west-1|us-east-1)\/2026\/11\/22\/123456789012_CloudTrail_\1_20261122T1030Z_[A-Za-z0-9]{16}\.json\.gz$/;
    for (const file of files) assert.match(file, name);
    const written = eventsIn(folder).filter(({ eventName }) => eventName !== 'LookupEvents');
    assert.deepEqual(
      written.filter(({ awsRegion }) => awsRegion === 'us-east-1'),
      here,
    );
    assert.equal(written.filter(({ awsRegion }) => awsRegion === 'eu-west-1').length, 1);
  });

  it('are in the folder of the day on which they are written, by the clock of the service', async t => {
    const folder = newFolder();
    const { emulator } = await startWithTrail(t, { cloudTrail: folder });
    await call(emulator, 'ResolveCustomer', resolve);
    emulator.setClock({ now: '2027-01-02T03:04:59Z' });
    await emulator.close();
    assert.match(filesIn(folder)[0] ?? '', /\/us-east-1\/2027\/01\/02\/.*_20270102T0304Z_/);
    assert.equal(eventsIn(folder)[0]?.eventTime, '2026-11-22T10:30:00Z');
  });

  it('come every five minutes, when there is something in them', async t => {
    t.mock.timers.enable({ apis: ['setInterval'] });
    const { trail, folder } = openedTrail();
    trail.add(anEvent());
    trail.add(anEvent());
    t.mock.timers.tick(299_999);
    assert.deepEqual(filesIn(folder), []);
    t.mock.timers.tick(1);
    await until(() => filesIn(folder).some(file => file.endsWith('.gz')));
    assert.equal(eventsIn(folder).length, 2);
    t.mock.timers.tick(300_000);
    await trail.close();
    assert.equal(filesIn(folder).length, 1);
  });

  it('come sooner when there is much', async () => {
    const { trail, folder } = openedTrail();
    for (let count = 0; count < 25; count++) trail.add(anEvent(1_000_000));
    await until(() => filesIn(folder).filter(file => file.endsWith('.gz')).length === 2);
    await trail.close();
    assert.deepEqual(eventsIn(folder).length, 25);
    assert.equal(filesIn(folder).length, 3);
  });

  it('are nobody else to read', async t => {
    if (process.platform === 'win32') return t.skip('Windows has no modes');
    const { trail, folder } = openedTrail();
    trail.add(anEvent());
    await trail.close();
    assert.equal(statSync(join(folder, filesIn(folder)[0] ?? '')).mode & 0o777, 0o600);
  });

  describe('with a state file, after a crash', () => {
    /** The state as a killed emulator leaves it. */
    const leftOf = (state: string): string => {
      const copy = join(newFolder(), 'state.jsonl');
      copyFileSync(state, copy);
      return copy;
    };
    const start = (t: TestContext, options: Partial<EmulatorOptions>) =>
      startWithTrail(t, { uuid: () => crypto.randomUUID(), ...options });
    const resolved = async (t: TestContext, options: Partial<EmulatorOptions>): Promise<string[]> => {
      const { emulator, events } = await start(t, options);
      await call(emulator, 'ResolveCustomer', resolve);
      await call(emulator, 'ResolveCustomer', { RegistrationToken: 'invalid_token' });
      return (await events()).map(({ eventID }) => eventID);
    };
    const resolvedIn = (folder: string): string[] =>
      eventsIn(folder)
        .filter(({ eventName }) => eventName === 'ResolveCustomer')
        .map(({ eventID }) => eventID);

    it('have what the last emulator did not get to write, at once and only once', async t => {
      const [state, folder] = [join(newFolder(), 'state.jsonl'), newFolder()];
      const ids = await resolved(t, { state, cloudTrail: newFolder() });
      assert.equal(ids.length, 2);
      const next = leftOf(state);
      await start(t, { state: next, cloudTrail: folder });
      assert.deepEqual(resolvedIn(folder), ids);

      const last = await start(t, { state: leftOf(next), cloudTrail: folder });
      await last.emulator.close();
      assert.deepEqual(resolvedIn(folder), ids);
    });

    it('wait for the next trail when there is none', async t => {
      const [state, folder] = [join(newFolder(), 'state.jsonl'), newFolder()];
      const ids = await resolved(t, { state, cloudTrail: newFolder() });
      const next = leftOf(state);
      const { emulator } = await start(t, { state: next });
      await emulator.close();
      await start(t, { state: next, cloudTrail: folder });
      assert.deepEqual(resolvedIn(folder), ids);
    });

    it('have nothing from before there was a trail, and nothing that was reset', async t => {
      const [state, folder] = [join(newFolder(), 'state.jsonl'), newFolder()];
      await resolved(t, { state });
      const { emulator } = await start(t, { state: leftOf(state), cloudTrail: folder });
      await emulator.close();
      assert.deepEqual(eventsIn(folder), []);

      const other = join(newFolder(), 'state.jsonl');
      const { emulator: resetting } = await start(t, { state: other, cloudTrail: newFolder() });
      await call(resetting, 'ResolveCustomer', resolve);
      resetting.reset();
      await start(t, { state: leftOf(other), cloudTrail: folder });
      assert.deepEqual(eventsIn(folder), []);
    });

    it('are not written again after a clean stop', async t => {
      const [state, folder] = [join(newFolder(), 'state.jsonl'), newFolder()];
      const { emulator } = await start(t, { state, cloudTrail: folder });
      await call(emulator, 'ResolveCustomer', resolve);
      await emulator.close();
      const { emulator: next } = await start(t, { state, cloudTrail: folder });
      await next.close();
      assert.equal(eventsIn(folder).length, 1);
    });
  });

  it('drop what is not written yet when the emulator is reset', async t => {
    const folder = newFolder();
    const { emulator } = await startWithTrail(t, { cloudTrail: folder });
    await call(emulator, 'ResolveCustomer', resolve);
    emulator.reset();
    await emulator.close();
    assert.deepEqual(filesIn(folder), []);
  });

  it('are tried again when they could not be written, and nothing is lost', async t => {
    t.mock.timers.enable({ apis: ['setInterval'] });
    const { trail, folder, troubles } = openedTrail();
    const obstacle = join(folder, 'AWSLogs', '123456789012');
    writeFileSync(obstacle, 'a file where a folder should be');
    trail.add(anEvent());
    t.mock.timers.tick(300_000);
    await until(() => troubles.length === 1);
    trail.add(anEvent());
    const { unlinkSync } = await import('node:fs');
    unlinkSync(obstacle);
    t.mock.timers.tick(300_000);
    await until(() => filesIn(folder).some(file => file.endsWith('.gz')));
    assert.equal(eventsIn(folder).length, 2);
    await trail.close();
    assert.equal(troubles.length, 1);
  });

  it('are missed aloud when they can never be written', async () => {
    const { trail, folder, troubles } = openedTrail();
    writeFileSync(join(folder, 'AWSLogs', '123456789012'), '');
    trail.add(anEvent());
    await assert.rejects(trail.close(), /1 CloudTrail event could not be written to/);
    assert.equal(troubles.length, 1);
    assert.deepEqual(filesIn(folder), ['AWSLogs/123456789012']);
  });

  it('stop the emulator from starting when their folder cannot be written', async t => {
    const folder = newFolder();
    writeFileSync(join(folder, 'file'), '');
    assert.throws(() => openedTrail(join(folder, 'file')), UsageError);
    assert.throws(
      () => openedTrail(join(folder, 'file', 'below')),
      /cannot write CloudTrail's log files to /,
    );
    await assert.rejects(startWithTrail(t, { cloudTrail: join(folder, 'file') }), UsageError);
    if (process.platform === 'win32' || process.getuid?.() === 0) return t.skip('root may write anywhere');
    const shut = join(folder, 'shut');
    mkdirSync(shut);
    chmodSync(shut, 0o500);
    assert.throws(() => openedTrail(shut), /EACCES/);
    assert.ok(!existsSync(join(shut, 'AWSLogs')));
  });

  it('leave no trace of the look at their folder', () => {
    const { folder } = openedTrail();
    assert.deepEqual(filesIn(folder), []);
  });
});
