/** Full jitter: a uniform pause below a ceiling that doubles with every failed attempt. */
export type Backoff = { baseMs: number; ceilingMs: number };

/** `attempt` counts from 0; `random` is uniform in [0, 1). A floor keeps a fast failure from spinning. */
export function pauseMs(backoff: Backoff, attempt: number, random: number): number {
  const ceiling = Math.min(backoff.ceilingMs, backoff.baseMs * 2 ** Math.min(attempt, 20));
  return Math.round(Math.max(backoff.baseMs / 4, ceiling * random));
}
