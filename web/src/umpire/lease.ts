/** Which tablet scores: this one holds a match when it took the match's present lease itself. */
import type { Match } from '../api/match';
import { isOver } from '../match/names';
import { load, save } from '../match/storage';

const key = (matchId: string): string => `topspin.lease.${matchId}`;

export const keptLease = (matchId: string): number | undefined => {
  const kept = load(key(matchId));
  return kept === null ? undefined : Number(kept);
};

export const keepLease = (matchId: string, lease: number): void => void save(key(matchId), String(lease));

export type Hold = 'mine' | 'free' | 'theirs';

/** The lease of a match that no tablet has taken yet. */
const UNTAKEN = 1;

/** A match that nobody has taken or begun is free to score; any other belongs to the tablet with its lease. */
export function hold(match: Match, kept: number | undefined): Hold {
  if (kept === match.lease) return 'mine';
  if (kept !== undefined && kept < match.lease) return 'theirs';
  return match.lease === UNTAKEN && match.games.length === 0 && !isOver(match.state) ? 'free' : 'theirs';
}
