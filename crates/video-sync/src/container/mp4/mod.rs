//! MP4 and MOV (ISO/IEC 14496-12): boxes at the top of the file, the movie, and fragments where it has some.

mod condense;
mod edits;
mod fragment;
mod movie;

use super::sparse::Sparse;
use super::{ContainerError, ContainerKind, MAX_FRAMES, Sample, Stop, VideoIndex, finish};
use movie::Movie;

/// An index up to this is read at once; of a larger one only what is needed, which takes a few requests more. Tests go
/// both ways with small files.
const SMALL_INDEX: u64 = if cfg!(test) { 1500 } else { 512 * 1024 };
/// An index larger than this is a size that lies.
const MAX_INDEX: u64 = 512 * 1024 * 1024;

/// Box types that a file may begin with.
pub(super) fn begins_a_file(kind: &[u8]) -> bool {
    const FIRST: [&[u8; 4]; 9] =
        [b"ftyp", b"styp", b"moov", b"mdat", b"free", b"skip", b"wide", b"pnot", b"uuid"];
    FIRST.iter().any(|first| kind.starts_with(*first))
}

/// Walks the boxes at the top of a file.
#[derive(Debug, Default)]
pub(super) struct Mp4Reader {
    at: u64,
    movie: Option<Movie>,
    /// Samples of fragments, in decoding order.
    fragments: fragment::Fragments,
    cut: bool,
}

impl Mp4Reader {
    pub fn advance(&mut self, bytes: &mut Sparse) -> Result<VideoIndex, Stop> {
        loop {
            let head = bytes.at_most(self.at, 16)?;
            let Some((kind, header, size)) = read_header(head) else {
                // Half a head, or a box that went on behind the end: a recording that broke off.
                self.cut |= !head.is_empty() || bytes.length().is_some_and(|length| self.at > length);
                break;
            };
            let end = match size {
                // The last box may go to the end of the file.
                0 => bytes.length().unwrap_or(u64::MAX),
                size if size < header => {
                    return Err(
                        ContainerError::Damaged { at: self.at, what: "a box smaller than its head" }.into()
                    );
                }
                size => self.at.saturating_add(size),
            };
            let place = self.at.saturating_add(header);
            match &kind {
                b"moov" if self.movie.is_none() => {
                    self.movie = Some(if end.saturating_sub(place) <= SMALL_INDEX {
                        movie::read(whole(bytes, place, end)?, place)?
                    } else {
                        check_size(bytes, place, end)?;
                        movie::read(&condense::condensed(bytes, place, end)?, place)?
                    });
                }
                // The index is known and the pictures begin: it only remains to say whether they are all there.
                b"mdat" if self.movie.as_ref().is_some_and(|m| !m.fragmented) => {
                    self.cut = bytes.length().is_some_and(|length| end > length);
                    break;
                }
                b"moof" => {
                    bytes.read_on();
                    let content = match whole(bytes, place, end) {
                        Err(Stop::Failed(ContainerError::Truncated { .. })) if self.movie.is_some() => {
                            self.cut = true;
                            break;
                        }
                        other => other?,
                    };
                    if let Some(movie) = &self.movie {
                        self.fragments.read(content, movie);
                        if self.fragments.samples.len() > MAX_FRAMES {
                            return Err(ContainerError::TooLong(MAX_FRAMES).into());
                        }
                    }
                }
                _ => {}
            }
            self.at = end;
            bytes.forget_before(end);
        }
        self.finish()
    }

    fn finish(&mut self) -> Result<VideoIndex, Stop> {
        let Some(movie) = self.movie.take() else { return Err(ContainerError::NoIndex.into()) };
        let samples: Vec<Sample> = if movie.fragmented {
            let mut all = movie.samples;
            all.append(&mut self.fragments.samples);
            edits::shift(all, &movie.edits, movie.timescale, movie.movie_timescale)
        } else {
            edits::apply(&movie.samples, &movie.edits, movie.timescale, movie.movie_timescale)
        };
        if samples.len() > MAX_FRAMES {
            return Err(ContainerError::TooLong(MAX_FRAMES).into());
        }
        finish(ContainerKind::Mp4, crate::nanos::Timescale(movie.timescale), samples, movie.created, self.cut)
    }
}

/// Type, length of the head, and length of the box (0: to the end of the file).
fn read_header(head: &[u8]) -> Option<([u8; 4], u64, u64)> {
    let size = u32::from_be_bytes(head.get(..4)?.try_into().ok()?);
    let kind = head.get(4..8)?.try_into().ok()?;
    if size == 1 {
        let size = u64::from_be_bytes(head.get(8..16)?.try_into().ok()?);
        return Some((kind, 16, size));
    }
    Some((kind, 8, u64::from(size)))
}

fn whole(bytes: &Sparse, start: u64, end: u64) -> Result<&[u8], Stop> {
    check_size(bytes, start, end)?;
    bytes.exactly(start, end.saturating_sub(start) as usize)
}

/// Refuses boxes that go over the end of the file, and impossible ones.
fn check_size(bytes: &Sparse, start: u64, end: u64) -> Result<(), Stop> {
    let size = end.saturating_sub(start);
    if size > MAX_INDEX && bytes.length().is_none_or(|length| length > MAX_INDEX) {
        return Err(ContainerError::Damaged { at: start, what: "an index of impossible size" }.into());
    }
    if let Some(length) = bytes.length()
        && end > length
    {
        return Err(ContainerError::Truncated { length }.into());
    }
    Ok(())
}

/// The boxes inside a box; stops at one that does not fit.
pub(super) fn children(content: &[u8]) -> impl Iterator<Item = ([u8; 4], &[u8])> {
    let mut rest = content;
    std::iter::from_fn(move || {
        let (kind, header, size) = read_header(rest)?;
        let size = if size == 0 { rest.len() } else { usize::try_from(size).ok()? };
        let inner = rest.get(header as usize..size.min(rest.len()))?;
        rest = rest.get(size..).unwrap_or_default();
        Some((kind, inner))
    })
}

pub(super) fn child<'a>(content: &'a [u8], wanted: &[u8; 4]) -> Option<&'a [u8]> {
    children(content).find(|(kind, _)| kind == wanted).map(|(_, inner)| inner)
}
