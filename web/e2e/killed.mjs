// The server is killed with SIGKILL while the umpire taps, and started again on the same data and port: every tap that
// was confirmed is there once, and every tap that was not is sent until it is there once. It has a server of its own.
import assert from 'node:assert/strict';
import { freePort, serve } from './parts/server.mjs';
import { begin, score, stage } from './parts/stage.mjs';

const MATCH = {
  table: '81', format: { preset: 'ittf', best_of: 3, game_points: 21 },
  sides: { home: { players: [{ name: 'Dana Oyelaran' }] }, away: { players: [{ name: 'Felix Baumann' }] } },
};

export default async function killed(story) {
  assert.ok(story.binary, 'TOPSPIN_BINARY names the server that this story starts and kills');
  const port = await freePort();
  const start = () => serve(story.binary, story.scratch, port);
  let server = await start();
  try {
    const stand = await stage({ ...story, base: server.base, token: server.token }, MATCH);
    const confirmed = confirmedBy(stand.panel);
    await begin(stand);
    await stand.points('ha');
    server = await killedDuringATap(stand, server, start);
    server = await killedBeforeTheAnswer(stand, server, start);
    server = await killedAndLoadedAgain(stand, server, start);
    const match = await everyTapOnce(stand, confirmed);
    await stand.close();
    // The browser itself notes what the dead server did not answer.
    story.complaints.splice(0, story.complaints.length, ...story.complaints.filter((text) => !/net::ERR_|status of 5/.test(text)));
    return `${match.games[0].home}-${match.games[0].away}, ${confirmed.size} taps confirmed over three kills`;
  } finally {
    await server.stop();
  }
}

/** The ids of the commands whose answer has reached the panel. */
function confirmedBy(page) {
  const ids = new Set();
  page.on('response', (response) => {
    if (response.ok() && response.url().endsWith('/commands')) ids.add(response.request().postDataJSON().command_id);
  });
  return ids;
}

/** Killed at once after a tap, whatever has become of it, and tapped on while it is gone. */
async function killedDuringATap({ panel, board, point, tell, check }, server, start) {
  await point('home');
  await tap(panel, 'away');
  await server.kill();
  await tap(panel, 'home');
  await tap(panel, 'home');
  await panel.getByTestId('pending').waitFor();
  await board.locator('[data-testid="banner"][data-phase="offline"]').waitFor();
  await tell(panel, 'killed-panel');
  await tell(board, 'killed-board');
  const again = await start();
  await panel.getByTestId('pending').waitFor({ state: 'detached' });
  await check({ games: [score(4, 2)] });
  await point('away');
  return again;
}

/** The tap is recorded, and the server dies before its answer arrives: sent again, it counts once. */
async function killedBeforeTheAnswer({ panel, check }, server, start) {
  let dead;
  await panel.route('**/commands', async (route) => {
    if (dead) return route.abort();
    await route.fetch();
    dead = server.kill();
    await dead;
    return route.abort();
  });
  await tap(panel, 'home');
  await panel.getByTestId('pending').waitFor();
  await tap(panel, 'away');
  await dead;
  const again = await start();
  await panel.unroute('**/commands');
  await panel.getByTestId('pending').waitFor({ state: 'detached' });
  await check({ games: [score(5, 4)] });
  return again;
}

/** The page is loaded again with taps that nobody has confirmed: it keeps them, and sends them. */
async function killedAndLoadedAgain({ panel, check, points }, server, start) {
  await server.kill();
  await tap(panel, 'home');
  await tap(panel, 'home');
  // Closed before the server is back: else the panel may have sent them before it is loaded again.
  await panel.route('**/commands', (route) => route.abort());
  const again = await start();
  await panel.reload();
  await panel.getByTestId('pending').waitFor();
  assert.match(await panel.getByTestId('ghost-home').textContent(), /^\+\d$/, 'the taps are still marked');
  await panel.unroute('**/commands');
  await panel.getByTestId('pending').waitFor({ state: 'detached' });
  await check({ games: [score(7, 4)] });
  await points('a');
  await check({ games: [score(7, 5)] });
  return again;
}

/** No command is recorded twice, and none that was confirmed is missing. */
async function everyTapOnce({ events, check, panel }, confirmed) {
  const list = await events();
  assert.deepEqual(list.map(({ seq }) => seq), list.map((_, i) => i + 1), 'positions without a gap');
  const tapped = list.filter(({ event }) => event.type === 'point_scored').map(({ command_id }) => command_id);
  assert.equal(new Set(tapped).size, tapped.length, 'no tap counts twice');
  const recorded = new Set(list.map(({ command_id }) => command_id));
  assert.deepEqual([...confirmed].filter((id) => !recorded.has(id)), [], 'every confirmed tap is recorded');
  const match = await check({ status: 'in_play' });
  for (const side of ['home', 'away']) {
    assert.equal(await panel.getByTestId(`points-${side}`).textContent(), String(match.games[0][side]), 'the panel shows them');
  }
  return match;
}

/** A tap for which nobody waits. */
async function tap(panel, side) {
  await panel.locator(`[data-testid="point-${side}"]:not(.guarded):not(:disabled)`).click();
}
