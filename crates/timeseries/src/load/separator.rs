//! Which character separates the fields.

use super::error::LoadError;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    Auto,
    Char(char),
}

impl Wanted {
    /// The `sep` attribute: one character is itself; longer texts are aliases or stand for their first character.
    pub(super) fn from_attribute(sep: &str) -> Self {
        let mut chars = sep.chars();
        match (chars.next(), chars.next()) {
            (None, _) => Self::Char(','),
            (Some(c), None) => Self::Char(c),
            (Some(first), Some(_)) => match sep.trim().to_ascii_lowercase().as_str() {
                "auto" => Self::Auto,
                "tab" | "\\t" => Self::Char('\t'),
                "space" => Self::Char(' '),
                "comma" => Self::Char(','),
                "dot" => Self::Char('.'),
                _ => Self::Char(first),
            },
        }
    }
}

/// Fields of one line, with quotes understood.
pub(super) fn split(line: &str, separator: u8) -> Vec<String> {
    let mut reader = csv_core::ReaderBuilder::new().delimiter(separator).build();
    // Unquoting never makes a line longer, and a line of n bytes has at most n + 1 fields.
    let mut text = vec![0; line.len() + 1];
    let mut ends = vec![0; line.len() + 2];
    let (result, used, written, mut fields) = reader.read_record(line.as_bytes(), &mut text, &mut ends);
    if result == csv_core::ReadRecordResult::InputEmpty {
        // An empty read says that the line is over.
        let (.., more) =
            reader.read_record(&line.as_bytes()[used..], &mut text[written..], &mut ends[fields..]);
        fields += more;
    }
    let mut start = 0;
    ends[..fields]
        .iter()
        .map(|end| {
            let field = String::from_utf8_lossy(&text[start..*end]).trim().to_owned();
            start = *end;
            field
        })
        .collect()
}

/// The separator for a file that begins with these two lines (`second` is empty for a file of one line). `true` when
/// it had to be chosen among several.
pub(super) fn choose(
    wanted: Wanted,
    first: &str,
    second: &str,
    has_time_column: bool,
) -> Result<(u8, bool), LoadError> {
    const CANDIDATES: [char; 4] = [',', ';', '\t', ' '];
    let ascii = |c: char| u8::try_from(c).ok().filter(u8::is_ascii).ok_or(LoadError::SeparatorUnusable(c));
    match wanted {
        Wanted::Char(c) => {
            if !first.contains(c) {
                let others = CANDIDATES.iter().chain(&['|', ':']).copied();
                let found = others.filter(|other| *other != c).find(|other| first.contains(*other));
                // A file of one column needs no separator; Label Studio refuses it.
                if found.is_some() || has_time_column {
                    return Err(LoadError::SeparatorAbsent { wanted: c, line: shorten(first), found });
                }
            }
            Ok((ascii(c)?, false))
        }
        Wanted::Auto => {
            let line = if second.is_empty() { first } else { second };
            let candidates: Vec<char> = CANDIDATES.into_iter().filter(|c| line.contains(*c)).collect();
            match candidates[..] {
                [] => Err(LoadError::SeparatorNone { line: shorten(line) }),
                [only] => Ok((ascii(only)?, false)),
                _ => {
                    // "2020-01-01 10:00,5" holds two candidates, but only one splits both lines alike.
                    let fits = |c: &char| {
                        let fields = split(first, *c as u8).len();
                        fields > 1 && fields == split(line, *c as u8).len()
                    };
                    let fitting: Vec<char> = candidates.iter().copied().filter(fits).collect();
                    match fitting[..] {
                        [only] => Ok((ascii(only)?, true)),
                        _ => Err(LoadError::SeparatorAmbiguous { candidates, line: shorten(line) }),
                    }
                }
            }
        }
    }
}

pub(super) fn shorten(text: &str) -> String {
    if text.chars().count() <= 60 {
        return text.to_owned();
    }
    text.chars().take(59).chain(['…']).collect()
}
