import { describe, expect, it } from 'vitest';
import { consequence, nextCards } from '../src/match/cards';
import { shown, take } from '../src/board/tables';
import { clockText, countdown, playedMs, secondsLeft, startText } from '../src/match/clocks';
import { firstMissing, gamesHistory, holderOf, liveEvents, mergeEvents } from '../src/match/history';
import { calledScore, shortName, sideAt } from '../src/match/names';
import { tabOf } from '../src/umpire/list';
import { FORMAT, at, events, facts, gameStarted, match, point } from './worlds';

describe('clocks', () => {
  it('read as minutes and seconds, over time with a plus', () => {
    expect([0, 59, 60, 605, -5].map(clockText)).toEqual(['0:00', '0:59', '1:00', '10:05', '+0:05']);
  });
  it('count a time-out down from when it was taken, and show its full length first', () => {
    const list = events([0, gameStarted()], [30, { type: 'time_out_taken', side: 'home' }]);
    const clock = countdown(facts({ break: { type: 'time_out', side: 'home' } }), FORMAT, list, 0)!;
    expect([29, 30, 30.001, 60, 90, 95].map((second) => secondsLeft(clock, at(second)))).toEqual([60, 60, 60, 30, 0, -5]);
  });
  it('fall back to the last change where no event is known', () => {
    expect(countdown(facts({ status: 'warm_up' }), FORMAT, [], at(3))).toEqual({ kind: 'warm_up', startedAt: at(3), seconds: 120 });
    expect(countdown(facts(), FORMAT, [], at(3))).toBeUndefined();
  });
  it('leave breaks out of the time played (Law 2.15.1)', () => {
    const list = events([0, gameStarted()], [10, point('home', 1, 0)], [20, { type: 'time_out_taken', side: 'home' }], [80, { type: 'resumed' }]);
    expect(playedMs(list, at(90))).toBe(30_000);
    expect(playedMs(list.slice(0, 3), at(50))).toBe(20_000);
    expect(playedMs([], at(50))).toBeUndefined();
  });
});

describe('history', () => {
  const list = events([0, gameStarted()], [1, point('home', 1, 0)], [2, point('away', 1, 1)], [3, { type: 'retracted', seq: 3 }], [4, { type: 'let_called' }]);
  it('leaves out what was retracted, and takes back what was reinstated', () => {
    expect(liveEvents(list).map(({ seq }) => seq)).toEqual([1, 2, 5]);
    const redone = [...list, ...events([5, { type: 'reinstated', seq: 3 }]).map((event) => ({ ...event, seq: 6 }))];
    expect(liveEvents(redone).map(({ seq }) => seq)).toEqual([1, 2, 3, 5]);
  });
  it('re-counts later rallies after an amendment', () => {
    const amended = events([0, gameStarted()], [1, point('home', 1, 0)], [2, point('home', 2, 0)], [3, { type: 'amended', seq: 2, outcome: { type: 'point', to: 'away' } }]);
    expect(gamesHistory(amended)[0]!.rallies.map(({ score, amended }) => [score.home, score.away, amended])).toEqual([[0, 1, true], [1, 1, false]]);
  });
  it('counts penalty points between rallies', () => {
    const carded = events([0, gameStarted()], [1, { type: 'card_shown', side: 'home', to: 'player', card: 'yellow_red', penalty_points: 1, game: 1, score: { home: 0, away: 1 }, games: { home: 0, away: 0 } }], [2, point('home', 1, 1)]);
    expect(gamesHistory(carded)[0]!.rallies[0]!.score).toEqual({ home: 1, away: 1 });
  });
  it('merges in any order without doubles, and finds holes', () => {
    const merged = mergeEvents(list.slice(3), list.slice(0, 4));
    expect(merged.map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5]);
    expect(firstMissing(merged)).toBe(6);
    expect(firstMissing(list.filter(({ seq }) => seq !== 2))).toBe(2);
  });
  it('knows who took over last', () => {
    expect(holderOf(events([0, { type: 'handed_over', to: 'Ana' }], [1, { type: 'handed_over', to: 'Ben' }]))).toBe('Ben');
    expect(holderOf([])).toBeUndefined();
  });
});

describe('cards', () => {
  it('go from a warning over penalties to the referee (Regulation 3.5.2)', () => {
    const shown = (home: ('yellow' | 'yellow_red' | 'red')[]) => nextCards(facts({ cards: { home, away: [] } }), FORMAT, 'home', 'player');
    expect(shown([])).toEqual(['yellow', 'red']);
    expect(shown(['yellow'])).toEqual(['yellow_red', 'red']);
    expect(shown(['yellow', 'yellow_red', 'yellow_red'])).toEqual(['red']);
    expect(shown(['yellow', 'red'])).toEqual([]);
    expect(nextCards(facts(), FORMAT, 'home', 'bench')).toEqual(['yellow']);
  });
  it('say what they cost, when it counts and whether it wins the game', () => {
    const state = facts({ games: [{ home: 3, away: 10 }], cards: { home: ['yellow'], away: [] } });
    expect(consequence(state, FORMAT, 'home', 'player', 'yellow_red')).toMatchObject({ points: 1, counts: 'now', winsGame: true, kind: 'penalty' });
    expect(consequence({ ...state, status: 'interval' }, FORMAT, 'home', 'player', 'yellow_red')).toMatchObject({ counts: 'next_game', winsGame: false });
    expect(consequence(state, FORMAT, 'home', 'bench', 'red').kind).toBe('dismissal');
  });
});

describe('names and places', () => {
  it('shortens to the family name', () => {
    expect(['Mira Lindqvist', 'MA Long', 'Tomasz WIERZBICKI', 'Hana'].map(shortName)).toEqual(['Lindqvist', 'MA', 'WIERZBICKI', 'Hana']);
  });
  it('puts home where it stands, on the left until ends are known', () => {
    expect(sideAt(facts(), 'left')).toBe('home');
    expect(sideAt(facts({ home_end: 'right' }), 'left')).toBe('away');
  });
  it("calls the server's points first", () => {
    expect(calledScore(facts({ games: [{ home: 3, away: 5 }], server: { side: 'away' } }))).toEqual([5, 3]);
    expect(calledScore(match().state)).toBeUndefined();
  });
});

describe('a match that was played elsewhere', () => {
  const reported = match({ reported_result: { source: 'ttbl', games: [{ home: 11, away: 3 }] } }, { status: 'scheduled' });

  it('is not offered to an umpire as the next one, nor shown as coming on a board', () => {
    expect(tabOf(reported)).toBe('over');
    expect(tabOf(match({}, { status: 'scheduled' }))).toBe('next');
    expect(shown(take(new Map(), [{ kind: 'answer', match: { ...reported, table: '3' } }]), 0)).toEqual([]);
  });
});

describe('the start of a match', () => {
  const now = new Date(2026, 10, 25, 12).getTime();
  it('has its day unless that is today, and its year unless that is this one', () => {
    const text = (...when: [number, number, number, number, number]): string => startText(new Date(...when).toISOString(), now, 'en-GB');
    expect(text(2026, 10, 25, 14, 5)).toBe('14:05');
    expect(text(2026, 8, 9, 14, 5)).toContain('9 Sept');
    expect(text(2023, 8, 9, 14, 5)).toContain('2023');
  });
});
