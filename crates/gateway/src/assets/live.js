// Keeps a server-rendered page up to date from a stream of events. The page reads well without it.
"use strict";

const STALE_AFTER_MS = 5000;
const REFETCH_EVERY_MS = 1500;
const main = document.getElementById("main");
const tie = document.querySelector("[data-tie]")?.dataset.tie;
const link = document.getElementById("link");
let lastHeard = Date.now();
let refetchTimer;
let refetchedAt = 0;

const STATUS = {
  scheduled: "Scheduled", called: "Called", warm_up: "Warm-up", in_play: "In play", interval: "Interval",
  suspended: "Suspended", finished: "Finished", retired: "Retired", walkover: "Walkover",
  disqualified: "Disqualified", abandoned: "Abandoned", postponed: "Postponed", cancelled: "Cancelled",
};
const OVER = new Set(["finished", "retired", "walkover", "disqualified", "abandoned", "cancelled"]);
const LIVE = new Set(["called", "warm_up", "in_play", "interval", "suspended"]);

function show(state, text) {
  if (link.dataset.state !== state) {
    link.dataset.state = state;
    link.textContent = text;
    main.toggleAttribute("data-stale", state !== "live");
  }
}

function called(match, side) {
  const { name, players } = match.sides[side];
  return players.map((player) => player.name).filter(Boolean).join(" / ") || name;
}

function remark(match) {
  const name = (side) => called(match, side);
  const pause = match.state.break;
  if (pause) {
    switch (pause.type) {
      case "time_out": return `Time-out, ${name(pause.side)}`;
      case "towel": return "Towel break";
      case "suspension": return `Suspended: ${pause.reason}`;
      case "review": return `Video review, asked by ${name(pause.side)}`;
    }
  }
  const words = {
    match_point_home: () => `Match point, ${name("home")}`, match_point_away: () => `Match point, ${name("away")}`,
    game_point_home: () => `Game point, ${name("home")}`, game_point_away: () => `Game point, ${name("away")}`,
    deuce: () => "Deuce", ends_changed: () => "Ends changed",
  };
  const notice = match.state.notices.find((n) => words[n]);
  return notice ? words[notice]() : "";
}

// Of a match that was played elsewhere only the reported result is known.
const isReported = (match) => match.status === "scheduled" && Boolean(match.reported_result);
const gamesOf = (match) => (isReported(match) ? match.reported_result.games : match.games);
const otherOf = (side) => (side === "home" ? "away" : "home");

function totalOf(match, side) {
  if (!isReported(match)) return match.score[side];
  return gamesOf(match).filter((game) => game[side] > game[otherOf(side)]).length;
}

function cell(match, index, side) {
  const games = gamesOf(match);
  const game = games[index];
  const other = otherOf(side);
  const last = index === games.length - 1;
  const current = last && match.status !== "interval" && !OVER.has(match.status) && !isReported(match);
  const td = document.createElement("td");
  td.className = "game";
  td.dataset.won = String(!current && game[side] > game[other]);
  td.dataset.current = String(current);
  td.textContent = game[side];
  return td;
}

function row(tr, match, side) {
  const total = tr.querySelector("[data-part=total]");
  const before = [...tr.querySelectorAll(".game")].map((td) => td.textContent);
  tr.dataset.winner = String((isReported(match) ? match.reported_result.winner : match.winner) === side);
  total.textContent = totalOf(match, side);
  const name = tr.querySelector(".name");
  name.textContent = called(match, side);
  name.title = match.sides[side].name;
  const serves = !match.winner && match.server?.side === side;
  const serve = tr.querySelector(".serve");
  serve.dataset.on = String(serves);
  serve.innerHTML = serves ? '<span class="quiet">serves </span>' : "";
  tr.querySelectorAll(".game").forEach((td) => td.remove());
  gamesOf(match).forEach((game, index) => {
    const td = cell(match, index, side);
    if (before[index] !== undefined && before[index] !== td.textContent) td.classList.add("flash");
    tr.append(td);
  });
}

// A snapshot is where the match stands, even if that is further back: a log that was restored from a backup.
function update(match, isSnapshot) {
  const card = document.querySelector(`[data-match="${CSS.escape(match.id)}"]`);
  // On the page of a tie, other matches are not missing.
  if (!card) return Boolean(tie) && match.tie_id !== tie;
  const [epoch, seq] = [Number(card.dataset.epoch), Number(card.dataset.seq)];
  if (!isSnapshot && (match.epoch < epoch || (match.epoch === epoch && match.seq <= seq))) return true;
  const moved = card.dataset.live !== String(LIVE.has(match.status));
  card.dataset.epoch = match.epoch;
  card.dataset.seq = match.seq;
  card.dataset.live = String(LIVE.has(match.status));
  const badge = card.querySelector("[data-part=status]");
  badge.textContent = isReported(match) ? "Reported" : STATUS[match.status] ?? match.status;
  badge.dataset.live = card.dataset.live;
  card.querySelector("[data-part=remark]").textContent = remark(match);
  for (const side of ["home", "away"]) row(card.querySelector(`tr[data-side=${side}]`), match, side);
  return !moved;
}

// What the reader has opened stays open.
function replace(into, html) {
  const open = [...into.querySelectorAll("details[open][id]")].map((details) => details.id);
  const focused = document.activeElement?.closest("details[id]")?.id;
  into.innerHTML = html;
  open.forEach((id) => document.getElementById(id)?.setAttribute("open", ""));
  if (focused) document.getElementById(focused)?.querySelector("summary")?.focus({ preventScroll: true });
}

// The fragment is fetched at most once in a while, and once more after the last change.
function refetch() {
  const url = main.dataset.fragment;
  if (!url || refetchTimer) return;
  const wait = Math.max(0, refetchedAt + REFETCH_EVERY_MS - Date.now());
  refetchTimer = setTimeout(async () => {
    refetchTimer = undefined;
    refetchedAt = Date.now();
    try {
      const answer = await fetch(url, { headers: { accept: "text/html" } });
      if (answer.ok) replace(document.getElementById(main.dataset.fragmentInto), await answer.text());
    } catch {
      // The stream says that the connection is gone, and the next change fetches again.
    }
  }, wait);
}

function heard() {
  lastHeard = Date.now();
  show("live", "live");
}

// A page that nobody sees holds no stream: a browser opens six connections to a server, and the seventh page would not
// even load. A page that is shown again begins with snapshots and with the fragment as it is now.
const sources = new Map();

function seen() {
  if (document.hidden) {
    sources.forEach((source) => source.close());
    sources.clear();
    show("reconnecting", "reconnecting…");
    return;
  }
  if (sources.size > 0) return;
  lastHeard = Date.now();
  main.dataset.stream.split(" ").forEach(follow);
}

function follow(stream) {
  const source = new EventSource(stream);
  sources.set(stream, source);
  const one = !stream.startsWith("/v1/live");
  // Of what the snapshots that follow do not bring, nothing is known any more.
  source.addEventListener("reset", () => {
    heard();
    refetch();
  });
  source.addEventListener("snapshot", (event) => {
    heard();
    if (!update(JSON.parse(event.data), true)) refetch();
  });
  source.addEventListener("match", (event) => {
    heard();
    if (!update(JSON.parse(event.data).match) || one) refetch();
  });
  source.addEventListener("tie", () => {
    heard();
    refetch();
  });
  source.addEventListener("card", () => {
    heard();
    refetch();
  });
  source.addEventListener("heartbeat", heard);
  source.addEventListener("lagged", () => show("reconnecting", "catching up"));
  source.addEventListener("open", heard);
  source.addEventListener("error", () => {
    show("reconnecting", "reconnecting…");
    // The browser gives up after an answer that is no stream, such as a proxy's error page.
    if (source.readyState !== EventSource.CLOSED) return;
    setTimeout(() => sources.get(stream) === source && follow(stream), 2000);
  });
}

setInterval(() => {
  if (document.hidden) return;
  const silent = Date.now() - lastHeard;
  if (silent > STALE_AFTER_MS) show("stale", `no news for ${Math.round(silent / 1000)} s`);
}, 1000);

document.addEventListener("visibilitychange", () => {
  seen();
  if (!document.hidden) refetch();
});
seen();
