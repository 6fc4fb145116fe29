//! A real S3 server: `s3s`, which checks every signature, over a folder by `s3s-fs`.
//!
//! A thin layer in front adds what that server does not do: it takes requests signed for its own region only, tells its
//! own time, answers preflights and adds CORS headers, gives answers the type that a signed URL asks for, leaves out the
//! body of what a client has already (`If-None-Match`), and plays the faults that a test sets. Signatures, expiry of
//! signed URLs, XML, ranges and uploads are the server's own; for listings see `files.rs`.

use super::files::Files;
use bytes::Bytes;
use http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_REQUEST_METHOD, AUTHORIZATION, CONTENT_LENGTH,
    CONTENT_TYPE, DATE, ETAG, HeaderName, HeaderValue, IF_NONE_MATCH, ORIGIN,
};
use http::{Method, Request, Response, StatusCode};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use jiff::Timestamp;
use jiff::fmt::strtime;
use s3s::Body;
use s3s::auth::SimpleAuth;
use s3s::service::{S3Service, S3ServiceBuilder};
use std::collections::BTreeSet;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// How to start it.
#[derive(Clone, Debug)]
pub struct S3Options {
    /// Its folders are the buckets.
    pub root: PathBuf,
    /// 0 = any free one.
    pub port: u16,
    pub key: String,
    pub secret: String,
    pub region: String,
    /// The origin that its CORS rules allow; `*` = all.
    pub origin: Option<String>,
}

impl S3Options {
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self {
            root: root.into(),
            port: 0,
            key: "TAGLOOMTESTKEY".to_owned(),
            secret: "tagloom/test+secret".to_owned(),
            region: "us-east-1".to_owned(),
            origin: None,
        }
    }
}

/// What is wrong with the server just now.
#[derive(Clone, Debug, Default)]
pub struct Faults {
    /// Its clock is so many seconds ahead of ours.
    pub clock_ahead: i64,
    /// A session token that has run out.
    pub expired_token: Option<String>,
    /// Actions that nobody is permitted: `s3:ListBucket`, `s3:GetObject`, `s3:PutObject`, `s3:DeleteObject`.
    pub denied: BTreeSet<&'static str>,
    /// So many of the next requests are asked to wait.
    pub slow_down: u32,
    /// Replaces the origin of the options.
    pub origin: Option<String>,
    /// Answers with a redirect to this address.
    pub redirect: Option<String>,
}

/// The running server. It stops when this is dropped.
#[derive(Debug)]
pub struct S3Server {
    options: S3Options,
    address: SocketAddr,
    faults: Arc<Mutex<Faults>>,
    requests: Arc<Mutex<Vec<String>>>,
    task: JoinHandle<()>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl S3Server {
    /// Starts on loopback, in the runtime of the caller.
    pub async fn start(options: S3Options) -> io::Result<Self> {
        std::fs::create_dir_all(&options.root)?;
        let files =
            s3s_fs::FileSystem::new(&options.root).map_err(|error| io::Error::other(format!("{error:?}")))?;
        let mut builder = S3ServiceBuilder::new(Files { store: files, root: options.root.clone() });
        builder.set_auth(SimpleAuth::from_single(options.key.as_str(), options.secret.as_str()));
        let service = builder.build();
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, options.port)).await?;
        let address = listener.local_addr()?;
        let faults = Arc::new(Mutex::new(Faults { origin: options.origin.clone(), ..Faults::default() }));
        let requests = Arc::new(Mutex::new(Vec::new()));
        let front = Front {
            service,
            region: options.region.clone(),
            faults: Arc::clone(&faults),
            requests: Arc::clone(&requests),
        };
        let task = tokio::spawn(accept(listener, front));
        Ok(Self { options, address, faults, requests, task })
    }

    /// `http://127.0.0.1:port`.
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    pub fn options(&self) -> &S3Options {
        &self.options
    }

    /// The folder of a bucket, which is made where it is missing.
    pub fn bucket(&self, name: &str) -> io::Result<PathBuf> {
        let path = self.options.root.join(name);
        std::fs::create_dir_all(&path)?;
        Ok(path)
    }

    /// The fields of a storage on one of its buckets.
    pub fn fields(&self, bucket: &str) -> serde_json::Value {
        serde_json::json!({
            "bucket": bucket,
            "s3_endpoint": self.endpoint(),
            "region_name": self.options.region,
            "aws_access_key_id": self.options.key,
            "aws_secret_access_key": self.options.secret,
        })
    }

    /// Changes what is wrong.
    pub fn fault(&self, change: impl FnOnce(&mut Faults)) {
        change(&mut lock(&self.faults));
    }

    /// Method, path and query of every request so far, as they came over the wire.
    pub fn requests(&self) -> Vec<String> {
        lock(&self.requests).clone()
    }

    /// Runs until it is stopped from outside.
    pub async fn wait(mut self) {
        // Ends only by a panic in the loop, after which there is nothing to serve.
        let _ = (&mut self.task).await;
    }
}

impl Drop for S3Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn accept(listener: TcpListener, front: Front) {
    loop {
        let Ok((socket, _)) = listener.accept().await else { continue };
        let front = front.clone();
        tokio::spawn(async move {
            let service = service_fn(move |request| {
                let front = front.clone();
                async move { front.answer(request).await }
            });
            // A client that goes away is no concern of the server.
            let _ = Builder::new(TokioExecutor::new()).serve_connection(TokioIo::new(socket), service).await;
        });
    }
}

#[derive(Clone)]
struct Front {
    service: S3Service,
    region: String,
    faults: Arc<Mutex<Faults>>,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Front {
    async fn answer(&self, request: Request<Incoming>) -> Result<Response<Body>, s3s::HttpError> {
        lock(&self.requests).push(format!("{} {}", request.method(), request.uri()));
        let faults = {
            let mut faults = lock(&self.faults);
            let now = faults.clone();
            faults.slow_down = faults.slow_down.saturating_sub(1);
            now
        };
        let origin = request.headers().get(ORIGIN).cloned();
        let asked_type = query(&request, "response-content-type");
        let unless = request.headers().get(IF_NONE_MATCH).cloned();
        let mut answer = match self.refuse(&request, &faults) {
            Some(answer) => answer,
            None => self.service.call(request.map(Body::from)).await?,
        };
        if unless.is_some() && answer.headers().get(ETAG) == unless.as_ref() && answer.status().is_success() {
            *answer.status_mut() = StatusCode::NOT_MODIFIED;
            *answer.body_mut() = Body::empty();
            answer.headers_mut().remove(CONTENT_LENGTH);
        }
        if let Some(asked_type) = asked_type.and_then(|text| HeaderValue::from_str(&text).ok())
            && answer.status().is_success()
        {
            answer.headers_mut().insert(CONTENT_TYPE, asked_type);
        }
        let allowed = faults.origin.as_deref();
        if let Some(origin) =
            origin.filter(|origin| allowed.is_some_and(|allowed| allowed == "*" || allowed == origin))
        {
            answer.headers_mut().insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
            answer
                .headers_mut()
                .insert(ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static("ETag, Content-Range"));
        }
        let now = Timestamp::from_second(Timestamp::now().as_second() + faults.clock_ahead)
            .unwrap_or(Timestamp::MAX);
        let date = strtime::format("%a, %d %b %Y %H:%M:%S GMT", now).unwrap_or_default();
        if let Ok(date) = HeaderValue::from_str(&date) {
            answer.headers_mut().insert(DATE, date);
        }
        Ok(answer)
    }

    /// What the real server is not asked for.
    fn refuse(&self, request: &Request<Incoming>, faults: &Faults) -> Option<Response<Body>> {
        if let Some(place) = &faults.redirect {
            let mut answer = Response::new(Body::empty());
            *answer.status_mut() = StatusCode::TEMPORARY_REDIRECT;
            answer.headers_mut().insert(http::header::LOCATION, HeaderValue::from_str(place).ok()?);
            return Some(answer);
        }
        if request.method() == Method::OPTIONS
            && request.headers().contains_key(ACCESS_CONTROL_REQUEST_METHOD)
        {
            return Some(preflight(request, faults));
        }
        if faults.slow_down > 0 {
            return Some(error(StatusCode::SERVICE_UNAVAILABLE, "SlowDown", ""));
        }
        let header = |name: &HeaderName| request.headers().get(name).and_then(|value| value.to_str().ok());
        let token = header(&HeaderName::from_static("x-amz-security-token")).map(str::to_owned);
        let token = token.or_else(|| query(request, "X-Amz-Security-Token"));
        if token.is_some() && token == faults.expired_token {
            return Some(error(StatusCode::BAD_REQUEST, "ExpiredToken", ""));
        }
        let date = header(&HeaderName::from_static("x-amz-date")).map(str::to_owned);
        let date = date.or_else(|| query(request, "X-Amz-Date"));
        if let Some(date) =
            date.and_then(|text| strtime::parse("%Y%m%dT%H%M%SZ", &text).ok()?.to_datetime().ok())
        {
            let signed = date.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp().as_second();
            if (Timestamp::now().as_second() + faults.clock_ahead - signed).abs() > 900 {
                return Some(error(StatusCode::FORBIDDEN, "RequestTimeTooSkewed", ""));
            }
        }
        let scope = header(&AUTHORIZATION)
            .and_then(|text| text.split("Credential=").nth(1))
            .map(str::to_owned)
            .or_else(|| query(request, "X-Amz-Credential"));
        if let Some(region) = scope.as_deref().and_then(|scope| scope.split('/').nth(2))
            && region != self.region
        {
            let region = format!("<Region>{}</Region>", self.region);
            return Some(error(StatusCode::BAD_REQUEST, "AuthorizationHeaderMalformed", &region));
        }
        let object = request.uri().path().trim_matches('/').contains('/');
        let action = match *request.method() {
            Method::PUT | Method::POST => "s3:PutObject",
            Method::DELETE => "s3:DeleteObject",
            _ if object => "s3:GetObject",
            _ => "s3:ListBucket",
        };
        faults.denied.contains(action).then(|| error(StatusCode::FORBIDDEN, "AccessDenied", ""))
    }
}

fn preflight(request: &Request<Incoming>, faults: &Faults) -> Response<Body> {
    let origin = request.headers().get(ORIGIN);
    let allowed = faults.origin.as_deref();
    if origin.is_none_or(|origin| !allowed.is_some_and(|allowed| allowed == "*" || allowed == origin)) {
        return error(StatusCode::FORBIDDEN, "AccessForbidden", "");
    }
    let mut answer = Response::new(Body::empty());
    answer.headers_mut().insert(ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("GET, HEAD"));
    answer.headers_mut().insert(ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static("range"));
    answer
}

fn error(status: StatusCode, code: &str, more: &str) -> Response<Body> {
    let text = format!(
        "<?xml version=\"1.0\"?><Error><Code>{code}</Code><Message>set by the test</Message>{more}</Error>"
    );
    let mut answer = Response::new(Body::from(Bytes::from(text)));
    *answer.status_mut() = status;
    answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/xml"));
    answer
}

/// A parameter of the query.
fn query(request: &Request<Incoming>, name: &str) -> Option<String> {
    let query = request.uri().query()?;
    url::form_urlencoded::parse(query.as_bytes())
        .find(|(n, _)| n == name)
        .map(|(_, value)| value.into_owned())
}
