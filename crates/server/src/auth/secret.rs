//! The signing key: generated once, kept in the data folder, readable by its owner only.

use anyhow::Context;
use std::fs;
use std::io::Write;
use std::path::Path;

const NAME: &str = "SECRET_KEY";

/// From the environment, else from `<data-dir>/.env`, else made and stored there.
pub fn load_or_create(data_dir: &Path) -> anyhow::Result<Vec<u8>> {
    if let Some(key) = crate::settings::env(NAME) {
        anyhow::ensure!(key.len() >= 32, "SECRET_KEY must have at least 32 characters");
        return Ok(key.into_bytes());
    }
    let path = data_dir.join(".env");
    let text = fs::read_to_string(&path).unwrap_or_default();
    let stored = text.lines().find_map(|l| l.strip_prefix(NAME)?.strip_prefix('=')).map(str::trim);
    if let Some(key) = stored.filter(|k| k.len() >= 32) {
        return Ok(key.as_bytes().to_vec());
    }
    let key = format!("{}{}", super::random_hex(), super::random_hex());
    let mut options = fs::OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    let mut file =
        options.open(&path).with_context(|| format!("cannot store the key: {}", path.display()))?;
    writeln!(file, "{NAME}={key}")?;
    Ok(key.into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cve_2023_43791_the_key_is_made_once_and_differs_between_installations() {
        let (a, b) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let first = load_or_create(a.path()).unwrap();
        assert_eq!(load_or_create(a.path()).unwrap(), first);
        assert_ne!(load_or_create(b.path()).unwrap(), first);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(fs::metadata(a.path().join(".env")).unwrap().permissions().mode() & 0o777, 0o600);
        }
    }
}
