/** What the umpire sets on this tablet. */
import { load, save } from '../match/storage';

const KEY = 'topspin.umpire';

type Settings = { haptics: boolean; rallyTap: boolean; name: string };
const DEFAULTS: Settings = { haptics: true, rallyTap: false, name: '' };

function read(): Settings {
  try {
    return { ...DEFAULTS, ...(JSON.parse(load(KEY) ?? '{}') as Partial<Settings>) };
  } catch {
    return DEFAULTS;
  }
}

export const settings = $state<Settings>(read());

export function change(part: Partial<Settings>): void {
  Object.assign(settings, part);
  save(KEY, JSON.stringify(settings));
}

export function buzz(): void {
  if (settings.haptics) navigator.vibrate?.(25);
}
