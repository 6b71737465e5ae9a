/** How many requests an address may make of a hook: a bucket each that fills again. Before anything is read or computed. */

/** Requests at once, and a second. */
const BURST = 2000;
const PER_SECOND = 400;
/** Addresses that are remembered. */
const ADDRESSES = 4096;

export class Rate {
  readonly #buckets = new Map<string, { left: number; at: number }>();

  /** Takes one; false where there is none. `now` in ms. */
  take(who: string, now: number): boolean {
    const bucket = this.#buckets.get(who) ?? { left: BURST, at: now };
    bucket.left = Math.min(BURST, bucket.left + (Math.max(0, now - bucket.at) / 1000) * PER_SECOND);
    bucket.at = now;
    // The one that was quiet longest stands first, and is full again.
    this.#buckets.delete(who);
    if (this.#buckets.size >= ADDRESSES) this.#buckets.delete(this.#buckets.keys().next().value!);
    this.#buckets.set(who, bucket);
    if (bucket.left < 1) return false;
    bucket.left--;
    return true;
  }
}
