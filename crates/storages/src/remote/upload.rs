//! Objects of any length, in parts. Nothing is seen before the last step; an upload that breaks off is taken back
//! (Azure forgets blocks that were not put together).

use super::answer::Asked;
use super::{Call, Parts, Remote, whole, xml};
use crate::access::Body;
use crate::bucket::Backend;
use crate::problem::{Cause, Problem};
use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use bytes::{Bytes, BytesMut};
use futures::stream::StreamExt;
use http::Method;
use std::fmt::Write;

/// The first parts. S3 takes nothing below 5 MiB but the last, and at most 10,000 parts.
const PART: usize = 8 << 20;
/// After so many parts they grow by `PART`: 10,000 of them hold 440 GB.
const GROW_AFTER: usize = 1000;

/// Writes a body as one object.
pub(super) async fn upload(
    remote: &Remote,
    key: &str,
    mut body: Body,
    content_type: Option<&str>,
) -> Result<(), Problem> {
    let mut buffer = BytesMut::new();
    let Some(first) = next_part(&mut body, &mut buffer, PART).await? else {
        return remote.put(key, buffer.freeze(), content_type).await;
    };
    let mut upload = Upload::begin(remote, key, content_type).await?;
    match upload.all(first, &mut body, &mut buffer).await {
        Ok(()) => Ok(()),
        Err(problem) => {
            upload.abandon().await;
            Err(problem)
        }
    }
}

/// The next full part; `None` when the rest, which is then in the buffer, is shorter.
async fn next_part(body: &mut Body, buffer: &mut BytesMut, size: usize) -> Result<Option<Bytes>, Problem> {
    while buffer.len() < size {
        match body.next().await {
            Some(piece) => buffer.extend_from_slice(&piece?),
            None => return Ok(None),
        }
    }
    Ok(Some(buffer.split_to(size).freeze()))
}

struct Upload<'a> {
    remote: &'a Remote,
    key: &'a str,
    content_type: Option<&'a str>,
    /// Of S3 and GCS.
    id: Option<String>,
    /// What the parts are called at the end: etags or block ids.
    names: Vec<String>,
}

impl<'a> Upload<'a> {
    async fn begin(remote: &'a Remote, key: &'a str, content_type: Option<&'a str>) -> Result<Self, Problem> {
        let id = match remote.dialect().parts() {
            Parts::Blocks => None,
            Parts::Numbered => {
                let call = Call {
                    method: Method::POST,
                    query: vec![("uploads", String::new())],
                    ..remote.write_call(Asked::Write, key, content_type)
                };
                let answer = whole(remote.send(&call).await?.into_body(), 1 << 20).await?;
                let id = std::str::from_utf8(&answer).ok().and_then(xml::upload_id);
                Some(id.ok_or_else(|| Problem::new(Cause::Other, "The storage did not begin the upload."))?)
            }
        };
        Ok(Self { remote, key, content_type, id, names: Vec::new() })
    }

    async fn all(&mut self, first: Bytes, body: &mut Body, buffer: &mut BytesMut) -> Result<(), Problem> {
        self.part(first).await?;
        loop {
            let size = PART * (1 + self.names.len() / GROW_AFTER);
            match next_part(body, buffer, size).await? {
                Some(part) => self.part(part).await?,
                None if buffer.is_empty() => break,
                None => {
                    self.part(buffer.split().freeze()).await?;
                    break;
                }
            }
        }
        self.finish().await
    }

    async fn part(&mut self, bytes: Bytes) -> Result<(), Problem> {
        let number = self.names.len() + 1;
        let mut call = Call { body: bytes, ..Call::new(Asked::Write, Method::PUT, Some(self.key)) };
        let Some(id) = &self.id else {
            // Ids of one length, as the service demands.
            let block = BASE64.encode(format!("{number:016}"));
            call.query = vec![("comp", "block".to_owned()), ("blockid", block.clone())];
            self.remote.send(&call).await?;
            self.names.push(block);
            return Ok(());
        };
        call.query = vec![("partNumber", number.to_string()), ("uploadId", id.clone())];
        let answer = self.remote.send(&call).await?;
        let etag = super::text(answer.headers(), &http::header::ETAG);
        self.names
            .push(etag.ok_or_else(|| Problem::new(Cause::Other, "The storage gave no etag for a part."))?);
        Ok(())
    }

    async fn finish(&self) -> Result<(), Problem> {
        let mut text = String::from("<?xml version=\"1.0\" encoding=\"utf-8\"?>");
        let Some(id) = &self.id else {
            text.push_str("<BlockList>");
            for block in &self.names {
                // Writing to a string cannot fail.
                let _ = write!(text, "<Latest>{block}</Latest>");
            }
            text.push_str("</BlockList>");
            let mut call = Call {
                query: vec![("comp", "blocklist".to_owned())],
                body: text.into(),
                ..Call::new(Asked::Write, Method::PUT, Some(self.key))
            };
            if let Some(content_type) = self.content_type {
                call.headers
                    .push((http::HeaderName::from_static("x-ms-blob-content-type"), content_type.to_owned()));
            }
            return self.remote.send(&call).await.map(drop);
        };
        text.push_str("<CompleteMultipartUpload>");
        for (i, etag) in self.names.iter().enumerate() {
            let etag = xml::escape(etag);
            let _ = write!(text, "<Part><PartNumber>{}</PartNumber><ETag>{etag}</ETag></Part>", i + 1);
        }
        text.push_str("</CompleteMultipartUpload>");
        let call = Call {
            query: vec![("uploadId", id.clone())],
            body: text.into(),
            ..Call::new(Asked::Write, Method::POST, Some(self.key))
        };
        let answer = whole(self.remote.send(&call).await?.into_body(), 1 << 20).await?;
        // S3 answers 200 before it has put the parts together, and says in the body if that failed.
        let said = xml::error(&String::from_utf8_lossy(&answer));
        if said.code.is_empty() {
            Ok(())
        } else {
            Err(Problem::new(Cause::Interrupted, "The storage could not put the parts together."))
        }
    }

    /// Parts that stay cost money; that the storage does not take them back is no second failure.
    async fn abandon(&self) {
        if let Some(id) = &self.id {
            let call = Call {
                query: vec![("uploadId", id.clone())],
                ..Call::new(Asked::Delete, Method::DELETE, Some(self.key))
            };
            let _ = self.remote.send_once(&call).await;
        }
    }
}
