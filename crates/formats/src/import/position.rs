//! A reader that knows where it is.

use std::cell::Cell;
use std::io::{BufReader, Read};
use std::rc::Rc;

/// Bytes and line breaks that were handed out so far. Shared, because the parser owns the reader.
#[derive(Clone, Debug, Default)]
pub(super) struct Position {
    bytes: Rc<Cell<u64>>,
    lines: Rc<Cell<u64>>,
}

impl Position {
    /// Offset behind the last byte handed out.
    pub(super) fn byte(&self) -> u64 {
        self.bytes.get()
    }

    /// 1-based line of the next byte.
    pub(super) fn line(&self) -> u64 {
        self.lines.get() + 1
    }
}

/// Buffers a reader and counts what its user takes, not what it reads ahead. A leading byte order mark is dropped
/// (and counted).
pub(super) struct CountingReader<R> {
    inner: BufReader<R>,
    position: Position,
    started: bool,
    /// Bytes read in search of the mark that turned out to be content.
    held: Vec<u8>,
}

impl<R: Read> CountingReader<R> {
    pub(super) fn new(reader: R) -> (Self, Position) {
        let position = Position::default();
        let inner = BufReader::with_capacity(64 * 1024, reader);
        (Self { inner, position: position.clone(), started: false, held: Vec::new() }, position)
    }

    fn drop_mark(&mut self) -> std::io::Result<()> {
        self.started = true;
        let mut head = Vec::with_capacity(3);
        self.inner.by_ref().take(3).read_to_end(&mut head)?;
        if head == [0xEF, 0xBB, 0xBF] {
            self.position.bytes.set(3);
        } else {
            self.held = head;
        }
        Ok(())
    }
}

impl<R: Read> Read for CountingReader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        if !self.started {
            self.drop_mark()?;
        }
        let read = if self.held.is_empty() {
            self.inner.read(buffer)?
        } else {
            let read = self.held.len().min(buffer.len());
            buffer[..read].copy_from_slice(&self.held[..read]);
            self.held.drain(..read);
            read
        };
        let breaks = buffer[..read].iter().filter(|byte| **byte == b'\n').count();
        self.position.bytes.set(self.position.bytes.get() + read as u64);
        self.position.lines.set(self.position.lines.get() + breaks as u64);
        Ok(read)
    }
}
