//! Why a file has no frame index, in words for the person in front of it.

/// What is wrong with a file. Messages go behind the name of the file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ContainerError {
    #[error("the file is empty")]
    Empty,
    #[error("this is no MP4, MOV, WebM or Matroska file")]
    NotAVideo,
    #[error("the file is cut: its index goes on after its last byte ({length})")]
    Truncated { length: u64 },
    #[error("the file is cut or was never finished: there is no index in it")]
    NoIndex,
    #[error("there is only sound in it, no pictures")]
    OnlySound,
    #[error("there is no video track in it")]
    NoVideo,
    #[error("its video track has no frames")]
    NoFrames,
    #[error("its index is damaged at byte {at}: {what}")]
    Damaged { at: u64, what: &'static str },
    #[error("it has more frames than can be indexed ({0})")]
    TooLong(usize),
}
