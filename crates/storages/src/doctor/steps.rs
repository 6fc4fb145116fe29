//! The steps of the doctor, in the order in which one thing needs the other.
//!
//! A failure of the whole storage ends it: the steps behind are skipped. One that concerns an object or a permission
//! does not, because the others still tell something.

use super::cors::{allows, cors_json};
use super::{Diagnosis, Outcome, Step};
use crate::bucket::{Bucket, Listing, Object, Opened, Span, Want};
use crate::fields::Purpose;
use crate::problem::{Cause, Problem};
use crate::remote::answer::{self, Asked};
use crate::remote::{Remote, has_ranges};
use bytes::Bytes;
use futures::stream::StreamExt;
use http::header::{ACCESS_CONTROL_REQUEST_HEADERS, ACCESS_CONTROL_REQUEST_METHOD, HeaderMap, ORIGIN, RANGE};
use http::{Method, StatusCode};
use jiff::Timestamp;
use std::time::Duration;
use url::Url;

/// The object that is written and deleted, and the one that is asked about where there is none.
const PROBE: &str = ".tagloom-doctor";
/// How long the URL lives that is tried.
const TTL: Duration = Duration::from_secs(60);

/// Tries everything. Never fails itself.
pub(crate) async fn diagnose(bucket: &Bucket, purpose: Purpose, origin: &str) -> Diagnosis {
    let kind = bucket.kind();
    let mut report = Report { steps: Vec::new(), over: false };
    match bucket.backend().remote() {
        Some(remote) => reach(remote, &mut report).await,
        None => {
            let found = bucket.check(purpose).await.map(|()| format!("{} is there.", bucket.place()));
            report.add("bucket", "The folder is there", found);
        }
    }
    match purpose {
        Purpose::Import => {
            let object = first_object(bucket, &mut report).await;
            read(bucket, object.as_ref(), &mut report).await;
            if let Some(remote) = bucket.backend().remote().filter(|_| bucket.presigns()) {
                by_browser(bucket, remote, object.as_ref(), origin, &mut report).await;
            }
        }
        Purpose::Export => write(bucket, &mut report).await,
    }
    let ok = !report.steps.iter().any(|step| matches!(step.outcome, Outcome::Failed { .. }));
    Diagnosis { kind, ok, steps: report.steps, cors_json: kind.signs().then(|| cors_json(kind, origin)) }
}

struct Report {
    steps: Vec<Step>,
    /// The rest cannot work.
    over: bool,
}

impl Report {
    fn add(&mut self, name: &'static str, title: &'static str, result: Result<String, Problem>) {
        let outcome = match result {
            Ok(note) => Outcome::Ok { note },
            Err(problem) => {
                self.over |= problem.concerns_storage();
                Outcome::Failed { problem }
            }
        };
        self.steps.push(Step { name, title, outcome });
    }

    fn skip(&mut self, name: &'static str, title: &'static str, why: &str) {
        let why = if self.over { "because of the failure above" } else { why };
        self.steps.push(Step { name, title, outcome: Outcome::Skipped { why: why.to_owned() } });
    }
}

/// Host, connection, clock, credentials and bucket.
async fn reach(remote: &Remote, report: &mut Report) {
    const DNS: &str = "The host is known";
    const CONNECTION: &str = "The host answers";
    const CLOCK: &str = "The clocks agree";
    const CREDENTIALS: &str = "The credentials are good";
    const BUCKET: &str = "The bucket is there";
    report.add("settings", "The settings", Ok(format!("{}.", remote.dialect().settings())));
    let base = match Url::parse(remote.dialect().base()) {
        Ok(base) => base,
        Err(why) => {
            return report.add(
                "connection",
                CONNECTION,
                Err(Problem::invalid(format!("The endpoint is no URL: {why}."))),
            );
        }
    };
    let host = base.host_str().unwrap_or_default().to_owned();
    let mut clock = None;
    match remote.fetch(Method::GET, &base, &[]).await {
        Err(problem) if problem.cause == Cause::UnknownHost => {
            report.add("dns", DNS, Err(problem));
            report.skip("connection", CONNECTION, "");
        }
        result => {
            report.add("dns", DNS, Ok(format!("{host}.")));
            let how = if base.scheme() == "https" {
                "with TLS, and its certificate is trusted"
            } else {
                "without TLS"
            };
            clock = result.as_ref().ok().map(|answer| answer::skew(answer.headers(), Timestamp::now()));
            report.add("connection", CONNECTION, result.map(|_| format!("{how}.")));
        }
    }
    match clock {
        Some(Some(skew)) if skew.abs() > answer::most_skew(remote.kind()) => {
            let side = if skew < 0 { "behind" } else { "ahead of" };
            let message =
                format!("This server's clock is {} {side} the storage's.", answer::length(skew.abs()));
            report.add("clock", CLOCK, Err(Problem::new(Cause::ClockSkew, message)));
        }
        // Theirs comes in whole seconds.
        Some(Some(-1..=1)) => report.add("clock", CLOCK, Ok("less than two seconds apart.".to_owned())),
        Some(Some(skew)) => report.add("clock", CLOCK, Ok(format!("{} apart.", answer::length(skew.abs())))),
        _ => report.skip("clock", CLOCK, "the storage does not tell its time"),
    }
    if report.over {
        report.skip("credentials", CREDENTIALS, "");
        report.skip("bucket", BUCKET, "");
        return;
    }
    let found = format!("{} is there.", remote.place());
    match remote.look(&Listing { recursive: true, ..Listing::default() }, 1).await {
        // Not permitted to list: they are known and it is there. The next step says what is missing.
        Ok(_) | Err(Problem { cause: Cause::Denied, .. }) => {
            report.add("credentials", CREDENTIALS, Ok("accepted.".to_owned()));
            report.add("bucket", BUCKET, Ok(found));
        }
        Err(problem) => match problem.cause {
            Cause::BadCredentials | Cause::ExpiredToken | Cause::ClockSkew => {
                report.add("credentials", CREDENTIALS, Err(problem));
                report.skip("bucket", BUCKET, "");
            }
            Cause::NoSuchBucket => {
                report.add("credentials", CREDENTIALS, Ok("accepted.".to_owned()));
                report.add("bucket", BUCKET, Err(problem));
            }
            _ => {
                report.skip("credentials", CREDENTIALS, "the bucket comes first");
                report.add("bucket", BUCKET, Err(problem));
                // Whatever it was, without a bucket nothing goes on.
                report.over = true;
            }
        },
    }
}

async fn first_object(bucket: &Bucket, report: &mut Report) -> Option<Object> {
    const TITLE: &str = "Objects can be listed";
    if report.over {
        report.skip("list", TITLE, "");
        return None;
    }
    let prefix = if bucket.kind().signs() { bucket.prefix().to_owned() } else { String::new() };
    let listing = Listing { prefix, recursive: true, ..Listing::default() };
    match bucket.list_pages(listing, 10).next().await {
        Some(Ok(object)) => {
            report.add("list", TITLE, Ok(format!("the first is {}.", object.key)));
            return Some(object);
        }
        Some(Err(problem)) => report.add("list", TITLE, Err(problem)),
        None => {
            let problem = Problem::new(Cause::NoSuchKey, "There are no objects to import.")
                .mended_by("Check the prefix, or put objects there.")
                .at(bucket.prefix());
            report.add("list", TITLE, Err(problem));
        }
    }
    None
}

async fn read(bucket: &Bucket, object: Option<&Object>, report: &mut Report) {
    const TITLE: &str = "Objects can be read";
    let Some(object) = object else { return report.skip("read", TITLE, "no object is known") };
    let want = Want { span: Some(Span::Between(0, 0)), unless_etag: None };
    let result = match bucket.open(&object.key, &want).await {
        Ok(Opened::Piece(piece)) => Ok(format!("{}, {} bytes.", object.key, piece.size)),
        Ok(Opened::Unchanged { .. }) => Ok(format!("{}.", object.key)),
        // Of an empty object there is no first byte.
        Err(Problem { cause: Cause::OutOfRange { .. }, .. }) => {
            Ok(format!("{}, which is empty.", object.key))
        }
        Err(problem) => Err(problem),
    };
    report.add("read", TITLE, result);
}

async fn write(bucket: &Bucket, report: &mut Report) {
    const TITLE: &str = "Objects can be written and deleted";
    if report.over {
        return report.skip("write", TITLE, "");
    }
    let key = bucket.key_for(PROBE);
    let result = match bucket.put(&key, Bytes::from_static(b"{}"), Some("application/json")).await {
        Ok(()) => bucket.delete(&key).await,
        Err(problem) => Err(problem),
    };
    report.add("write", TITLE, result.map(|()| format!("{key} was written and deleted again.")));
}

/// What a browser does: fetch a signed URL from a page of another origin.
async fn by_browser(
    bucket: &Bucket,
    remote: &Remote,
    object: Option<&Object>,
    origin: &str,
    report: &mut Report,
) {
    const SIGN: &str = "URLs can be signed";
    const FETCH: &str = "A signed URL works";
    const CORS: &str = "Browsers may read it (CORS)";
    if report.over {
        report.skip("sign", SIGN, "");
        report.skip("fetch", FETCH, "");
        return report.skip("cors", CORS, "");
    }
    let key = object.map_or_else(|| bucket.key_for(PROBE), |object| object.key.clone());
    let url = match bucket.sign(&key, TTL, None).await {
        Ok(Some(url)) => {
            report.add("sign", SIGN, Ok(format!("for {} seconds.", TTL.as_secs())));
            url
        }
        Ok(None) => return report.skip("sign", SIGN, "this kind has no signed URLs"),
        Err(problem) => {
            report.add("sign", SIGN, Err(problem));
            report.skip("fetch", FETCH, "there is no URL");
            return report.skip("cors", CORS, "there is no URL");
        }
    };
    let mut seen = None;
    match object {
        None => report.skip("fetch", FETCH, "no object is known"),
        Some(object) => {
            let range = if object.size > 0 { Some((RANGE, "bytes=0-0")) } else { None };
            let headers: Vec<_> =
                range.into_iter().chain((!origin.is_empty()).then_some((ORIGIN, origin))).collect();
            let answer = match remote.fetch(Method::GET, &url, &headers).await {
                Ok(answer) => remote.accept(Asked::Signed, answer).await,
                Err(problem) => Err(problem),
            };
            let result = answer.map(|answer| {
                let ranges = if has_ranges(answer.headers()) { "with ranges" } else { "without ranges" };
                seen = Some(answer.headers().clone());
                format!("{ranges}.")
            });
            report.add("fetch", FETCH, result.map_err(|problem| problem.at(&object.key)));
        }
    }
    if origin.is_empty() {
        return report.skip("cors", CORS, "the address that browsers load this server from is not known");
    }
    if report.over {
        return report.skip("cors", CORS, "");
    }
    report.add("cors", CORS, cors(remote, &url, origin, seen.as_ref()).await);
}

/// The preflight, and the header of the answer itself.
async fn cors(
    remote: &Remote,
    url: &Url,
    origin: &str,
    answer: Option<&HeaderMap>,
) -> Result<String, Problem> {
    let asked =
        [(ORIGIN, origin), (ACCESS_CONTROL_REQUEST_METHOD, "GET"), (ACCESS_CONTROL_REQUEST_HEADERS, "range")];
    let preflight = remote.fetch(Method::OPTIONS, url, &asked).await?;
    let (status, headers) = (preflight.status(), preflight.headers());
    let refused = |what: &str, status: StatusCode| {
        Problem::new(
            Cause::Cors,
            format!("The bucket does not let pages of {origin} {what} ({}).", status.as_str()),
        )
        .mended_by("Put these CORS rules on the bucket (they stand below), or switch off pre-signed URLs.")
    };
    if !status.is_success() || !allows(headers, origin) {
        return Err(refused("ask for its objects", status));
    }
    if answer.is_some_and(|headers| !allows(headers, origin)) {
        return Err(refused("read its objects", StatusCode::OK));
    }
    Ok(format!("pages of {origin} may."))
}
