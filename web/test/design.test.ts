import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { IntlMessageFormat } from 'intl-messageformat';
import de from '../src/i18n/de.json';
import en from '../src/i18n/en.json';

const css = readFileSync(new URL('../src/design/tokens.css', import.meta.url), 'utf8');

/** The colours of one theme's block. */
function theme(selector: string): Record<string, string> {
  const start = css.indexOf(`${selector} {`);
  const block = css.slice(start, css.indexOf('}', start));
  return Object.fromEntries([...block.matchAll(/--([\w-]+): (#[0-9a-f]{6});/g)].map(([, name, value]) => [name!, value!]));
}
function luminance(hex: string): number {
  const [r, g, b] = [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16) / 255).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
}
function contrast(a: string, b: string): number {
  const [high, low] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (high! + 0.05) / (low! + 0.05);
}

describe('every theme', () => {
  const PAIRS = [
    ['text', 'ground'], ['text', 'surface'], ['text', 'raised'], ['muted', 'ground'], ['muted', 'surface'], ['muted', 'raised'],
    ['home', 'surface'], ['away', 'surface'], ['home', 'home-soft'], ['away', 'away-soft'], ['on-accent', 'accent'],
    ['warn', 'warn-soft'], ['bad', 'bad-soft'], ['bad', 'surface'], ['good', 'surface'], ['on-serve', 'serve'],
  ] as const;
  for (const selector of [':root', ":root:not([data-theme])", ":root[data-theme='dark']", ":root[data-theme='contrast']"]) {
    it(`reaches AA contrast: ${selector}`, () => {
      const colours = theme(selector);
      const failing = PAIRS.filter(([a, b]) => contrast(colours[a]!, colours[b]!) < 4.5);
      expect(failing).toEqual([]);
    });
  }
});

describe('translations', () => {
  it('have every text in both languages', () => {
    expect(Object.keys(en).filter((key) => !(key in de))).toEqual([]);
    // The server says in English why it refuses; other languages translate its codes.
    expect(Object.keys(de).filter((key) => !(key in en) && !key.startsWith('rejection.'))).toEqual([]);
  });
  it('parse, and name the same values', () => {
    const names = (text: string): string[] => [...new Set([...text.matchAll(/\{(\w+)[,}]/g)].map((found) => found[1]!))].sort();
    for (const [key, text] of Object.entries(en)) {
      expect(() => new IntlMessageFormat(text, 'en'), key).not.toThrow();
      expect(() => new IntlMessageFormat(de[key as keyof typeof en], 'de'), key).not.toThrow();
      expect(names(de[key as keyof typeof en]), key).toEqual(names(text));
    }
  });
});
