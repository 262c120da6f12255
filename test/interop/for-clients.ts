import { devNull } from 'node:os';
import type { TestContext } from 'node:test';
import type { Emulator } from '../../src/emulator/emulator.ts';
import { KEY_PAIR } from '../../src/emulator/principal.ts';
import { startEmulator } from '../../src/emulator/server.ts';

/** An emulator that verifies signatures, with the real time, because third-party clients sign with it. */
export const startForClients = async (t: Pick<TestContext, 'after'>): Promise<Emulator> => {
  const emulator = await startEmulator({
    port: 0,
    now: () => new Date(),
    uuid: () => crypto.randomUUID(),
    window: 'on',
    signatures: 'verify',
  });
  t.after(emulator.close);
  return emulator;
};

/** The environment that points the AWS CLI and boto3 at an emulator, without the AWS settings of the machine. */
export const clientEnv = ({ url }: Pick<Emulator, 'url'>): NodeJS.ProcessEnv => ({
  PATH: process.env['PATH'],
  HOME: process.env['HOME'],
  LANG: 'C.UTF-8',
  AWS_CONFIG_FILE: devNull,
  AWS_SHARED_CREDENTIALS_FILE: devNull,
  AWS_EC2_METADATA_DISABLED: 'true',
  AWS_ENDPOINT_URL: url,
  AWS_DEFAULT_REGION: 'us-east-1',
  AWS_ACCESS_KEY_ID: KEY_PAIR.accessKeyId,
  AWS_SECRET_ACCESS_KEY: KEY_PAIR.secretAccessKey,
});
