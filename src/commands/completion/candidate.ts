/** Something that may stand in a place of a command line, and what it is. Both come from elsewhere, and may be anything. */
export type Candidate = { readonly value: string; readonly says: string };
