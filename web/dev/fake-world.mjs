// Fictional matches for the fake server, played by the clock.
const NAMES = [
  'Mira Lindqvist', 'Tomasz Wierzbicki', 'Ayumi Hoshikawa', 'Jonas Brandt', 'Leïla Benchekroun', 'Chukwuemeka Okonkwo-Adeyemi', 'Sofia Vidal',
  'Anton Petrescu', 'Freja Dahl', 'Rui Castanheira', 'Hana Novotná', 'Björn Ólafsson', 'Noor El-Sayed', 'Mateus Figueiredo', 'Wei Lin', 'Käthe Grünwald',
];

export function demo(world, tables) {
  for (let table = 1; table <= tables; table++) {
    const doubles = table === 4;
    const name = (n) => ({ name: NAMES[(table * 2 + n) % NAMES.length] });
    const match = world.create({
      table: String(table),
      category: doubles ? 'Mixed doubles' : table % 2 ? 'Women, quarter-final' : 'Men, quarter-final',
      format: { discipline: doubles ? 'doubles' : 'singles' },
      sides: { home: { players: doubles ? [name(0), name(5)] : [name(0)] }, away: { players: doubles ? [name(1), name(8)] : [name(1)] } },
    });
    if (table === tables) continue;
    play(world, match, table);
  }
}

function play(world, match, table) {
  const press = (command) => world.command(match, command);
  press({ type: 'choose', first_server: table % 2 ? 'home' : 'away', home_end: 'left' });
  press({ type: 'start_game' });
  const strength = 0.42 + (table % 5) * 0.05;
  const rally = () => {
    const { status, state } = match.resource();
    if (state.winner) return undefined;
    if (status === 'interval') return press({ type: 'start_game' });
    if (state.break) return press({ type: 'resume' });
    if (Math.random() < 0.01 && state.time_outs_left.home) return press({ type: 'take_time_out', side: 'home' });
    return press({ type: 'point', to: Math.random() < strength ? 'home' : 'away' });
  };
  for (let n = table * 17; n > 0; n--) rally();
  setInterval(rally, 1500 + table * 200);
}
