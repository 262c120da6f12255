import { fromHttp } from '@aws-sdk/credential-providers';
import type { AwsCredentialIdentity, Logger } from '@smithy/types';
import type { World } from '../world.ts';

type Asking = {
  readonly token: string;
  readonly logger: Logger;
  readonly sleep: World['sleep'];
  readonly signal: AbortSignal;
  /** Told what each attempt but the last failed with. */
  readonly onTrouble: (error: unknown) => void;
};

/** As often as AWS's package asks, and as soon again: what answers may start after the container. */
const ATTEMPTS = 4;
const PAUSE_MS = 1_000;

/** Asked again here, and not by the package: whoever waits no longer is told why there was no answer, not that it is slow. */
export const containerCredentials = async ({
  token,
  logger,
  sleep,
  signal,
  onTrouble,
}: Asking): Promise<AwsCredentialIdentity> => {
  // An empty path is none, and counts for more than the variable.
  const ask = fromHttp({
    awsContainerAuthorizationToken: token,
    awsContainerAuthorizationTokenFile: '',
    maxRetries: 0,
    logger,
  });
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await ask();
    } catch (error) {
      if (attempt === ATTEMPTS) throw error;
      onTrouble(error);
      await sleep(PAUSE_MS, signal);
    }
  }
};
