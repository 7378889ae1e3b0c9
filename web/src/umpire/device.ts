/** This tablet: its id, its heartbeat to the server, its screen. */
import { sendHeartbeat, type Heartbeat } from '../api/client';
import { uuid } from '../api/uuid';
import { load, save } from '../match/storage';

const KEY = 'topspin.device';
const HEARTBEAT_MS = 15_000;

export function deviceId(): string {
  const kept = load(KEY);
  if (kept) return kept;
  const id = uuid();
  save(KEY, id);
  return id;
}

/** What others see this tablet called until somebody gives it a name. */
export const deviceLabel = (): string => `Tablet ${deviceId().slice(0, 4)}`;

type Battery = { level: number; charging: boolean };

/** Tells the server that this tablet is there, until the returned function is called. */
export function keepBeating(matchId: string): () => void {
  const beat = async (): Promise<void> => {
    const body: Heartbeat = { client_time: new Date().toISOString(), match_id: matchId };
    const battery = await readBattery();
    if (battery) Object.assign(body, { battery_percent: Math.round(battery.level * 100), charging: battery.charging });
    // A missed heartbeat is itself the message: whoever watches the devices sees it.
    await sendHeartbeat(deviceId(), body).catch(() => undefined);
  };
  void beat();
  const timer = setInterval(() => void beat(), HEARTBEAT_MS);
  return () => clearInterval(timer);
}

/** Only some browsers tell, and only over https or on the same machine. */
async function readBattery(): Promise<Battery | undefined> {
  const source = (navigator as Navigator & { getBattery?: () => Promise<Battery> }).getBattery;
  return source ? source.call(navigator).catch(() => undefined) : undefined;
}

/** Keeps the screen on. `report` says whether it works: browsers allow it in secure contexts only. */
export function keepAwake(report: (awake: boolean) => void): () => void {
  let lock: WakeLockSentinel | undefined;
  let stopped = false;
  const ask = async (): Promise<void> => {
    if (stopped || document.visibilityState !== 'visible') return;
    try {
      lock = await navigator.wakeLock.request('screen');
      report(true);
      lock.addEventListener('release', () => report(false));
    } catch {
      report(false);
    }
  };
  const onVisible = (): void => void ask();
  document.addEventListener('visibilitychange', onVisible);
  void ask();
  return () => {
    stopped = true;
    document.removeEventListener('visibilitychange', onVisible);
    void lock?.release().catch(() => undefined);
  };
}
