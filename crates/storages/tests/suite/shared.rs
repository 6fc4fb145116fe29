//! What every kind must do alike.

use crate::place::{Place, all, everything, keys};
use bytes::Bytes;
use futures::TryStreamExt;
use futures::stream::{self, StreamExt};
use serde_json::json;
use std::time::{Duration, Instant};
use tagloom_storages::{
    Body, Cause, Fields, Kind, Listing, Opened, Piece, Problem, Purpose, Span, Want, is_signed_url,
};

/// Each test runs for each kind.
macro_rules! for_every_kind {
    ($($test:ident)*) => {
        for_every_kind!(@ memory Memory $($test)*);
        for_every_kind!(@ local LocalFiles $($test)*);
        for_every_kind!(@ s3 S3 $($test)*);
        for_every_kind!(@ gcs Gcs $($test)*);
        for_every_kind!(@ azure Azure $($test)*);
    };
    (@ $module:ident $kind:ident $($test:ident)*) => {
        mod $module {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $test() {
                let place = crate::place::Place::new(tagloom_storages::Kind::$kind).await;
                super::$test(&place).await;
            })*
        }
    };
}

for_every_kind! {
    odd_keys_come_back_byte_for_byte
    ten_thousand_objects_are_listed_and_taken_up_in_the_middle
    prefix_recursion_and_filter_choose_what_is_listed
    parts_of_an_object_are_read
    an_unchanged_object_is_not_sent_again
    a_long_object_is_written_in_parts
    an_upload_that_breaks_off_leaves_nothing
    a_bucket_that_vanishes_while_it_is_listed_is_taken_up_again
    what_is_missing_or_too_large_is_told_with_its_key
    a_signed_url_gives_the_object_until_it_runs_out
    the_checks_of_saving_tell_what_is_missing
}

const ODD: &[&str] = &[
    "plain.png",
    "a b+c%20d.png",
    "50%.png",
    "100%25.png",
    "what?.png",
    "tag#1.png",
    "salt&pepper=good;.png",
    "it's \"quoted\".png",
    "<b>&amp;.png",
    " blanks around .png",
    "grün/\u{fc}.png",   // NFC
    "grün/u\u{308}.png", // NFD: another key
    "日本語/画像 1.png",
    "emoji/🦀.png",
    "brackets/[a](b){c}.png",
    "a/b/c/d/e/f/g/h/i/j/k/l/m/n/o/p/deep.png",
    "back\\slash*|~`^.png",
    "@:,$!.png",
    "dots/...png",
    "%2e%2e/%2F.png",
];

async fn text(bucket: &tagloom_storages::Bucket, key: &str) -> String {
    String::from_utf8(bucket.read(key, 1 << 20).await.unwrap().to_vec()).unwrap()
}

async fn odd_keys_come_back_byte_for_byte(place: &Place) {
    let bucket = place.bucket();
    for name in ODD {
        let key = place.key(name);
        bucket.put(&key, Bytes::from(format!("I am {name}")), Some("image/png")).await.unwrap();
    }
    let listed = all(&bucket, everything()).await;
    let mut expected: Vec<String> = ODD.iter().map(|name| place.key(name)).collect();
    expected.sort();
    let mut found = keys(&listed);
    if place.kind != Kind::LocalFiles {
        assert!(found.is_sorted(), "{found:?}");
    }
    found.sort_unstable();
    assert_eq!(found, expected);
    for name in ODD {
        let key = place.key(name);
        assert_eq!(text(&bucket, &key).await, format!("I am {name}"));
        let uri = bucket.uri(&key);
        assert_eq!(bucket.key_of(&uri).as_deref(), Some(key.as_str()), "{uri}");
        bucket.delete(&key).await.unwrap();
        // Once more is no error.
        bucket.delete(&key).await.unwrap();
        assert_eq!(bucket.read(&key, 10).await.unwrap_err().cause, Cause::NoSuchKey);
    }
    assert_eq!(all(&bucket, everything()).await, []);
    assert_eq!(bucket.key_of("s3://another/key"), None);
}

async fn ten_thousand_objects_are_listed_and_taken_up_in_the_middle(place: &Place) {
    let names: Vec<String> = (0..10_000).map(|i| format!("set {}/img+{i:05}.png", i % 7)).collect();
    place.seed(names.iter().cloned()).await;
    let bucket = place.bucket();
    let start = Instant::now();
    let listed = all(&bucket, everything()).await;
    let took = start.elapsed();
    println!("{}: 10,000 objects listed in {} ms", place.kind.name(), took.as_millis());
    assert_eq!(listed.len(), 10_000);
    assert!(
        listed.iter().all(|object| object.size == 19 && object.last_modified.is_some()),
        "{:?}",
        listed[0]
    );

    // Some are read, then the stream is dropped, and a listing behind the last goes on.
    let mut first: Vec<_> = bucket.list(everything()).take(4321).try_collect().await.unwrap();
    let last = first.last().unwrap().key.clone();
    first.extend(all(&bucket, everything().after(Some(last))).await);
    assert_eq!(first, listed);
    // Behind a key that is not there (any more).
    let between = everything().after(Some(format!("{}!", listed[2500].key)));
    assert_eq!(all(&bucket, between).await, listed[2501..]);
    let end = everything().after(Some(listed[9999].key.clone()));
    assert_eq!(all(&bucket, end).await, []);
}

async fn prefix_recursion_and_filter_choose_what_is_listed(place: &Place) {
    let names = ["a.png", "data/b.png", "data/c.txt", "data/deep/d.png", "database/e.png"];
    place.seed(names.map(str::to_owned)).await;
    let listed = async |fields: serde_json::Value| {
        let (fields, bucket) = (Fields::of(fields.clone()), place.with(fields).unwrap());
        let mut found: Vec<String> =
            all(&bucket, Listing::of(&fields).unwrap()).await.into_iter().map(|object| object.key).collect();
        found.sort();
        found
    };
    let of = |names: &[&str]| names.iter().map(|name| place.key(name)).collect::<Vec<_>>();
    assert_eq!(listed(json!({})).await, of(&["a.png"]));
    assert_eq!(listed(json!({"recursive_scan": true})).await, of(&names));
    if place.kind == Kind::LocalFiles {
        // Folders are chosen by the path, and the filter sees the name.
        assert_eq!(listed(json!({"path": "images/data"})).await, of(&["data/b.png", "data/c.txt"]));
        let filter = json!({"recursive_scan": true, "regex_filter": "[bd]\\."});
        assert_eq!(listed(filter).await, of(&["data/b.png", "data/deep/d.png"]));
        return;
    }
    for prefix in ["data", "data/", "data//"] {
        assert_eq!(listed(json!({"prefix": prefix})).await, ["data/b.png", "data/c.txt"]);
    }
    let filter = json!({"prefix": "data", "recursive_scan": true, "regex_filter": r".*\.png$"});
    assert_eq!(listed(filter).await, ["data/b.png", "data/deep/d.png"]);
    // From the start of the key, as the reference matches.
    assert_eq!(listed(json!({"recursive_scan": true, "regex_filter": "a"})).await, ["a.png"]);
}

async fn opened(
    bucket: &tagloom_storages::Bucket,
    key: &str,
    span: Span,
) -> Result<(Piece, Vec<u8>), Problem> {
    let want = Want { span: Some(span), unless_etag: None };
    let Opened::Piece(mut piece) = bucket.open(key, &want).await? else {
        panic!("unchanged without being asked")
    };
    let body = std::mem::replace(&mut piece.body, stream::empty().boxed());
    Ok((piece, body.try_collect::<Vec<_>>().await?.concat()))
}

async fn parts_of_an_object_are_read(place: &Place) {
    let bucket = place.bucket();
    let key = place.key("sound file.mp3");
    bucket.put(&key, Bytes::from_static(b"0123456789"), Some("audio/mpeg")).await.unwrap();
    for (span, wanted, first, end) in [
        (Span::Between(2, 4), "234", 2, 5),
        (Span::Between(8, 1000), "89", 8, 10),
        (Span::From(7), "789", 7, 10),
        (Span::From(0), "0123456789", 0, 10),
        (Span::Last(3), "789", 7, 10),
    ] {
        let (piece, bytes) = opened(&bucket, &key, span).await.unwrap();
        assert_eq!(String::from_utf8(bytes).unwrap(), wanted, "{span:?}");
        assert_eq!((piece.size, piece.first, piece.end, piece.partial), (10, first, end, true), "{span:?}");
    }
    let problem = opened(&bucket, &key, Span::From(10)).await.unwrap_err();
    assert!(matches!(problem.cause, Cause::OutOfRange { .. }), "{problem:?}");
    assert_eq!(problem.key, Some(key));
}

async fn an_unchanged_object_is_not_sent_again(place: &Place) {
    let bucket = place.bucket();
    let key = place.key("a.json");
    bucket.put(&key, Bytes::from_static(b"[]"), Some("application/json")).await.unwrap();
    let Opened::Piece(piece) = bucket.open(&key, &Want::default()).await.unwrap() else {
        panic!("unchanged")
    };
    assert!(!piece.partial && piece.size == 2 && piece.last_modified.is_some(), "{piece:?}");
    if place.kind != Kind::LocalFiles {
        assert_eq!(piece.content_type.as_deref(), Some("application/json"));
    }
    let etag = piece.etag.unwrap();
    let again = Want { unless_etag: Some(etag.clone()), span: None };
    match bucket.open(&key, &again).await.unwrap() {
        Opened::Unchanged { etag: told } => {
            assert!(told.is_none() || told.as_ref() == Some(&etag), "{told:?}")
        }
        Opened::Piece(piece) => panic!("sent again: {piece:?}"),
    }
    bucket.put(&key, Bytes::from_static(b"[1]"), None).await.unwrap();
    assert!(matches!(bucket.open(&key, &again).await.unwrap(), Opened::Piece(_)));
}

/// `count` pieces of a mebibyte, each with its number.
fn mebibytes(count: u8) -> impl Iterator<Item = Bytes> {
    (0..count).map(|i| Bytes::from(vec![i; 1 << 20]))
}

async fn a_long_object_is_written_in_parts(place: &Place) {
    let bucket = place.bucket();
    let key = place.key("long file+1.bin");
    // Three parts on the wire, the last of them short.
    let body: Body = stream::iter(mebibytes(21).map(Ok)).boxed();
    bucket.put_stream(&key, body, Some("video/mp4")).await.unwrap();
    let bytes = bucket.read(&key, 32 << 20).await.unwrap();
    assert_eq!(bytes.len(), 21 << 20);
    assert!(
        bytes.chunks(1 << 20).enumerate().all(|(i, chunk)| chunk.iter().all(|byte| usize::from(*byte) == i))
    );
    let Opened::Piece(piece) = bucket.open(&key, &Want::default()).await.unwrap() else {
        panic!("unchanged")
    };
    if place.kind != Kind::LocalFiles {
        assert_eq!(piece.content_type.as_deref(), Some("video/mp4"));
    }
    drop(piece);

    // A short one, an empty one, and one that ends where a part does.
    for (name, count) in [("short", 1), ("empty", 0), ("even", 8)] {
        let key = place.key(name);
        bucket.put_stream(&key, stream::iter(mebibytes(count).map(Ok)).boxed(), None).await.unwrap();
        assert_eq!(bucket.read(&key, 32 << 20).await.unwrap().len(), usize::from(count) << 20, "{name}");
    }
    assert_eq!(place.loose_parts(), 0);
}

async fn an_upload_that_breaks_off_leaves_nothing(place: &Place) {
    let bucket = place.bucket();
    let key = place.key("half.bin");
    let broken = Problem::new(Cause::Interrupted, "The sender went away.");
    let body: Body = stream::iter(mebibytes(10).map(Ok).chain([Err(broken.clone())])).boxed();
    let problem = bucket.put_stream(&key, body, None).await.unwrap_err();
    assert_eq!(problem.cause, broken.cause);
    assert_eq!(all(&bucket, everything()).await, []);
    assert_eq!(place.loose_parts(), 0);
}

async fn a_bucket_that_vanishes_while_it_is_listed_is_taken_up_again(place: &Place) {
    if place.kind == Kind::Memory {
        return; // It cannot vanish.
    }
    place.seed((0..2500).map(|i| format!("{i:04}.png"))).await;
    let bucket = place.bucket();
    let mut listing = bucket.list(everything());
    if place.kind == Kind::LocalFiles {
        // Listed in one go; what vanishes is the file that is read then.
        let first = listing.next().await.unwrap().unwrap();
        place.vanish(true);
        let problem = bucket.read(&first.key, 100).await.unwrap_err();
        assert_eq!((problem.cause, problem.key), (Cause::NoSuchKey, Some(first.key)));
        let problem = bucket.list(everything()).next().await.unwrap().unwrap_err();
        assert_eq!(problem.cause, Cause::NoSuchBucket);
        place.vanish(false);
        assert_eq!(all(&bucket, everything()).await.len(), 2500);
        return;
    }
    let mut seen = Vec::new();
    let problem = loop {
        match listing.next().await.unwrap() {
            Ok(object) => seen.push(object.key),
            Err(problem) => break problem,
        }
        if seen.len() == 500 {
            place.vanish(true);
        }
    };
    assert_eq!((&problem.cause, problem.key.as_ref()), (&Cause::NoSuchBucket, seen.last()), "{problem:?}");
    assert!(seen.len() >= 500 && seen.len() < 2500, "{}", seen.len());
    place.vanish(false);
    let rest = all(&bucket, everything().after(seen.last().cloned())).await;
    seen.extend(rest.into_iter().map(|object| object.key));
    assert_eq!(seen, (0..2500).map(|i| format!("{i:04}.png")).collect::<Vec<_>>());
}

async fn what_is_missing_or_too_large_is_told_with_its_key(place: &Place) {
    let bucket = place.bucket();
    let missing = place.key("not there.png");
    let problem = bucket.read(&missing, 10).await.unwrap_err();
    assert_eq!((problem.cause, problem.key), (Cause::NoSuchKey, Some(missing)));
    let key = place.key("large.json");
    bucket.put(&key, Bytes::from(vec![b' '; 1001]), None).await.unwrap();
    assert_eq!(bucket.read(&key, 1001).await.unwrap().len(), 1001);
    let problem = bucket.read(&key, 1000).await.unwrap_err();
    assert_eq!((problem.cause, problem.key), (Cause::TooLarge, Some(key)));
}

async fn a_signed_url_gives_the_object_until_it_runs_out(place: &Place) {
    let bucket = place.bucket();
    let minute = Duration::from_secs(60);
    if !place.kind.signs() {
        let key = place.key("a.png");
        bucket.put(&key, Bytes::from_static(b"x"), None).await.unwrap();
        assert_eq!(bucket.sign(&key, minute, None).await.unwrap(), None);
        return;
    }
    let client = reqwest::Client::new();
    for name in ODD {
        bucket.put(name, Bytes::from(name.to_string()), None).await.unwrap();
        let url = bucket.sign(name, minute, Some("image/png; a=\"b\"")).await.unwrap().unwrap();
        assert!(is_signed_url(url.as_str()), "{url}");
        let answer = client.get(url.clone()).send().await.unwrap();
        let (status, kind) = (answer.status(), answer.headers().get("content-type").cloned());
        let body = answer.text().await.unwrap();
        assert_eq!((status.as_u16(), body.as_str()), (200, *name), "{url}");
        assert_eq!(kind.unwrap(), "image/png; a=\"b\"");
        // A byte less, and it is worth nothing.
        let broken = url.as_str().replacen(".png", ".pnk", 1);
        assert!(!client.get(broken).send().await.unwrap().status().is_success());
    }
    // LS#564: it runs out while somebody works; the next one works again.
    let brief = bucket.sign("plain.png", Duration::from_secs(2), None).await.unwrap().unwrap();
    bucket.try_signed(&brief).await.unwrap();
    tokio::time::sleep(Duration::from_millis(4100)).await;
    let problem = bucket.try_signed(&brief).await.unwrap_err();
    assert_eq!(problem.cause, Cause::Expired, "{problem:?}");
    assert!(problem.mend.contains("presign_ttl"), "{problem:?}");
    let again = bucket.sign("plain.png", minute, None).await.unwrap().unwrap();
    bucket.try_signed(&again).await.unwrap();
}

async fn the_checks_of_saving_tell_what_is_missing(place: &Place) {
    let bucket = place.bucket();
    bucket.check(Purpose::Import).await.unwrap();
    bucket.check(Purpose::Export).await.unwrap();
    if place.kind != Kind::LocalFiles {
        let below = place.with(json!({"prefix": "no/such"})).unwrap();
        let problem = below.check(Purpose::Import).await.unwrap_err();
        assert_eq!((problem.cause, problem.key.as_deref()), (Cause::NoSuchKey, Some("no/such/")));
        // Whoever writes makes the folder.
        below.check(Purpose::Export).await.unwrap();
        assert_eq!(below.key_for("7"), "no/such/7");
    }
    if place.kind != Kind::Memory {
        let other = place.with(json!({place.kind.place_field(): "not-there"})).unwrap();
        assert_eq!(other.check(Purpose::Import).await.unwrap_err().cause, Cause::NoSuchBucket);
    }
}
