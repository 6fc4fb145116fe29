//! The S3 server of the tests as a program, for tests that run in a browser or against a started server.

#![allow(clippy::print_stdout, clippy::print_stderr)] // A program speaks through its output.

use std::process::ExitCode;
use tagloom_storages::testing::{S3Options, S3Server};

const USAGE: &str = "\
s3-for-tests --root DIR [--port N] [--bucket NAME]… [--key K] [--secret S] [--region R] [--cors [ORIGIN]]

Serves the folders of DIR as buckets on 127.0.0.1 and prints its address. Not for anything but tests.";

struct Args {
    options: S3Options,
    buckets: Vec<String>,
}

fn read(args: impl Iterator<Item = String>) -> Result<Args, String> {
    let mut args = args.peekable();
    let mut options = S3Options::new("");
    let mut buckets = Vec::new();
    while let Some(name) = args.next() {
        if name == "--cors" {
            // Its value may be left out: all origins.
            options.origin =
                Some(args.next_if(|next| !next.starts_with("--")).unwrap_or_else(|| "*".to_owned()));
            continue;
        }
        let value = args.next().ok_or_else(|| format!("{name} needs a value."))?;
        match name.as_str() {
            "--root" => options.root = value.into(),
            "--port" => options.port = value.parse().map_err(|_| format!("{value} is not a port."))?,
            "--bucket" => buckets.push(value),
            "--key" => options.key = value,
            "--secret" => options.secret = value,
            "--region" => options.region = value,
            _ => return Err(format!("{name} is not known.")),
        }
    }
    if options.root.as_os_str().is_empty() {
        return Err("--root is missing.".to_owned());
    }
    Ok(Args { options, buckets })
}

#[tokio::main]
async fn main() -> ExitCode {
    let args = match read(std::env::args().skip(1)) {
        Ok(args) => args,
        Err(why) => {
            eprintln!("{why}\n\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    let started = async {
        let server = S3Server::start(args.options).await?;
        for bucket in &args.buckets {
            server.bucket(bucket)?;
        }
        Ok::<_, std::io::Error>(server)
    };
    match started.await {
        Ok(server) => {
            println!("{}", server.endpoint());
            server.wait().await;
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("The server could not be started: {error}");
            ExitCode::FAILURE
        }
    }
}
