/** What the umpire calls, and what comes next, in the order of importance. */
import type { Facts, Format, Side } from '../api/laws';
import type { Match } from '../api/match';
import { maybe, t } from '../i18n/i18n.svelte';
import { calledScore, isDeciding, lastGameIsOver, seatName, shortName, shortSideName, SIDES } from '../match/names';

export type Announcement = { key: string; text: string; tone: 'plain' | 'strong' | 'warn' };

/** The score as it is called: the server's points first, "5 all" when level. */
export function calledText(facts: Facts): string {
  const score = calledScore(facts);
  if (!score || lastGameIsOver(facts)) return '';
  const [a, b] = score;
  return a === b ? t('call.all', { a }) : t('call', { a, b });
}

export function serveText(match: Match): string {
  const { server } = match.state;
  return server ? t('call.serve', { server: shortName(seatName(match, server)) }) : '';
}

export function announcements(match: Match): Announcement[] {
  const { state, format } = match;
  const list = state.notices.flatMap((notice) => announce(match, notice));
  if (state.expedite === 'on') list.push({ key: 'expedite', text: t('notice.expedite'), tone: 'plain' });
  for (const side of SIDES) {
    const points = state.pending_points[side];
    if (points === 0) continue;
    const text = t('notice.pending_points', { name: shortSideName(match, side), points });
    list.push({ key: `pending_${side}`, text, tone: 'warn' });
  }
  if (changeIsAhead(state, format)) {
    list.push({ key: 'last_game', text: t('notice.last_game', { points: format.change_over_points }), tone: 'plain' });
  }
  return list;
}

function announce(match: Match, notice: string): Announcement[] {
  const point = /^(game_point|match_point)_(home|away)$/.exec(notice);
  if (point) {
    const name = shortSideName(match, point[2] as Side);
    return [{ key: notice, text: t(`notice.${point[1] as 'game_point' | 'match_point'}`, { name }), tone: 'strong' }];
  }
  // These two have faces of their own on the panel; an unknown one comes from a newer server.
  if (notice === 'choose' || notice === 'start_game') return [];
  const text = maybe(`notice.${notice}`);
  return text ? [{ key: notice, text, tone: notice === 'ends_changed' ? 'warn' : 'plain' }] : [];
}

function changeIsAhead(facts: Facts, format: Format): boolean {
  const game = facts.games.at(-1);
  if (!game || !isDeciding(facts, format) || format.change_over_points === 0 || facts.status !== 'in_play') return false;
  return Math.max(game.home, game.away) < format.change_over_points;
}
