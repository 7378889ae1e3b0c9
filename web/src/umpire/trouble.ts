/** Something the umpire must know, until it is dismissed. */
import type { Command } from '../api/laws';
import type { Problem } from '../api/match';

export type Trouble =
  | { kind: 'refused'; command: Command; problem: Problem; alsoDropped: number }
  | { kind: 'overtaken'; dropped: number }
  | { kind: 'lease_lost'; detail: string; dropped: number }
  | { kind: 'queue_full' };

/** What a refusal means to the umpire; `dropped` counts the refused tap and those behind it. */
export function troubleOf(command: Command, problem: Problem, dropped: number): Trouble {
  if (problem.status === 412) return { kind: 'overtaken', dropped };
  if (problem.code === 'lease_lost') return { kind: 'lease_lost', detail: problem.detail ?? '', dropped };
  return { kind: 'refused', command, problem, alsoDropped: dropped - 1 };
}
