//! The few XML answers: pages of a listing, error codes, and the id of an upload.
//!
//! Entities are the five of XML and character references only, so an answer cannot make us read anything else. A page
//! that is cut off, or is no XML, is an error; unknown elements are passed over.

use crate::bucket::{Object, Page};
use crate::uri;
use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;
use quick_xml::Reader;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::Event;

/// More elements within each other than any answer has.
const DEEPEST: usize = 32;

/// Calls `each` at the end of every element, with the names from the root on, the text in it, and whether its text is
/// percent-encoded (Azure's `Encoded="true"`).
fn walk(text: &str, mut each: impl FnMut(&[String], &str, bool)) -> Result<(), ()> {
    let mut reader = Reader::from_str(text);
    let mut path: Vec<String> = Vec::new();
    let mut content = String::new();
    let mut encoded = false;
    let mut seen = false;
    loop {
        match reader.read_event().map_err(drop)? {
            Event::Start(tag) => {
                if path.len() == DEEPEST {
                    return Err(());
                }
                seen = true;
                path.push(tag.local_name().as_ref().to_owned());
                encoded =
                    tag.try_get_attribute("Encoded").ok().flatten().is_some_and(|a| &*a.value == "true");
                content.clear();
            }
            Event::Empty(tag) => {
                seen = true;
                path.push(tag.local_name().as_ref().to_owned());
                each(&path, "", false);
                path.pop();
                content.clear();
            }
            Event::End(_) => {
                each(&path, &content, encoded);
                path.pop();
                content.clear();
                encoded = false;
            }
            Event::Text(text) => content.push_str(&text),
            Event::CData(text) => content.push_str(&text),
            Event::GeneralRef(entity) => match entity.resolve_char_ref().map_err(drop)? {
                Some(char) => content.push(char),
                None => content.push_str(resolve_predefined_entity(&entity).ok_or(())?),
            },
            Event::Eof => return if path.is_empty() && seen { Ok(()) } else { Err(()) },
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
            // Nobody sends one honestly.
            Event::DocType(_) => return Err(()),
        }
    }
}

/// A page of S3, GCS or Azure; they differ in names only.
pub(crate) fn page(text: &str) -> Result<Page, ()> {
    let mut page = Page::default();
    let mut object = Object { key: String::new(), size: 0, last_modified: None };
    let mut folder = false;
    let mut wrong = false;
    walk(text, |path, content, encoded| {
        let names: Vec<&str> = path.iter().map(String::as_str).collect();
        match names.as_slice() {
            ["ListBucketResult", "Contents", "Key"] | ["EnumerationResults", "Blobs", "Blob", "Name"] => {
                let decoded = if encoded { uri::decode(content) } else { Some(content.to_owned()) };
                object.key = decoded.unwrap_or_else(|| content.to_owned());
            }
            ["ListBucketResult", "Contents", "Size"]
            | ["EnumerationResults", "Blobs", "Blob", "Properties", "Content-Length"] => {
                match content.parse() {
                    Ok(size) => object.size = size,
                    Err(_) => wrong = true,
                }
            }
            ["ListBucketResult", "Contents", "LastModified"] => object.last_modified = content.parse().ok(),
            ["EnumerationResults", "Blobs", "Blob", "Properties", "Last-Modified"] => {
                object.last_modified = http_date(content);
            }
            // Accounts with real folders list them among the blobs.
            ["EnumerationResults", "Blobs", "Blob", "Properties", "ResourceType"] => {
                folder = content == "directory"
            }
            ["EnumerationResults", "Blobs", "Blob", "Metadata", "hdi_isfolder"] => {
                folder |= content == "true"
            }
            ["ListBucketResult", "Contents"] | ["EnumerationResults", "Blobs", "Blob"] => {
                let empty = Object { key: String::new(), size: 0, last_modified: None };
                let object = std::mem::replace(&mut object, empty);
                wrong |= object.key.is_empty();
                if !std::mem::take(&mut folder) {
                    page.objects.push(object);
                }
            }
            ["ListBucketResult", "NextContinuationToken"] | ["EnumerationResults", "NextMarker"] => {
                page.next = Some(content.to_owned()).filter(|token| !token.is_empty());
            }
            [root] => wrong |= !matches!(*root, "ListBucketResult" | "EnumerationResults"),
            _ => {}
        }
    })?;
    if wrong { Err(()) } else { Ok(page) }
}

/// What an error says of itself. Only compared with words we know, never passed on.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Said {
    pub code: String,
    pub region: String,
    pub message: String,
}

/// Reads an error's body as far as it goes.
pub(crate) fn error(text: &str) -> Said {
    let mut said = Said::default();
    // Half an error is still worth reading.
    let _ = walk(text, |path, content, _| match path.last().map(String::as_str) {
        Some("Code") => said.code = content.to_owned(),
        Some("Region") => said.region = content.to_owned(),
        Some("Message" | "Details" | "AuthenticationErrorDetail") => {
            said.message.push_str(content);
            said.message.push('\n');
        }
        _ => {}
    });
    said
}

/// The id that a begun upload has.
pub(crate) fn upload_id(text: &str) -> Option<String> {
    let mut id = None;
    walk(text, |path, content, _| {
        if path.last().is_some_and(|name| name == "UploadId") {
            id = Some(content.to_owned());
        }
    })
    .ok()?;
    id.filter(|id| !id.is_empty())
}

/// For text in our own XML.
pub(crate) fn escape(text: &str) -> String {
    quick_xml::escape::escape(text).into_owned()
}

/// A date as HTTP writes it.
pub(crate) fn http_date(text: &str) -> Option<Timestamp> {
    static PARSER: DateTimeParser = DateTimeParser::new();
    // The zone of HTTP dates is always GMT, which the parser knows by its older meaning.
    PARSER.parse_timestamp(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_s3_page_keeps_odd_keys() {
        let page = page(
            "<?xml version=\"1.0\"?><ListBucketResult xmlns=\"http://s3\"><IsTruncated>true</IsTruncated>\
             <Contents><Key> a&amp;b//&lt;&#x1;&#228;.png </Key><Size>12</Size>\
             <LastModified>2024-05-06T07:08:09.000Z</LastModified></Contents>\
             <CommonPrefixes><Prefix>deep/</Prefix></CommonPrefixes>\
             <NextContinuationToken>a+/=</NextContinuationToken></ListBucketResult>",
        )
        .unwrap();
        assert_eq!(page.objects[0].key, " a&b//<\u{1}ä.png ");
        assert_eq!(page.objects[0].last_modified.unwrap().to_string(), "2024-05-06T07:08:09Z");
        assert_eq!((page.objects.len(), page.objects[0].size, page.next.as_deref()), (1, 12, Some("a+/=")));
    }

    #[test]
    fn an_azure_page_leaves_folders_out() {
        let page = page(
            "<EnumerationResults><Blobs>\
             <Blob><Name>d</Name><Properties><ResourceType>directory</ResourceType></Properties></Blob>\
             <Blob><Name Encoded=\"true\">a%01b</Name><Properties><Content-Length>3</Content-Length>\
             <Last-Modified>Mon, 06 May 2024 07:08:09 GMT</Last-Modified></Properties></Blob>\
             </Blobs><NextMarker /></EnumerationResults>",
        )
        .unwrap();
        assert_eq!(page.objects.len(), 1);
        assert_eq!((page.objects[0].key.as_str(), page.objects[0].size, page.next), ("a\u{1}b", 3, None));
        assert_eq!(page.objects[0].last_modified.unwrap().to_string(), "2024-05-06T07:08:09Z");
    }

    #[test]
    fn what_is_no_page_is_an_error() {
        for text in [
            "",
            "<html><body>hello</body></html>",
            "<ListBucketResult><Contents><Key>a</Key>",
            "<ListBucketResult><Contents><Size>1</Size></Contents></ListBucketResult>",
            "<ListBucketResult><Contents><Key>&xxe;</Key></Contents></ListBucketResult>",
            "<!DOCTYPE a [<!ENTITY x \"y\">]><ListBucketResult></ListBucketResult>",
        ] {
            assert!(page(text).is_err(), "{text}");
        }
    }

    #[test]
    fn an_error_is_read_as_far_as_it_goes() {
        let said = error("<Error><Code>AccessDenied</Code><Message>Request has expired</Message><Host");
        assert_eq!((said.code.as_str(), said.message.trim()), ("AccessDenied", "Request has expired"));
        assert_eq!(error("plain text"), Said::default());
    }

    proptest::proptest! {
        /// Whatever an endpoint answers, nothing panics.
        #[test]
        fn no_answer_is_too_odd(text in "(<(/?[A-Za-z]{1,4}|ListBucketResult|Contents|Key|Code)/?>|&[#a-z0-9]{0,5};|[^<]{0,3}){0,20}") {
            let _ = (page(&text), error(&text), upload_id(&text), http_date(&text));
        }

        #[test]
        fn every_key_comes_through(key in "[^\r\u{0}]{1,20}") {
            let text = format!(
                "<ListBucketResult><Contents><Key>{}</Key><Size>1</Size></Contents></ListBucketResult>",
                escape(&key)
            );
            proptest::prop_assert_eq!(&page(&text).unwrap().objects[0].key, &key);
        }
    }
}
