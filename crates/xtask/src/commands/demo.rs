//! `demo`: a static page with the editor and examples; any web server that serves the folder as its root will do.

use super::{pkg, setup};
use crate::context::Context;
use crate::steps::Steps;
use crate::tools::files;
use anyhow::Result;
use std::path::Path;

/// Rows of the sample series: 100 s at 10 Hz.
const SAMPLE_ROWS: u32 = 1000;

/// Flags of `demo`.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Use the package as it was built last time
    #[arg(long)]
    no_pkg_build: bool,
}

pub(crate) fn run(context: &Context, options: &Options) -> Result<()> {
    let mut steps = Steps::new(1, context.verbose);
    if !(options.no_pkg_build && context.path("pkg/dist").exists()) {
        steps.expect(1);
        let toolchain = setup::for_build(context, &mut steps)?;
        steps.run("editor package, wasm release build", |_| pkg::build(context, &toolchain))?;
    }
    steps.run("demo page", |_| build(context))?;
    let dist = context.dist("demo");
    println!("open it with: npx --yes serve {0}, or python3 -m http.server -d {0}", dist.display());
    Ok(())
}

/// Assembles `target/dist/demo` from the page, the built package and the samples.
pub(crate) fn build(context: &Context) -> Result<()> {
    let dist = context.dist("demo");
    files::fresh_dir(&dist)?;
    files::copy_dir(&context.path("www/demo"), &dist)?;
    for part in ["src", "dist"] {
        files::copy_dir(&context.path("pkg").join(part), &dist.join("pkg").join(part))?;
    }
    files::copy(&context.path("www/public/favicon.svg"), &dist.join("favicon.svg"))?;
    samples(context, &dist)
}

/// The files that the seed example names, at the paths it names them: the query is ignored by a static host, so the
/// columns have the names that its query asks for.
pub(crate) fn samples(context: &Context, dist: &Path) -> Result<()> {
    files::write(&dist.join("samples/time-series.csv"), sample_series())?;
    let media = context.path("tests/fixtures/media");
    files::copy(&media.join("frames.mp4"), &dist.join("static/samples/opossum_snow.mp4"))?;
    files::copy(&media.join("shapes.png"), &dist.join("static/samples/shapes.png"))
}

/// Rest, walk and run as three rhythms: something to see and to label, the same on every build.
fn sample_series() -> String {
    let mut csv = String::from("time_column,first_column\n");
    let mut noise = 12_345_u32;
    for row in 0..SAMPLE_ROWS {
        let (hertz, height) = match row % 500 {
            0..150 => (0.1, 0.2),
            150..330 => (0.9, 1.0),
            _ => (2.2, 2.4),
        };
        let time = f64::from(row) / 10.0;
        noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let jitter = f64::from(noise >> 16) / 65_536.0 - 0.5;
        let value = height * ((time * hertz * std::f64::consts::TAU).sin() + 0.3 * jitter);
        csv.push_str(&format!("{row},{value:.4}\n"));
    }
    csv
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_series_has_the_columns_of_the_seed() {
        let csv = sample_series();
        let mut lines = csv.lines();
        assert_eq!(lines.next(), Some("time_column,first_column"));
        let values: Vec<f64> =
            lines.map(|line| line.split(',').nth(1).expect("two columns").parse().expect("number")).collect();
        assert_eq!(values.len(), 1000);
        assert!(values.iter().any(|v| *v > 1.5) && values[..100].iter().all(|v| v.abs() < 0.5));
    }
}
