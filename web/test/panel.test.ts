import { describe, expect, it } from 'vitest';
import { RESULT_STAYS_MS, layout, page, shown, take } from '../src/board/tables';
import { guard, isGuarded } from '../src/umpire/guard';
import { actionOf } from '../src/umpire/keys';
import { hold } from '../src/umpire/lease';
import { compare, fits, tabOf } from '../src/umpire/list';
import { expedite, face, seatsToName } from '../src/umpire/next';
import { FORMAT, at, facts, match } from './worlds';

describe('the face of the panel', () => {
  it('follows what the match waits for', () => {
    expect(face(facts({ status: 'scheduled', games: [], notices: ['choose'] }))).toBe('choose');
    expect(face(facts({ status: 'warm_up', games: [], notices: ['start_game'] }))).toBe('start_game');
    expect(face(facts())).toBe('rally');
    expect(face(facts({ break: { type: 'towel' } }))).toBe('break');
    expect(face(facts({ status: 'interval', notices: ['start_game'] }))).toBe('start_game');
    expect(face(facts({ status: 'retired' }))).toBe('over');
    expect(face(facts({ status: 'postponed' }))).toBe('put_off');
  });
  it('asks for seats in doubles only, for the receiver in the first game only (Law 2.13.4)', () => {
    const doubles = { ...FORMAT, discipline: 'doubles' as const };
    expect(seatsToName(facts({ games: [] }), FORMAT)).toEqual({ server: false, receiver: false });
    expect(seatsToName(facts({ games: [] }), doubles)).toEqual({ server: true, receiver: true });
    expect(seatsToName(facts(), doubles)).toEqual({ server: true, receiver: false });
  });
  it('knows when expedite is due and when it is not any more (Laws 2.15.1 and 2.15.2)', () => {
    expect(expedite(facts(), FORMAT, 599_999).state).toBe('running');
    expect(expedite(facts(), FORMAT, 600_000).state).toBe('due');
    expect(expedite(facts({ games: [{ home: 9, away: 9 }] }), FORMAT, 900_000).state).toBe('not_any_more');
    expect(expedite(facts({ expedite: 'on' }), FORMAT, 0).state).toBe('on');
    expect(expedite(facts(), { ...FORMAT, expedite_after_seconds: 0 }, 900_000).state).toBe('none');
  });
});

describe('the guard against double presses', () => {
  it('covers its target for its time', () => {
    const guards = guard({}, 'rally', 1000, 900);
    expect([1000, 1899, 1900].map((now) => isGuarded(guards, 'rally', now))).toEqual([true, true, false]);
    expect(isGuarded(guards, 'undo', 1000)).toBe(false);
  });
  it('is not shortened by a shorter one', () => {
    expect(isGuarded(guard(guard({}, 'rally', 0, 1500), 'rally', 100, 900), 'rally', 1400)).toBe(true);
  });
});

describe('the hold of a match', () => {
  it('is free until a game begins, mine with its lease, and theirs after a hand-over', () => {
    expect(hold(match({}, { status: 'scheduled', games: [] }), undefined)).toBe('free');
    expect(hold(match(), undefined)).toBe('theirs');
    expect(hold(match({ lease: 2 }, { status: 'called', games: [] }), undefined)).toBe('theirs');
    expect(hold(match({ lease: 2 }), 2)).toBe('mine');
    expect(hold(match({ lease: 3 }), 2)).toBe('theirs');
  });
});

describe('keys', () => {
  const press = (key: string, more = {}) => actionOf({ key, ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, repeat: false, ...more });
  it('mean one action each, and a key held down one press', () => {
    expect(press('ArrowLeft')).toBe('point_left');
    expect(press('L')).toBe('let');
    expect(press('ArrowLeft', { repeat: true })).toBeUndefined();
    expect(press('z', { ctrlKey: true })).toBe('undo');
    expect(press('Z', { ctrlKey: true, shiftKey: true })).toBe('redo');
    expect(press('r', { ctrlKey: true })).toBeUndefined();
  });
});

describe('the list of matches', () => {
  it('finds by any part of names without accents, and tables by number', () => {
    const one = match({ table: '3', category: 'Women', sides: { home: { players: [{ name: 'Hana Novotná' }] }, away: { players: [{ name: 'Player 3' }] } } });
    expect(fits(one, 'novotna 3')).toBe(true);
    expect(fits({ ...one, table: '4' }, '3')).toBe(false);
    expect(fits(one, 'nobody')).toBe(false);
  });
  it('orders tables as people count', () => {
    const tables = ['10', '2', undefined, '1'].map((table, i) => match({ id: `${i}`, ...(table ? { table } : {}) }));
    expect(tables.sort(compare('live')).map(({ table }) => table)).toEqual(['1', '2', '10', undefined]);
    expect(tabOf(match({}, { status: 'interval' }))).toBe('live');
  });
});

describe('a board of many tables', () => {
  const live = match({ id: 'a', table: '1', seq: 5 });
  const old = match({ id: 'b', table: '1', updated_at: new Date(at(0)).toISOString() }, { status: 'finished' });
  const item = (one: typeof live) => ({ kind: 'answer' as const, match: one });
  it('shows one match a table, the live one first, and results for a while', () => {
    expect(shown(take(new Map(), [item(old), item(live)]), at(1)).map(({ id }) => id)).toEqual(['a']);
    const only = take(new Map(), [item(old)]);
    expect(shown(only, at(0) + RESULT_STAYS_MS - 1)).toHaveLength(1);
    expect(shown(only, at(0) + RESULT_STAYS_MS)).toHaveLength(0);
  });
  it('is not set back by older news', () => {
    const tables = take(take(new Map(), [item(live)]), [item({ ...live, seq: 4 })]);
    expect(tables.get('a')?.seq).toBe(5);
    expect(take(tables, [item({ ...live, seq: 4, epoch: 2 })]).get('a')?.epoch).toBe(2);
    const moved = take(tables, [item({ ...live, epoch: 2 })]);
    expect(take(moved, [item({ ...live, seq: 9 })]).get('a')?.epoch).toBe(2);
  });
  it('goes back with a log that was restored from a backup', () => {
    const back = take(take(new Map(), [item(live)]), [{ kind: 'snapshot', match: { ...live, seq: 4 } }]);
    expect(back.get('a')?.seq).toBe(4);
  });
  it('fills the screen with few rows and columns', () => {
    expect(layout(8, 1920, 1080)).toEqual({ columns: 3, rows: 3 });
    expect(layout(8, 720, 1280)).toEqual({ columns: 2, rows: 4 });
    expect(layout(1, 1920, 1080)).toEqual({ columns: 1, rows: 1 });
  });
  it('turns pages by the clock', () => {
    const items = [1, 2, 3, 4, 5];
    expect(page(items, 2, 10, 0)).toEqual({ items: [1, 2], page: 1, pages: 3 });
    expect(page(items, 2, 10, 25).items).toEqual([5]);
    expect(page([], 2, 10, 25)).toEqual({ items: [], page: 1, pages: 1 });
  });
});
