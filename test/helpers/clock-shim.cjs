'use strict';
// For `node --require`: shifts the wall clock of the process by CLOCK_OFFSET_MS milliseconds, or by the number in the file
// CLOCK_OFFSET_FILE, which may change while the process runs. Monotonic time is not affected.
const { readFileSync } = require('node:fs');

const RealDate = Date;
const { CLOCK_OFFSET_MS: fixed, CLOCK_OFFSET_FILE: file } = process.env;
let last = Number(fixed ?? 0);

const offset = () => {
  if (file === undefined) return last;
  try {
    const text = readFileSync(file, 'utf8');
    // Empty while it is being written.
    if (text !== '') last = Number(text);
  } catch {}
  return last;
};

const now = () => RealDate.now() + offset();

globalThis.Date = new Proxy(RealDate, {
  construct: (target, args, newTarget) =>
    Reflect.construct(target, args.length === 0 ? [now()] : args, newTarget),
  apply: () => new RealDate(now()).toString(),
  get: (target, name, receiver) => (name === 'now' ? now : Reflect.get(target, name, receiver)),
});
