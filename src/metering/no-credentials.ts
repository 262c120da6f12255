import { CredentialsError } from '../errors.ts';
import { shellWord } from '../usage/shell-word.ts';

/** Why there are no credentials, and what helps. Neither repeats a command, an output or a token: they may be secret. */
export const noCredentials = (because: string, next: string): CredentialsError =>
  new CredentialsError('no AWS credentials could be loaded', { because, next });

/** A profile as a word of a command of the AWS CLI. */
const profileFlag = (profile: string): string => ` --profile ${shellWord(profile)}`;

export const ssoLogin = (profile: string): string => `run aws sso login${profileFlag(profile)}`;
export const login = (profile: string): string => `run aws login${profileFlag(profile)}`;

/** Asks for an MFA code, and puts the credentials of the session into the environment of the shell. */
export const exportCredentials = (profile: string): string =>
  `eval "$(aws configure export-credentials${profileFlag(profile)} --format env)"`;
