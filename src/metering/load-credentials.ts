import type { AwsCredentialIdentity, Logger } from '@smithy/types';
import { CredentialsError } from '../errors.ts';
import type { World } from '../world.ts';
import { checkKeys } from './check-keys.ts';
import { explainFailure, type LastReply } from './credential-failure.ts';
import { processCredentials } from './credential-process.ts';
import type { CredentialSource, Prompt, Role } from './credential-source.ts';
import { tokenOf } from './credential-tokens.ts';
import { noted } from './environment-keys.ts';
import { type AwsRequestHandler, createHandler } from './handler.ts';
import { NetworkError } from './network-error.ts';
import type { Network } from './proxy.ts';

type LoadOptions = {
  /** For the calls that some providers make, such as assuming a role. */
  readonly region: string;
  readonly network: Network;
  /** Of the roles that need one, by profile. */
  readonly mfaCodes: ReadonlyMap<string, string>;
  readonly world: Pick<World, 'env' | 'now' | 'files' | 'run' | 'sleep'>;
  /** Aborts when no caller is waiting. */
  readonly signal: AbortSignal;
  /** Called with what is waited for, whenever that changes. */
  readonly onWait: (waiting: Prompt) => void;
  /** The error when no source is configured, and the instance has none either. */
  readonly noSourceError: (machine: string) => CredentialsError;
  /** See `FoundCredentials`. */
  readonly fellBack: string | undefined;
};

/**
 * Credentials from this source. AWS's package takes longer to load than a call takes, so it is imported only for the
 * sources that need it. Rejects with CredentialsError in our own words: those of the package may repeat a command, a file or a
 * reply, and with them a secret.
 */
export const loadCredentials = async (
  source: CredentialSource,
  options: LoadOptions,
): Promise<AwsCredentialIdentity> => {
  const from = source.kind === 'role' ? await loadCredentials(source.from, options) : undefined;
  options.onWait(source);
  // AWS's package has connections of its own.
  if (!CALLS_NOBODY.includes(source.kind)) options.network.trustBundle();
  const token = await tokenOf(source, options.world);
  const last: Last = {};
  const requestHandler = namingHosts(createHandler(options.network), last);
  const secrets = [token, from?.secretAccessKey, from?.sessionToken];
  const explained = (error: unknown): CredentialsError =>
    explainFailure(source, last.error ?? error, {
      lastReply: last.lastReply,
      secrets,
      noSourceError: options.noSourceError,
      fellBack: options.fellBack,
    });
  const onTrouble = (error: unknown): void =>
    options.onWait({ title: source.title, failure: explained(error) });
  try {
    return checkKeys(await provide(source, { from, token, onTrouble }, requestHandler, options), source);
  } catch (error) {
    throw error instanceof CredentialsError ? error : explained(error);
  } finally {
    requestHandler.destroy();
  }
};

const CALLS_NOBODY: readonly CredentialSource['kind'][] = ['environment', 'keys', 'process'];

/** What a source needs: the credentials that may assume a role, or a token. */
type SourceInput = {
  readonly from: AwsCredentialIdentity | undefined;
  readonly token: string | undefined;
  /** Called with the error of an attempt that is followed by another. */
  readonly onTrouble: (error: unknown) => void;
};

const provide = async (
  source: CredentialSource,
  { from, token = '', onTrouble }: SourceInput,
  requestHandler: AwsRequestHandler,
  options: LoadOptions,
): Promise<AwsCredentialIdentity> => {
  // Not as part of clientConfig, where the Region would count for more than the one that SSO is in (sso_region).
  const caller = { callerClientConfig: { region: async () => options.region, requestHandler } };
  // The config file may have new sessions since it was last read.
  const init = { clientConfig: { requestHandler }, ignoreCache: true, logger: SILENCE };
  switch (source.kind) {
    case 'environment':
      return source.keys;
    case 'keys':
      return noted({ ...source.keys }, 'CREDENTIALS_PROFILE');
    case 'role': {
      const { fromTemporaryCredentials } = await import('@aws-sdk/credential-providers');
      return fromTemporaryCredentials({
        ...roleParameters(source, options),
        ...(from !== undefined && { masterCredentials: from }),
        clientConfig: { region: source.region ?? options.region, requestHandler },
        logger: SILENCE,
      })(caller).then(identity => noted(identity, 'CREDENTIALS_STS_ASSUME_ROLE'));
    }
    case 'web-identity': {
      const { fromWebToken } = await import('@aws-sdk/credential-providers');
      const { roleArn, sessionName } = source;
      const named = sessionName === undefined ? {} : { roleSessionName: sessionName };
      return fromWebToken({ ...init, webIdentityToken: token, roleArn, ...named })(caller);
    }
    case 'process':
      return noted(await processCredentials(source, options), 'CREDENTIALS_PROCESS');
    case 'sso': {
      const { fromSSO } = await import('@aws-sdk/credential-providers');
      return fromSSO({ ...init, profile: source.profile })(caller);
    }
    case 'login': {
      const { fromLoginCredentials } = await import('@aws-sdk/credential-providers');
      return fromLoginCredentials({ ...init, profile: source.profile })(caller);
    }
    case 'container':
      return containerCredentials({
        token,
        logger: SILENCE,
        sleep: options.world.sleep,
        signal: options.signal,
        onTrouble,
      });
    case 'instance': {
      const { fromInstanceMetadata } = await import('@aws-sdk/credential-providers');
      return fromInstanceMetadata({ logger: SILENCE })(caller);
    }
    default:
      return source satisfies never;
  }
};

type ContainerRequest = {
  readonly token: string;
  readonly logger: Logger;
  readonly sleep: World['sleep'];
  readonly signal: AbortSignal;
  /** Called with the error of each attempt but the last. */
  readonly onTrouble: (error: unknown) => void;
};

/** As in AWS's package: the endpoint may start after the container. */
const MAX_ATTEMPTS = 4;
const PAUSE_MS = 1_000;

/** Retried here and not by the package, so that a caller that stops waiting knows why there was no reply. */
const containerCredentials = async ({
  token,
  logger,
  sleep,
  signal,
  onTrouble,
}: ContainerRequest): Promise<AwsCredentialIdentity> => {
  const { fromHttp } = await import('@aws-sdk/credential-providers');
  // An empty path means no file, and has precedence over the variable.
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
      if (attempt === MAX_ATTEMPTS) throw error;
      onTrouble(error);
      await sleep(PAUSE_MS, signal);
    }
  }
};

const roleParameters = (
  { profile, roleArn, sessionName, externalId, seconds, mfaSerial }: Role,
  { mfaCodes }: LoadOptions,
) => ({
  params: {
    RoleArn: roleArn,
    RoleSessionName: sessionName,
    ExternalId: externalId,
    DurationSeconds: seconds,
    SerialNumber: mfaSerial,
  },
  mfaCodeProvider: async () => mfaCodes.get(profile) ?? '',
});

/** How the last request ended: with an error or a reply. */
type Last = { error?: NetworkError | undefined; lastReply?: LastReply | undefined };

/** Several hosts may be called for credentials, so an error names its host; AWS's package may keep only the text. */
const namingHosts = (handler: AwsRequestHandler, last: Last): AwsRequestHandler => ({
  ...handler,
  handle: async (request, options) => {
    last.error = undefined;
    last.lastReply = undefined;
    try {
      const result = await handler.handle(request, options);
      const { statusCode: status, headers } = result.response;
      last.lastReply = { status, isOfAws: 'x-amzn-requestid' in headers };
      return result;
    } catch (error) {
      if (!(error instanceof NetworkError)) throw error;
      const { code, sent, isLasting, cause } = error;
      const facts = { code, sent, isLasting, cause };
      last.error = new NetworkError(`${request.hostname}: ${error.message}`, facts);
      throw last.error;
    }
  },
});

/** The package would print on the console what is in the error. */
const SILENCE: Logger = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
