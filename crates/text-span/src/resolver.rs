//! The `resolver` attribute: one column of a CSV file as the text (tags.md 7.6).

/// A parsed `resolver` attribute. `csv` is the only kind there is.
///
/// The attribute is `csv` followed by options, each led by the character right after the name, usually `|`:
/// `csv|column=body|separator=;|headless`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resolver {
    /// Header name, or zero-based number when no header has that name. The first column when absent.
    pub column: Option<String>,
    /// Separator of the CSV file; `,` when absent.
    pub separator: u8,
    /// The file has no header line.
    pub headless: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ResolverError {
    #[error("resolver type `{0}` is not known; only `csv` is, as in resolver=\"csv|column=text\"")]
    UnknownType(String),
    #[error("resolver option `{0}` is not known; there are column, separator and headless")]
    UnknownOption(String),
    #[error("resolver separator `{0}` is not one ASCII character; write one, or `tab`")]
    BadSeparator(String),
    #[error("the file has no column `{column}`; it has {available}")]
    NoColumn { column: String, available: String },
    #[error("line {line} of the CSV file cannot be read: {reason}")]
    BadCsv { line: u64, reason: String },
}

impl Resolver {
    pub fn parse(attribute: &str) -> Result<Self, ResolverError> {
        let attribute = attribute.trim();
        let name_end = attribute.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(attribute.len());
        let (name, rest) = attribute.split_at(name_end);
        if !name.eq_ignore_ascii_case("csv") {
            return Err(ResolverError::UnknownType(name.to_owned()));
        }
        let mut resolver = Self { column: None, separator: b',', headless: false };
        let Some(option_separator) = rest.chars().next() else { return Ok(resolver) };
        let mut options = rest[option_separator.len_utf8()..].split(option_separator).peekable();
        while let Some(option) = options.next() {
            match option.split_once('=') {
                Some(("column", value)) => resolver.column = Some(value.to_owned()),
                // `separator=|` looks like an empty value when `|` also separates the options.
                Some(("separator", "")) if options.next_if_eq(&"").is_some() || options.peek().is_none() => {
                    resolver.separator = one_byte(&option_separator.to_string())?;
                }
                Some(("separator", value)) => resolver.separator = one_byte(value)?,
                Some(("headless", value)) => resolver.headless = value != "false",
                None if option == "headless" => resolver.headless = true,
                None if option.is_empty() => {}
                _ => return Err(ResolverError::UnknownOption(option.to_owned())),
            }
        }
        Ok(resolver)
    }

    /// The cells of the column, one per line. Rows too short to have it give an empty line.
    pub fn extract(&self, csv_text: &str) -> Result<String, ResolverError> {
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(self.separator)
            .has_headers(false)
            .flexible(true)
            .from_reader(csv_text.strip_prefix('\u{feff}').unwrap_or(csv_text).as_bytes());
        let mut rows = reader.records();
        let first = match rows.next() {
            None => return Ok(String::new()),
            Some(row) => row.map_err(|e| bad_csv(&e))?,
        };
        let column = self.find_column(&first)?;
        let mut cells = Vec::new();
        if self.headless {
            cells.push(first.get(column).unwrap_or_default().to_owned());
        }
        for row in rows {
            cells.push(row.map_err(|e| bad_csv(&e))?.get(column).unwrap_or_default().to_owned());
        }
        Ok(cells.join("\n"))
    }

    fn find_column(&self, first: &csv::StringRecord) -> Result<usize, ResolverError> {
        let Some(wanted) = &self.column else { return Ok(0) };
        let by_name = (!self.headless).then(|| first.iter().position(|name| name.trim() == wanted)).flatten();
        let by_number = || wanted.parse::<usize>().ok().filter(|n| *n < first.len());
        by_name.or_else(by_number).ok_or_else(|| ResolverError::NoColumn {
            column: wanted.clone(),
            available: if self.headless {
                format!("{} columns without names", first.len())
            } else {
                first.iter().collect::<Vec<_>>().join(", ")
            },
        })
    }
}

fn one_byte(value: &str) -> Result<u8, ResolverError> {
    match value.as_bytes() {
        _ if value == "tab" || value == "\\t" => Ok(b'\t'),
        [byte] if byte.is_ascii() => Ok(*byte),
        _ => Err(ResolverError::BadSeparator(value.to_owned())),
    }
}

fn bad_csv(error: &csv::Error) -> ResolverError {
    let line = error.position().map_or(0, csv::Position::line);
    ResolverError::BadCsv { line, reason: error.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_follow_the_character_after_the_name() {
        let resolver = Resolver::parse("csv|column=body|separator=;|headless").unwrap();
        assert_eq!(resolver, Resolver { column: Some("body".into()), separator: b';', headless: true });
        let resolver = Resolver::parse("csv#column=1#separator=|").unwrap();
        assert_eq!(resolver, Resolver { column: Some("1".into()), separator: b'|', headless: false });
        assert_eq!(Resolver::parse("csv|separator=|").unwrap().separator, b'|');
        assert_eq!(Resolver::parse("csv|separator=||column=a").unwrap().separator, b'|');
        assert_eq!(Resolver::parse("csv").unwrap().column, None);
    }

    #[test]
    fn unknown_parts_are_named() {
        assert_eq!(Resolver::parse("json|a=b"), Err(ResolverError::UnknownType("json".into())));
        assert_eq!(Resolver::parse("csv|colum=b"), Err(ResolverError::UnknownOption("colum=b".into())));
        assert_eq!(Resolver::parse("csv|separator=ab"), Err(ResolverError::BadSeparator("ab".into())));
    }

    #[test]
    fn a_column_is_found_by_name_or_number() {
        let text = "\u{feff}id,body\n1,\"a,\nb\"\n2\n3,c\n";
        let by_name = Resolver::parse("csv|column=body").unwrap();
        assert_eq!(by_name.extract(text).unwrap(), "a,\nb\n\nc");
        let by_number = Resolver::parse("csv|column=1").unwrap();
        assert_eq!(by_number.extract(text).unwrap(), "a,\nb\n\nc");
        let headless = Resolver::parse("csv|column=0|headless").unwrap();
        assert_eq!(headless.extract("x,1\ny,2").unwrap(), "x\ny");
        assert_eq!(headless.extract("").unwrap(), "");
    }

    #[test]
    fn a_missing_column_lists_those_there_are() {
        let error = Resolver::parse("csv|column=txt").unwrap().extract("id,body\n1,2").unwrap_err();
        assert_eq!(error.to_string(), "the file has no column `txt`; it has id, body");
    }
}
