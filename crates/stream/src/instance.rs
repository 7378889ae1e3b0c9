//! One subtopology at work on one partition.

use crate::cause::Cause;
use crate::error::{ProcessError, StateError};
use crate::graph::Role;
use crate::node::{Context, Fault, Node};
use crate::outbox::Outbox;
use crate::record::{Emit, Input};
use crate::slots::Slots;
use crate::state::State;
use crate::topology::Subtopology;

/// Whether an input is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum Progress {
    /// It is: its position can be committed.
    Done,
    /// A tick, or a record of a broadcast table, would have changed more rows than one step may. What was written is a
    /// whole change, to an earlier instant or of some of the rows: it can be committed, but not the position of the record,
    /// which is to be processed again. Other inputs may be processed meanwhile.
    Again,
}

struct Step {
    name: String,
    reads: Vec<usize>,
    node: Box<dyn Node>,
}

/// Processes records one at a time. Remembers nothing but in the [`State`]: it can be dropped and made anew between any
/// two records.
pub struct Instance {
    steps: Vec<Step>,
    /// For each source the steps that its records can reach, in the order in which they run.
    plans: Vec<Vec<usize>>,
    written: Vec<Vec<usize>>,
    slots: Slots,
    outbox: Outbox,
}

impl Instance {
    pub(crate) fn new(part: &Subtopology) -> Self {
        let graph = &part.graph;
        let specs = || part.nodes.iter().map(|node| &graph.nodes[*node]);
        let steps = specs()
            .map(|spec| Step {
                name: spec.name.clone(),
                reads: spec.reads.clone(),
                node: (spec.make)(&part.places),
            })
            .collect();
        let (mut plans, mut written) = (Vec::new(), Vec::new());
        for (source, spec) in specs().enumerate() {
            if !matches!(spec.role, Role::Source { .. }) {
                continue;
            }
            let mut slots: Vec<usize> = spec.writes.into_iter().collect();
            let mut plan = vec![source];
            for (step, spec) in specs().enumerate() {
                if spec.reads.iter().any(|slot| slots.contains(slot)) {
                    plan.push(step);
                    slots.extend(spec.writes);
                }
            }
            plans.push(plan);
            written.push(slots);
        }
        let slots = Slots::new(graph.slots.iter().map(|slot| slot.make));
        Self { steps, plans, written, slots, outbox: Outbox::default() }
    }

    /// Processes one record: every operator runs once, with all rows that the record causes.
    ///
    /// # Errors
    /// The record is poison, or the state failed. Nothing was emitted, and the next record finds nothing of this one,
    /// once its writes to `state` are rolled back.
    pub fn process(
        &mut self,
        input: Input<'_>,
        state: &mut dyn State,
        out: &mut dyn Emit,
    ) -> Result<Progress, ProcessError> {
        let source = input.source;
        assert!(source < self.plans.len(), "no such source");
        let mut context = Context {
            slots: &mut self.slots,
            state,
            outbox: &mut self.outbox,
            cause: Cause { id: input.cause, at: input.timestamp },
            input: &input,
            behind: false,
        };
        let done = run(&mut self.steps, &self.plans[source], &mut context);
        let progress = if context.behind { Progress::Again } else { Progress::Done };
        for slot in &self.written[source] {
            self.slots.clear(*slot);
        }
        match done {
            Ok(()) => self.outbox.flush(out),
            Err(_) => self.outbox.clear(),
        }
        done.map(|()| progress)
    }
}

fn run(steps: &mut [Step], plan: &[usize], context: &mut Context<'_>) -> Result<(), ProcessError> {
    for (place, index) in plan.iter().enumerate() {
        let step = &mut steps[*index];
        if place == 0 || step.reads.iter().any(|slot| !context.slots.is_empty(*slot)) {
            step.node.run(context).map_err(|fault| error(&step.name, fault))?;
        }
    }
    Ok(())
}

fn error(operator: &str, fault: Fault) -> ProcessError {
    let operator = operator.to_owned();
    match fault {
        Fault::Bad(reason) => ProcessError::Poison { operator, reason },
        Fault::State(error) => ProcessError::State(error),
        Fault::Corrupt => ProcessError::State(StateError::Corrupt { operator }),
    }
}
