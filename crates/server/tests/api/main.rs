//! The server as its clients see it: every test talks HTTP to the real router on a loopback port, or runs the binary.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test ends at what it did not expect")]
// The project object is one large literal.
#![recursion_limit = "256"]

mod support;

mod access;
mod annotations;
mod audit;
mod auth;
mod backup;
mod bad_input;
mod balancer;
mod bodies;
mod cli;
mod crash;
mod deploy;
mod dm;
mod drafts;
mod egress;
mod export;
mod files;
mod import;
mod import_jobs;
mod jobs;
mod kill;
mod labels;
mod moving_in;
mod moving_over;
mod next;
mod next_together;
mod openapi;
mod ops;
mod organizations;
mod outage;
mod people;
mod plans;
mod postgres;
mod project_rules;
mod projects;
mod samples;
mod secrets;
mod shapes;
mod sign_in;
mod storages;
mod task_rules;
mod together;
mod tokens;
mod versions;
mod webhooks;
