/** Texts from translation files (ICU messages), in the browser's language or the one chosen. */
import { IntlMessageFormat } from 'intl-messageformat';
import { load, save } from '../match/storage';
import de from './de.json';
import en from './en.json';

const KEY = 'topspin.language';
const FILES = { en, de } satisfies Record<string, Record<string, string>>;

export type Language = keyof typeof FILES;
export type Key = keyof typeof en;
export const LANGUAGES: readonly (readonly [Language, string])[] = [
  ['en', 'English'],
  ['de', 'Deutsch'],
];

export const i18n = $state<{ language: Language }>({ language: pick(load(KEY), navigator.languages) });

export function pick(kept: string | null, wished: readonly string[]): Language {
  for (const tag of [kept ?? '', ...wished]) {
    const language = tag.slice(0, 2).toLowerCase();
    if (language in FILES) return language as Language;
  }
  return 'en';
}

export function speak(language: Language): void {
  i18n.language = language;
  save(KEY, language);
  document.documentElement.lang = language;
}

const compiled = new Map<string, IntlMessageFormat>();

export function t(key: Key, values?: Record<string, string | number>): string {
  const { language } = i18n;
  const at = `${language}.${key}`;
  let message = compiled.get(at);
  if (!message) {
    message = new IntlMessageFormat((FILES[language] as Record<string, string>)[key] ?? en[key] ?? key, language);
    compiled.set(at, message);
  }
  return String(message.format(values));
}

/** A text that may be missing: codes from newer servers have none yet. */
export const maybe = (key: string, values?: Record<string, string | number>): string | undefined =>
  key in FILES[i18n.language] ? t(key as Key, values) : undefined;
