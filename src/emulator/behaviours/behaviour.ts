/** A point on which AWS's sources disagree or are silent, and the ways in which the service can be read. */
export type Behaviour = {
  readonly name: string;
  /** The question, in a few words, for the manual. */
  readonly about: string;
  /** The first is the default. */
  readonly readings: readonly [Reading, Reading, ...Reading[]];
};

export type Reading = {
  readonly reading: string;
  /** What the emulator does with this reading, for the manual. */
  readonly description: string;
  /** The source of this reading; `silent` where no source says so, and it is one of the ways left open. */
  readonly source: string;
};
