import { getHomeDir, loadSharedConfigFiles } from '@smithy/core/config';
import { CredentialsError, unreadableBecause } from '../errors.ts';
import type { World } from '../world.ts';
import { outlineOf, type SectionHeaders } from './config-headers.ts';
import { noCredentials } from './credential-source.ts';

type Outside = Pick<World, 'env' | 'files'>;

/** Sections of the shared AWS config and credentials files; a `services` section is named `services.NAME`. */
export type SharedConfig = {
  readonly config: Readonly<Record<string, Readonly<Record<string, string | undefined>> | undefined>>;
  readonly credentials: SharedConfig['config'];
} & Partial<SharedFacts>;

/** Reads the files of AWS_CONFIG_FILE and AWS_SHARED_CREDENTIALS_FILE, or those in the home directory. */
export const loadSharedConfig = async (
  world: Outside,
  { ignoreCache = false } = {},
): Promise<SharedConfig> => {
  await rejectPipes(world);
  try {
    const { configFile: config, credentialsFile: credentials } = await loadSharedConfigFiles({ ignoreCache });
    return { config, credentials, ...(await sharedFacts(world)) };
  } catch (error) {
    // In a container the user may have no home directory and no name.
    if ((error as NodeJS.ErrnoException).code === 'ERR_SYSTEM_ERROR') return { config: {}, credentials: {} };
    throw error;
  }
};

export type Profile = Readonly<Record<string, string | undefined>>;

/** The settings of the profile in use. Throws CredentialsError when a profile was given and does not exist. */
export const profileOf = (
  flags: { readonly profile: string | undefined },
  env: World['env'],
  shared: SharedConfig,
): Profile => {
  const named = flags.profile ?? (env.AWS_PROFILE || undefined);
  const name = named ?? 'default';
  const sections = [shared.credentials[name], shared.config[name]];
  if (named !== undefined && sections.every(section => section === undefined)) {
    const source = flags.profile === undefined ? 'AWS_PROFILE' : '--profile';
    const because = (shared.unread ?? []).join('; ');
    const empty = shared.headers?.get(name);
    if (empty !== undefined) {
      const [setting] = empty;
      const title = `profile "${name}" (${source})`;
      throw new CredentialsError(
        setting === undefined ? `${title} has no settings` : `${setting} of ${title} is empty`,
        {
          next:
            setting === undefined
              ? 'add its credentials, or use another profile'
              : 'give it a value, or use another profile',
        },
      );
    }
    throw new CredentialsError(`profile "${name}" (${source}) does not exist in the AWS config`, {
      ...(because !== '' && { because }),
      next:
        because === ''
          ? 'aws configure list-profiles lists the existing ones; a section in the config file begins with [profile NAME]'
          : 'make the file readable for this user, or use another file or profile',
    });
  }
  // Both files may have any setting; the config file has precedence.
  return Object.assign({}, ...sections);
};

const SHARED_FILES = [
  ['AWS_CONFIG_FILE', 'config'],
  ['AWS_SHARED_CREDENTIALS_FILE', 'credentials'],
] as const;

/** What the shell substitutes for `<(command)`: it has a writer. */
const IS_SUBSTITUTION = /^\/(dev\/fd|proc)\//;

/** A pipe without a writer would block the program, even at its end. */
const isLonelyPipe = async (path: string, files: World['files']): Promise<boolean> =>
  !IS_SUBSTITUTION.test(path) && (await files.stat(path).catch(() => undefined))?.kind === 'stream';

/** The text of a file from a variable or a profile. Rejects with an error for `unreadableBecause`. */
export const readNamed = async (path: string, files: World['files']): Promise<string> => {
  if (await isLonelyPipe(path, files)) throw new Error('it is a pipe, not a file');
  return files.text(path);
};

/** Rejects with CredentialsError when a shared file is a pipe, before AWS's package reads it. */
const rejectPipes = async ({ env, files }: Outside): Promise<void> => {
  for (const [variable] of SHARED_FILES) {
    const path = env[variable];
    if (path && (await isLonelyPipe(path, files)))
      throw noCredentials(`${variable} (${path}) is a pipe, not a file`, `use a file, or unset ${variable}`);
  }
};

/** What AWS's package does not report about the shared files. */
type SharedFacts = {
  /** Files that could not be read, with the reason. Default files need not exist. */
  readonly unread: readonly string[];
  readonly headers: SectionHeaders;
};

/** Rejects with CredentialsError when a broken header gives its settings to another profile. */
const sharedFacts = async ({ env, files }: Outside): Promise<SharedFacts> => {
  const unread: string[] = [];
  const headers = new Map<string, readonly string[]>();
  for (const [variable, kind] of SHARED_FILES) {
    const named = env[variable];
    const file = named ? `${variable} (${named})` : `~/.aws/${kind}`;
    let text = '';
    try {
      text = await readNamed((named || `~/.aws/${kind}`).replace(/^~(?=\/)/, getHomeDir), files);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      // Without a home directory there are no default files.
      if (named || (code !== 'ENOENT' && code !== 'ERR_SYSTEM_ERROR'))
        unread.push(`${file} cannot be read: ${unreadableBecause(error)}`);
    }
    const outline = outlineOf(text, kind);
    if (outline.broken !== undefined)
      throw noCredentials(
        `line ${outline.broken} of ${file} begins a section but does not end with ]`,
        `write it as ${kind === 'config' ? '[profile seller]' : '[seller]'}; otherwise the settings below it belong to the profile above it`,
      );
    for (const [profile, empty] of outline.headers)
      headers.set(profile, [...(headers.get(profile) ?? []), ...empty]);
  }
  return { unread, headers };
};
