//! The `encoding` attribute of Text and HyperText (tags.md 7.2 step 3).

use base64::Engine;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use serde::{Deserialize, Serialize};

/// As forgiving as a browser's `atob`: padding may be missing and trailing bits may be set.
const FORGIVING: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// How the bound `value` becomes text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Encoding {
    #[default]
    None,
    /// Each decoded byte is one character (Latin-1), as `atob` gives.
    Base64,
    /// The decoded bytes are UTF-8.
    Base64Unicode,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    #[error("the text is not base64: {reason}. Remove encoding=\"{encoding}\" if it is plain text")]
    NotBase64 { encoding: &'static str, reason: String },
    #[error(
        "the decoded bytes are not UTF-8 (byte {valid_up_to}). Use encoding=\"base64\" for text in Latin-1"
    )]
    NotUtf8 { valid_up_to: usize },
}

/// Decodes a task value. White space inside base64 is ignored.
pub fn decode(value: &str, encoding: Encoding) -> Result<String, DecodeError> {
    match encoding {
        Encoding::None => Ok(value.to_owned()),
        Encoding::Base64 => Ok(bytes(value, "base64")?.into_iter().map(char::from).collect()),
        Encoding::Base64Unicode => String::from_utf8(bytes(value, "base64unicode")?)
            .map_err(|e| DecodeError::NotUtf8 { valid_up_to: e.utf8_error().valid_up_to() }),
    }
}

fn bytes(value: &str, encoding: &'static str) -> Result<Vec<u8>, DecodeError> {
    let compact: String = value.chars().filter(|c| !c.is_ascii_whitespace()).collect();
    FORGIVING.decode(compact).map_err(|e| DecodeError::NotBase64 { encoding, reason: e.to_string() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_byte_per_character_and_base64unicode_is_utf8() {
        assert_eq!(decode("w6k=", Encoding::Base64).unwrap(), "Ã©");
        assert_eq!(decode("w6k=", Encoding::Base64Unicode).unwrap(), "é");
        assert_eq!(decode(" 8J+S\nqQ ", Encoding::Base64Unicode).unwrap(), "💩");
        assert_eq!(decode("w6k=", Encoding::None).unwrap(), "w6k=");
    }

    #[test]
    fn errors_name_the_way_out() {
        let not_base64 = decode("Hello, world", Encoding::Base64).unwrap_err().to_string();
        assert!(not_base64.contains("encoding=\"base64\""), "{not_base64}");
        assert_eq!(decode("6Q==", Encoding::Base64Unicode), Err(DecodeError::NotUtf8 { valid_up_to: 0 }));
    }
}
