//! Storages of every kind, spoken to over the wire.
//!
//! S3 is a real server (`tagloom_storages::testing`). Google's and Azure's are emulators in this folder that check
//! signatures by the words of the manuals; each says at its top what it leaves out.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test ends at what it did not expect")]

mod doctor;
mod emulator;
mod emulator_azure;
mod emulator_gcs;
mod files;
mod place;
mod s3;
mod shared;
