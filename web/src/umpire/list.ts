/** The list of matches to choose from: filtering and order, without IO. */
import type { Match } from '../api/match';
import { isLive, isOver, isReportedOnly, playerNames } from '../match/names';

export type Tab = 'live' | 'next' | 'over';

/** A match that was played elsewhere is over for an umpire. */
export const tabOf = (match: Match): Tab =>
  isLive(match.state) ? 'live' : isOver(match.state) || isReportedOnly(match) ? 'over' : 'next';

/** Every word must be found somewhere: names, table, category. "3" finds table 3 and not every name with a 3 in it. */
export function fits(match: Match, text: string): boolean {
  const words = fold(text).split(/\s+/).filter(Boolean);
  const haystack = fold([...playerNames(match, 'home'), ...playerNames(match, 'away'), match.category ?? ''].join(' '));
  const table = fold(match.table ?? '');
  return words.every((word) => (/^\d+$/.test(word) ? table === word : haystack.includes(word) || table.includes(word)));
}

/** Live and coming matches by table and time; finished ones latest first. */
export function compare(tab: Tab): (a: Match, b: Match) => number {
  if (tab === 'over') return (a, b) => b.updated_at.localeCompare(a.updated_at);
  return (a, b) =>
    (tab === 'next' ? (a.scheduled_at ?? '~').localeCompare(b.scheduled_at ?? '~') : 0) || byTable(a, b);
}

/** Tables in the order people count: 2 before 10, matches without a table last. */
export function byTable(a: Match, b: Match): number {
  if (!a.table || !b.table) return a.table ? -1 : b.table ? 1 : a.id.localeCompare(b.id);
  return a.table.localeCompare(b.table, undefined, { numeric: true }) || a.id.localeCompare(b.id);
}

const fold = (text: string): string => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
