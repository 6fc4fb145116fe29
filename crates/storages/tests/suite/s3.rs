//! What only S3 can show: regions, keys, clocks, permissions, and an endpoint that a user names.

use crate::emulator;
use crate::place::{Place, all, everything, keys};
use async_trait::async_trait;
use bytes::Bytes;
use serde_json::{Value, json};
use std::io::BufRead;
use std::sync::Arc;
use std::time::Duration;
use tagloom_storages::testing::{Closed, S3Options, S3Server, open_access};
use tagloom_storages::{
    Access, Body, Cause, Env, Fields, Http, Kind, Problem, Purpose, connect, from_reqwest, of_reqwest,
    to_reqwest,
};

async fn problem_with(place: &Place, changes: Value) -> Problem {
    place.with(changes).unwrap().check(Purpose::Import).await.unwrap_err()
}

#[tokio::test]
async fn wrong_settings_are_named_one_by_one() {
    let place = Place::new(Kind::S3).await;
    // A bucket in another region: the right one is named.
    let problem = problem_with(&place, json!({"region_name": "eu-central-1"})).await;
    assert_eq!(problem.cause, Cause::WrongRegion { expected: Some("us-east-1".to_owned()) });
    assert!(problem.mend.contains("us-east-1"), "{problem:?}");

    let problem = problem_with(&place, json!({"aws_secret_access_key": "not-the-secret"})).await;
    assert_eq!(problem.cause, Cause::BadCredentials);
    assert!(problem.message.contains("secret"), "{problem:?}");
    assert!(!format!("{problem:?}").contains("not-the-secret"));

    let problem = problem_with(&place, json!({"aws_access_key_id": "UNKNOWNKEY"})).await;
    assert_eq!(problem.cause, Cause::BadCredentials);

    // A line break, as it comes with copying, is taken off at the end and told in the middle.
    let trimmed = place.with(json!({"aws_access_key_id": "TAGLOOMTESTKEY\n"})).unwrap();
    trimmed.check(Purpose::Import).await.unwrap();
    let problem = place.with(json!({"aws_secret_access_key": "a\nb"})).unwrap_err();
    assert_eq!(problem.cause, Cause::BadCredentials);
    assert!(problem.message.contains("line break"), "{problem:?}");

    assert_eq!(problem_with(&place, json!({"bucket": "missing"})).await.cause, Cause::NoSuchBucket);
    let problem = problem_with(&place, json!({"s3_endpoint": "http://127.0.0.1:1"})).await;
    assert_eq!(problem.cause, Cause::Unreachable);
    assert!(problem.transient);
    let problem = problem_with(&place, json!({"s3_endpoint": "http://no-such-host.invalid"})).await;
    assert_eq!(problem.cause, Cause::UnknownHost, "{problem:?}");
    // Plain HTTP where TLS is expected.
    let tls = place.s3.as_ref().unwrap().endpoint().replace("http:", "https:");
    assert_eq!(problem_with(&place, json!({"s3_endpoint": tls})).await.cause, Cause::Tls);
}

#[tokio::test]
async fn clocks_tokens_and_permissions_have_their_causes() {
    let place = Place::new(Kind::S3).await;
    let server = place.s3.as_ref().unwrap();
    for (ahead, words) in [(3600, "behind"), (-3600, "ahead of")] {
        server.fault(|faults| faults.clock_ahead = ahead);
        let problem = problem_with(&place, json!({})).await;
        assert_eq!(problem.cause, Cause::ClockSkew);
        assert!(
            problem.message.contains("60 minutes") || problem.message.contains("59 minutes"),
            "{problem:?}"
        );
        assert!(problem.message.contains(words), "{problem:?}");
    }
    server.fault(|faults| faults.clock_ahead = 0);

    server.fault(|faults| faults.expired_token = Some("old-token".to_owned()));
    let problem = problem_with(&place, json!({"aws_session_token": "old-token"})).await;
    assert_eq!(problem.cause, Cause::ExpiredToken);

    place.seed(["a.png".to_owned()]).await;
    for (action, permission) in
        [("s3:ListBucket", "ListBucket"), ("s3:GetObject", "GetObject"), ("s3:PutObject", "PutObject")]
    {
        server.fault(|faults| faults.denied = [action].into());
        let bucket = place.bucket();
        let problem = match action {
            "s3:ListBucket" => bucket.check(Purpose::Import).await.unwrap_err(),
            "s3:GetObject" => bucket.read("a.png", 100).await.unwrap_err(),
            _ => bucket.put("b", Bytes::new(), None).await.unwrap_err(),
        };
        assert_eq!(problem.cause, Cause::Denied);
        assert!(problem.mend.contains(permission), "{problem:?}");
    }
}

#[tokio::test]
async fn a_busy_storage_is_asked_again() {
    let place = Place::new(Kind::S3).await;
    place.seed(["a.png".to_owned()]).await;
    let server = place.s3.as_ref().unwrap();
    server.fault(|faults| faults.slow_down = 2);
    assert_eq!(keys(&all(&place.bucket(), everything()).await), ["a.png"]);
    server.fault(|faults| faults.slow_down = 100);
    let problem = problem_with(&place, json!({})).await;
    assert_eq!(problem.cause, Cause::Busy);
    assert!(problem.transient);
}

#[tokio::test]
async fn keys_are_sent_as_they_are() {
    let place = Place::new(Kind::S3).await;
    let bucket = place.bucket();
    // This server's file system cannot keep such keys apart; what counts is what it is asked for.
    for (key, path) in [
        ("a//b.png", "/bkt/a//b.png"),
        ("/a.png", "/bkt//a.png"),
        ("a%2Fb", "/bkt/a%252Fb"),
        ("a+b c", "/bkt/a%2Bb%20c"),
    ] {
        let _ = bucket.read(key, 10).await;
        assert_eq!(place.s3.as_ref().unwrap().requests().last().unwrap(), &format!("GET {path}"));
        let url = bucket.sign(key, Duration::from_secs(9), None).await.unwrap().unwrap();
        assert_eq!(url.path(), path);
    }
    // A URL cannot hold these: it would mean another object.
    for key in ["a/../b", "./a", ".."] {
        assert_eq!(bucket.read(key, 10).await.unwrap_err().cause, Cause::Invalid, "{key}");
        assert_eq!(
            bucket.sign(key, Duration::from_secs(9), None).await.unwrap_err().cause,
            Cause::Invalid,
            "{key}"
        );
    }
}

#[tokio::test]
async fn a_signed_url_lives_seven_days_at_most() {
    let place = Place::new(Kind::S3).await;
    let url = place.bucket().sign("a", Duration::from_secs(30 * 86_400), None).await.unwrap().unwrap();
    assert!(url.query().unwrap().contains("X-Amz-Expires=604800&"), "{url}");
    let token = place.with(json!({"aws_session_token": "a/token+="})).unwrap();
    let url = token.sign("a", Duration::from_secs(60), None).await.unwrap().unwrap();
    assert!(url.query().unwrap().contains("X-Amz-Security-Token=a%2Ftoken%2B%3D"), "{url}");
}

fn env(pairs: &[(&'static str, String)]) -> Env {
    let pairs = pairs.to_vec();
    Env::new(move |name| pairs.iter().find(|(n, _)| *n == name).map(|(_, value)| value.clone()))
}

#[tokio::test]
async fn variables_fill_in_what_the_fields_leave_out() {
    let folder = tempfile::tempdir().unwrap();
    let server =
        S3Server::start(S3Options { region: "eu-west-1".to_owned(), ..S3Options::new(folder.path()) });
    let server = server.await.unwrap();
    server.bucket("bkt").unwrap();
    let keys = [
        ("AWS_ACCESS_KEY_ID", server.options().key.clone()),
        ("AWS_SECRET_ACCESS_KEY", server.options().secret.clone()),
        ("S3_region", "eu-west-1".to_owned()),
    ];
    let mut access = Access { http: Arc::new(Closed), ..open_access().unwrap() };
    access.env = env(&[&keys[..], &[("S3_ENDPOINT", server.endpoint())]].concat());
    // The operator's endpoint is not asked of the filter.
    let bucket = connect(Kind::S3, &Fields::of(json!({"bucket": "bkt"})), &access).unwrap();
    bucket.check(Purpose::Import).await.unwrap();

    // A user's endpoint is, and the operator's key does not go there.
    let own = json!({"bucket": "bkt", "s3_endpoint": "http://127.0.0.1:9"});
    let problem = connect(Kind::S3, &Fields::of(own), &access).unwrap_err();
    assert_eq!(problem.cause, Cause::BadCredentials);
    assert!(problem.mend.contains("S3_ENDPOINT"), "{problem:?}");
    let own = server.fields("bkt");
    access.env = env(&keys);
    let bucket = connect(Kind::S3, &Fields::of(own), &access).unwrap();
    assert_eq!(bucket.check(Purpose::Import).await.unwrap_err().cause, Cause::Refused);
}

/// A pod's role: its keys are fetched where the pod's variables say, by the operator's way.
#[tokio::test]
async fn the_role_of_a_pod_is_used_when_there_is_no_key() {
    let folder = tempfile::tempdir().unwrap();
    let server = S3Server::start(S3Options::new(folder.path().join("buckets"))).await.unwrap();
    server.bucket("bkt").unwrap();
    std::fs::write(folder.path().join("token"), "the pod's token").unwrap();
    let keys = json!({
        "AccessKeyId": server.options().key, "SecretAccessKey": server.options().secret, "Token": "temporary",
        "Expiration": "2099-01-01T00:00:00Z",
    });
    let agent = emulator::serve(move |asked| match asked.header("authorization") {
        "the pod's token" => emulator::answer(200, &[], keys.to_string()),
        _ => emulator::answer(401, &[], ""),
    });
    let agent = agent.await;
    let variables = [
        ("AWS_CONTAINER_CREDENTIALS_FULL_URI", format!("http://{agent}/v1/credentials")),
        ("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", folder.path().join("token").display().to_string()),
        ("S3_ENDPOINT", server.endpoint()),
    ];
    let access = Access { http: Arc::new(Closed), env: env(&variables), ..open_access().unwrap() };
    let bucket = connect(Kind::S3, &Fields::of(json!({"bucket": "bkt"})), &access).unwrap();
    bucket.check(Purpose::Import).await.unwrap();
    let url = bucket.sign("a", Duration::from_secs(60), None).await.unwrap().unwrap();
    assert!(url.query().unwrap().contains("X-Amz-Security-Token=temporary"), "{url}");

    // The agent is away, or refuses.
    std::fs::write(folder.path().join("token"), "another").unwrap();
    let bucket = connect(Kind::S3, &Fields::of(json!({"bucket": "bkt"})), &access).unwrap();
    assert_eq!(bucket.check(Purpose::Import).await.unwrap_err().cause, Cause::BadCredentials);
}

/// The server of the tests as a program, for tests in a browser.
#[tokio::test]
async fn the_test_server_runs_as_a_program() {
    let folder = tempfile::tempdir().unwrap();
    let mut child = std::process::Command::new(env!("CARGO_BIN_EXE_s3-for-tests"))
        .args([
            "--root",
            folder.path().to_str().unwrap(),
            "--bucket",
            "data",
            "--key",
            "K1",
            "--secret",
            "S1",
        ])
        .args(["--region", "eu-south-1", "--cors"])
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut endpoint = String::new();
    std::io::BufReader::new(child.stdout.take().unwrap()).read_line(&mut endpoint).unwrap();
    std::fs::write(folder.path().join("data/a.png"), "a").unwrap();
    let fields = json!({
        "bucket": "data", "s3_endpoint": endpoint.trim(), "region_name": "eu-south-1", "aws_access_key_id": "K1",
        "aws_secret_access_key": "S1",
    });
    let bucket = connect(Kind::S3, &Fields::of(fields), &open_access().unwrap()).unwrap();
    let diagnosis = bucket.diagnose(Purpose::Import, "http://localhost:8080").await;
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(diagnosis.ok, "{diagnosis}");
}

/// A client that follows redirects, but not to private addresses: as a server's filter does.
#[derive(Debug)]
struct Following(reqwest::Client);

#[async_trait]
impl Http for Following {
    async fn send(&self, request: http::Request<Bytes>) -> Result<http::Response<Body>, Problem> {
        let answer = self.0.execute(to_reqwest(request)?).await;
        answer.map(from_reqwest).map_err(|error| of_reqwest(&error, "the storage"))
    }
}

/// CVE-2025-25297: an endpoint that a user names is no way into the network of the server.
#[tokio::test]
async fn a_redirect_to_a_private_address_is_refused() {
    let place = Place::new(Kind::S3).await;
    place.seed(["a.png".to_owned()]).await;
    let server = place.s3.as_ref().unwrap();
    let inside = "http://169.254.169.254/latest/meta-data/";
    server.fault(|faults| faults.redirect = Some(inside.to_owned()));
    // The plain client does not follow at all.
    let problem = place.bucket().read("a.png", 100).await.unwrap_err();
    assert_eq!(problem.cause, Cause::Other);
    assert!(problem.message.contains("307") && problem.mend.contains("Redirects"), "{problem:?}");

    let policy = reqwest::redirect::Policy::custom(|attempt| {
        attempt.error(Problem::new(Cause::Refused, "This address may not be reached."))
    });
    let following = Following(reqwest::Client::builder().redirect(policy).build().unwrap());
    let access = Access { http: Arc::new(following), ..open_access().unwrap() };
    let bucket = connect(Kind::S3, &Fields::of(server.fields("bkt")), &access).unwrap();
    let problem = bucket.read("a.png", 100).await.unwrap_err();
    assert_eq!((problem.cause, problem.key.as_deref()), (Cause::Refused, Some("a.png")));
}
