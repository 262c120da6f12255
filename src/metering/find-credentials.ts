import { CredentialsError } from '../errors.ts';
import type { World } from '../world.ts';
import {
  type CredentialSettings,
  type CredentialSource,
  exportCredentials,
  noCredentials,
} from './credential-source.ts';
import { sourceOfMachine } from './machine-source.ts';
import { sourceOfProfile } from './profile-source.ts';
import { loadSharedConfig, type SharedConfig } from './shared-config.ts';

export type FoundCredentials = {
  readonly source: CredentialSource;
  /** Of the roles that need one, by profile. */
  readonly mfaCodes: ReadonlyMap<string, string>;
  /** The error when no source is configured, and the machine has none either. */
  readonly noSourceError: (machine: string) => CredentialsError;
  /** That the profile that was named has no credentials, and the source is that of the machine; undefined: it has. */
  readonly fellBack: string | undefined;
};

/** Where credentials come from, and the codes they need from a person. Rejects with CredentialsError. */
export const findCredentials = async (
  flag: string | undefined,
  world: Pick<World, 'env' | 'files' | 'askHidden'>,
): Promise<FoundCredentials> => {
  const { env } = world;
  const profile = flag ?? (env.AWS_PROFILE || 'default');
  const shared = await loadSharedConfig(world, { ignoreCache: true });
  const profiles = merged(shared);
  const unread = (shared.unread ?? []).join('; ');
  const settings = { env, profiles, ssoSessions: ssoSessionsIn(shared), headers: shared.headers };
  const source = orUnread(unread, () => findSource(profile, settings));
  const lack = Object.hasOwn(profiles, profile) ? 'has no credentials' : 'does not exist';
  const noSourceError = (machine: string): CredentialsError => {
    const named = `profile "${profile}" ${lack}`;
    const half = halfSetIn(env);
    if (half !== undefined) return half;
    if (unread !== '') return noCredentials(`${named}, and ${unread}`, READABLE_FILE);
    return noCredentials(`no keys are set in the environment, ${named}, and ${machine}`, CONFIGURE_SOURCE);
  };
  if (source === undefined) throw noSourceError('AWS_EC2_METADATA_DISABLED is set');
  // --profile has precedence over keys in the environment. The keys of a source_profile would be those of another role.
  const instead = `run ${exportCredentials(profile)} first${flag === undefined ? '' : ', and remove --profile'}`;
  const namedBy = flag === undefined ? (env.AWS_PROFILE ? 'AWS_PROFILE' : undefined) : '--profile';
  const isOfMachine = namedBy !== undefined && sourceOfProfile(profile, settings, []) === undefined;
  const fellBack = isOfMachine ? `profile "${profile}" (${namedBy}) ${lack}` : undefined;
  return { source, mfaCodes: await askCodes(source, instead, world), noSourceError, fellBack };
};

/**
 * The source in the profile, without a fallback: if its process or its SSO session fails, the role of the machine would
 * be that of another account. Only if the profile does not exist, or has no credentials, it is the source in the
 * environment or the role of the instance, as in the AWS CLI; undefined when that is disabled as well.
 *
 * The order is that of AWS's own package. Throws CredentialsError for an invalid source.
 */
export const findSource = (profile: string, settings: CredentialSettings): CredentialSource | undefined =>
  sourceOfProfile(profile, settings, []) ?? sourceOfMachine(settings.env);

/** When no source is configured. */
const CONFIGURE_SOURCE =
  'set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or use --profile; see ampmeter help credentials';

/** What a profile lacks may be in a file that cannot be read. */
const orUnread = <T>(unread: string, find: () => T): T => {
  try {
    return find();
  } catch (error) {
    if (unread === '' || !(error instanceof CredentialsError)) throw error;
    throw noCredentials(`${error.because}; ${unread}`, `${READABLE_FILE}; or ${error.next}`);
  }
};

const READABLE_FILE = 'make the file readable for this user, or use another';

type ConfigSections = SharedConfig['config'];

/** Both files may have any setting; for credentials the credentials file has precedence. */
const merged = ({
  config,
  credentials,
  headers,
}: SharedConfig): Record<string, ConfigSections[string] & object> => {
  const names = new Set([...Object.keys(config), ...Object.keys(credentials), ...(headers?.keys() ?? [])]);
  return Object.fromEntries([...names].map(name => [name, { ...config[name], ...credentials[name] }]));
};

const SSO_SESSION = 'sso-session.';

const ssoSessionsIn = ({ config }: SharedConfig): Record<string, ConfigSections[string] & object> =>
  Object.fromEntries(
    Object.entries(config).flatMap(([name, section]) =>
      name.startsWith(SSO_SESSION) && section !== undefined
        ? [[name.slice(SSO_SESSION.length), section]]
        : [],
    ),
  );

/** Variables that need another one. */
const PAIRS = [
  ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'],
  ['AWS_SECRET_ACCESS_KEY', 'AWS_ACCESS_KEY_ID'],
  ['AWS_SESSION_TOKEN', 'AWS_ACCESS_KEY_ID'],
  ['AWS_WEB_IDENTITY_TOKEN_FILE', 'AWS_ROLE_ARN'],
  ['AWS_ROLE_ARN', 'AWS_WEB_IDENTITY_TOKEN_FILE'],
  ['AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE', 'AWS_CONTAINER_CREDENTIALS_FULL_URI'],
  ['AWS_CONTAINER_AUTHORIZATION_TOKEN', 'AWS_CONTAINER_CREDENTIALS_FULL_URI'],
] as const;

/** An incomplete source is ignored while there is another, as in AWS's package, and reported when there is none. */
const halfSetIn = (env: World['env']): CredentialsError | undefined => {
  const [has, lacks] = PAIRS.find(([name, other]) => env[name] && !env[other]) ?? [];
  if (has === undefined) return undefined;
  return noCredentials(`${has} is set, but ${lacks} is not`, `set ${lacks} as well, or use --profile`);
};

/**
 * Asks for codes before anything is called: people need longer than programs. `instead`: what to do without a
 * terminal.
 */
const askCodes = async (
  source: CredentialSource,
  instead: string,
  world: Pick<World, 'askHidden'>,
): Promise<ReadonlyMap<string, string>> => {
  if (source.kind !== 'role') return new Map();
  const codes = new Map(await askCodes(source.from, instead, world));
  const { profile, mfaSerial } = source;
  if (mfaSerial === undefined) return codes;
  const needed = `profile "${profile}" needs the code of an MFA device (mfa_serial ${mfaSerial})`;
  const again = 'run the command again and enter the six digits that the device shows';
  const typed = await world.askHidden(`MFA code for ${mfaSerial}: `).catch(() => {
    throw noCredentials(`${needed}, but the program was stopped`, again);
  });
  if (typed === undefined)
    throw noCredentials(
      `${needed}, but there is no terminal to ask for it`,
      `run it in a terminal, or ${instead}`,
    );
  if (!/^\d{6}$/.test(typed)) throw noCredentials(`${needed}, but the input is not one`, again);
  return codes.set(profile, typed);
};
