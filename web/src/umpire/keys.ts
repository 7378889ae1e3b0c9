/** Keyboard shortcuts: one table, shown in the help sheet as it is. */
export type Action =
  | 'point_left'
  | 'point_right'
  | 'let'
  | 'rally'
  | 'return'
  | 'undo'
  | 'redo'
  | 'primary'
  | 'time_out'
  | 'towel'
  | 'card'
  | 'timeline'
  | 'more'
  | 'help';

export const KEYS: readonly (readonly [Action, readonly string[]])[] = [
  ['point_left', ['ArrowLeft', 'a']],
  ['point_right', ['ArrowRight', 'd']],
  ['let', ['l']],
  ['rally', [' ']],
  ['return', ['r']],
  ['undo', ['u', 'Backspace']],
  ['redo', ['y']],
  ['primary', ['Enter']],
  ['time_out', ['t']],
  ['towel', ['w']],
  ['card', ['c']],
  ['timeline', ['g']],
  ['more', ['m']],
  ['help', ['?', 'h']],
];

type Press = { key: string; ctrlKey: boolean; metaKey: boolean; altKey: boolean; shiftKey: boolean; repeat: boolean };

/** The action of a key press; a key held down is one press. */
export function actionOf(press: Press): Action | undefined {
  if (press.repeat || press.altKey) return undefined;
  if (press.ctrlKey || press.metaKey) {
    if (press.key.toLowerCase() !== 'z') return undefined;
    return press.shiftKey ? 'redo' : 'undo';
  }
  const key = press.key.length === 1 ? press.key.toLowerCase() : press.key;
  return KEYS.find(([, keys]) => keys.includes(key))?.[0];
}
