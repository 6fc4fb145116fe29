//! Where exports are written: a file that knows its digest, and tells a reader how far it is.

use super::name;
use md5::{Digest, Md5};
use std::fs::File;
use std::io::{self, Write};
use tokio::sync::watch;

/// What was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Written {
    pub(crate) tasks: i64,
    pub(crate) md5: String,
    pub(crate) size: u64,
}

#[derive(Debug)]
pub(crate) struct Sink {
    file: File,
    digest: Md5,
    size: u64,
    reader: Option<watch::Sender<u64>>,
}

impl Sink {
    pub(crate) fn new(file: File) -> Self {
        Self { file, digest: Md5::new(), size: 0, reader: None }
    }

    /// Writing fails as soon as the reader has gone away.
    pub(crate) fn with_reader(file: File) -> (Self, watch::Receiver<u64>) {
        let (send, receive) = watch::channel(0);
        (Self { reader: Some(send), ..Self::new(file) }, receive)
    }

    pub(super) fn end(mut self, tasks: i64) -> io::Result<Written> {
        self.file.flush()?;
        Ok(Written { tasks, md5: name::hex(self.digest.finalize()), size: self.size })
    }
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.reader.as_ref().is_some_and(watch::Sender::is_closed) {
            return Err(io::Error::new(io::ErrorKind::BrokenPipe, "nobody reads this export any more"));
        }
        let written = self.file.write(bytes)?;
        self.digest.update(&bytes[..written]);
        self.size += written as u64;
        if let Some(reader) = &self.reader {
            reader.send_replace(self.size);
        }
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digest_is_that_of_the_content() {
        let mut sink = Sink::new(tempfile::tempfile().unwrap());
        sink.write_all(b"hello ").unwrap();
        sink.write_all(b"world").unwrap();
        let written = sink.end(3).unwrap();
        assert_eq!(written, Written { tasks: 3, md5: "5eb63bbbe01eeed093cb22bb8f5acdc3".into(), size: 11 });
    }

    #[test]
    fn nothing_is_written_for_nobody() {
        let (mut sink, reader) = Sink::with_reader(tempfile::tempfile().unwrap());
        sink.write_all(b"abc").unwrap();
        assert_eq!(*reader.borrow(), 3);
        drop(reader);
        assert_eq!(sink.write_all(b"d").unwrap_err().kind(), io::ErrorKind::BrokenPipe);
    }
}
