//! The header line: separator and column names.

use std::collections::HashSet;
use std::io::{BufRead, BufReader, Read};

/// `;` if the first line has more of them than `,`, else `,`. Takes bytes from `file`.
pub(super) fn guess_separator(file: &mut impl Read) -> std::io::Result<u8> {
    let mut first_line = BufReader::new(file);
    let (mut commas, mut semicolons) = (0usize, 0usize);
    loop {
        let chunk = first_line.fill_buf()?;
        if chunk.is_empty() {
            break;
        }
        let end = chunk.iter().position(|byte| *byte == b'\n');
        let line = &chunk[..end.unwrap_or(chunk.len())];
        commas += line.iter().filter(|byte| **byte == b',').count();
        semicolons += line.iter().filter(|byte| **byte == b';').count();
        if end.is_some() {
            break;
        }
        let used = chunk.len();
        first_line.consume(used);
    }
    Ok(if semicolons > commas { b';' } else { b',' })
}

/// Data keys of the columns: a second `a` becomes `a.1`, an empty name in the third column `Unnamed: 2`.
pub(super) fn unique_names(header: &[&str]) -> Vec<String> {
    let mut taken: HashSet<String> = header.iter().map(|name| (*name).to_owned()).collect();
    let mut given = HashSet::new();
    header
        .iter()
        .enumerate()
        .map(|(column, name)| {
            let name = if name.is_empty() { format!("Unnamed: {column}") } else { (*name).to_owned() };
            if given.insert(name.clone()) {
                taken.insert(name.clone());
                return name;
            }
            // A name that the header has further on is not taken from it.
            let mut n = 1;
            loop {
                let candidate = format!("{name}.{n}");
                if taken.insert(candidate.clone()) {
                    given.insert(candidate.clone());
                    return candidate;
                }
                n += 1;
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repeated_and_empty_names() {
        assert_eq!(unique_names(&["a", "a", "", "a"]), ["a", "a.1", "Unnamed: 2", "a.2"]);
        assert_eq!(unique_names(&["a", "a", "a.1"]), ["a", "a.2", "a.1"]);
        assert_eq!(unique_names(&["", ""]), ["Unnamed: 0", "Unnamed: 1"]);
    }

    #[test]
    fn only_the_first_line_counts() {
        assert_eq!(guess_separator(&mut "a;b\n,,,,".as_bytes()).unwrap(), b';');
        assert_eq!(guess_separator(&mut "a;b,c".as_bytes()).unwrap(), b',');
        assert_eq!(guess_separator(&mut "".as_bytes()).unwrap(), b',');
    }
}
