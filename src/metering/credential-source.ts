import { CredentialsError } from '../errors.ts';
import { shellWord } from '../usage/shell-word.ts';
import type { Headers } from './config-headers.ts';

export type Env = Readonly<Record<string, string | undefined>>;
export type Section = Readonly<Record<string, string | undefined>>;
export type Sections = Readonly<Record<string, Section>>;

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

/** What is waited for. `trouble`: why it gives nothing, when it has failed and is asked again. */
export type Waiting = { readonly title: string; readonly trouble?: CredentialsError };

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
  /** What a profile names and gives no value. */
  readonly headers?: Headers | undefined;
};

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
