import type { AwsCredentialIdentity } from '@smithy/types';
import { CredentialsError } from '../errors.ts';
import { shellWord } from '../usage/shell-word.ts';
import type { Env } from '../world.ts';
import type { SectionHeaders } from './config-headers.ts';

export type ProfileSection = Readonly<Record<string, string | undefined>>;
export type ProfileSections = Readonly<Record<string, ProfileSection>>;

/** Where credentials come from. `title` is for people; it has the variable or the profile of the source. */
export type CredentialSource = { readonly title: string } & (
  | { readonly kind: 'environment'; readonly keys: AwsCredentialIdentity }
  | { readonly kind: 'keys'; readonly keys: AccessKeys }
  | ({ readonly kind: 'role'; readonly from: CredentialSource } & Role)
  | ({ readonly kind: 'web-identity' } & WebIdentity)
  | { readonly kind: 'process'; readonly profile: string; readonly command: string }
  | { readonly kind: 'sso' | 'login'; readonly profile: string }
  | { readonly kind: 'container'; readonly token: ContainerToken | undefined }
  /** `isLastResort`: it is not configured. */
  | { readonly kind: 'instance'; readonly endpoint: string | undefined; readonly isLastResort: boolean }
);

/** What is waited for. `failure`: why the last attempt failed, when it is retried. */
export type Prompt = { readonly title: string; readonly failure?: CredentialsError };

export type AccessKeys = {
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
  /** The device whose code is needed. */
  readonly mfaSerial: string | undefined;
  /** Of the profile; where the role is assumed. */
  readonly region: string | undefined;
};

type WebIdentity = {
  readonly tokenFile: string;
  readonly roleArn: string;
  readonly sessionName: string | undefined;
};

/** The variable with the token, or with the path of its file. */
export type ContainerToken = { readonly variable: string; readonly path: string | undefined };

/** Where sources are configured. */
export type CredentialSettings = {
  readonly env: Env;
  readonly profiles: ProfileSections;
  readonly ssoSessions: ProfileSections;
  /** The settings of profiles that have no value. */
  readonly headers?: SectionHeaders | undefined;
};

/** Why there are no credentials, and what to do. Commands, outputs and tokens are not repeated: they may be secret. */
export const noCredentials = (because: string, next: string): CredentialsError =>
  new CredentialsError('no AWS credentials could be loaded', { because, next });

/** A profile as a flag of the AWS CLI. */
const profileFlag = (profile: string): string => ` --profile ${shellWord(profile)}`;

export const ssoLogin = (profile: string): string => `run aws sso login${profileFlag(profile)}`;
export const login = (profile: string): string => `run aws login${profileFlag(profile)}`;

/** A shell command that asks for an MFA code and exports the credentials of the session. */
export const exportCredentials = (profile: string): string =>
  `eval "$(aws configure export-credentials${profileFlag(profile)} --format env)"`;
