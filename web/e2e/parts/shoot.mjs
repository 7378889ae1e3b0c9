// Pictures of pages, at the sizes that screens have.
import { mkdirSync } from 'node:fs';

export const SIZES = {
  'tablet-landscape': [1180, 820], 'tablet-portrait': [820, 1180], phone: [390, 844], 'phone-landscape': [844, 390],
  hall: [1920, 1080], 'led-portrait': [720, 1280],
};

/** Takes one picture of a page as it stands; the page keeps its size. */
export async function shoot(page, out, name) {
  mkdirSync(out, { recursive: true });
  await page.screenshot({ path: `${out}/${name}.png`, animations: 'disabled' });
}
