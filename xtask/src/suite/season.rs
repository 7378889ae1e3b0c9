//! What the import of the season 2023-24 must come to.

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

/// Matches by how their score and the official one compare. The two illegal ones are 11:14 and 17:14.
const EXPECTED: [(&str, u64); 3] = [("exact", 347), ("official_illegal", 2), ("disagree", 0)];

/// Reads the summary of `topspin ingest --json` and returns its agreement with the official scores as text.
pub fn agreement(summary: &str) -> Result<String> {
    let summary: Value = serde_json::from_str(summary.trim()).context("the summary is not JSON")?;
    let agreement = summary.get("agreement").context("the summary has no `agreement`")?;
    for (kind, expected) in EXPECTED {
        let found = agreement.get(kind).and_then(Value::as_u64).unwrap_or(0);
        if found != expected {
            bail!("{found} matches are `{kind}`, not {expected}: {agreement}");
        }
    }
    Ok(agreement.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_known_agreement_passes() {
        let good = r#"{"matches": 450, "agreement": {"exact": 347, "official_illegal": 2, "no_points": 4}}"#;
        assert!(agreement(good).is_ok());
        for (from, to) in [("347", "346"), ("no_points", "disagree"), ("agreement", "other")] {
            assert!(agreement(&good.replace(from, to)).is_err(), "{from} → {to}");
        }
    }
}
