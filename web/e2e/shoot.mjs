// Screenshots of a page at the sizes that screens have. BASE_URL, TOKEN, OUT from the environment; paths as arguments.
import { mkdirSync } from 'node:fs';
import { launch } from './browser.mjs';

export const SIZES = {
  'tablet-landscape': [1180, 820], 'tablet-portrait': [820, 1180], phone: [390, 844], 'phone-landscape': [844, 390],
  hall: [1920, 1080], 'led-portrait': [720, 1280],
};

/** Takes one picture of a page as it stands; the page keeps its size. */
export async function shoot(page, out, name) {
  mkdirSync(out, { recursive: true });
  await page.screenshot({ path: `${out}/${name}.png` });
}

if (import.meta.filename === process.argv[1]) {
  const { BASE_URL = 'http://127.0.0.1:8090', TOKEN = 'fake-token', OUT = '/tmp/shots' } = process.env;
  const browser = await launch();
  for (const argument of process.argv.slice(2)) {
    const [path, size, theme, name, ...clicks] = argument.split(',');
    const [width, height] = SIZES[size];
    const page = await browser.newPage({ viewport: { width, height } });
    await page.addInitScript(
      ([chosen, language]) => (localStorage.setItem('topspin.theme', chosen), localStorage.setItem('topspin.language', language)),
      [theme, process.env.LANGUAGE_SHOWN ?? 'en'],
    );
    await page.goto(`${BASE_URL}${path}#token=${TOKEN}`);
    await page.waitForTimeout(700);
    for (const id of clicks) await page.getByTestId(id).first().click();
    await page.waitForTimeout(300);
    await shoot(page, OUT, name);
    await page.close();
  }
  await browser.close();
}
