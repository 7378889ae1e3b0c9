/** Light, dark or high contrast; the system's wish unless one is chosen. */
import { load, save } from '../match/storage';

const KEY = 'topspin.theme';
export const THEMES = ['system', 'light', 'dark', 'contrast'] as const;
export type Theme = (typeof THEMES)[number];

export const theme = $state<{ chosen: Theme }>({ chosen: 'system' });

/** `fallback` is the app's own default: a hall's board is dark, a panel follows its tablet. */
export function applyTheme(fallback: Theme): void {
  const asked = new URLSearchParams(location.search).get('theme') ?? load(KEY) ?? fallback;
  show(THEMES.find((known) => known === asked) ?? fallback);
}

export function chooseTheme(chosen: Theme): void {
  save(KEY, chosen);
  show(chosen);
}

function show(chosen: Theme): void {
  theme.chosen = chosen;
  if (chosen === 'system') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = chosen;
}
