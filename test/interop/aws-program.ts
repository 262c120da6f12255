import type { Ended } from '../helpers/tool.ts';
import { isAll } from '../helpers/volume.ts';
import { askPython, withoutModules } from './python.ts';
import { missing, run } from './run.ts';

/** The reason to skip a test that needs the AWS CLI. */
export const withoutAws = await missing('aws', '--version');

const isOneProcess = !isAll && withoutModules('awscli') === false;

let isStarted = false;

/** Runs the AWS CLI: first its program, as from a shell script, then its code in one process, where Python has it. */
export const runAws = async (args: readonly string[], env: NodeJS.ProcessEnv): Promise<Ended> => {
  if (isStarted && isOneProcess) return (await askPython('aws_witness', env, { args })) as Ended;
  isStarted = true;
  return run('aws', args, { env });
};
