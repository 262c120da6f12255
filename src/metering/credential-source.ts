import type { CredentialsError } from '../errors.ts';
import type { Headers } from './config-headers.ts';
import { sourceOfMachine } from './machine-source.ts';
import { sourceOfProfile } from './profile-source.ts';

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

/**
 * What the profile names, and nothing in its place: when its process or its SSO session fails, the role of the machine
 * would be another account's. Only for a profile that is not there, or says nothing of credentials, it is what the
 * environment names or the role of the instance, as with the AWS CLI; undefined when that is switched off, too.
 *
 * The order is that of AWS's own package. Throws CredentialsError for what is named and cannot be.
 */
export const findSource = (profile: string, settings: Settings): Source | undefined =>
  sourceOfProfile(profile, settings, []) ?? sourceOfMachine(settings.env);
