//! Import by address: what a URL leads to is an upload like any other. The way out is `state.egress`, which refuses
//! private addresses, also behind names and redirects.

use super::extension;
use crate::egress::Error;
use crate::error::{ApiError, ApiResult};
use crate::exchange::spool::{Spool, pour};
use crate::state::AppState;
use reqwest::{Method, header};
use std::time::Duration;
use url::Url;

/// A file may take so long.
const LONGEST: Duration = Duration::from_secs(1800);

/// Fetches a file into the spool; its name is that of the address it came from in the end.
pub(crate) async fn fetch(state: &AppState, address: &str) -> ApiResult<(Spool, String)> {
    // Inside an import a refusal is bad input like any other.
    let wrong = |error: Error| ApiError::BadRequest(format!("The file cannot be fetched: {error}."));
    let request = state.egress.request(Method::GET, address).map_err(wrong)?.timeout(LONGEST);
    let request = request.build().map_err(|e| wrong(Error::of(e)))?;
    let answer = state.egress.execute(request).await.map_err(wrong)?;
    if !answer.status().is_success() {
        return Err(wrong(Error::Status(answer.status())));
    }
    let name = name_of(answer.url());
    extension(&name)?;
    let limit = state.settings.upload_limit;
    let announced = answer.headers().get(header::CONTENT_LENGTH).and_then(|v| v.to_str().ok()?.parse().ok());
    if announced.is_some_and(|length: u64| length > limit as u64) {
        return Err(wrong(Error::TooLarge(limit)));
    }
    let (mut spool, mut writer) = Spool::create(&state.files).await?;
    let broken = |e: reqwest::Error| wrong(Error::of(e));
    let poured = pour(Box::pin(answer.bytes_stream()), &mut writer, 0, limit, broken).await;
    spool.size = poured.map_err(|e| match e {
        ApiError::TooLarge(_) => wrong(Error::TooLarge(limit)),
        other => other,
    })?;
    Ok((spool, name))
}

/// The last part of a path, decoded.
fn name_of(url: &Url) -> String {
    let last = url.path_segments().and_then(|mut parts| parts.next_back()).unwrap_or_default();
    let text = format!("n={}", last.replace('+', "%2B").replace('&', "%26"));
    let mut pairs = url::form_urlencoded::parse(text.as_bytes());
    pairs.next().map(|(_, name)| name.into_owned()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_come_from_the_path() {
        let name = |text: &str| name_of(&Url::parse(text).unwrap());
        assert_eq!(name("https://h/a/b%20c+d%26e.csv?x=y.exe#f"), "b c+d&e.csv");
        assert_eq!(name("https://h/%D1%84.png"), "ф.png");
        assert_eq!(name("https://h/"), "");
        assert_eq!(name("https://h/a/"), "");
    }
}
