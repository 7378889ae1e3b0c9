// Runs the stories, several at a time: most of their time is an umpire's pause between two taps.
//
//   npm run e2e                    all of them
//   npm run e2e -- doubles killed  some of them
//
// TOPSPIN_URL and TOPSPIN_TOKEN name a running server; without them TOPSPIN_BINARY is started on a data directory of
// its own. TOPSPIN_BINARY is needed by the story that kills its server. Pictures go to OUT.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { launch } from './parts/browser.mjs';
import { shoot } from './parts/shoot.mjs';
import { freePort, serve } from './parts/server.mjs';

/** The longest first. */
const STORIES = [
  'score-a-match', 'doubles', 'killed', 'interruptions', 'expedite', 'corrections', 'endings', 'two-tablets', 'accessible', 'boards', 'tabs',
];
const AT_A_TIME = 5;
const { env } = process;

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !STORIES.includes(name));
if (unknown.length > 0) throw new Error(`no story ${unknown.join(', ')}; there are ${STORIES.join(', ')}`);
const waiting = STORIES.filter((name) => asked.length === 0 || asked.includes(name));

const scratch = await mkdtemp(join(tmpdir(), 'topspin-e2e-'));
const own = env.TOPSPIN_URL ? undefined : await ownServer();
const browser = await launch();
const failed = [];
await Promise.all(Array.from({ length: AT_A_TIME }, work));
await browser.close();
await own?.stop();
await rm(scratch, { recursive: true, force: true });
if (failed.length > 0) {
  console.error(`failed: ${failed.join(', ')}`);
  process.exit(1);
}

async function ownServer() {
  if (!env.TOPSPIN_BINARY) throw new Error('set TOPSPIN_URL and TOPSPIN_TOKEN to a running server, or TOPSPIN_BINARY');
  return serve(env.TOPSPIN_BINARY, join(scratch, 'shared'), await freePort());
}

async function work() {
  for (let name = waiting.shift(); name; name = waiting.shift()) {
    const story = {
      browser,
      base: own?.base ?? env.TOPSPIN_URL,
      token: own?.token ?? env.TOPSPIN_TOKEN ?? 'fake-token',
      binary: env.TOPSPIN_BINARY,
      scratch: join(scratch, name),
      out: env.OUT ?? 'e2e/out',
      complaints: [],
      pages: [],
    };
    const began = Date.now();
    try {
      const { default: tell } = await import(`./${name}.mjs`);
      const said = await tell(story);
      if (story.complaints.length > 0) throw new Error(`pages complained: ${story.complaints.join('; ')}`);
      console.log(`${name}: ${said} (${Math.round((Date.now() - began) / 1000)} s)`);
    } catch (error) {
      failed.push(name);
      for (const [i, page] of story.pages.entries()) if (!page.isClosed()) await shoot(page, story.out, `failed-${name}-${i + 1}`);
      console.error(`${name} failed; its pages said ${JSON.stringify(story.complaints)}\n`, error);
    }
  }
}
