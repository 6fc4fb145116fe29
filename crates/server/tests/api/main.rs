//! The server as its clients see it: every test talks HTTP to the real router on a loopback port, or runs the binary.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test ends at what it did not expect")]
// The project object is one large literal.
#![recursion_limit = "256"]

mod support;

mod access;
mod annotations;
mod auth;
mod backup;
mod bad_input;
mod cli;
mod crash;
mod drafts;
mod egress;
mod export;
mod files;
mod import;
mod jobs;
mod kill;
mod moving_in;
mod next;
mod next_together;
mod openapi;
mod ops;
mod outage;
mod postgres;
mod projects;
mod samples;
mod shapes;
mod together;
mod versions;
