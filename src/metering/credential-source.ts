import { noCredentials } from './no-credentials.ts';

type Env = Readonly<Record<string, string | undefined>>;
type Section = Readonly<Record<string, string | undefined>>;
type Sections = Readonly<Record<string, Section>>;

/** Where credentials are to come from. `title` is for people; it names the variable or the profile that says so. */
export type Source = { readonly title: string } & (
  | { readonly kind: 'environment' }
  | { readonly kind: 'keys'; readonly keys: Keys }
  | ({ readonly kind: 'role'; readonly from: Source } & Role)
  | ({ readonly kind: 'web-identity' } & WebIdentity)
  | { readonly kind: 'process'; readonly profile: string; readonly command: string }
  | { readonly kind: 'sso' | 'login'; readonly profile: string }
  | { readonly kind: 'container'; readonly token: ContainerToken | undefined }
  /** `isLastResort`: nothing names it. */
  | { readonly kind: 'instance'; readonly endpoint: string | undefined; readonly isLastResort: boolean }
);

export type Keys = {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string | undefined;
};

export type Role = {
  readonly profile: string;
  readonly roleArn: string;
  readonly sessionName: string | undefined;
  readonly externalId: string | undefined;
  readonly seconds: number;
  /** The device whose code is asked for. */
  readonly mfaSerial: string | undefined;
  /** Of the profile; where the role is assumed. */
  readonly region: string | undefined;
};

export type WebIdentity = {
  readonly tokenFile: string;
  readonly roleArn: string;
  readonly sessionName: string | undefined;
};

/** The variable that has the token, or names a file that has it. */
export type ContainerToken = { readonly variable: string; readonly path: string | undefined };

/** What the sources are looked for in. */
export type Settings = {
  readonly env: Env;
  readonly profiles: Sections;
  readonly ssoSessions: Sections;
};

/**
 * What the profile names, and nothing in its place: when its process or its SSO session fails, the role of the machine
 * would be another account's. Only for a profile that is not there, or says nothing of credentials, it is what the
 * environment names or the role of the instance, as with the AWS CLI; undefined when that is switched off, too.
 *
 * The order is that of AWS's own package. Throws CredentialsError for what is named and cannot be.
 */
export const findSource = (profile: string, settings: Settings): Source | undefined =>
  sourceOfProfile(profile, settings, []) ?? sourceOfMachine(settings.env);

/** `above`: the profiles whose roles need this one. */
const sourceOfProfile = (
  profile: string,
  settings: Settings,
  above: readonly string[],
): Source | undefined => {
  const section = sectionOf(settings.profiles, profile);
  if (section === undefined) return undefined;
  const title = `profile "${profile}"`;
  const keys = keysIn(section);
  if (keys !== undefined && above.length > 0) return { kind: 'keys', title, keys };
  if (
    section.role_arn !== undefined &&
    (section.source_profile === undefined) !== (section.credential_source === undefined)
  )
    return roleOf(profile, section.role_arn, section, settings, above);
  // What a role gets its credentials from may name the place alone.
  if (above.length > 0 && section.role_arn === undefined && section.credential_source !== undefined)
    return namedSource(profile, section.credential_source, settings.env);
  if (keys !== undefined) return { kind: 'keys', title, keys };
  const { web_identity_token_file: tokenFile, role_arn: roleArn, role_session_name: sessionName } = section;
  if (tokenFile !== undefined && roleArn !== undefined) {
    const named = `web_identity_token_file of ${title} (${tokenFile})`;
    return { kind: 'web-identity', title: named, tokenFile, roleArn, sessionName };
  }
  if (section.credential_process !== undefined) {
    return {
      kind: 'process',
      title: `the credential_process of ${title}`,
      profile,
      command: section.credential_process,
    };
  }
  if (SSO_SETTINGS.some(name => section[name] !== undefined)) {
    checkSso(profile, section, settings.ssoSessions);
    return { kind: 'sso', title: `the SSO session of ${title}`, profile };
  }
  if (section.login_session !== undefined)
    return { kind: 'login', title: `the login session of ${title}`, profile };
  const half = halfOf(section);
  if (half !== undefined) throw noCredentials(`${title} has ${half.text}`, half.next);
  return undefined;
};

/** By name, and not by what every object has. */
const sectionOf = (sections: Sections, name: string): Section | undefined =>
  Object.hasOwn(sections, name) ? sections[name] : undefined;

const keysIn = ({
  aws_access_key_id: accessKeyId,
  aws_secret_access_key: secretAccessKey,
  aws_session_token: sessionToken,
}: Section): Keys | undefined =>
  accessKeyId === undefined || secretAccessKey === undefined
    ? undefined
    : { accessKeyId, secretAccessKey, sessionToken };

/** What a profile begins to say of credentials and does not finish. */
const halfOf = (section: Section): { readonly text: string; readonly next: string } | undefined => {
  const { aws_access_key_id: id, aws_secret_access_key: secret } = section;
  if (id !== undefined || secret !== undefined) {
    const [has, lacks] = secret === undefined ? KEY_PAIR : KEY_PAIR.toReversed();
    return { text: `${has} and no ${lacks}`, next: `add ${lacks} to the profile` };
  }
  if (section.web_identity_token_file !== undefined)
    return { text: 'web_identity_token_file and no role_arn', next: 'add role_arn to the profile' };
  if (section.role_arn === undefined) return undefined;
  return section.source_profile === undefined
    ? {
        text: 'role_arn, and neither source_profile nor credential_source',
        next: 'add source_profile: the profile whose credentials may assume the role',
      }
    : {
        text: 'both source_profile and credential_source',
        next: 'remove one of them: the role is assumed with the credentials of one source',
      };
};

const KEY_PAIR = ['aws_access_key_id', 'aws_secret_access_key'];

const roleOf = (
  profile: string,
  roleArn: string,
  section: Section,
  settings: Settings,
  above: readonly string[],
): Source => {
  const { source_profile: source, credential_source: place, duration_seconds: duration = '3600' } = section;
  if (!/^\d+$/.test(duration))
    throw noCredentials(
      `duration_seconds of profile "${profile}" is not a whole number`,
      'set it to the seconds that the role is needed for, for example 3600',
    );
  return {
    kind: 'role',
    title: `the role of profile "${profile}" (${roleArn})`,
    profile,
    roleArn,
    sessionName: section.role_session_name,
    externalId: section.external_id,
    seconds: Number(duration),
    mfaSerial: section.mfa_serial,
    region: section.region,
    from:
      source === undefined
        ? namedSource(profile, place ?? '', settings.env)
        : sourceBelow(profile, source, settings, above),
  };
};

const sourceBelow = (
  profile: string,
  source: string,
  settings: Settings,
  above: readonly string[],
): Source => {
  if (above.includes(source))
    throw noCredentials(
      `the profiles ${[...above, source].map(name => `"${name}"`).join(' → ')} name each other as source_profile`,
      'let the last of them have credentials of its own',
    );
  if (sectionOf(settings.profiles, source) === undefined)
    throw noCredentials(
      `there is no profile "${source}", which profile "${profile}" names as source_profile`,
      'add it, or name another; aws configure list-profiles shows those that exist',
    );
  const found = sourceOfProfile(source, settings, [...above, source]);
  if (found !== undefined) return found;
  throw noCredentials(
    `profile "${source}", which profile "${profile}" names as source_profile, has no credentials`,
    `add credentials to profile "${source}", or name another source_profile`,
  );
};

const namedSource = (profile: string, place: string, env: Env): Source => {
  const saysSo = `credential_source of profile "${profile}"`;
  switch (place) {
    case 'Environment':
      if (env.AWS_ACCESS_KEY_ID && env.AWS_SECRET_ACCESS_KEY)
        return { kind: 'environment', title: `the environment (${saysSo})` };
      throw noCredentials(
        `${saysSo} is Environment, and ${missingKeys(env)}`,
        'set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY',
      );
    case 'EcsContainer': {
      const container = sourceOfContainer(env);
      if (container !== undefined) return container;
      throw noCredentials(
        `${saysSo} is EcsContainer, and neither AWS_CONTAINER_CREDENTIALS_RELATIVE_URI nor AWS_CONTAINER_CREDENTIALS_FULL_URI is set`,
        'run it in a container that has a role, or name another credential_source',
      );
    }
    case 'Ec2InstanceMetadata':
      return instance(env, false);
    default:
      throw noCredentials(
        `${saysSo} is none that is known: ${place}`,
        'use Environment, EcsContainer or Ec2InstanceMetadata',
      );
  }
};

const missingKeys = (env: Env): string =>
  env.AWS_ACCESS_KEY_ID
    ? 'AWS_SECRET_ACCESS_KEY is not set'
    : env.AWS_SECRET_ACCESS_KEY
      ? 'AWS_ACCESS_KEY_ID is not set'
      : 'there are no keys in it';

const SSO_SETTINGS = ['sso_start_url', 'sso_account_id', 'sso_session', 'sso_region', 'sso_role_name'];

/** Everything a session needs; some of it stands in a section of its own. */
const checkSso = (profile: string, section: Section, sessions: Sections): void => {
  const { sso_session: name } = section;
  const next = 'run aws configure sso, which writes all that a session needs';
  const session = name === undefined ? {} : sectionOf(sessions, name);
  if (session === undefined)
    throw noCredentials(
      `there is no section [sso-session ${name}] in the AWS config, which profile "${profile}" names as sso_session`,
      next,
    );
  const place = name === undefined ? `profile "${profile}"` : `the section [sso-session ${name}]`;
  const lacking = [
    [`profile "${profile}"`, ['sso_account_id', 'sso_role_name'].filter(setting => !section[setting])],
    [
      place,
      ['sso_start_url', 'sso_region'].filter(setting => !(name === undefined ? section : session)[setting]),
    ],
  ] as const;
  const missing = lacking.flatMap(([where, settings]) =>
    settings.length === 0 ? [] : [`${where} has no ${settings.join(' and no ')}`],
  );
  if (missing.length > 0) throw noCredentials(missing.join('; '), next);
};

const sourceOfMachine = (env: Env): Source | undefined => {
  const { AWS_WEB_IDENTITY_TOKEN_FILE: tokenFile, AWS_ROLE_ARN: roleArn } = env;
  if (tokenFile && roleArn) {
    return {
      kind: 'web-identity',
      title: `AWS_WEB_IDENTITY_TOKEN_FILE (${tokenFile})`,
      tokenFile,
      roleArn,
      sessionName: env.AWS_ROLE_SESSION_NAME || undefined,
    };
  }
  const container = sourceOfContainer(env);
  if (container !== undefined) return container;
  return isInstanceOff(env) ? undefined : instance(env, true);
};

const isInstanceOff = (env: Env): boolean => (env.AWS_EC2_METADATA_DISABLED || 'false') !== 'false';

/** `isUnnamed`: no profile says so. */
const instance = (env: Env, isUnnamed: boolean): Source => {
  const { AWS_EC2_METADATA_SERVICE_ENDPOINT: endpoint, AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE: mode } = env;
  if (endpoint && !URL.canParse(endpoint))
    throw noCredentials('AWS_EC2_METADATA_SERVICE_ENDPOINT is not a URL', 'correct it, or unset it');
  if (!endpoint && mode && !/^IPv[46]$/.test(mode))
    throw noCredentials(
      'AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE is neither IPv4 nor IPv6',
      'correct it, or unset it',
    );
  if (!endpoint)
    return {
      kind: 'instance',
      title: 'the role of the instance',
      endpoint: undefined,
      isLastResort: isUnnamed,
    };
  const { origin } = new URL(endpoint);
  return {
    kind: 'instance',
    title: `AWS_EC2_METADATA_SERVICE_ENDPOINT (${origin})`,
    endpoint: origin,
    isLastResort: false,
  };
};

/** Where the agent of ECS answers. */
const ECS_AGENT = 'http://169.254.170.2';

/** The address is shown without its path and query, which may be as good as a password. */
const sourceOfContainer = (env: Env): Source | undefined => {
  const { AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: relative, AWS_CONTAINER_CREDENTIALS_FULL_URI: full } = env;
  if (!relative && !full) return undefined;
  const variable = `AWS_CONTAINER_CREDENTIALS_${relative ? 'RELATIVE' : 'FULL'}_URI`;
  const url = relative ? `${ECS_AGENT}${relative}` : (full ?? '');
  if (!URL.canParse(url))
    throw noCredentials(
      `${variable} is not ${relative ? 'the path of a URL' : 'a URL'}`,
      'correct it; the platform that runs the container sets it',
    );
  return { kind: 'container', title: `${variable} (${new URL(url).origin})`, token: tokenIn(env) };
};

/** The file counts when both are set. */
const tokenIn = (env: Env): ContainerToken | undefined => {
  const { AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: path, AWS_CONTAINER_AUTHORIZATION_TOKEN: token } = env;
  if (path) return { variable: 'AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE', path };
  return token ? { variable: 'AWS_CONTAINER_AUTHORIZATION_TOKEN', path: undefined } : undefined;
};
