import type { Command } from '../api/laws';

/** Guards against double presses: a target pressed a moment ago does not take another press. */
export const POINT_GUARD_MS = 900;
export const BUTTON_GUARD_MS = 500;
/** After a change of ends the names have moved under the umpire's fingers. */
export const ENDS_GUARD_MS = 1_500;

export type Target = 'rally' | string;
export type Guards = Readonly<Record<Target, number>>;

export const isGuarded = (guards: Guards, target: Target, now: number): boolean => (guards[target] ?? 0) > now;

/** The guards after a press: both players' areas share one, because one rally has one outcome. */
export function guard(guards: Guards, target: Target, now: number, forMs: number): Guards {
  const standing = Object.entries(guards).filter(([, until]) => until > now);
  return { ...Object.fromEntries(standing), [target]: Math.max(guards[target] ?? 0, now + forMs) };
}

/** A second press of the same thing is guarded; another card or another player is not the same thing. */
export const targetOf = (command: Command): Target =>
  Object.keys(command).length === 1 ? command.type : JSON.stringify(command);
