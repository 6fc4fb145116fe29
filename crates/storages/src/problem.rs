//! Why something with a storage failed: the cause, what happened in words, and how to mend it.
//!
//! A [`Problem`] is fit for every reader. It never holds a credential, a signed URL or the body of an answer: of an
//! answer only its status and, where it is one of the codes known here, its error code are told (CVE-2025-25297).

use crate::kind::Kind;
use serde::Serialize;
use std::borrow::Cow;

/// Causes that a person mends in different ways.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "name", rename_all = "snake_case")]
pub enum Cause {
    /// The name of the host is not known to the DNS.
    UnknownHost,
    /// Nobody answers at the address.
    Unreachable,
    /// The server's own filter does not let requests go there.
    Refused,
    /// The certificate is not trusted, or there is no TLS at that port.
    Tls,
    /// No answer in time.
    TimedOut,
    /// The clocks of this server and of the storage differ too much.
    ClockSkew,
    /// The storage does not know the key, or the signature made with the secret is wrong.
    BadCredentials,
    /// A temporary credential has run out.
    ExpiredToken,
    NoSuchBucket,
    /// The bucket lies in another region.
    WrongRegion {
        expected: Option<String>,
    },
    /// The credentials are good, but do not allow this.
    Denied,
    NoSuchKey,
    /// A signed URL has run out.
    Expired,
    /// A browser may not read the answer, because the bucket does not allow this origin.
    Cors,
    TooLarge,
    /// The asked range lies behind the end of the object.
    OutOfRange {
        size: Option<u64>,
    },
    /// A setting cannot work as it stands.
    Invalid,
    /// The path leads out of the folder that is served.
    Outside,
    /// The storage asks to wait.
    Busy,
    /// The storage has a problem of its own, or the connection broke off.
    Interrupted,
    /// The object changed while it was read.
    Changed,
    /// This kind of storage cannot do that.
    Unsupported,
    /// Anything else; the message holds the status or the error of the system.
    Other,
}

impl Cause {
    /// A stable word for programs.
    pub fn name(&self) -> &'static str {
        match self {
            Self::UnknownHost => "unknown_host",
            Self::Unreachable => "unreachable",
            Self::Refused => "refused",
            Self::Tls => "tls",
            Self::TimedOut => "timed_out",
            Self::ClockSkew => "clock_skew",
            Self::BadCredentials => "bad_credentials",
            Self::ExpiredToken => "expired_token",
            Self::NoSuchBucket => "no_such_bucket",
            Self::WrongRegion { .. } => "wrong_region",
            Self::Denied => "denied",
            Self::NoSuchKey => "no_such_key",
            Self::Expired => "expired",
            Self::Cors => "cors",
            Self::TooLarge => "too_large",
            Self::OutOfRange { .. } => "out_of_range",
            Self::Invalid => "invalid",
            Self::Outside => "outside",
            Self::Busy => "busy",
            Self::Interrupted => "interrupted",
            Self::Changed => "changed",
            Self::Unsupported => "unsupported",
            Self::Other => "other",
        }
    }

    /// Whether the same request may succeed a little later.
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Unreachable | Self::TimedOut | Self::Busy | Self::Interrupted)
    }

    /// Whether the whole storage is concerned; [`Problem::concerns_storage`] knows better.
    pub fn concerns_storage(&self) -> bool {
        !matches!(
            self,
            Self::NoSuchKey
                | Self::TooLarge
                | Self::OutOfRange { .. }
                | Self::Outside
                | Self::Changed
                | Self::Unsupported
                | Self::Denied
                | Self::Other
        )
    }

    /// What to do about it, where nothing more exact is known.
    pub fn advice(&self) -> Cow<'static, str> {
        Cow::Borrowed(match self {
            Self::UnknownHost => "Check the host's name, and the DNS of this server.",
            Self::Unreachable => "Check host and port, and that a firewall lets this server through.",
            Self::Refused => {
                "Use a public address, or have the operator admit it with SSRF_ALLOWED_SUBNETS or set the endpoint \
                 by S3_ENDPOINT."
            }
            Self::Tls => {
                "Check https or http in the endpoint, and that its certificate is valid and signed by a known authority."
            }
            Self::TimedOut => {
                "Try again; if it stays slow, check the network between this server and the storage."
            }
            Self::ClockSkew => "Set this server's clock by NTP.",
            Self::BadCredentials => "Check the key and its secret; a blank or a line break is copied easily.",
            Self::ExpiredToken => "Enter new temporary credentials, or use a key that does not expire.",
            Self::NoSuchBucket => "Check the name; it must exist, and be written exactly so.",
            Self::WrongRegion { expected: Some(region) } => {
                return Cow::Owned(format!("Set the region to {region}."));
            }
            Self::WrongRegion { expected: None } => "Set the region that the bucket was made in.",
            Self::Denied => "Have the bucket's owner grant the permission to this key.",
            Self::NoSuchKey => {
                "Check the key; upper and lower case count. The object may have been deleted or moved."
            }
            Self::Expired => {
                "Load the task again to get a new link, or give links a longer life (presign_ttl)."
            }
            Self::Cors => "Put the printed CORS rules on the bucket, or switch off pre-signed URLs.",
            Self::TooLarge => "Make the object smaller, or split it.",
            Self::OutOfRange { .. } => "Ask for a range within the object.",
            Self::Invalid => "Mend the setting.",
            Self::Outside => "Use a path below the document root; links may not lead out of it.",
            Self::Busy => "Wait a little and try again.",
            Self::Interrupted => "Try again; what was done before is kept.",
            Self::Changed => "Read it again.",
            Self::Unsupported => "Use another kind of storage for this.",
            Self::Other => {
                "The status of the answer is all that is known; the storage's own log may say more."
            }
        })
    }
}

/// A cause with its words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, thiserror::Error)]
#[error("{message}")]
pub struct Problem {
    pub cause: Cause,
    /// What happened.
    pub message: String,
    /// What to do about it.
    pub mend: Cow<'static, str>,
    /// The object, where it was one.
    pub key: Option<String>,
    /// Whether the same may succeed a little later.
    pub transient: bool,
}

impl Problem {
    pub fn new(cause: Cause, message: impl Into<String>) -> Self {
        Self {
            mend: cause.advice(),
            transient: cause.is_transient(),
            message: message.into(),
            key: None,
            cause,
        }
    }

    /// A setting that cannot work.
    pub fn invalid(message: impl Into<String>) -> Self {
        Self::new(Cause::Invalid, message)
    }

    #[must_use]
    pub fn mended_by(mut self, mend: impl Into<Cow<'static, str>>) -> Self {
        self.mend = mend.into();
        self
    }

    /// Names the object, unless one is named already.
    #[must_use]
    pub fn at(mut self, key: &str) -> Self {
        self.key.get_or_insert_with(|| key.to_owned());
        self
    }

    /// Whether the whole storage is concerned, not one object: going on with the next object is of no use. (A listing
    /// that fails concerns the storage in any case; its key says where to go on.)
    pub fn concerns_storage(&self) -> bool {
        // A key that cannot be asked for is a matter of that object.
        self.cause.concerns_storage() && !(self.cause == Cause::Invalid && self.key.is_some())
    }

    /// One line: what, where, how to mend it.
    pub fn line(&self) -> String {
        match &self.key {
            Some(key) => format!("{key}: {} {}", self.message, self.mend),
            None => format!("{} {}", self.message, self.mend),
        }
    }

    /// The object is not there.
    pub(crate) fn no_such_key(kind: Kind, key: &str) -> Self {
        Self::new(Cause::NoSuchKey, format!("{kind} has no object of this key.")).at(key)
    }

    /// An error of the system's files.
    pub(crate) fn of_files(what: &str, error: &std::io::Error) -> Self {
        use std::io::ErrorKind;
        match error.kind() {
            ErrorKind::NotFound | ErrorKind::NotADirectory => {
                Self::new(Cause::NoSuchKey, format!("{what}: there is no such file."))
            }
            // The capability handle reports an escape, through `..` or a link, in this way.
            ErrorKind::PermissionDenied if error.raw_os_error().is_none() => {
                Self::new(Cause::Outside, format!("{what}: the path leads out of the folder that is served."))
            }
            ErrorKind::PermissionDenied => {
                Self::new(Cause::Denied, format!("{what}: the system does not let this server at the file."))
                    .mended_by("Give the server's user the right to it.")
            }
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => {
                Self::new(Cause::Interrupted, format!("{what}: the disk is full."))
                    .mended_by("Make room and try again.")
            }
            ErrorKind::InvalidInput | ErrorKind::InvalidFilename => {
                Self::new(Cause::Invalid, format!("{what}: the system cannot have a file of this name."))
                    .mended_by("Rename it.")
            }
            kind => Self::new(Cause::Other, format!("{what}: {kind}.")).mended_by("See to the file system."),
        }
    }
}
