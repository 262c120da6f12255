/** The key pair of AWS's published SigV4 test suite: the only one the emulator knows, and no secret. */
export const KEY_PAIR = {
  accessKeyId: 'AKIDEXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
} as const;
