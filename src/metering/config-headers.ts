/** The profiles that a shared file has a header of, with those of their credential settings that have no value. */
export type Headers = ReadonlyMap<string, readonly string[]>;

type Outline = {
  readonly headers: Headers;
  /** The number of a line that begins a header and does not end it. */
  readonly broken: number | undefined;
};

const IS_CREDENTIAL =
  /^(aws_access_key_id|aws_secret_access_key|role_arn|source_profile|credential_(source|process)|web_identity_token_file|login_session|sso_\w+)$/;

/** As AWS's package reads them; others are no profiles to it. */
const CONFIG_HEADER = /^(?:(default)|profile\s(["']?)([\w@+.%:/-]+)\2)$/;

/**
 * What AWS's package passes over: an empty profile is none to it, a setting without a value is not there, and a header
 * without its bracket leaves what is below it to the profile above.
 */
export const outlineOf = (text: string, kind: 'config' | 'credentials'): Outline => {
  const headers = new Map<string, string[]>();
  let broken: number | undefined;
  let empty: string[] | undefined;
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const said = (line.split(/(?:^|\s)[;#]/)[0] ?? '').trim();
    if (said.startsWith('[')) {
      if (!said.endsWith(']')) broken ??= index + 1;
      const profile = profileIn(said.slice(1, -1), kind);
      empty = profile === undefined ? undefined : (headers.get(profile) ?? []);
      if (profile !== undefined && empty !== undefined) headers.set(profile, empty);
      continue;
    }
    const [name = '', value] = said.split(/=(.*)/s).map(part => part.trim());
    if (value === '' && IS_CREDENTIAL.test(name)) empty?.push(name);
  }
  return { headers, broken };
};

const profileIn = (header: string, kind: 'config' | 'credentials'): string | undefined => {
  if (kind === 'credentials') return header;
  const [, usual, , name] = CONFIG_HEADER.exec(header) ?? [];
  return usual ?? name;
};
