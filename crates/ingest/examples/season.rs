//! Plans every file of a folder and prints the summary.
use topspin_ingest::{Agreement, Summary, ttbl};
fn main() {
    let dir = std::env::args().nth(1).unwrap();
    let mut files: Vec<_> = std::fs::read_dir(dir).unwrap().map(|e| e.unwrap().path()).collect();
    files.sort();
    let mut sum = Summary::default();
    let t = std::time::Instant::now();
    for f in files {
        let bytes = std::fs::read(&f).unwrap();
        let plan = ttbl::plan(&f.display().to_string(), &bytes, &ttbl::Formats::default());
        for m in &plan.matches {
            if !matches!(m.agreement, Agreement::Exact | Agreement::Unplayed) {
                println!(
                    "{:?} {} {:?} official {:?}",
                    m.agreement, m.create.external_ids[0], m.facts.games, m.reported
                );
            }
        }
        for a in plan.all_anomalies() {
            if std::env::args().any(|x| x == a.kind.as_str()) {
                println!("{:?} {} {} {}", a.match_id, a.kind.as_str(), a.detail, a.raw);
            }
        }
        sum.add(&plan);
    }
    println!("{:?}", t.elapsed());
    for (k, v) in &mut sum.anomalies {
        v.raw = serde_json::Value::Null;
        v.example = format!("{k}: {}", v.example);
    }
    println!("{}", serde_json::to_string_pretty(&sum).unwrap());
}
