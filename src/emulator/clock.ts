/** The service's clock, by which usage is old or in the future: real, shifted or frozen. */
export type Clock = {
  /** The time of this clock at a real instant. */
  readonly at: (real: Date) => Date;
  readonly freeze: (at: Date) => void;
  /** Moves the clock by this many milliseconds; a frozen clock stays frozen. */
  readonly advance: (ms: number) => void;
  /** Real time plus this many milliseconds; 0: real time. */
  readonly offset: (ms: number) => void;
  readonly state: () => ClockState;
};

export type ClockState = {
  /** RFC 3339, UTC. */
  readonly now: string;
  readonly mode: 'real' | 'offset' | 'frozen';
  /** How many milliseconds the clock is ahead of real time. */
  readonly offset: number;
};

export const createClock = (real: () => Date, start?: Date): Clock => {
  let frozen = start;
  let offsetMs = 0;
  const at = (instant: Date): Date =>
    frozen ?? (offsetMs === 0 ? instant : new Date(instant.getTime() + offsetMs));
  return {
    at,
    freeze: instant => {
      frozen = instant;
    },
    advance: ms => {
      if (frozen === undefined) offsetMs += ms;
      else frozen = new Date(frozen.getTime() + ms);
    },
    offset: ms => {
      frozen = undefined;
      offsetMs = ms;
    },
    state: () => {
      const instant = real();
      const now = at(instant);
      return {
        now: now.toISOString(),
        mode: frozen !== undefined ? 'frozen' : offsetMs === 0 ? 'real' : 'offset',
        offset: now.getTime() - instant.getTime(),
      };
    },
  };
};
