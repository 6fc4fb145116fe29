//! Names of processes, as they stand beside what a process has taken: a job, a folder for what it receives.

use std::path::Path;
use std::sync::LazyLock;

/// Machine, process number, and a part that no other process has, separated by spaces.
pub fn name() -> &'static str {
    static NAME: LazyLock<String> =
        LazyLock::new(|| format!("{} {} {}", machine(), std::process::id(), uuid::Uuid::new_v4()));
    &NAME
}

fn machine() -> String {
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    name.split_whitespace().next().unwrap_or("unknown").to_owned()
}

/// Whether the process of a name is known to be gone: it ran on this machine, and its number is free, or ours. Of
/// processes elsewhere, and where the system does not tell, nothing is known.
pub fn is_dead(other: &str) -> bool {
    let mut parts = other.split(' ');
    let (host, pid) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let processes = Path::new("/proc");
    !other.starts_with(name())
        && host == machine()
        && processes.join("self").exists()
        && (pid == std::process::id().to_string() || !processes.join(pid).exists())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_known_to_be_gone_is_dead() {
        assert!(!is_dead(name()));
        assert!(!is_dead(&format!("{} 0", name())));
        assert!(!is_dead("elsewhere 1 x"));
        assert!(!is_dead(""));
        if Path::new("/proc/self").exists() {
            assert!(is_dead(&format!("{} 999999999 x", machine())));
            assert!(is_dead(&format!("{} {} of-a-former-life", machine(), std::process::id())));
        }
    }
}
