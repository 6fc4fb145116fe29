//! What a small picture is, from its bytes alone: names and announced types are what anybody may write.

/// A picture that browsers show and that cannot hold markup.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Picture {
    pub content_type: &'static str,
    pub extension: &'static str,
    pub width: u32,
    pub height: u32,
}

/// PNG, JPEG or GIF; nothing for anything else, and for headers that break off.
pub fn sniff(bytes: &[u8]) -> Option<Picture> {
    png(bytes).or_else(|| gif(bytes)).or_else(|| jpeg(bytes))
}

fn be(bytes: &[u8], at: usize, count: usize) -> Option<u32> {
    Some(bytes.get(at..at + count)?.iter().fold(0, |n, b| n << 8 | u32::from(*b)))
}

fn png(bytes: &[u8]) -> Option<Picture> {
    if !bytes.starts_with(b"\x89PNG\r\n\x1a\n") || bytes.get(12..16)? != b"IHDR" {
        return None;
    }
    Some(Picture {
        content_type: "image/png",
        extension: "png",
        width: be(bytes, 16, 4)?,
        height: be(bytes, 20, 4)?,
    })
}

fn gif(bytes: &[u8]) -> Option<Picture> {
    if !bytes.starts_with(b"GIF87a") && !bytes.starts_with(b"GIF89a") {
        return None;
    }
    let le = |at: usize| Some(u32::from(*bytes.get(at)?) | u32::from(*bytes.get(at + 1)?) << 8);
    Some(Picture { content_type: "image/gif", extension: "gif", width: le(6)?, height: le(8)? })
}

/// The size stands in the first start-of-frame segment; others are stepped over.
fn jpeg(bytes: &[u8]) -> Option<Picture> {
    if !bytes.starts_with(&[0xff, 0xd8, 0xff]) {
        return None;
    }
    let mut at = 2;
    loop {
        if *bytes.get(at)? != 0xff {
            return None;
        }
        // Any number of fill bytes may stand before a marker.
        while *bytes.get(at)? == 0xff {
            at += 1;
        }
        let marker = *bytes.get(at)?;
        at += 1;
        match marker {
            // C4, C8 and CC are tables, not frames.
            0xc0..=0xc3 | 0xc5..=0xc7 | 0xc9..=0xcb | 0xcd..=0xcf => {
                return Some(Picture {
                    content_type: "image/jpeg",
                    extension: "jpg",
                    height: be(bytes, at + 3, 2)?,
                    width: be(bytes, at + 5, 2)?,
                });
            }
            // Markers without a segment.
            0x01 | 0xd0..=0xd8 => {}
            // The picture ends, or its data begin, before any size was told.
            0xd9 | 0xda => return None,
            _ => {
                let length = be(bytes, at, 2)? as usize;
                if length < 2 {
                    return None;
                }
                at += length;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_are_known_by_their_bytes() {
        let mut png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
        png.extend([0, 0, 4, 176, 0, 0, 0, 7, 8, 6, 0, 0, 0]);
        let found = sniff(&png).unwrap();
        assert_eq!((found.content_type, found.width, found.height), ("image/png", 1200, 7));
        let found = sniff(b"GIF89a\x05\x00\x01\x01rest").unwrap();
        assert_eq!((found.content_type, found.width, found.height), ("image/gif", 5, 257));
        let jpeg: &[u8] = &[
            0xff, 0xd8, 0xff, 0xe0, 0, 4, 1, 2, 0xff, 0xff, 0xc4, 0, 3, 9, 0xff, 0xc2, 0, 11, 8, 0, 3, 1, 0,
            1,
        ];
        let found = sniff(jpeg).unwrap();
        assert_eq!((found.content_type, found.width, found.height), ("image/jpeg", 256, 3));
        for bytes in [&png, jpeg, b"GIF89a\x05\x00\x01\x01".as_slice()] {
            for end in 0..bytes.len().min(23) {
                if end < 10 || bytes[0] != b'G' {
                    assert_eq!(sniff(&bytes[..end]), None, "{end} of {bytes:?}");
                }
            }
        }
        for other in
            [b"<svg xmlns='http://www.w3.org/2000/svg'/>".as_slice(), b"<html>", b"RIFF....WEBP", b"BM", b""]
        {
            assert_eq!(sniff(other), None);
        }
        assert_eq!(sniff(&[0xff, 0xd8, 0xff, 0xe0, 0, 0, 0xff, 0xc0]), None);
    }
}
