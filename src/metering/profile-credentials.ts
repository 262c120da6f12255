import { fromIni, fromNodeProviderChain } from '@aws-sdk/credential-providers';
import type { AwsCredentialIdentity, Logger } from '@smithy/types';
import { createHandler, type Handler } from './handler.ts';
import type { Network } from './network.ts';
import { NetworkError } from './network-error.ts';

/**
 * What the profile says, and nothing in its place: when its process or its SSO session fails, the whole chain would
 * go on to the role of the machine, which is another account's. Only for a profile that is not there, or says nothing
 * of credentials, it is the chain, as with the AWS CLI. `region` is for the calls that some providers make.
 */
export const profileCredentials = async (
  profile: string,
  region: string,
  network: Network,
): Promise<AwsCredentialIdentity> => {
  const requestHandler = namingHosts(createHandler(network));
  // Not as part of clientConfig, where the Region would count for more than the one that SSO is in (sso_region).
  const caller = { callerClientConfig: { region: async () => region, requestHandler } };
  // The config file may have new keys since it was last read, hence ignoreCache.
  const init = { profile, clientConfig: { requestHandler }, ignoreCache: true, logger: SILENCE };
  try {
    return await fromIni(init)(caller);
  } catch (error) {
    const nothing = `Could not resolve credentials using profile: [${profile}]`;
    if (!(error instanceof Error) || !error.message.startsWith(nothing)) throw error;
    return fromNodeProviderChain(init)(caller).catch((later: unknown) => {
      // There was something to get them from, and no way to it.
      throw later instanceof NetworkError ? later : error;
    });
  }
};

/** Several hosts may be asked for credentials, so an error says which. */
const namingHosts = (handler: Handler): Handler => ({
  ...handler,
  handle: (request, options) =>
    handler.handle(request, options).catch((error: unknown) => {
      if (!(error instanceof NetworkError)) throw error;
      const { code, sent, isLasting, cause } = error;
      throw new NetworkError(`${request.hostname}: ${error.message}`, { code, sent, isLasting, cause });
    }),
});

/** The package would warn on the console when there are keys in the environment and a profile: we have chosen. */
const SILENCE: Logger = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
