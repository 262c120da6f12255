import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { newFolder, startReferee } from '../setup.ts';
import { shimmed, type TimedReferee } from './driver.ts';
import type { Resend } from './plan.ts';

/** One that answers so to a record that it has, and whose clock the trials move. */
export const startTimedReferee = async (resend: Resend): Promise<TimedReferee> => {
  const clock = join(newFolder('clock'), 'offset');
  writeFileSync(clock, '0');
  const referee = await startReferee(['--behaviour', `identical-resend=${resend}`], 0, shimmed(clock));
  return { referee, clock };
};
