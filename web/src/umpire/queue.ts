/**
 * The tablet's command queue as pure transitions: ordered, one in flight, retried with the same id and the same body
 * until the server answers. The shell (sender.ts) owns the network and the timer.
 */
import type { Command } from '../api/laws';
import type { CommandRequest, Problem } from '../api/match';
import { pauseMs, type Backoff } from '../live/backoff';

/** An umpire who is this far ahead of the server is not scoring any more. */
export const QUEUE_MAX = 200;
export const RETRY: Backoff = { baseMs: 400, ceilingMs: 5_000 };

export type Tap = { id: string; command: Command; tappedAt: number };

export type Queue = {
  taps: Tap[];
  /** What was sent for the first tap. Kept, because a retry under one id must repeat the body to the letter. */
  sent?: CommandRequest;
  /** Whether an answer is being waited for. */
  inFlight: boolean;
  /** Failed attempts of the first tap. */
  attempt: number;
  /** Not to be sent before this time. */
  retryAt: number;
  /** The token is missing or wrong: waits for another one, loses nothing. */
  unauthorised: boolean;
};

/** What the server last told this tablet: a command is sent on that ground. */
export type Ground = { seq: number; lease: number; clockOffsetMs: number; device: string };

export const EMPTY: Queue = { taps: [], inFlight: false, attempt: 0, retryAt: 0, unauthorised: false };

/** Adds a tap; the queue is unchanged when it is full. */
export const push = (queue: Queue, tap: Tap): Queue =>
  queue.taps.length >= QUEUE_MAX ? queue : { ...queue, taps: [...queue.taps, tap] };

/** The request to send now, if any. */
export function next(queue: Queue, ground: Ground, now: number): [Queue, CommandRequest | undefined] {
  const first = queue.taps[0];
  if (!first || queue.inFlight || queue.unauthorised || now < queue.retryAt) return [queue, undefined];
  const body = queue.sent ?? request(first, ground);
  return [{ ...queue, sent: body, inFlight: true }, body];
}

/** The server accepted the first tap. */
export const accepted = (queue: Queue, id: string): Queue =>
  queue.taps[0]?.id === id ? { ...EMPTY, taps: queue.taps.slice(1) } : queue;

/** No answer, one without a verdict yet (202), or one that asks to try again: whether the tap took effect is open, so it is sent again as it was. */
export function failed(queue: Queue, now: number, random: number): Queue {
  const retryAt = now + pauseMs(RETRY, queue.attempt, random);
  return { ...queue, inFlight: false, attempt: queue.attempt + 1, retryAt };
}

/**
 * The server refused the first tap for good. Those behind it were pressed in the belief that it stood, so they go
 * too, and the umpire is told how many.
 */
export function refused(queue: Queue, problem: Problem): [Queue, Tap[]] {
  if (problem.status === 401) return [{ ...queue, inFlight: false, unauthorised: true }, []];
  return [EMPTY, queue.taps];
}

/** Another token was entered. */
export const authorise = (queue: Queue): Queue => ({ ...queue, unauthorised: false, retryAt: 0 });

/** How many taps the server has not confirmed. */
export const pending = (queue: Queue): number => queue.taps.length;

export const pendingPoints = (queue: Queue, side: 'home' | 'away'): number =>
  queue.taps.filter(({ command }) => command.type === 'point' && command.to === side).length;

/** What a reload must not lose. */
export const keep = (queue: Queue): string => JSON.stringify({ taps: queue.taps, sent: queue.sent });

/** The queue kept before a reload. An answer that was under way is asked for again, under the same id. */
export function restore(text: string | null): Queue {
  try {
    const kept = JSON.parse(text ?? '{}') as Partial<Queue>;
    if (!Array.isArray(kept.taps)) return EMPTY;
    return { ...EMPTY, taps: kept.taps, ...(kept.sent ? { sent: kept.sent } : {}) };
  } catch {
    return EMPTY;
  }
}

function request(tap: Tap, ground: Ground): CommandRequest {
  return {
    command_id: tap.id,
    command: tap.command,
    expected_seq: ground.seq,
    lease: ground.lease,
    occurred_at: new Date(tap.tappedAt + ground.clockOffsetMs).toISOString(),
    precision: 'ms',
    device: ground.device,
  };
}
