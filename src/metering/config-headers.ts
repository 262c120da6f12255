/** The profiles with a header in a shared file, each with its credential settings that have no value. */
export type SectionHeaders = ReadonlyMap<string, readonly string[]>;

type Outline = {
  readonly headers: SectionHeaders;
  /** The number of a line that begins a header but does not end it. */
  readonly broken: number | undefined;
};

const IS_CREDENTIAL =
  /^(aws_access_key_id|aws_secret_access_key|role_arn|source_profile|credential_(source|process)|web_identity_token_file|login_session|sso_\w+)$/;

/** As AWS's package reads them; it ignores all others. */
const CONFIG_HEADER = /^(?:(default)|profile\s(["']?)([\w@+.%:/-]+)\2)$/;

/**
 * What AWS's package ignores: it has no empty profiles and no settings without a value, and after a header without its
 * closing bracket the settings belong to the profile above.
 */
export const outlineOf = (text: string, kind: 'config' | 'credentials'): Outline => {
  const headers = new Map<string, string[]>();
  let broken: number | undefined;
  let empty: string[] | undefined;
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const content = (line.split(/(?:^|\s)[;#]/)[0] ?? '').trim();
    if (content.startsWith('[')) {
      if (!content.endsWith(']')) broken ??= index + 1;
      const profile = profileIn(content.slice(1, -1), kind);
      empty = profile === undefined ? undefined : (headers.get(profile) ?? []);
      if (profile !== undefined && empty !== undefined) headers.set(profile, empty);
      continue;
    }
    const [name = '', value] = content.split(/=(.*)/s).map(part => part.trim());
    if (value === '' && IS_CREDENTIAL.test(name)) empty?.push(name);
  }
  return { headers, broken };
};

const profileIn = (header: string, kind: 'config' | 'credentials'): string | undefined => {
  if (kind === 'credentials') return header;
  const [, usual, , name] = CONFIG_HEADER.exec(header) ?? [];
  return usual ?? name;
};
