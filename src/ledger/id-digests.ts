/**
 * Many ids, each kept as a number of 53 bits. Two different ids may have the same number: of 1,000,000 ids, two have it once
 * in 20,000 times. So a number proves only that an id is not there.
 */
export class IdDigests {
  #digests = new Float64Array(1024);
  #isSorted = true;
  size = 0;

  add(id: string): void {
    if (this.size === this.#digests.length) {
      const larger = new Float64Array(2 * this.size);
      larger.set(this.#digests);
      this.#digests = larger;
    }
    this.#digests[this.size] = digestOf(id);
    this.size += 1;
    this.#isSorted = false;
  }

  /** False: certainly not. */
  mayHave(id: string): boolean {
    const sorted = this.#sorted();
    const digest = digestOf(id);
    let [from, to] = [0, sorted.length];
    while (from < to) {
      const middle = (from + to) >> 1;
      if ((sorted[middle] ?? 0) < digest) from = middle + 1;
      else to = middle;
    }
    return sorted[from] === digest;
  }

  /** False: each was added once. */
  mayRepeat(): boolean {
    const sorted = this.#sorted();
    return sorted.some((digest, at) => at > 0 && digest === sorted[at - 1]);
  }

  #sorted(): Float64Array {
    const used = this.#digests.subarray(0, this.size);
    if (!this.#isSorted) used.sort();
    this.#isSorted = true;
    return used;
  }
}

/** Two hashes like FNV-1a, of 32 and of 21 bits. */
const digestOf = (id: string): number => {
  let low = 0x811c9dc5;
  let high = 0x9e3779b9;
  for (let at = 0; at < id.length; at += 1) {
    const code = id.charCodeAt(at);
    low = Math.imul(low ^ code, 0x01000193);
    high = Math.imul(high ^ code, 0x85ebca6b) ^ (high >>> 13);
  }
  return (high >>> 11) * 2 ** 32 + (low >>> 0);
};
