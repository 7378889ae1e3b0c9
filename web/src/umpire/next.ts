/** What the match waits for: decides which of the panel's faces is shown. */
import type { Facts, Format, Seat, Side } from '../api/laws';
import { isDeciding, isOver } from '../match/names';

export type Face = 'choose' | 'start_game' | 'rally' | 'break' | 'over' | 'put_off';

export function face(facts: Facts): Face {
  if (isOver(facts)) return 'over';
  if (facts.status === 'postponed') return 'put_off';
  if (facts.break) return 'break';
  if (facts.notices.includes('choose')) return 'choose';
  if (facts.notices.includes('start_game') || facts.status === 'interval') return 'start_game';
  return facts.status === 'in_play' ? 'rally' : 'choose';
}

/** Who must be named to start the game: nobody in singles; in doubles the server, and at first the receiver too. */
export function seatsToName(facts: Facts, format: Format): { server: boolean; receiver: boolean } {
  if (format.discipline === 'singles') return { server: false, receiver: false };
  return { server: true, receiver: facts.games.length === 0 };
}

export const opposite = (seat: Seat): Side => (seat.side === 'home' ? 'away' : 'home');

/** Expedite as the umpire sees it (Law 2.15). */
export type Expedite =
  | { state: 'none' }
  | { state: 'on' }
  | { state: 'not_any_more'; points: number; limit: number }
  | { state: 'running'; playedMs: number; limitMs: number; points: number; limit: number }
  | { state: 'due'; playedMs: number; limitMs: number; points: number; limit: number };

export function expedite(facts: Facts, format: Format, playedMs: number | undefined): Expedite {
  if (facts.expedite === 'on') return { state: 'on' };
  const game = facts.games.at(-1);
  if (format.expedite_after_seconds === 0 || !game || playedMs === undefined) return { state: 'none' };
  const points = game.home + game.away;
  const limit = format.expedite_unless_points;
  if (points >= limit) return { state: 'not_any_more', points, limit };
  const limitMs = format.expedite_after_seconds * 1000;
  return { state: playedMs >= limitMs ? 'due' : 'running', playedMs, limitMs, points, limit };
}

/** Good returns under expedite that win the receiver the point (Law 2.15.4). */
export const RETURNS_THAT_WIN = 13;

export const endsChangeHere = (facts: Facts, format: Format): boolean =>
  isDeciding(facts, format) && format.change_over_points > 0;
