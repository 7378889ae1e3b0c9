// Pictures while working on a screen: node dev/shoot.mjs PATH,SIZE,THEME,NAME[,TESTID TO CLICK …] …
// TOPSPIN_URL, TOPSPIN_TOKEN, OUT and LANGUAGE_SHOWN come from the environment; sizes stand in e2e/parts/shoot.mjs.
import { launch } from '../e2e/parts/browser.mjs';
import { shoot, SIZES } from '../e2e/parts/shoot.mjs';

const { TOPSPIN_URL = 'http://127.0.0.1:8090', TOPSPIN_TOKEN = 'fake-token', OUT = 'e2e/out' } = process.env;
const browser = await launch();
for (const argument of process.argv.slice(2)) {
  const [path, size, theme, name, ...clicks] = argument.split(',');
  const [width, height] = SIZES[size];
  const page = await browser.newPage({ viewport: { width, height } });
  await page.addInitScript(
    ([chosen, language]) => (localStorage.setItem('topspin.theme', chosen), localStorage.setItem('topspin.language', language)),
    [theme, process.env.LANGUAGE_SHOWN ?? 'en'],
  );
  await page.goto(`${TOPSPIN_URL}${path}#token=${TOPSPIN_TOKEN}`);
  await page.waitForTimeout(700);
  for (const id of clicks) await page.getByTestId(id).first().click();
  await page.waitForTimeout(300);
  await shoot(page, OUT, name);
  await page.close();
}
await browser.close();
