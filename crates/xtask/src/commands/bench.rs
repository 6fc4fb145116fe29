//! `bench`: the drivers of `tests/bench` and criterion's benches, as one table.

use super::{demo, pkg, setup, web_app};
use crate::context::Context;
use crate::steps::Steps;
use crate::tools::exec::Exec;
use crate::tools::{cargo, chromium, files};
use anyhow::{Context as _, Result, bail};
use serde_json::Value;

const RECORD: &str = "BENCHMARKS.md";

/// Flags of `bench`.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// What to measure; all when left out
    #[arg(value_enum)]
    what: Option<What>,

    /// Add the results to BENCHMARKS.md
    #[arg(long)]
    record: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum What {
    /// Frame times and time to interactive, in Chromium
    Editor,
    /// Import rate, memory, start time, over HTTP
    Server,
    /// Criterion benches of the crates
    Crates,
}

/// One measured number; `budget` is an upper bound unless the unit ends in `/s`.
#[derive(Debug, PartialEq)]
struct Measure {
    name: String,
    value: f64,
    unit: String,
    budget: Option<f64>,
}

pub(crate) fn run(context: &Context, options: &Options) -> Result<()> {
    let wants = |what| options.what.is_none_or(|only| only == what);
    let mut steps = Steps::new(0, context.verbose);
    let mut measures = Vec::new();
    if wants(What::Editor) {
        steps.expect(2);
        let toolchain = setup::for_build(context, &mut steps)?;
        steps.run("editor package and demo", |_| {
            pkg::build(context, &toolchain)?;
            demo::build(context)
        })?;
        steps.run("app, wasm release build", |_| web_app::build(context, &toolchain))?;
    }
    if wants(What::Editor) || wants(What::Server) {
        steps.expect(2);
        setup::test_packages(context, &mut steps)?;
        steps.run("server, release build", |_| cargo::build_server(context, true))?;
    }
    for (what, folder) in [(What::Editor, "editor"), (What::Server, "server")] {
        if !wants(what) {
            continue;
        }
        let drivers = files::list(&context.path("tests/bench").join(folder))?;
        let drivers: Vec<_> =
            drivers.into_iter().filter(|f| f.extension().is_some_and(|e| e == "mjs")).collect();
        steps.expect(drivers.len());
        for driver in drivers {
            let name = driver.file_stem().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
            let output = steps.run(&format!("measure {name}"), |_| {
                let mut exec = Exec::new("node")
                    .arg(&driver)
                    .env("TAGLOOM_BIN", cargo::server_path(context, true))
                    .env("TAGLOOM_APP_DIR", context.dist("app"))
                    .env("TAGLOOM_DEMO_DIR", context.dist("demo"));
                if let Some(browser) = chromium::find() {
                    exec = exec.env("TAGLOOM_CHROMIUM", browser);
                }
                exec.read()
            })?;
            measures.extend(parse(&output)?);
        }
    }
    if wants(What::Crates) {
        steps.expect(1);
        steps.run("criterion benches", |note| {
            let (ok, output) =
                cargo::cargo(context).args(["bench", "--workspace", "--benches"]).transcript(context)?;
            if !ok {
                bail!("cargo bench failed\n{}", crate::tools::exec::tail(&output));
            }
            let lines: Vec<&str> = output.lines().filter(|line| line.contains("time:   [")).collect();
            note.set(format!("{} measured", lines.len()));
            println!("\n{}", lines.join("\n"));
            Ok(())
        })?;
    }
    if measures.is_empty() {
        return Ok(());
    }
    let table = table(&measures);
    println!("\n{table}");
    if options.record {
        record(context, &table)?;
    }
    let over: Vec<&str> = measures.iter().filter(|m| m.is_over()).map(|m| m.name.as_str()).collect();
    if !over.is_empty() {
        bail!("over budget: {}", over.join(", "));
    }
    Ok(())
}

impl Measure {
    /// A rate must reach its budget, everything else must stay under it.
    fn is_over(&self) -> bool {
        self.budget.is_some_and(|budget| {
            if self.unit.ends_with("/s") { self.value < budget } else { self.value > budget }
        })
    }
}

/// Drivers print one JSON object per line; other lines are remarks.
fn parse(output: &str) -> Result<Vec<Measure>> {
    output
        .lines()
        .filter(|line| line.starts_with('{'))
        .map(|line| {
            let json: Value = serde_json::from_str(line).with_context(|| format!("not a measure: {line}"))?;
            let text = |key: &str| json[key].as_str().map(str::to_owned);
            Ok(Measure {
                name: text("name").with_context(|| format!("a measure without name: {line}"))?,
                value: json["value"].as_f64().with_context(|| format!("no value: {line}"))?,
                unit: text("unit").unwrap_or_default(),
                budget: json["budget"].as_f64(),
            })
        })
        .collect()
}

fn table(measures: &[Measure]) -> String {
    let mut text = String::from("| measure | value | budget | |\n|---|--:|--:|---|\n");
    for m in measures {
        let budget = m.budget.map_or_else(|| "–".to_owned(), |b| format!("{b} {}", m.unit));
        let verdict = match (m.budget, m.is_over()) {
            (None, _) => "",
            (Some(_), true) => "over",
            (Some(_), false) => "kept",
        };
        text.push_str(&format!("| {} | {:.1} {} | {budget} | {verdict} |\n", m.name, m.value, m.unit));
    }
    text
}

/// Puts a section with machine, commit and command on top of the record.
fn record(context: &Context, table: &str) -> Result<()> {
    let path = context.path(RECORD);
    let old = std::fs::read_to_string(&path).unwrap_or_else(|_| "# Benchmarks\n".to_owned());
    // The newest stands first, below what the file says of itself.
    let (head, rest) = old.split_at(old.find("\n## ").unwrap_or(old.len()));
    let commit = Exec::new("git").args(["rev-parse", "--short", "HEAD"]).dir(&context.root).read();
    let date = Exec::new("date").arg("+%Y-%m-%d").read()?;
    let section = format!(
        "\n## {date}, {}\n{}\n\nCommand: `{}`\n\n{table}",
        commit.unwrap_or_else(|_| "no commit".to_owned()),
        machine(),
        command_line(),
    );
    files::write(&path, format!("{}\n{section}{rest}", head.trim_end()))
}

fn command_line() -> String {
    let args: Vec<String> = std::env::args().skip(1).collect();
    format!("cargo xtask {}", args.join(" "))
}

/// Processor, cores and memory, as far as Linux tells.
fn machine() -> String {
    let field = |file: &str, name: &str| {
        std::fs::read_to_string(file).ok().and_then(|text| {
            text.lines()
                .find(|line| line.starts_with(name))
                .and_then(|line| line.split_once(':'))
                .map(|(_, value)| value.trim().to_owned())
        })
    };
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let cpu = field("/proc/cpuinfo", "model name").unwrap_or_else(|| "unknown processor".to_owned());
    let memory = field("/proc/meminfo", "MemTotal")
        .and_then(|text| text.split_whitespace().next()?.parse::<u64>().ok())
        .map_or_else(String::new, |kb| format!(", {} GB", kb.div_ceil(1_000_000)));
    format!("Machine: {cpu}, {cores} cores{memory}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_have_lower_bounds_and_the_rest_upper_ones() {
        let measures = parse(
            "note\n{\"name\":\"import\",\"value\":4000,\"unit\":\"tasks/s\",\"budget\":5000}\n\
             {\"name\":\"start\",\"value\":120.04,\"unit\":\"ms\",\"budget\":300}\n{\"name\":\"x\",\"value\":1}",
        )
        .expect("measures");
        let over: Vec<bool> = measures.iter().map(Measure::is_over).collect();
        assert_eq!(over, [true, false, false]);
        let table = table(&measures);
        assert!(table.contains("| import | 4000.0 tasks/s | 5000 tasks/s | over |"), "{table}");
        assert!(table.contains("| start | 120.0 ms | 300 ms | kept |"), "{table}");
    }

    #[test]
    fn a_broken_line_is_named() {
        assert!(parse("{\"name\":1}").is_err());
        assert!(parse("{oops").expect_err("broken").to_string().contains("{oops"));
    }
}
