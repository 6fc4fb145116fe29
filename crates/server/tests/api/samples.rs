//! `/samples/…` and its query parameters.

use crate::support::*;
use serde_json::json;

#[tokio::test]
async fn the_series_follows_its_query() {
    let server = Server::empty(|_| {}).await;
    let get = async |query: &str| {
        let answer = server.anonymous("GET", &format!("/samples/time-series.csv{query}")).send().await;
        assert_eq!(answer.status, 200, "{answer:?}");
        answer
    };
    let seed = get("?time=time_column&values=first_column").await;
    assert_eq!(seed.header("content-type"), "text/csv; charset=utf-8");
    assert!(seed.header("content-disposition").starts_with("attachment"));
    let text = seed.text();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!((lines.len(), lines[0]), (101, "time_column,first_column"));
    assert!(lines[1].starts_with("0,") && lines[100].starts_with("99,"));
    assert_eq!(text, get("?time=time_column&values=first_column").await.text(), "always the same");

    let text = get("?time=t&values=a,b&sep=tab&tf=%25Y-%25m-%25d").await.text();
    assert!(text.starts_with("t\ta\tb\n2020-03-20\t"), "{}", &text[..60]);
    assert!(text.lines().all(|l| l.split('\t').count() == 3));
    let text = get("?time=t&values=a&sep=;").await.text();
    assert!(text.starts_with("t;a\n0;"), "{}", &text[..40]);
    // Names that are numbers: no header, columns at these places.
    let text = get("?time=0&values=1,2").await.text();
    assert_eq!(text.lines().count(), 100);
    assert!(text.starts_with("0,"), "{}", &text[..40]);
    // A format with the separator in it is quoted.
    let text = get("?time=t&values=a&tf=%25B%20%25d,%20%25Y").await.text();
    assert!(text.lines().nth(1).unwrap().starts_with("\"March 20, 2020\","), "{}", &text[..60]);
    assert_eq!(get("").await.text().lines().next(), Some("value"));
}

#[tokio::test]
async fn the_dialogue_takes_its_key_names() {
    let server = Server::empty(|_| {}).await;
    let list = server.anonymous("GET", "/samples/paragraphs.json?nameKey=who&textKey=says").ok().await;
    assert!(list.as_array().unwrap().len() > 2);
    assert_eq!(keys(&list[0]), ["who", "says"]);
    let list = server.anonymous("GET", "/samples/paragraphs.json").ok().await;
    assert_eq!(json!(keys(&list[0])), json!(["author", "text"]));
}
