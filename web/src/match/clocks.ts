/** Clocks from recorded times: facts hold none, so every clock is derived from the events and the time now. */
import type { Facts, Format } from '../api/laws';
import type { MatchEvent } from '../api/match';
import { liveEvents, timeOf } from './history';

export type Countdown = { kind: 'time_out' | 'interval' | 'warm_up' | 'injury' | 'pause'; startedAt: number; seconds?: number };

/** The countdown that the match's state calls for, if any. `fallbackAt` stands in while no event is known. */
export function countdown(facts: Facts, format: Format, events: MatchEvent[], fallbackAt: number): Countdown | undefined {
  const since = (...types: string[]): number => {
    const found = liveEvents(events).findLast((event) => types.includes(event.event.type));
    return found ? timeOf(found) : fallbackAt;
  };
  const pause = facts.break;
  switch (pause?.type) {
    case 'time_out':
      return { kind: 'time_out', startedAt: since('time_out_taken'), seconds: format.time_out_seconds };
    case 'suspension': {
      const injury = pause.reason === 'injury' || pause.reason === 'bleeding';
      const startedAt = since('suspended');
      return injury ? { kind: 'injury', startedAt, seconds: format.injury_seconds } : { kind: 'pause', startedAt };
    }
    case 'towel':
      return { kind: 'pause', startedAt: since('towel_break_taken') };
    case 'review':
      return { kind: 'pause', startedAt: since('review_requested') };
    case undefined:
      break;
  }
  if (facts.status === 'warm_up') {
    return { kind: 'warm_up', startedAt: since('warm_up_started'), seconds: format.warm_up_seconds };
  }
  if (facts.status === 'interval') {
    return { kind: 'interval', startedAt: since('point_scored', 'card_shown', 'score_set'), seconds: format.interval_seconds };
  }
  return undefined;
}

/**
 * Seconds left, rounded up, so that a clock shows its full length at its start and 0 only when it is over. Never more
 * than the full length, although this machine's clock may run a little behind the home's that dated the start.
 */
export function secondsLeft(clock: Countdown, now: number): number | undefined {
  if (clock.seconds === undefined) return undefined;
  return Math.min(clock.seconds, Math.ceil((clock.startedAt + clock.seconds * 1000 - now) / 1000));
}

export const secondsGone = (clock: Countdown, now: number): number =>
  Math.max(0, Math.floor((now - clock.startedAt) / 1000));

/** `0:00`, `10:05`; over time counts up behind a plus sign. */
export function clockText(seconds: number): string {
  const whole = Math.abs(seconds);
  const text = `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`;
  return seconds < 0 ? `+${text}` : text;
}

/** Play in the current game in milliseconds, breaks left out: what the expedite system counts (Law 2.15.1). */
export function playedMs(events: MatchEvent[], now: number): number | undefined {
  const live = liveEvents(events);
  const start = live.findLastIndex((event) => event.event.type === 'game_started');
  const first = live[start];
  if (!first) return undefined;
  let played = 0;
  let runningSince: number | undefined = timeOf(first);
  for (const event of live.slice(start + 1)) {
    const type = event.event.type;
    if (PAUSES.has(type) && runningSince !== undefined) {
      played += timeOf(event) - runningSince;
      runningSince = undefined;
    } else if (RESUMES.has(type)) {
      runningSince ??= timeOf(event);
    }
  }
  return Math.max(0, played + (runningSince === undefined ? 0 : now - runningSince));
}

const PAUSES = new Set(['time_out_taken', 'towel_break_taken', 'suspended', 'review_requested']);
const RESUMES = new Set(['resumed', 'review_decided', 'rally_started', 'point_scored', 'let_called']);

/** When a match is to begin, with its day unless that is today, and its year unless that is this one. */
export function startText(at: string, now: number, language: string): string {
  const [start, today] = [new Date(at), new Date(now)];
  const time: Intl.DateTimeFormatOptions = { hour: '2-digit', minute: '2-digit' };
  if (start.toDateString() === today.toDateString()) return start.toLocaleString(language, time);
  const year: Intl.DateTimeFormatOptions = start.getFullYear() === today.getFullYear() ? {} : { year: 'numeric' };
  return start.toLocaleString(language, { day: 'numeric', month: 'short', ...year, ...time });
}
