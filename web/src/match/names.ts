/** How sides and players are called on screens. */
import type { End, Facts, Format, Score, Seat, Side } from '../api/laws';
import type { Match } from '../api/match';
import { other } from './history';

export const SIDES: readonly Side[] = ['home', 'away'];

/** Players of a side, or the side's own name where no players are entered. */
export function playerNames(match: Match, side: Side): string[] {
  const entry = match.sides[side];
  const names = entry.players.map((player) => player.name).filter(Boolean);
  return names.length > 0 ? names : [entry.name ?? '–'];
}

export const sideName = (match: Match, side: Side): string => playerNames(match, side).join(' / ');

/** The last word of a name, with initials before it where the pair needs telling apart: "M. Weber". */
export function shortName(name: string): string {
  const words = name.trim().split(/\s+/);
  const last = words.at(-1) ?? name;
  // Entries in draw sheets put the family name in capitals, wherever it stands.
  const capitals = words.filter((word) => word.length > 1 && word === word.toUpperCase() && /\p{L}/u.test(word));
  return capitals.length > 0 ? capitals.join(' ') : last;
}

export const shortSideName = (match: Match, side: Side): string => playerNames(match, side).map(shortName).join(' / ');

export function seatName(match: Match, seat: Seat): string {
  const names = playerNames(match, seat.side);
  return names[seat.place === 'second' ? 1 : 0] ?? names[0] ?? '–';
}

/** Which side stands at an end, as seen from the umpire's chair; home on the left until ends are known. */
export function sideAt(facts: Facts, end: End): Side {
  return (facts.home_end ?? 'left') === end ? 'home' : 'away';
}

/** A match's table as it is called: "3", "Center". */
export const tableName = (match: Match): string => match.table ?? '';

/** The game being played or last played, from 1; 0 before the first. */
export const gameNumber = (facts: Facts): number => facts.games.length;

/** Points in the game being played; the finished games stand beside. */
export function currentPoints(facts: Facts): { home: number; away: number } {
  return facts.games.at(-1) ?? { home: 0, away: 0 };
}

/** Whether the score's last game is finished: its result is a game then, no longer running points. */
export const lastGameIsOver = (facts: Facts): boolean => facts.score.home + facts.score.away === facts.games.length;

export const OVER = new Set(['finished', 'retired', 'walkover', 'disqualified', 'abandoned', 'cancelled']);
export const isOver = (facts: Facts): boolean => OVER.has(facts.status);
export const LIVE = new Set(['called', 'warm_up', 'in_play', 'interval', 'suspended']);
export const isLive = (facts: Facts): boolean => LIVE.has(facts.status);

/** Whether the match was played elsewhere: nothing is known but the result that somebody reported. */
export const isReportedOnly = (match: Match): boolean =>
  match.state.status === 'scheduled' && match.reported_result !== undefined;

/** The games whose points no longer run: a match that is over keeps its unfinished game among them. */
export const settledGames = (facts: Facts): Score[] =>
  facts.games.slice(0, isOver(facts) || lastGameIsOver(facts) ? undefined : -1);

export const isDeciding = (facts: Facts, format: Format): boolean => facts.games.length >= format.best_of;

/** The points that are called, the server's first; undefined before a game. */
export function calledScore(facts: Facts): [number, number] | undefined {
  const game = facts.games.at(-1);
  const first = facts.server?.side;
  return game && first ? [game[first], game[other(first)]] : undefined;
}
