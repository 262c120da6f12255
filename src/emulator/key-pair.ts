/** The key pair of AWS's published SigV4 test suite: the only one the emulator knows without a catalog, and no secret. */
export const KEY_PAIR = {
  accessKeyId: 'AKIDEXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
} as const;

/** Whose it is. */
export const OWNER = { accountId: '123456789012', userName: 'example' } as const;
