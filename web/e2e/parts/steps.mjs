// What an umpire does on the panel, as steps on a page, and what the API says beside it.
import assert from 'node:assert/strict';

export const api = (base, token) => ({
  async post(path, body) {
    const answer = await fetch(base + path, { method: 'POST', headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` }, body: JSON.stringify(body) });
    const json = await answer.json();
    assert.ok(answer.ok, `POST ${path}: ${JSON.stringify(json)}`);
    return json;
  },
  async get(path) {
    const answer = await fetch(base + path);
    assert.ok(answer.ok, `GET ${path}: ${answer.status}`);
    return answer.json();
  },
});

/** Collects whatever a page complains about. */
export function listen(page, name, complaints) {
  page.on('console', (message) => ['error', 'warning'].includes(message.type()) && complaints.push(`${name}: ${message.text()}`));
  page.on('pageerror', (error) => complaints.push(`${name}: ${error.message}`));
  page.on('request', (request) => {
    if (new URL(request.url()).host !== new URL(page.url() === 'about:blank' ? request.url() : page.url()).host) complaints.push(`${name} left the node: ${request.url()}`);
  });
}

/** Presses a button once its guard is over, and waits until the server has confirmed it. */
export async function press(page, id) {
  const seq = await seqOf(page);
  const button = page.getByTestId(id).first();
  await page.waitForFunction((testid) => {
    const found = document.querySelector(`[data-testid="${testid}"]`);
    return found && !found.disabled && !found.classList.contains('guarded');
  }, id);
  await button.click();
  await confirmed(page, seq);
}

/** Waits for the next position, with nothing unconfirmed. */
export async function confirmed(page, seq) {
  const done = page.waitForFunction((before) => {
    const panel = document.querySelector('[data-testid="panel"]');
    return Number(panel?.dataset.seq) > before && !document.querySelector('[data-testid="pending"]');
  }, seq);
  await done.catch(async (error) => {
    const seen = await page.evaluate(() => document.querySelector('dialog[open]')?.textContent ?? document.body.innerText);
    throw new Error(`not confirmed after ${seq}, on the screen: ${seen}`, { cause: error });
  });
}

export const seqOf = (page) => page.getByTestId('panel').getAttribute('data-seq').then(Number);

/** Opens a sheet and presses what is in it; only the last press is a command. */
export async function pressAll(page, ...ids) {
  for (const id of ids.slice(0, -1)) await page.getByTestId(id).first().click();
  await press(page, ids.at(-1));
}

/** A match that is over shows its result in the place of points. */
const OVER = new Set(['finished', 'retired', 'walkover', 'disqualified', 'abandoned', 'cancelled']);

/** The board says what the API says. */
export async function checkBoard(board, server, id) {
  const match = await server.get(`/v1/matches/${id}`);
  await board.waitForFunction((seq) => Number(document.querySelector('[data-testid="board"]')?.dataset.seq) >= seq, match.seq);
  const text = (testid) => board.getByTestId(testid).textContent().then((found) => found.trim());
  for (const side of ['home', 'away']) {
    assert.equal(await text(`board-games-${side}`), String(match.score[side]), `games of ${side}`);
    if (!OVER.has(match.status)) assert.equal(await text(`board-points-${side}`), String(match.games.at(-1)?.[side] ?? 0), `points of ${side}`);
  }
  const serving = match.status === 'in_play' ? match.server?.side : undefined;
  for (const side of ['home', 'away']) assert.equal(await board.getByTestId(`board-serves-${side}`).count(), serving === side ? 1 : 0, `server ${side}`);
  return match;
}
