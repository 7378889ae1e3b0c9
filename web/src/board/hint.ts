/** The line under a score: what is at stake, or what everybody waits for. */
import type { Match } from '../api/match';
import type { Side } from '../api/laws';
import { t, type Key } from '../i18n/i18n.svelte';
import { isOver, shortSideName } from '../match/names';

export type Hint = { text: string; tone: 'point' | 'break' | 'over' | 'plain' };

export function hint(match: Match): Hint | undefined {
  const { state } = match;
  if (isOver(state)) return { text: t(`over.status.${state.status}` as Key), tone: 'over' };
  const pause = state.break;
  if (pause) {
    const name = 'side' in pause && pause.side ? shortSideName(match, pause.side) : '';
    const key: Key =
      pause.type === 'suspension' && pause.reason === 'injury' ? 'clock.injury' : `clock.${pause.type}`;
    return { text: t(key, { name }), tone: 'break' };
  }
  if (state.status === 'scheduled' || state.status === 'postponed') return { text: t(`status.${state.status}`), tone: 'plain' };
  if (state.status !== 'in_play') return { text: t(`status.${state.status}`), tone: 'break' };
  for (const kind of ['match_point', 'game_point'] as const) {
    const notice = state.notices.find((name) => name.startsWith(kind));
    if (notice) {
      const side = notice.slice(kind.length + 1) as Side;
      return { text: t(`notice.${kind}`, { name: shortSideName(match, side) }), tone: 'point' };
    }
  }
  if (state.notices.includes('ends_changed')) return { text: t('notice.ends_changed'), tone: 'break' };
  return undefined;
}
