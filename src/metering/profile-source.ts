import type {
  AccessKeys,
  CredentialSettings,
  CredentialSource,
  ProfileSection,
  ProfileSections,
} from './credential-source.ts';
import { noCredentials } from './credential-source.ts';
import { namedSource } from './machine-source.ts';

/**
 * The source of credentials in a profile of the AWS config; undefined when it has none. `above`: the profiles whose roles
 * need this one.
 */
export const sourceOfProfile = (
  profile: string,
  settings: CredentialSettings,
  above: readonly string[],
): CredentialSource | undefined => {
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
  // The source of a role may have only a place.
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
  const empty = settings.headers?.get(profile)?.find(name => section[name] === undefined);
  if (empty !== undefined)
    throw noCredentials(`${empty} of ${title} is empty`, 'give it a value, or remove it');
  return undefined;
};

/** Ignores the members that every object has. */
const sectionOf = (sections: ProfileSections, name: string): ProfileSection | undefined =>
  Object.hasOwn(sections, name) ? sections[name] : undefined;

const keysIn = ({
  aws_access_key_id: accessKeyId,
  aws_secret_access_key: secretAccessKey,
  aws_session_token: sessionToken,
}: ProfileSection): AccessKeys | undefined =>
  accessKeyId === undefined || secretAccessKey === undefined
    ? undefined
    : { accessKeyId, secretAccessKey, sessionToken };

/** Incomplete credential settings of a profile. */
const halfOf = (section: ProfileSection): { readonly text: string; readonly next: string } | undefined => {
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
  section: ProfileSection,
  settings: CredentialSettings,
  above: readonly string[],
): CredentialSource => {
  const { source_profile: source, credential_source: place, duration_seconds: duration = '3600' } = section;
  if (!/^\d+$/.test(duration))
    throw noCredentials(
      `duration_seconds of profile "${profile}" is not a whole number`,
      'set it to the duration of the role session in seconds, for example 3600',
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
  settings: CredentialSettings,
  above: readonly string[],
): CredentialSource => {
  if (above.includes(source))
    throw noCredentials(
      `the profiles ${[...above, source].map(name => `"${name}"`).join(' → ')} refer to each other as source_profile`,
      'give the last of them its own credentials',
    );
  if (sectionOf(settings.profiles, source) === undefined)
    throw noCredentials(
      `profile "${source}", the source_profile of profile "${profile}", does not exist`,
      'add it, or use another; aws configure list-profiles lists the existing ones',
    );
  const found = sourceOfProfile(source, settings, [...above, source]);
  if (found !== undefined) return found;
  throw noCredentials(
    `profile "${source}", the source_profile of profile "${profile}", has no credentials`,
    `add credentials to profile "${source}", or use another source_profile`,
  );
};

const SSO_SETTINGS = ['sso_start_url', 'sso_account_id', 'sso_session', 'sso_region', 'sso_role_name'];

/** Requires everything a session needs; some of it may be in a section of its own. */
const checkSso = (profile: string, section: ProfileSection, sessions: ProfileSections): void => {
  const { sso_session: name } = section;
  const next = 'run aws configure sso, which writes all settings of a session';
  const session = name === undefined ? {} : sectionOf(sessions, name);
  if (session === undefined)
    throw noCredentials(
      `section [sso-session ${name}], the sso_session of profile "${profile}", does not exist in the AWS config`,
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
