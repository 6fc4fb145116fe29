//! From the answer of a storage to a [`Problem`]: by its status and its code, if that is one of those known here. No
//! other text of an answer leaves this file.

use super::xml::{self, Said};
use crate::kind::Kind;
use crate::problem::{Cause, Problem};
use http::{HeaderMap, StatusCode};
use jiff::Timestamp;

/// What was asked, for the words of the failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Asked {
    List,
    Read,
    Write,
    Delete,
    /// A signed URL was fetched.
    Signed,
}

impl Asked {
    /// The permission it needs, as the kind calls it.
    pub(crate) fn permission(self, kind: Kind) -> &'static str {
        match (kind, self) {
            (Kind::Gcs, Self::List) => "storage.objects.list (role Storage Object Viewer)",
            (Kind::Gcs, Self::Read | Self::Signed) => "storage.objects.get (role Storage Object Viewer)",
            (Kind::Gcs, Self::Write) => {
                "storage.objects.create and storage.objects.delete (role Storage Object User)"
            }
            (Kind::Gcs, Self::Delete) => "storage.objects.delete (role Storage Object User)",
            (Kind::Azure, _) => {
                "access to blobs by the account's key (and no firewall of the account in between)"
            }
            (_, Self::List) => "s3:ListBucket on the bucket",
            (_, Self::Read | Self::Signed) => "s3:GetObject on its objects",
            (_, Self::Write) => "s3:PutObject on its objects",
            (_, Self::Delete) => "s3:DeleteObject on its objects",
        }
    }
}

/// Codes that may be told. Whoever answers may write anything into a body; a list keeps it from coming through.
const CODES: &[&str] = &[
    "AccessDenied",
    "AccountIsDisabled",
    "AllAccessDisabled",
    "AuthenticationFailed",
    "AuthenticationRequired",
    "AuthorizationFailure",
    "AuthorizationHeaderMalformed",
    "AuthorizationQueryParametersError",
    "AuthorizationPermissionMismatch",
    "BadDigest",
    "BlobArchived",
    "BlobNotFound",
    "ConditionNotMet",
    "ContainerBeingDeleted",
    "ContainerDisabled",
    "ContainerNotFound",
    "EntityTooLarge",
    "ExpiredToken",
    "Forbidden",
    "IllegalLocationConstraintException",
    "InsufficientAccountPermissions",
    "InternalError",
    "InvalidAccessKeyId",
    "InvalidArgument",
    "InvalidAuthenticationInfo",
    "InvalidBucketName",
    "InvalidObjectState",
    "InvalidRange",
    "InvalidRequest",
    "InvalidResourceName",
    "InvalidSecurity",
    "InvalidToken",
    "InvalidUri",
    "KMS.DisabledException",
    "KMS.NotFoundException",
    "KeyTooLongError",
    "MethodNotAllowed",
    "MissingSecurityHeader",
    "NoSuchBucket",
    "NoSuchKey",
    "NoSuchUpload",
    "NotImplemented",
    "NotSignedUp",
    "OperationTimedOut",
    "OutOfRangeInput",
    "PermanentRedirect",
    "PreconditionFailed",
    "PublicAccessNotPermitted",
    "RequestTimeTooSkewed",
    "RequestTimeout",
    "ResourceNotFound",
    "ServerBusy",
    "ServiceUnavailable",
    "SignatureDoesNotMatch",
    "SlowDown",
    "TemporaryRedirect",
    "TokenRefreshRequired",
    "TooManyRequests",
    "UserProjectMissing",
];

/// The cause of an answer that is no success. `body` is its beginning.
pub(crate) fn problem(
    (kind, place, asked): (Kind, &str, Asked),
    status: StatusCode,
    headers: &HeaderMap,
    body: &[u8],
) -> Problem {
    let said = xml::error(&String::from_utf8_lossy(body));
    let code = headers.get("x-ms-error-code").and_then(|value| value.to_str().ok()).unwrap_or(&said.code);
    let code = CODES.iter().copied().find(|known| *known == code).unwrap_or_default();
    let skew = skew(headers, Timestamp::now());
    let cause = cause(asked, status, code, &said, headers, skew.filter(|skew| skew.abs() > most_skew(kind)));
    let seen =
        if code.is_empty() { status.as_str().to_owned() } else { format!("{} {code}", status.as_str()) };
    let message = match &cause {
        Cause::NoSuchBucket => format!("There is no bucket \"{place}\" there ({seen})."),
        Cause::WrongRegion { expected: Some(region) } => {
            format!("The bucket \"{place}\" lies in the region {region} ({seen}).")
        }
        Cause::WrongRegion { expected: None } => {
            format!("The bucket \"{place}\" lies in another region ({seen}).")
        }
        Cause::ClockSkew => {
            let by = skew.map(|skew| {
                let side = if skew < 0 { "behind" } else { "ahead of" };
                format!(" is {} {side} the storage's", length(skew.abs()))
            });
            format!("This server's clock{} ({seen}).", by.unwrap_or_else(|| " differs too much".to_owned()))
        }
        Cause::BadCredentials if code == "InvalidAccessKeyId" => {
            format!("The storage does not know this key ({seen}).")
        }
        Cause::BadCredentials if code == "SignatureDoesNotMatch" => {
            format!("The secret does not belong to this key ({seen}).")
        }
        Cause::BadCredentials => format!("The storage does not accept the credentials ({seen})."),
        Cause::ExpiredToken => format!("The temporary credentials have run out ({seen})."),
        Cause::Expired => format!("The signed URL has run out ({seen})."),
        Cause::Denied => format!("Not permitted ({seen})."),
        Cause::NoSuchKey => format!("There is no such object ({seen})."),
        Cause::OutOfRange { .. } => format!("The asked range lies outside the object ({seen})."),
        Cause::Busy => format!("The storage asks to wait ({seen})."),
        Cause::Interrupted => format!("The storage has a problem of its own ({seen})."),
        Cause::TooLarge => format!("The storage does not take objects of this size ({seen})."),
        Cause::Changed => format!("The object changed in between ({seen})."),
        Cause::Unsupported => format!("The object lies in an archive and cannot be read at once ({seen})."),
        Cause::Invalid => format!("The storage does not admit this name or setting ({seen})."),
        _ => format!("The storage answered {seen}."),
    };
    let problem = Problem::new(cause, message);
    match &problem.cause {
        Cause::Denied => {
            let permission = asked.permission(kind);
            let also = match (kind, asked) {
                (Kind::S3, Asked::Read | Asked::Signed) => {
                    " (S3 says the same of an object that is not there, if the key may not list the bucket.)"
                }
                _ => "",
            };
            problem.mended_by(format!("Have the bucket's owner grant {permission} to this key.{also}"))
        }
        Cause::Unsupported => problem.mended_by("Restore it from the archive first."),
        Cause::Other if status.is_redirection() => problem.mended_by(
            "Redirects are not followed: use the endpoint's own address, and check https against http and the region.",
        ),
        _ => problem,
    }
}

fn cause(
    asked: Asked,
    status: StatusCode,
    code: &str,
    said: &Said,
    headers: &HeaderMap,
    skew: Option<i64>,
) -> Cause {
    let message = said.message.to_lowercase();
    // The ways of S3, GCS and Azure to say that a signed URL is too old.
    let late = [
        "request has expired",
        "request signature expired",
        "signature not valid in the specified time frame",
    ]
    .iter()
    .any(|words| message.contains(words))
        || (asked == Asked::Signed && code == "ExpiredToken");
    match code {
        "RequestTimeTooSkewed" => return Cause::ClockSkew,
        _ if skew.is_some() && matches!(status.as_u16(), 400 | 401 | 403) => return Cause::ClockSkew,
        _ if asked == Asked::Signed && late => return Cause::Expired,
        "NoSuchBucket"
        | "ContainerNotFound"
        | "ContainerBeingDeleted"
        | "ContainerDisabled"
        | "InvalidBucketName" => {
            return Cause::NoSuchBucket;
        }
        "NoSuchKey" | "BlobNotFound" => return Cause::NoSuchKey,
        "NoSuchUpload" => return Cause::Interrupted,
        "PermanentRedirect" | "IllegalLocationConstraintException" | "TemporaryRedirect" => {
            return Cause::WrongRegion { expected: region(said, headers) };
        }
        "AuthorizationHeaderMalformed" | "AuthorizationQueryParametersError" => {
            return match region(said, headers) {
                None => Cause::BadCredentials,
                expected => Cause::WrongRegion { expected },
            };
        }
        "ExpiredToken" | "TokenRefreshRequired" => return Cause::ExpiredToken,
        "InvalidAccessKeyId"
        | "SignatureDoesNotMatch"
        | "InvalidToken"
        | "InvalidSecurity"
        | "NotSignedUp"
        | "AuthenticationFailed"
        | "AuthenticationRequired"
        | "InvalidAuthenticationInfo"
        | "MissingSecurityHeader" => return Cause::BadCredentials,
        "InvalidObjectState" | "BlobArchived" => return Cause::Unsupported,
        "EntityTooLarge" => return Cause::TooLarge,
        "KeyTooLongError" | "InvalidUri" | "InvalidResourceName" | "OutOfRangeInput" => {
            return Cause::Invalid;
        }
        "SlowDown" | "ServerBusy" | "ServiceUnavailable" | "TooManyRequests" => return Cause::Busy,
        "InternalError" | "OperationTimedOut" | "RequestTimeout" => return Cause::Interrupted,
        "KMS.DisabledException" | "KMS.NotFoundException" => return Cause::Denied,
        _ => {}
    }
    match status.as_u16() {
        301 | 307 | 308 if headers.contains_key("x-amz-bucket-region") => {
            Cause::WrongRegion { expected: region(said, headers) }
        }
        401 => Cause::BadCredentials,
        403 => Cause::Denied,
        404 if asked == Asked::List => Cause::NoSuchBucket,
        404 => Cause::NoSuchKey,
        412 => Cause::Changed,
        413 => Cause::TooLarge,
        416 => Cause::OutOfRange { size: unsatisfied_size(headers) },
        429 | 503 => Cause::Busy,
        408 | 500 | 502 | 504 => Cause::Interrupted,
        _ => Cause::Other,
    }
}

/// The region an answer names, if it looks like one.
fn region(said: &Said, headers: &HeaderMap) -> Option<String> {
    let header = headers.get("x-amz-bucket-region").and_then(|value| value.to_str().ok());
    [header.unwrap_or_default(), &said.region]
        .into_iter()
        .find(|name| {
            (2..=32).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        })
        .map(str::to_owned)
}

/// `Content-Range: bytes */123`.
fn unsatisfied_size(headers: &HeaderMap) -> Option<u64> {
    headers.get(http::header::CONTENT_RANGE)?.to_str().ok()?.strip_prefix("bytes */")?.parse().ok()
}

/// How many seconds our clock is ahead of the one that answered.
pub(crate) fn skew(headers: &HeaderMap, now: Timestamp) -> Option<i64> {
    let theirs = xml::http_date(headers.get(http::header::DATE)?.to_str().ok()?)?;
    Some(now.as_second() - theirs.as_second())
}

/// What the kind tolerates.
pub(crate) fn most_skew(kind: Kind) -> i64 {
    if kind == Kind::Gcs { 5 * 60 } else { 15 * 60 }
}

/// A length of time for people.
pub(crate) fn length(seconds: i64) -> String {
    match seconds {
        _ if seconds < 120 => format!("{seconds} seconds"),
        _ if seconds < 7200 => format!("{} minutes", seconds / 60),
        _ if seconds < 172_800 => format!("{} hours", seconds / 3600),
        _ => format!("{} days", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(
        kind: Kind,
        asked: Asked,
        status: u16,
        headers: &[(&'static str, &str)],
        body: &str,
    ) -> Problem {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.insert(*name, value.parse().unwrap());
        }
        problem((kind, "bkt", asked), StatusCode::from_u16(status).unwrap(), &map, body.as_bytes())
    }

    #[test]
    fn what_s3_says_has_its_cause() {
        let s3 = |asked, status, headers: &[(&'static str, &str)], body: &str| {
            answer(Kind::S3, asked, status, headers, body).cause
        };
        let code = |code: &str| format!("<Error><Code>{code}</Code><Message>m</Message></Error>");
        assert_eq!(s3(Asked::List, 404, &[], &code("NoSuchBucket")), Cause::NoSuchBucket);
        assert_eq!(s3(Asked::Read, 404, &[], ""), Cause::NoSuchKey);
        assert_eq!(s3(Asked::List, 403, &[], &code("InvalidAccessKeyId")), Cause::BadCredentials);
        assert_eq!(s3(Asked::List, 400, &[], &code("ExpiredToken")), Cause::ExpiredToken);
        assert_eq!(s3(Asked::Signed, 400, &[], &code("ExpiredToken")), Cause::Expired);
        assert_eq!(s3(Asked::List, 403, &[], &code("RequestTimeTooSkewed")), Cause::ClockSkew);
        assert_eq!(s3(Asked::List, 503, &[], &code("SlowDown")), Cause::Busy);
        let region = Cause::WrongRegion { expected: Some("eu-west-3".to_owned()) };
        assert_eq!(
            s3(Asked::List, 301, &[("x-amz-bucket-region", "eu-west-3")], &code("PermanentRedirect")),
            region
        );
        let body = "<Error><Code>AuthorizationHeaderMalformed</Code><Region>eu-west-3</Region></Error>";
        assert_eq!(s3(Asked::List, 400, &[], body), region);
        let body = "<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>";
        assert_eq!(s3(Asked::Signed, 403, &[], body), Cause::Expired);
        let denied = answer(Kind::S3, Asked::List, 403, &[], &code("AccessDenied"));
        assert!(denied.mend.contains("s3:ListBucket"), "{denied:?}");
    }

    /// CVE-2025-25297: an endpoint that a user names must not read back what it answers.
    #[test]
    fn no_text_of_an_answer_comes_through() {
        for body in [
            "root:x:0:0:root",
            "<Error><Code>aws-secret-leak</Code><Message>aws-secret-leak</Message></Error>",
            "<Error><Code>AccessDenied</Code><Message>aws-secret-leak</Message><Region>aws secret leak</Region></Error>",
        ] {
            for status in [200, 301, 400, 403, 404, 500] {
                let headers = [("x-amz-bucket-region", "secret leak;"), ("x-ms-error-code", "secret-leak")];
                for headers in [&headers[..], &headers[..1], &[]] {
                    let told = format!("{:?}", answer(Kind::S3, Asked::Signed, status, headers, body));
                    assert!(!told.contains("leak") && !told.contains("root:"), "{told}");
                }
            }
        }
    }

    #[test]
    fn a_clock_that_is_off_is_the_cause_before_all_others() {
        let date = [("date", "Mon, 06 May 2024 07:08:09 GMT")];
        let problem =
            answer(Kind::Azure, Asked::List, 403, &date, "<Error><Code>AuthenticationFailed</Code></Error>");
        assert_eq!(problem.cause, Cause::ClockSkew);
        assert!(problem.message.contains("days ahead of"), "{}", problem.message);
    }
}
