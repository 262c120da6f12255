/** The key pair of AWS's published SigV4 test suite: not a secret, and the only key without a catalog. */
export const KEY_PAIR = {
  accessKeyId: 'AKIDEXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
} as const;

/** The owner of the key pair. */
export const OWNER = { accountId: '123456789012', userName: 'example' } as const;
