import { describe, expect, it } from 'vitest';
import { asProblem } from '../src/api/client';
import type { Problem } from '../src/api/match';
import { uuid } from '../src/api/uuid';
import { troubleOf } from '../src/umpire/trouble';
import { EMPTY, QUEUE_MAX, accepted, authorise, failed, keep, next, pending, pendingPoints, push, refused, restore, type Ground, type Queue } from '../src/umpire/queue';

const ground: Ground = { seq: 7, lease: 2, clockOffsetMs: 250, device: 'd1' };
const tap = (id: string, to: 'home' | 'away' = 'home') => ({ id, command: { type: 'point', to } as const, tappedAt: 1000 });
const problem = (status: number, code = 'x'): Problem => ({ title: code, status, code, retryable: false });
const filled = (...ids: string[]): Queue => ids.reduce((queue, id) => push(queue, tap(id)), EMPTY);

describe('the command queue', () => {
  it('sends in order, one at a time, on the ground of the latest answer', () => {
    let [queue, body] = next(filled('a', 'b'), ground, 0);
    expect(body).toMatchObject({ command_id: 'a', expected_seq: 7, lease: 2, occurred_at: '1970-01-01T00:00:01.250Z' });
    expect(next(queue, ground, 0)[1]).toBeUndefined();
    queue = accepted(queue, 'a');
    [queue, body] = next(queue, { ...ground, seq: 8 }, 0);
    expect(body).toMatchObject({ command_id: 'b', expected_seq: 8 });
  });

  it('repeats the same body to the letter after a failure, even when the match has moved on', () => {
    const [sent, first] = next(filled('a'), ground, 0);
    const waiting = failed(sent, 100, 0.5);
    expect(next(waiting, ground, 100)[1]).toBeUndefined();
    expect(next(waiting, { ...ground, seq: 99, lease: 3 }, waiting.retryAt)[1]).toEqual(first);
  });

  it('survives a reload with the body that was under way', () => {
    const [sent, body] = next(filled('a', 'b'), ground, 0);
    const restored = restore(keep(sent));
    expect(pending(restored)).toBe(2);
    expect(next(restored, { ...ground, seq: 50 }, 0)[1]).toEqual(body);
  });

  it('starts empty from storage that holds nothing or nonsense', () => {
    for (const text of [null, '', '{', '{}', '[]', '{"taps": 3}']) expect(restore(text)).toEqual(EMPTY);
  });

  it('drops the taps behind a refused one and names them', () => {
    const [sent] = next(filled('a', 'b', 'c'), ground, 0);
    const [queue, dropped] = refused(sent, problem(409, 'break_going_on'));
    expect(queue).toEqual(EMPTY);
    expect(dropped.map(({ id }) => id)).toEqual(['a', 'b', 'c']);
  });

  it('keeps everything while the token is wrong, and goes on with the right one', () => {
    const [sent, body] = next(filled('a', 'b'), ground, 0);
    const [queue, dropped] = refused(sent, problem(401));
    expect(dropped).toEqual([]);
    expect(next(queue, ground, 1e9)[1]).toBeUndefined();
    expect(next(authorise(queue), ground, 0)[1]).toEqual(body);
  });

  it('ignores a late answer to something else', () => {
    const [sent] = next(filled('a'), ground, 0);
    expect(accepted(sent, 'z')).toBe(sent);
  });

  it('is bounded', () => {
    const full = filled(...Array.from({ length: QUEUE_MAX }, (_, i) => `${i}`));
    expect(push(full, tap('more'))).toBe(full);
  });

  it('counts unconfirmed points by side', () => {
    const queue = push(push(filled('a'), tap('b', 'away')), tap('c', 'away'));
    expect([pendingPoints(queue, 'home'), pendingPoints(queue, 'away')]).toEqual([1, 2]);
  });
});

describe('answers without a problem document', () => {
  it('are judged by their status', () => {
    expect(asProblem(null, 502)).toMatchObject({ code: 'http_502', retryable: true });
    expect(asProblem({ code: 'storage_full', retryable: true, title: 'full' }, 503)).toMatchObject({ code: 'storage_full', retryable: true });
    expect(asProblem('no', 404)).toMatchObject({ code: 'http_404', retryable: false });
  });
});

describe('an id', () => {
  it('is a version 4 UUID where the browser has no randomUUID', () => {
    const insecure = { getRandomValues: crypto.getRandomValues.bind(crypto) } as Crypto;
    expect(uuid(insecure)).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(uuid(insecure)).not.toBe(uuid(insecure));
  });
});

describe('a refusal', () => {
  const undo = { type: 'undo' } as const;
  it('is told as what it means: overtaken, taken over, or against the laws', () => {
    expect(troubleOf(undo, problem(412, 'seq_mismatch'), 2)).toEqual({ kind: 'overtaken', dropped: 2 });
    expect(troubleOf(undo, { ...problem(409, 'lease_lost'), detail: 'Ana scores' }, 1)).toEqual({ kind: 'lease_lost', detail: 'Ana scores', dropped: 1 });
    expect(troubleOf(undo, problem(409, 'nothing_to_undo'), 3)).toMatchObject({ kind: 'refused', alsoDropped: 2 });
  });
});
