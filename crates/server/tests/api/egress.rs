//! Outgoing requests: every URL of the corpus is refused, by form, by address, by name and by redirect.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use tagloom_server::egress::{Egress, Error, Lookup, Subnets};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

const CORPUS: &str = include_str!("../data/egress/refused.txt");

fn corpus() -> impl Iterator<Item = &'static str> {
    CORPUS.lines().filter(|line| !line.starts_with('#'))
}

/// Names of the test; each look-up of a name takes its next answer, the last one stays.
#[derive(Debug, Default)]
struct Names(Mutex<HashMap<String, Vec<Vec<IpAddr>>>>);

impl Names {
    fn with(names: &[(&str, &[&[&str]])]) -> Arc<Self> {
        let parse = |list: &&[&str]| list.iter().map(|a| a.parse().unwrap()).collect();
        let map = names.iter().map(|(n, lists)| ((*n).to_owned(), lists.iter().map(parse).collect()));
        Arc::new(Self(Mutex::new(map.collect())))
    }
}

#[async_trait::async_trait]
impl Lookup for Names {
    async fn addresses(&self, name: &str) -> std::io::Result<Vec<IpAddr>> {
        let mut names = self.0.lock().unwrap();
        let name = name.trim_end_matches('.').to_ascii_lowercase();
        let Some(answers) = names.get_mut(&name) else {
            return Err(std::io::Error::other("no such name"));
        };
        Ok(if answers.len() > 1 { answers.remove(0) } else { answers[0].clone() })
    }
}

fn names() -> Arc<Names> {
    Names::with(&[
        ("localhost", &[&["127.0.0.1", "::1"]]),
        ("loopback.test", &[&["127.0.0.1"]]),
        ("private.test", &[&["10.20.30.40"]]),
        ("link-local.test", &[&["169.254.169.254"]]),
        ("metadata.test", &[&["169.254.169.254"]]),
        ("six.test", &[&["::1"]]),
        ("mapped.test", &[&["::ffff:127.0.0.1"]]),
        ("mixed.test", &[&["8.8.8.8", "127.0.0.1"]]),
        ("unspecified.test", &[&["0.0.0.0"]]),
        ("public.test", &[&["8.8.8.8"]]),
        ("exa", &[&["8.8.8.8"]]),
    ])
}

/// A listener that answers every request with the same head, and counts them.
async fn listener(address: &str, head: impl Into<String>) -> (u16, Arc<AtomicUsize>) {
    let listener = tokio::net::TcpListener::bind((address, 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let hits = Arc::new(AtomicUsize::new(0));
    let (count, head) = (Arc::clone(&hits), head.into());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            count.fetch_add(1, Ordering::SeqCst);
            let mut buffer = [0; 4096];
            let _ = stream.read(&mut buffer).await;
            let _ = stream.write_all(head.as_bytes()).await;
        }
    });
    (port, hits)
}

/// Admits one loopback address and none else, so that a test can stand for the internet.
fn only(address: &str, names: Arc<Names>) -> Egress {
    let net = address.parse::<IpAddr>().unwrap().into();
    Egress::with_lookup(Subnets::default().allowing([net]), names).unwrap()
}

#[tokio::test]
async fn every_url_of_the_corpus_is_refused() {
    assert!(corpus().count() >= 100);
    let egress = Egress::with_lookup(Subnets::default(), names()).unwrap();
    for url in corpus() {
        let saved = egress.admit(url).await;
        assert!(matches!(saved, Err(Error::Refused(_))), "saved {url}: {saved:?}");
        let fetched = egress.fetch(url, 1000).await;
        assert!(matches!(fetched, Err(Error::Refused(_))), "fetched {url}: {fetched:?}");
    }
}

#[tokio::test]
async fn every_url_of_the_corpus_is_refused_after_a_redirect() {
    // Only whole URLs: anything else is a path of the redirecting server itself.
    let hosts: Vec<_> = corpus().filter(|url| url.starts_with("http://") && url.is_ascii()).collect();
    let mut refused = 0;
    for url in hosts {
        let head = format!(
            "HTTP/1.1 302 Found\r\nlocation: {url}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
        );
        let (port, _) = listener("127.0.0.9", head).await;
        let egress = only("127.0.0.9", names());
        match egress.fetch(&format!("http://127.0.0.9:{port}/"), 1000).await {
            Err(Error::Refused(_)) => refused += 1,
            // A location that is no URL is not followed: the redirect itself is the answer.
            Err(Error::Status(_)) => {}
            other => panic!("{url}: {other:?}"),
        }
    }
    assert!(refused >= 90, "{refused}");
}

#[tokio::test]
async fn a_redirect_to_an_admitted_address_is_followed() {
    let (goal, _) =
        listener("127.0.0.9", "HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok").await;
    let head = format!(
        "HTTP/1.1 301 Moved\r\nlocation: http://127.0.0.9:{goal}/file.json\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
    );
    let (port, _) = listener("127.0.0.9", head).await;
    let (url, body) =
        only("127.0.0.9", names()).fetch(&format!("http://127.0.0.9:{port}/"), 2).await.unwrap();
    assert_eq!((url.path(), &body[..]), ("/file.json", &b"ok"[..]));
}

#[tokio::test]
async fn cve_2023_47116_a_name_that_changes_its_answer_reaches_nothing() {
    let (port, hits) = listener("127.0.0.1", "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await;
    let names = Names::with(&[("rebind.test", &[&["8.8.8.8"], &["127.0.0.1"]])]);
    let egress = Egress::with_lookup(Subnets::default(), names).unwrap();
    let url = format!("http://rebind.test:{port}/");
    egress.admit(&url).await.unwrap();
    assert!(matches!(egress.fetch(&url, 10).await, Err(Error::Refused(_))));
    assert_eq!(hits.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_name_is_connected_to_the_address_that_was_checked() {
    let (port, hits) =
        listener("127.0.0.9", "HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n").await;
    // A second look-up would be refused.
    let names = Names::with(&[("good.test", &[&["127.0.0.9"], &["127.0.0.1"]])]);
    only("127.0.0.9", names).fetch(&format!("http://good.test:{port}/"), 10).await.unwrap();
    assert_eq!(hits.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn errors_tell_causes_and_never_the_body() {
    let egress = only("127.0.0.9", names());
    let (port, _) = listener(
        "127.0.0.9",
        "HTTP/1.1 403 Forbidden\r\ncontent-length: 6\r\nconnection: close\r\n\r\nsecret",
    )
    .await;
    let said = egress.fetch(&format!("http://127.0.0.9:{port}/"), 10).await.unwrap_err().to_string();
    assert!(said.contains("403") && !said.contains("secret"), "{said}");

    let (port, _) =
        listener("127.0.0.9", "HTTP/1.1 200 OK\r\ncontent-length: 6\r\nconnection: close\r\n\r\nsecret")
            .await;
    let url = format!("http://127.0.0.9:{port}/");
    assert!(matches!(egress.fetch(&url, 5).await, Err(Error::TooLarge(5))));
    assert!(
        matches!(egress.fetch("http://unknown.test/", 5).await, Err(Error::UnknownHost(name)) if name == "unknown.test")
    );

    let head = "HTTP/1.1 302 Found\r\nlocation: /again\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
    let (port, hits) = listener("127.0.0.9", head).await;
    let endless = egress.fetch(&format!("http://127.0.0.9:{port}/"), 5).await;
    assert!(matches!(endless, Err(Error::TooManyRedirects(5))), "{endless:?}");
    assert_eq!(hits.load(Ordering::SeqCst), 6);
}
