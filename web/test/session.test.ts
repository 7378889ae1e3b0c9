import { describe, expect, it } from 'vitest';
import { pauseMs } from '../src/live/backoff';
import { DEAD_AFTER_MS, OPEN_WITHIN_MS, STALE_AFTER_MS, ageMs, begin, step, type Effect, type Input, type Session } from '../src/live/session';
import { parseItems } from '../src/live/stream';
import { match } from './worlds';

/** Feeds inputs in virtual time; returns the last state and all effects. */
function run(inputs: Input[], from = begin(0)): [Session, Effect[]] {
  let [session, effects] = from;
  for (const input of inputs) {
    const [next, more] = step(session, input);
    session = next;
    effects = [...effects, ...more];
  }
  return [session, effects];
}
const tick = (at: number, random = 0.5): Input => ({ type: 'tick', at, random });

describe('a live session', () => {
  it('opens at once and is live after the first message', () => {
    const [session, effects] = run([{ type: 'heard', at: 100, id: '1-7' }]);
    expect(effects).toEqual([{ type: 'open' }]);
    expect(session).toMatchObject({ phase: 'live', lastEventId: '1-7', heardAt: 100 });
  });

  it('is stale after missed heartbeats, and live again with the next one on the same connection', () => {
    const [stale, effects] = run([{ type: 'heard', at: 0 }, tick(STALE_AFTER_MS - 1), tick(STALE_AFTER_MS)]);
    expect(stale.phase).toBe('stale');
    expect(effects).toHaveLength(1);
    expect(run([{ type: 'heard', at: STALE_AFTER_MS + 1 }], [stale, []])[0].phase).toBe('live');
  });

  it('replaces a dead connection and resumes after the last position', () => {
    const [, effects] = run([{ type: 'heard', at: 0, id: '1-7' }, tick(STALE_AFTER_MS), tick(DEAD_AFTER_MS), tick(DEAD_AFTER_MS + 10_000)]);
    expect(effects).toEqual([{ type: 'open' }, { type: 'close' }, { type: 'open', lastEventId: '1-7' }]);
  });

  it('keeps its position over heartbeats without one', () => {
    expect(run([{ type: 'heard', at: 0, id: '1-7' }, { type: 'heard', at: 1 }])[0].lastEventId).toBe('1-7');
  });

  it('begins again where the server cannot continue', () => {
    const inputs: Input[] = [{ type: 'heard', at: 0, id: '1-7' }, { type: 'forget' }, { type: 'failed', at: 1, random: 0 }, tick(20_000)];
    expect(run(inputs)[1].at(-1)).toEqual({ type: 'open' });
  });

  it('gives an opening connection a bounded time', () => {
    const [session] = run([tick(OPEN_WITHIN_MS)]);
    expect(session).toMatchObject({ phase: 'offline', connected: false, attempt: 1 });
  });

  it('never gives up, and waits no longer than the ceiling', () => {
    let [session] = begin(0);
    let now = 0;
    for (let n = 0; n < 1000; n++) {
      [session] = step(session, { type: 'failed', at: now, random: 0.999 });
      expect(session.wakeAt - now).toBeLessThanOrEqual(10_000);
      now = session.wakeAt;
      [session] = step(session, tick(now));
      expect(session.connected).toBe(true);
    }
  });

  it('tries at once when the network is back', () => {
    const [session, effects] = run([{ type: 'failed', at: 0, random: 0.9 }, { type: 'network_back', at: 5 }]);
    expect(session).toMatchObject({ connected: true, attempt: 0 });
    expect(effects.at(-1)).toEqual({ type: 'open' });
  });

  it('counts a second failure of a closed connection once', () => {
    const [session] = run([{ type: 'failed', at: 0, random: 0.5 }, { type: 'failed', at: 1, random: 0.5 }]);
    expect(session.attempt).toBe(1);
  });

  it('knows the age of its picture', () => {
    expect(ageMs(begin(0)[0], 50)).toBeUndefined();
    expect(ageMs(run([{ type: 'heard', at: 100 }])[0], 350)).toBe(250);
  });
});

describe('a pause before the next attempt', () => {
  it('lies between the floor and a ceiling that doubles', () => {
    const backoff = { baseMs: 400, ceilingMs: 10_000 };
    expect(pauseMs(backoff, 0, 0)).toBe(100);
    expect(pauseMs(backoff, 2, 0.5)).toBe(800);
    expect(pauseMs(backoff, 60, 0.9999)).toBeLessThanOrEqual(10_000);
  });
});

describe('items of a stream', () => {
  it('reads one match, several, and an event with its match', () => {
    const one = match();
    expect(parseItems('snapshot', JSON.stringify(one))).toHaveLength(1);
    expect(parseItems('snapshot', JSON.stringify({ items: [one, one] }))).toHaveLength(2);
    expect(parseItems('match', JSON.stringify({ event: { seq: 2 }, match: one }))).toMatchObject([{ kind: 'match', event: { seq: 2 } }]);
  });
  it('leaves out what it cannot read', () => {
    for (const data of ['', '{', 'null', '[]', '[null, 3]', '{"match": 1}']) {
      expect(parseItems('snapshot', data)).toEqual([]);
      expect(parseItems('match', data)).toEqual([]);
    }
  });
});

describe('a page that nobody sees', () => {
  const [live] = step(begin(0)[0], { type: 'heard', at: 100, id: '7' });
  const [hidden, effects] = step(live, { type: 'hidden' });

  it('holds no stream and opens none', () => {
    expect(effects).toEqual([{ type: 'close' }]);
    expect(begin(0, true)[1]).toEqual([]);
    for (const input of [{ type: 'tick', at: 1e9, random: 0 }, { type: 'network_back', at: 1e9 }, { type: 'heard', at: 1e9 }, { type: 'hidden' }] as Input[]) {
      expect(step(hidden, input)).toEqual([hidden, []]);
    }
  });

  it('resumes from its position when it is shown, and is stale until the server is heard', () => {
    const [shown, opened] = step(hidden, { type: 'shown', at: 60_000 });
    expect(opened).toEqual([{ type: 'open', lastEventId: '7' }]);
    expect(shown.phase).toBe('stale');
    expect(step(shown, { type: 'heard', at: 60_050 })[0].phase).toBe('live');
    expect(step(shown, { type: 'tick', at: 60_000 + OPEN_WITHIN_MS, random: 0 })[0].phase).toBe('offline');
  });
});
