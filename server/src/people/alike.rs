//! Names that look the same: by the skeletons of Unicode TS #39, which make one letter of all that look like it.

use unicode_security::confusable_detection::skeleton;

/// Whether people would take one name for the other.
pub(crate) fn are(a: &str, b: &str) -> bool {
    // A capital I looks like an l, and its small letter does not.
    look(a) == look(b) || look(&a.to_lowercase()) == look(&b.to_lowercase())
}

fn look(name: &str) -> String {
    let seen = name.split_whitespace().collect::<Vec<_>>().join(" ");
    skeleton(&seen).collect()
}

#[cfg(test)]
mod tests {
    use super::are;

    #[test]
    fn names_that_look_the_same_are_alike_and_others_are_not() {
        for (a, b) in [
            ("Ana Ruiz", "Ana Ruiz"),
            ("Ana Ruiz", "ANA  ruiz"),
            ("Ana Ruiz", "Аnа Ruiz"),
            ("Ana Ruiz", "Ana Ru\u{456}z"),
            ("Bill Mann", "BiIl Mann"),
            ("Tom Ernst", "Torn Ernst"),
            ("José Díaz", "Jose\u{301} Di\u{301}az"),
            ("Ana Ruiz", "Ana\u{a0}Ruiz"),
        ] {
            assert!(are(a, b) && are(b, a), "{a} {b}");
        }
        for (a, b) in [
            ("Ana Ruiz", "Ana Ruis"),
            ("Ana Ruiz", "Anna Ruiz"),
            ("José Díaz", "Jose Diaz"),
            ("中村", "山田"),
        ] {
            assert!(!are(a, b), "{a} {b}");
        }
    }
}
