import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { BEHAVIOURS } from '../../../src/emulator/behaviours/behaviours.ts';
import { behavioursOf, DEFAULT_BEHAVIOURS, readBehaviours } from '../../../src/emulator/behaviours/parse.ts';
import { startLab } from '../setup.ts';

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

  it('may be said twice alike', () => {
    const read = readBehaviours(['dedup-time=exact', 'dedup-time=exact']);
    assert.ok(read.ok && read.value['dedup-time'] === 'exact');
  });

  const wrong: readonly (readonly [texts: readonly string[], message: string | RegExp])[] = [
    [['identical'], /^no behaviour is called "identical"; there are identical-resend, .*, error-message/],
    [[''], /^no behaviour is called ""; there are /],
    [['=success'], /^no behaviour is called ""; there are /],
    [['constructor=x'], /^no behaviour is called "constructor"/],
    [['identical-resend'], 'identical-resend has no reading; there are success, duplicate'],
    [['identical-resend='], 'identical-resend has no reading ""; there are success, duplicate'],
    [['identical-resend=Success'], 'identical-resend has no reading "Success"; there are success, duplicate'],
    [['identical-resend=success='], /no reading "success="/],
    [['dedup-time=exact', 'dedup-time=hour'], 'dedup-time cannot be exact and hour at once'],
  ];
  for (const [texts, message] of wrong) {
    it(`are refused with what there is: ${texts.join(' ')}`, async t => {
      const read = readBehaviours(texts);
      assert.ok(!read.ok);
      if (typeof message === 'string') assert.equal(read.message, message);
      else assert.match(read.message, message);
      assert.throws(() => behavioursOf(texts), new RangeError(read.message));
      await assert.rejects(startLab(t, { behaviours: texts }), new RangeError(read.message));
    });
  }
});
