//! `test` and `ci`: every part runs, also after one has failed; a table and one plain line at the end say how it went.

mod counts;

use super::{demo, pkg, setup, web_app};
use crate::context::Context;
use crate::steps::{Steps, seconds};
use crate::tools::exec::{Exec, tail, which};
use crate::tools::wasm_target::WasmToolchain;
use crate::tools::{cargo, chromium, files, node, python};
use anyhow::{Context as _, Result, anyhow, bail};
use counts::Counts;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// Flags of `test`.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Only these parts
    #[arg(long, value_enum, value_delimiter = ',')]
    only: Vec<Part>,

    /// Everything but these parts
    #[arg(long, value_enum, value_delimiter = ',')]
    skip: Vec<Part>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Part {
    /// Formatting
    Fmt,
    /// Tests of all crates
    Rust,
    /// Lints
    Clippy,
    /// The app as wasm
    App,
    /// The embeddable package: build, size budget, types, unit tests
    Pkg,
    /// The static demo page
    Demo,
    /// The official Python client against the server
    Sdk,
    /// The real server and the package in Chromium
    E2e,
}

impl Part {
    const ALL: [Self; 8] =
        [Self::Fmt, Self::Rust, Self::App, Self::Clippy, Self::Pkg, Self::Demo, Self::Sdk, Self::E2e];

    fn title(self) -> &'static str {
        match self {
            Self::Fmt => "formatting",
            Self::Rust => "Rust tests",
            Self::Clippy => "lints",
            Self::App => "app, wasm release build",
            Self::Pkg => "editor package",
            Self::Demo => "demo page",
            Self::Sdk => "Python client",
            Self::E2e => "browser tests",
        }
    }
}

/// How one part ended.
struct Outcome {
    title: &'static str,
    counts: Counts,
    time: Duration,
}

pub(crate) fn run(context: &Context, options: &Options) -> Result<ExitCode> {
    let parts: Vec<Part> = Part::ALL
        .into_iter()
        .filter(|part| options.only.is_empty() || options.only.contains(part))
        .filter(|part| !options.skip.contains(part))
        .collect();
    let mut steps = Steps::new(parts.len(), context.verbose);
    let mut outcomes = Vec::new();
    let web = [Part::App, Part::Pkg, Part::Demo, Part::E2e].iter().any(|part| parts.contains(part));
    // What cannot be set up fails the parts that need it, and only those.
    let toolchain = if web {
        setup::for_build(context, &mut steps).map_err(|error| println!("error: {error:#}")).ok()
    } else {
        None
    };
    let mut prepare = |work: &dyn Fn(&Context, &mut Steps) -> Result<()>| {
        steps.expect(1);
        if let Err(error) = work(context, &mut steps) {
            println!("error: {error:#}");
        }
    };
    if parts.contains(&Part::Pkg) || parts.contains(&Part::E2e) {
        prepare(&setup::test_packages);
    }
    if parts.contains(&Part::E2e) {
        prepare(&setup::browser);
    }
    if parts.contains(&Part::Rust) {
        prepare(&setup::balancer);
    }
    if parts.contains(&Part::Sdk) {
        prepare(&setup::python_environment);
    }
    let mut report = String::new();
    let mut server = Server::default();
    std::thread::scope(|scope| {
        let mut lints = None;
        for &part in &parts {
            let started = Instant::now();
            let mut counts = Counts { passed: 0, failed: 1 };
            let mut time = None;
            if part == Part::App && parts.contains(&Part::Clippy) {
                // The end of a wasm build has one thread; lints use another profile, so neither waits for the other.
                lints = Some(scope.spawn(move || (lint(context), started.elapsed())));
            }
            let result = steps.run(part.title(), |note| {
                let (outcome, text) = match lints.take_if(|_| part == Part::Clippy) {
                    Some(lints) => {
                        let (result, took) =
                            lints.join().map_err(|_| anyhow!("the thread of the lints has ended"))?;
                        time = Some(took);
                        result?
                    }
                    None => part.run(context, toolchain.as_ref(), &mut server)?,
                };
                counts = outcome;
                note.set(format!("{} passed, {} failed", counts.passed, counts.failed));
                if counts.failed > 0 {
                    bail!("{text}");
                }
                report.push_str(&text);
                Ok(())
            });
            if let Err(error) = result {
                println!("{error:#}");
            }
            outcomes.push(Outcome {
                title: part.title(),
                counts,
                time: time.unwrap_or_else(|| started.elapsed()),
            });
        }
    });
    if !report.is_empty() {
        println!("\n{report}");
    }
    println!("\n{}", table(&outcomes));
    let total = outcomes.iter().fold(Counts::default(), |sum, o| sum + o.counts);
    println!("in {}", seconds(steps.elapsed()));
    println!("{} passed, {} failed", total.passed, total.failed);
    Ok(if total.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

impl Part {
    /// Runs one part; the text is its report, or the end of its output when something failed.
    fn run(
        self,
        context: &Context,
        toolchain: Option<&WasmToolchain>,
        server: &mut Server,
    ) -> Result<(Counts, String)> {
        let toolchain = || toolchain.context("no wasm target");
        match self {
            Self::Fmt => {
                cargo::cargo(context).args(["fmt", "--all", "--check"]).run(context)?;
                Ok((Counts::ONE, String::new()))
            }
            Self::Rust => rust(context, server),
            Self::Clippy => lint(context),
            Self::App => {
                let sizes = web_app::build(context, toolchain()?)?;
                Ok((Counts::ONE, format!("app\n{}", crate::tools::sizes::table(&sizes))))
            }
            Self::Pkg => {
                let sizes = pkg::build(context, toolchain()?)?;
                let report = format!("package\n{}\n", pkg::report(&sizes));
                pkg::check_budget(&sizes)?;
                pkg::check_types(context)?;
                let (counts, output) = node_tests(context, "pkg/tests", &[])?;
                let text = if counts.failed > 0 { tail(&output) } else { report };
                Ok((counts + Counts::ONE, text))
            }
            Self::Demo => {
                demo::build(context)?;
                Ok((Counts::ONE, String::new()))
            }
            Self::Sdk => sdk(context, server),
            Self::E2e => e2e(context, server),
        }
    }
}

/// The debug build of the server that the Python client and the browser talk to.
#[derive(Debug, Default)]
struct Server {
    built: bool,
}

impl Server {
    /// The Rust tests leave the one that they have tested themselves. Built alone it would have other features of its
    /// dependencies, which are as many minutes again.
    fn path(&mut self, context: &Context) -> Result<PathBuf> {
        if !self.built {
            cargo::build_server(context, false)?;
            self.built = true;
        }
        Ok(cargo::server_path(context, false))
    }
}

fn lint(context: &Context) -> Result<(Counts, String)> {
    cargo::cargo(context)
        .args(["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"])
        .run(context)?;
    Ok((Counts::ONE, String::new()))
}

/// nextest where it is installed, cargo's own runner elsewhere.
fn rust(context: &Context, server: &mut Server) -> Result<(Counts, String)> {
    let runner = cargo::cargo(context);
    let exec = if which("cargo-nextest").is_some() {
        // Most of them wait for a server, a disk or a clock.
        let threads = 2 * std::thread::available_parallelism().map_or(1, usize::from);
        runner
            .args(["nextest", "run", "--workspace", "--no-fail-fast", "--test-threads"])
            .arg(threads.to_string())
    } else {
        runner.args(["test", "--workspace", "--no-fail-fast"])
    };
    let (ok, output) = exec.env("CARGO_TERM_COLOR", "never").transcript(context)?;
    // Without a single test the build has failed, and what lies there is an older one.
    let counts = counts::rust(&output);
    server.built = counts.passed > 0 && cargo::server_path(context, false).exists();
    Ok((counts.or_failed(ok), if ok { String::new() } else { tail(&output) }))
}

fn sdk(context: &Context, server: &mut Server) -> Result<(Counts, String)> {
    let (python, _) = python::ensure(context)?;
    let (ok, output) = Exec::new(python)
        .args(["-m", "unittest", "discover", "-s", "tests/sdk", "-v"])
        .env("TAGLOOM_BIN", server.path(context)?)
        .dir(&context.root)
        .transcript(context)?;
    Ok((counts::unittest(&output).or_failed(ok), if ok { String::new() } else { tail(&output) }))
}

fn e2e(context: &Context, server: &mut Server) -> Result<(Counts, String)> {
    let server = server.path(context)?;
    let browser = chromium::find().context("Chromium is missing")?;
    for (name, index) in [("app", "index.html"), ("demo", "index.html")] {
        if !context.dist(name).join(index).exists() {
            bail!("target/dist/{name} is not built: run the part `{name}` first");
        }
    }
    let s3 = cargo::build_s3(context)?;
    let env = [
        ("TAGLOOM_S3", s3),
        ("TAGLOOM_BIN", server),
        ("TAGLOOM_CHROMIUM", browser),
        ("TAGLOOM_APP_DIR", context.dist("app")),
        ("TAGLOOM_DEMO_DIR", context.dist("demo")),
    ];
    let (counts, output) = node_tests(context, node::E2E, &env)?;
    let text = if counts.failed > 0 { tail(&output) } else { String::new() };
    Ok((counts, text))
}

/// All `*.test.mjs` of a folder, one file at a time: browsers share two cores badly.
fn node_tests(context: &Context, folder: &str, env: &[(&str, PathBuf)]) -> Result<(Counts, String)> {
    let mut tests = files::list(&context.path(folder))?;
    tests.retain(|path| path.to_string_lossy().ends_with(".test.mjs"));
    if tests.is_empty() {
        return Ok((Counts::default(), String::new()));
    }
    let mut exec = Exec::new("node")
        .args(["--test", "--test-reporter=tap", "--test-concurrency=1"])
        .args(&tests)
        .dir(&context.root);
    for (key, value) in env {
        exec = exec.env(key, value);
    }
    let (ok, output) = exec.transcript(context)?;
    let counts = counts::node(&output).or_failed(ok);
    // TAP puts the failures where they happen, not at the end.
    let text = if ok { output } else { counts::tap_failures(&output) };
    Ok((counts, text))
}

fn table(outcomes: &[Outcome]) -> String {
    let width = outcomes.iter().map(|o| o.title.len()).max().unwrap_or(4);
    let mut text = format!("{:width$}  {:>7}  {:>7}  {:>12}\n", "part", "passed", "failed", "time");
    for o in outcomes {
        text.push_str(&format!(
            "{:width$}  {:>7}  {:>7}  {:>12}\n",
            o.title,
            o.counts.passed,
            o.counts.failed,
            seconds(o.time)
        ));
    }
    text
}
