//! Load on the real binary over HTTP, as `cargo xtask bench server` runs it: one line of JSON for each measure.
//!
//! `TAGLOOM_LOAD=sqlite` or `TAGLOOM_LOAD=postgres://…/postgres` says on which database; without it nothing is measured,
//! so that `cargo bench` of all crates does not take minutes. Clients are threads with one connection each and a parser of
//! a few lines: on a machine of two cores a client library would take the server's share.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a bench ends at what it did not expect"
)]

mod client;
mod measures;
mod server;

use measures::*;

fn main() {
    let Ok(database) = std::env::var("TAGLOOM_LOAD") else {
        eprintln!("TAGLOOM_LOAD=sqlite or an address of PostgreSQL says where to measure");
        return;
    };
    let only = std::env::var("TAGLOOM_LOAD_ONLY").unwrap_or_default();
    let wants = |name: &str| only.is_empty() || only.split(',').any(|part| part == name);
    let label = if database == "sqlite" { "SQLite" } else { "PostgreSQL" };
    let mut place = server::Place::new(&database);
    let neighbours = Neighbours::now();
    if wants("idle") {
        idle(&place, label);
    }
    let mut load = Load::start(&mut place, label);
    if wants("import") || wants("list") || wants("save") || wants("next") {
        load.import();
    }
    if wants("list") {
        load.lists();
    }
    if wants("save") {
        load.save();
    }
    if wants("next") {
        load.next();
    }
    if wants("export") {
        load.export();
    }
    if wants("cut") {
        load.cut();
    }
    if wants("file") {
        load.file();
    }
    neighbours.report(label);
}
