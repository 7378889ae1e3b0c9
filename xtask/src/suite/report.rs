//! The table at the end, and whether all of it counts as passed.

use std::time::Duration;

use anyhow::{Result, bail};

use super::Area;

pub enum Outcome {
    Passed,
    Skipped(String),
    Failed(String),
}

pub struct Ran {
    pub name: &'static str,
    pub area: Area,
    pub outcome: Outcome,
    pub took: Duration,
}

pub struct Report {
    ran: Vec<Ran>,
    /// In CI nothing may be skipped.
    skips_fail: bool,
}

#[derive(Debug, Default, PartialEq, Eq)]
struct Counts {
    passed: usize,
    failed: usize,
    skipped: usize,
}

impl Report {
    pub fn new(skips_fail: bool) -> Self {
        Self { ran: Vec::new(), skips_fail }
    }

    pub fn add(&mut self, ran: Ran) {
        self.ran.push(ran);
    }

    /// Prints the table and the closing line; with `check_time`, an area above its minutes fails too.
    pub fn finish(mut self, check_time: bool) -> Result<()> {
        self.settle();
        println!("\npart         area               seconds  result");
        for Ran { name, area, outcome, took } in &self.ran {
            let result = match outcome {
                Outcome::Passed => "passed".to_owned(),
                Outcome::Skipped(why) => format!("skipped: {why}"),
                Outcome::Failed(why) => format!("FAILED: {}", why.lines().next().unwrap_or_default()),
            };
            println!("{name:12} {:15} {:>10.1}  {result}", area.name(), took.as_secs_f64());
        }
        if check_time {
            self.check_minutes();
        }
        let Counts { passed, failed, skipped } = self.counts();
        let skips = if skipped > 0 { format!(", {skipped} skipped") } else { String::new() };
        println!("\n{passed} passed, {failed} failed{skips}");
        if failed > 0 {
            bail!("{failed} part(s) failed");
        }
        Ok(())
    }

    fn settle(&mut self) {
        for ran in self.ran.iter_mut().filter(|_| self.skips_fail) {
            if let Outcome::Skipped(why) = &ran.outcome {
                ran.outcome = Outcome::Failed(format!("skipped, which CI forbids: {why}"));
            }
        }
    }

    /// The minutes of each area, and one more part that fails if any is above its budget.
    fn check_minutes(&mut self) {
        println!("\narea             minutes  budget");
        for area in Area::ALL {
            let over = if self.over(area) { "  OVER" } else { "" };
            let minutes = self.took(area).as_secs_f64() / 60.0;
            println!("{:15} {minutes:>8.1} {:>7}{over}", area.name(), area.budget_minutes());
        }
        let over: Vec<&str> = Area::ALL.into_iter().filter(|area| self.over(*area)).map(Area::name).collect();
        let outcome = match over.as_slice() {
            [] => Outcome::Passed,
            areas => Outcome::Failed(format!("over budget: {}", areas.join(", "))),
        };
        self.ran.push(Ran { name: "minutes", area: Area::Build, outcome, took: Duration::ZERO });
    }

    fn took(&self, area: Area) -> Duration {
        self.ran.iter().filter(|ran| ran.area == area).map(|ran| ran.took).sum()
    }

    fn over(&self, area: Area) -> bool {
        self.took(area) > Duration::from_secs(u64::from(area.budget_minutes()) * 60)
    }

    fn counts(&self) -> Counts {
        let mut counts = Counts::default();
        for ran in &self.ran {
            match ran.outcome {
                Outcome::Passed => counts.passed += 1,
                Outcome::Skipped(_) => counts.skipped += 1,
                Outcome::Failed(_) => counts.failed += 1,
            }
        }
        counts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ran(area: Area, outcome: Outcome, minutes: u64) -> Ran {
        Ran { name: "a", area, outcome, took: Duration::from_secs(minutes * 60) }
    }

    #[test]
    fn a_skip_fails_in_ci_and_only_there() {
        for (ci, passes) in [(true, false), (false, true)] {
            let mut report = Report::new(ci);
            report.add(ran(Area::Screens, Outcome::Skipped("no browser".into()), 0));
            assert_eq!(report.finish(false).is_ok(), passes);
        }
    }

    #[test]
    fn an_area_over_its_minutes_fails_when_time_is_checked() {
        for (check_time, passes) in [(true, false), (false, true)] {
            let mut report = Report::new(true);
            report.add(ran(Area::Screens, Outcome::Passed, 4));
            report.add(ran(Area::Screens, Outcome::Passed, 3));
            assert_eq!(report.finish(check_time).is_ok(), passes);
        }
    }

    #[test]
    fn a_failure_fails() {
        let mut report = Report::new(false);
        report.add(ran(Area::Build, Outcome::Passed, 1));
        report.add(ran(Area::Build, Outcome::Failed("broken".into()), 1));
        assert_eq!(report.counts(), Counts { passed: 1, failed: 1, skipped: 0 });
        assert!(report.finish(true).is_err());
    }
}
