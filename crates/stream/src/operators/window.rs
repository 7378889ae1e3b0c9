//! A window over rows in the order of their time.
//!
//! The window has a clock of its own, which follows the ticks. It always holds exactly the rows that occurred after the
//! lower bound at its clock and not after its clock. A tick moves the clock; if more rows than one step may change are
//! between the clock and the tick, it is moved to an instant before the tick.

use std::marker::PhantomData;
use std::ops::ControlFlow;
use std::sync::Arc;

use crate::error::Reason;
use crate::key::Key;
use crate::limits::{CLEARED_A_STEP, WINDOW_ROWS_A_STEP};
use crate::node::{Binary, Context, Fault};
use crate::operators::calendar::{Horizon, Moment};
use crate::operators::queue::Queue;
use crate::operators::store::{Store, net, weighted};
use crate::row::Row;
use crate::state::State;
use crate::stream::{Described, Stream, Ticks};
use crate::time::Time;
use crate::value::{Value, decode_value, encode_value};

impl<K: Key, V: Value> Stream<K, V> {
    /// The rows of a sliding window over calendar months. A row in the future enters when the clock passes it; one that
    /// has expired never enters. Driven by the clock alone, and empty before the first tick.
    ///
    /// A tick changes at most [`limits::WINDOW_ROWS_A_STEP`](crate::limits::WINDOW_ROWS_A_STEP) rows. If there are more,
    /// the window goes to the latest instant it can come to, holding exactly what it should hold then, and the instance
    /// asks for the tick [again](crate::Progress::Again).
    pub fn last_months(
        &self,
        name: &str,
        ticks: &Ticks,
        horizon: Horizon,
        moment: impl Fn(&K, &V) -> Moment + Send + Sync + 'static,
    ) -> Stream<K, V> {
        assert!(horizon.months > 0, "a window holds at least a month");
        let described =
            Described::new(name, format!("last {} months", horizon.months), &["rows", "fronts", "clock"]);
        let moment = Arc::new(moment);
        self.binary(&ticks.0, &described, move |stores| Window {
            rows: Rows { queue: Queue::new(stores[0], stores[1]), horizon: horizon.clone() },
            clock: Store::new(stores[2]),
            moment: Arc::clone(&moment),
            kinds: PhantomData::<fn() -> (K, V)>,
        })
    }
}

struct Window<F, T> {
    rows: Rows,
    clock: Store,
    moment: Arc<F>,
    kinds: PhantomData<T>,
}

/// The rows of each zone, by time: key and value.
struct Rows {
    queue: Queue,
    horizon: Horizon,
}

impl<K, V, F> Binary for Window<F, fn() -> (K, V)>
where
    K: Key,
    V: Value,
    F: Fn(&K, &V) -> Moment + Send + Sync,
{
    type LeftKey = K;
    type Left = V;
    type RightKey = ();
    type Right = Time;
    type OutKey = K;
    type Out = V;

    fn apply(
        &mut self,
        left: &mut Vec<Row<K, V>>,
        ticks: &mut Vec<Row<(), Time>>,
        out: &mut Vec<Row<K, V>>,
        context: &mut Context<'_>,
    ) -> Result<(), Fault> {
        let clock: Option<Time> = self.clock.read(context.state, &[])?;
        let changes = net(left.iter().map(|row| ((&row.key, &row.value), row.weight.get())).collect())?;
        for ((key, value), weight) in changes {
            self.arrive(context.state, clock, (key, value, weight), out)?;
        }
        let Some(tick) = ticks.iter().map(|row| row.value).max() else { return Ok(()) };
        let now = self.rows.reachable(context.state, clock, tick)?;
        for span in self.rows.spans(context.state, clock, now)? {
            self.rows.visit(context.state, &span, |mut entry, weight| {
                let key = K::decode(&mut entry)?;
                out.extend(weighted(key, decode_value(entry)?, weight * span.sign));
                Ok(ControlFlow::Continue(()))
            })?;
        }
        self.clock.write(context.state, &[], &now)?;
        context.behind |= now < tick;
        self.rows.clear(context.state, now)
    }
}

impl<K: Key, V: Value, F: Fn(&K, &V) -> Moment> Window<F, fn() -> (K, V)> {
    fn arrive(
        &mut self,
        state: &mut dyn State,
        clock: Option<Time>,
        (key, value, weight): (&K, &V, i64),
        out: &mut Vec<Row<K, V>>,
    ) -> Result<(), Fault> {
        let Moment { at, zone } = (self.moment)(key, value);
        if usize::from(zone) >= self.rows.horizon.zones.len() {
            return Err(Reason::from(format!("there is no zone {zone}")).into());
        }
        if clock.is_some_and(|clock| at <= self.rows.horizon.forgotten(zone, clock)) {
            return Ok(());
        }
        let mut entry = key.to_bytes();
        encode_value(value, &mut entry);
        self.rows.queue.add(state, &zone.to_bytes(), (at, &entry), weight)?;
        if clock.is_some_and(|clock| self.rows.horizon.lower(zone, clock) < at && at <= clock) {
            out.extend(weighted(key.clone(), value.clone(), weight));
        }
        Ok(())
    }
}

/// The rows of a zone that occurred after one instant and not after another, and whether they come or go.
struct Span {
    zone: u16,
    after: Time,
    until: Time,
    sign: i64,
}

impl Rows {
    /// What changes between two instants, none of it twice.
    fn spans(&self, state: &dyn State, from: Option<Time>, to: Time) -> Result<Vec<Span>, Fault> {
        let mut spans = Vec::new();
        for zone in self.queue.lanes(state)? {
            let new = (self.horizon.lower(zone, to), to);
            let old = from.map_or((new.0, new.0), |from| (self.horizon.lower(zone, from), from));
            let mut add = |after: Time, until: Time, sign: i64| {
                if after < until {
                    spans.push(Span { zone, after, until, sign });
                }
            };
            add(old.0, new.0.min(old.1), -1);
            add(new.0, old.0.min(new.1), 1);
            add(old.1.max(new.0), new.1, 1);
        }
        Ok(spans)
    }

    /// Visits key and value, with their weight.
    fn visit(
        &mut self,
        state: &dyn State,
        span: &Span,
        mut each: impl FnMut(&[u8], i64) -> Result<ControlFlow<()>, Fault>,
    ) -> Result<(), Fault> {
        let times = (span.after.saturating_add(1), span.until);
        self.queue.scan(state, &span.zone.to_bytes(), times, |_, entry, weight| each(entry, weight))
    }

    /// The latest instant, not after the tick, that one step may move to.
    fn reachable(&mut self, state: &dyn State, clock: Option<Time>, tick: Time) -> Result<Time, Fault> {
        if self.fits(state, clock, tick)? {
            return Ok(tick);
        }
        let mut low = match clock {
            Some(clock) => clock,
            None => self.first(state)?.saturating_add(-1),
        };
        let first = low.saturating_add(1);
        let mut high = tick;
        while low.saturating_add(1) < high {
            let middle = Time(i64::midpoint(low.0, high.0));
            if self.fits(state, clock, middle)? { low = middle } else { high = middle }
        }
        Ok(low.max(first).min(tick))
    }

    fn fits(&mut self, state: &dyn State, clock: Option<Time>, to: Time) -> Result<bool, Fault> {
        let mut count = 0;
        for span in self.spans(state, clock, to)? {
            self.visit(state, &span, |_, _| {
                count += 1;
                let full = count > WINDOW_ROWS_A_STEP;
                Ok(if full { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
            })?;
        }
        Ok(count <= WINDOW_ROWS_A_STEP)
    }

    fn first(&mut self, state: &dyn State) -> Result<Time, Fault> {
        let mut first = Time::MAX;
        for zone in self.queue.lanes::<u16>(state)? {
            self.queue.scan(state, &zone.to_bytes(), (Time::MIN, Time::MAX), |at, _, _| {
                first = first.min(at);
                Ok(ControlFlow::Break(()))
            })?;
        }
        Ok(first)
    }

    fn clear(&mut self, state: &mut dyn State, now: Time) -> Result<(), Fault> {
        let mut left = CLEARED_A_STEP;
        for zone in self.queue.lanes::<u16>(state)? {
            let until = self.horizon.forgotten(zone, now);
            self.queue.take(state, &zone.to_bytes(), until, |_, _, _| {
                left = left.saturating_sub(1);
                Ok(left > 0)
            })?;
        }
        Ok(())
    }
}
