//! The doctor names the cause and prints what mends it.

use crate::place::Place;
use serde_json::{Value, json};
use tagloom_storages::{Cause, Diagnosis, Kind, Outcome, Purpose};

const ORIGIN: &str = "https://labels.example.org";

async fn seen(place: &Place, changes: Value) -> Diagnosis {
    place.with(changes).unwrap().diagnose(Purpose::Import, ORIGIN).await
}

/// The step that failed first, and why.
fn first_failure(diagnosis: &Diagnosis) -> (&'static str, &Cause) {
    assert!(!diagnosis.ok);
    let step = diagnosis.steps.iter().find(|step| matches!(step.outcome, Outcome::Failed { .. })).unwrap();
    (step.name, &diagnosis.problem().unwrap().cause)
}

#[tokio::test]
async fn a_good_storage_passes_all_steps() {
    let place = Place::new(Kind::S3).await;
    place.seed(["data/a b.png".to_owned()]).await;
    place.s3.as_ref().unwrap().fault(|faults| faults.origin = Some(ORIGIN.to_owned()));
    let diagnosis = seen(&place, json!({"prefix": "data"})).await;
    assert!(diagnosis.ok, "{diagnosis}");
    let names: Vec<_> = diagnosis.steps.iter().map(|step| step.name).collect();
    assert_eq!(
        names,
        [
            "settings",
            "dns",
            "connection",
            "clock",
            "credentials",
            "bucket",
            "list",
            "read",
            "sign",
            "fetch",
            "cors"
        ]
    );
    assert!(diagnosis.steps.iter().all(|step| matches!(step.outcome, Outcome::Ok { .. })), "{diagnosis}");
    let secret = &place.s3.as_ref().unwrap().options().secret;
    assert!(!serde_json::to_string(&diagnosis).unwrap().contains(secret.as_str()));
}

/// LS#4735, #4432, #5030: it "connects", but nothing is displayed.
#[tokio::test]
async fn missing_cors_rules_are_found_and_printed() {
    let place = Place::new(Kind::S3).await;
    place.seed(["a.png".to_owned()]).await;
    for origin in [None, Some("https://another.example".to_owned())] {
        place.s3.as_ref().unwrap().fault(|faults| faults.origin = origin);
        let diagnosis = seen(&place, json!({})).await;
        assert_eq!(first_failure(&diagnosis), ("cors", &Cause::Cors), "{diagnosis}");
        let rules: Value = serde_json::from_str(diagnosis.cors_json.as_deref().unwrap()).unwrap();
        assert_eq!(rules[0]["AllowedOrigins"], json!([ORIGIN]));
        assert!(diagnosis.to_string().contains("FAILED"), "{diagnosis}");
    }
    // Without pre-signed URLs no browser asks the bucket.
    let diagnosis = seen(&place, json!({"presign": false})).await;
    assert!(diagnosis.ok, "{diagnosis}");
}

#[tokio::test]
async fn each_fault_is_found_in_its_step() {
    let place = Place::new(Kind::S3).await;
    place.seed(["a.png".to_owned()]).await;
    let server = place.s3.as_ref().unwrap();
    server.fault(|faults| faults.origin = Some("*".to_owned()));
    for (changes, step, cause) in [
        (json!({"s3_endpoint": "http://no-such-host.invalid"}), "dns", Cause::UnknownHost),
        (json!({"s3_endpoint": "http://127.0.0.1:1"}), "connection", Cause::Unreachable),
        (json!({"aws_secret_access_key": "wrong"}), "credentials", Cause::BadCredentials),
        (json!({"bucket": "missing"}), "bucket", Cause::NoSuchBucket),
        (
            json!({"region_name": "eu-west-1"}),
            "bucket",
            Cause::WrongRegion { expected: Some("us-east-1".to_owned()) },
        ),
        (json!({"prefix": "missing"}), "list", Cause::NoSuchKey),
    ] {
        let diagnosis = seen(&place, changes).await;
        assert_eq!(first_failure(&diagnosis), (step, &cause), "{diagnosis}");
    }
    for (action, step) in [("s3:ListBucket", "list"), ("s3:GetObject", "read")] {
        server.fault(|faults| faults.denied = [action].into());
        let diagnosis = seen(&place, json!({})).await;
        assert_eq!(first_failure(&diagnosis), (step, &Cause::Denied), "{diagnosis}");
        assert!(diagnosis.problem().unwrap().mend.contains(action), "{diagnosis}");
    }
    server.fault(|faults| {
        faults.denied.clear();
        faults.clock_ahead = 7200;
    });
    assert_eq!(first_failure(&seen(&place, json!({})).await), ("clock", &Cause::ClockSkew));
}

#[tokio::test]
async fn a_target_storage_is_written_to_and_left_as_it_was() {
    for kind in [Kind::S3, Kind::LocalFiles, Kind::Gcs, Kind::Azure, Kind::Memory] {
        let place = Place::new(kind).await;
        let diagnosis = place.bucket().diagnose(Purpose::Export, ORIGIN).await;
        assert!(diagnosis.ok && diagnosis.steps.iter().any(|step| step.name == "write"), "{diagnosis}");
        assert_eq!(crate::place::all(&place.bucket(), crate::place::everything()).await, []);
    }
    let place = Place::new(Kind::S3).await;
    place.s3.as_ref().unwrap().fault(|faults| faults.denied = ["s3:PutObject"].into());
    let diagnosis = place.bucket().diagnose(Purpose::Export, ORIGIN).await;
    assert_eq!(first_failure(&diagnosis), ("write", &Cause::Denied));
}

#[tokio::test]
async fn the_other_kinds_are_seen_too() {
    for kind in [Kind::Gcs, Kind::Azure] {
        let place = Place::new(kind).await;
        place.seed(["a.png".to_owned()]).await;
        let diagnosis = seen(&place, json!({})).await;
        // The emulators know no CORS: everything up to there is good.
        assert_eq!(first_failure(&diagnosis), ("cors", &Cause::Cors), "{diagnosis}");
        let missing = seen(&place, json!({kind.place_field(): "missing"})).await;
        assert_eq!(first_failure(&missing), ("bucket", &Cause::NoSuchBucket), "{missing}");
    }
    let place = Place::new(Kind::Azure).await;
    let diagnosis = seen(&place, json!({"account_key": "d3Jvbmc="})).await;
    assert_eq!(first_failure(&diagnosis), ("credentials", &Cause::BadCredentials), "{diagnosis}");
    let place = Place::new(Kind::LocalFiles).await;
    assert_eq!(first_failure(&seen(&place, json!({})).await), ("list", &Cause::NoSuchKey));
    assert_eq!(
        first_failure(&seen(&place, json!({"path": "missing"})).await),
        ("bucket", &Cause::NoSuchBucket)
    );
}
