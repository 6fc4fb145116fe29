//! Style sheets: the `.css` files of a crate's `styles` folder, concatenated in the order of their names.

use crate::context::Context;
use crate::tools::files;
use anyhow::Result;
use std::path::Path;

/// The editor's sheet (`tokens` sort first).
pub(crate) fn editor(context: &Context) -> Result<String> {
    concatenate(&context.path("crates/editor-ui/styles"))
}

/// The app's own sheet, which comes after the editor's.
pub(crate) fn app(context: &Context) -> Result<String> {
    concatenate(&context.path("crates/app/styles"))
}

/// A folder that is not there is an empty sheet: a crate without style is no error.
fn concatenate(dir: &Path) -> Result<String> {
    let mut sheet = String::new();
    if !dir.exists() {
        return Ok(sheet);
    }
    for path in files::list(dir)? {
        if path.extension().is_some_and(|e| e == "css") {
            let text = files::read(&path)?;
            sheet.push_str(text.trim_end());
            sheet.push('\n');
        }
    }
    Ok(sheet)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sheets_come_in_the_order_of_their_names() {
        let dir = tempfile::tempdir().expect("temporary folder");
        files::write(&dir.path().join("10-base.css"), "b {}\n\n").expect("write");
        files::write(&dir.path().join("00-tokens.css"), "a {}").expect("write");
        files::write(&dir.path().join("notes.md"), "no").expect("write");
        assert_eq!(concatenate(dir.path()).expect("sheet"), "a {}\nb {}\n");
        assert_eq!(concatenate(&dir.path().join("missing")).expect("sheet"), "");
    }
}
