//! Memory: what the process takes, as the system counts it.

/// Bytes in memory now; `None` where the system does not say.
pub fn resident() -> Option<u64> {
    status("VmRSS:")
}

/// The most bytes in memory at any time; `None` where the system does not say.
pub fn peak() -> Option<u64> {
    status("VmHWM:")
}

/// A line of `/proc/self/status` (Linux, proc(5)), which counts in KiB.
fn status(name: &str) -> Option<u64> {
    let text = std::fs::read_to_string("/proc/self/status").ok()?;
    let value = text.lines().find_map(|line| line.strip_prefix(name))?;
    value.trim().strip_suffix("kB")?.trim().parse::<u64>().ok().map(|kibibytes| kibibytes * 1024)
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn memory_is_known_and_the_peak_is_the_most() {
        let held = vec![1_u8; 32 << 20];
        let (now, most) = (resident().unwrap(), peak().unwrap());
        assert!(held.contains(&1) && now > 32 << 20 && most >= now, "{now} {most}");
    }
}
