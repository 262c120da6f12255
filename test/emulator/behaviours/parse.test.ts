import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  BEHAVIOURS,
  behavioursOf,
  DEFAULT_BEHAVIOURS,
  readBehaviours,
} from '../../../src/emulator/behaviours/behaviours.ts';
import { startTestEmulator } from '../setup.ts';

describe('behaviours as they are typed', () => {
  it('are the first readings when nothing is typed', () => {
    assert.deepEqual(behavioursOf([]), DEFAULT_BEHAVIOURS);
    assert.deepEqual(
      Object.entries(DEFAULT_BEHAVIOURS),
      BEHAVIOURS.map(({ name, readings: [{ reading }] }) => [name, reading]),
    );
  });

  it('change what they name and nothing else', () => {
    for (const { name, readings } of BEHAVIOURS) {
      for (const { reading } of readings) {
        const { [name]: changed, ...others } = behavioursOf([`${name}=${reading}`]);
        const { [name]: _, ...untouched } = DEFAULT_BEHAVIOURS;
        assert.equal(changed, reading);
        assert.deepEqual(others, untouched);
      }
    }
  });

  it('can be given twice with the same reading', () => {
    const read = readBehaviours(['dedup-time=exact', 'dedup-time=exact']);
    assert.ok(read.ok && read.value['dedup-time'] === 'exact');
  });

  const wrong: readonly (readonly [texts: readonly string[], message: string | RegExp])[] = [
    [['identical'], /^unknown behavior "identical"; the behaviors are identical-resend, .*, error-message/],
    [[''], /^unknown behavior ""; the behaviors are /],
    [['=success'], /^unknown behavior ""; the behaviors are /],
    [['constructor=x'], /^unknown behavior "constructor"/],
    [['identical-resend'], 'no reading for identical-resend; use one of success, duplicate'],
    [['identical-resend='], 'unknown reading "" of identical-resend; use one of success, duplicate'],
    [
      ['identical-resend=Success'],
      'unknown reading "Success" of identical-resend; use one of success, duplicate',
    ],
    [['identical-resend=success='], /unknown reading "success="/],
    [['dedup-time=exact', 'dedup-time=hour'], 'dedup-time cannot be both exact and hour'],
  ];
  for (const [texts, message] of wrong) {
    it(`are refused with the known ones: ${texts.join(' ')}`, async t => {
      const read = readBehaviours(texts);
      assert.ok(!read.ok);
      if (typeof message === 'string') assert.equal(read.message, message);
      else assert.match(read.message, message);
      assert.throws(() => behavioursOf(texts), new RangeError(read.message));
      await assert.rejects(startTestEmulator(t, { behaviours: texts }), new RangeError(read.message));
    });
  }
});
