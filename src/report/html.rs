//! The page around the data: the files of `page/` in one, with a policy that lets these scripts run and nothing be asked of any network.

use sha2::{Digest, Sha256};

const INDEX: &str = include_str!("page/index.html");
const STYLE: &str = include_str!("page/style.css");
/// The scripts, in the order in which they run.
pub(super) const SCRIPTS: [&str; 9] = [
    include_str!("page/vendor/echarts.min.js"),
    include_str!("page/data.js"),
    include_str!("page/state.js"),
    include_str!("page/parts.js"),
    include_str!("page/charts.js"),
    include_str!("page/overview.js"),
    include_str!("page/views.js"),
    include_str!("page/target.js"),
    include_str!("page/app.js"),
];

/// The page with its title and data, which is JSON without any mark of HTML.
pub(super) fn page(title: &str, data: &str) -> String {
    let mut page = String::with_capacity(data.len() + (1 << 20));
    // Pieces of the constant page and names of what stands between them, in turn.
    for (at, piece) in INDEX.split("@@").enumerate() {
        match (at % 2, piece) {
            (0, piece) => page.push_str(piece),
            (_, "TITLE") => page.push_str(&escape(title)),
            (_, "POLICY") => page.push_str(&policy()),
            (_, "STYLE") => page.push_str(STYLE),
            (_, "DATA") => page.push_str(data),
            (_, "SCRIPTS") => {
                for script in SCRIPTS {
                    page.push_str("<script>");
                    page.push_str(script);
                    page.push_str("</script>\n");
                }
            }
            _ => {}
        }
    }
    page
}

/// What the page may do: run these very scripts. Styles stand in the page, as the chart library sets them on what it draws.
fn policy() -> String {
    let digests: Vec<String> =
        SCRIPTS.iter().map(|script| format!("'sha256-{}'", base64(&Sha256::digest(script.as_bytes())))).collect();
    format!(
        "default-src 'none'; script-src {}; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'",
        digests.join(" ")
    )
}

/// Text that may stand in HTML and in its attributes.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

/// Bytes as RFC 4648 writes them.
pub(super) fn base64(bytes: &[u8]) -> String {
    const SIGNS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for group in bytes.chunks(3) {
        let number = group.iter().chain(&[0; 2]).take(3).fold(0_usize, |sum, byte| sum << 8 | usize::from(*byte));
        for at in 0..4 {
            let sign = if at <= group.len() { char::from(SIGNS[number >> (18 - 6 * at) & 63]) } else { '=' };
            out.push(sign);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_that_of_rfc_4648() {
        for (plain, coded) in [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")] {
            assert_eq!(base64(plain.as_bytes()), coded);
        }
    }

    #[test]
    fn a_title_is_text_wherever_it_stands() {
        let page = page("</title><script>alert(1)</script>\" onload='x' @@DATA@@", "{}");
        assert!(!page.contains("<script>alert"));
        assert!(page.contains("&lt;/title&gt;&lt;script&gt;alert(1)&lt;/script&gt;&quot; onload=&#39;x&#39; @@DATA@@"));
    }

    #[test]
    fn no_script_ends_before_its_end() {
        for script in SCRIPTS {
            let lower = script.to_lowercase();
            assert!(!lower.contains("</script") && !lower.contains("<!--"), "{}", &script[..80]);
        }
        assert!(!STYLE.contains("</") && !STYLE.contains("url(") && !STYLE.contains("@import"));
    }
}
