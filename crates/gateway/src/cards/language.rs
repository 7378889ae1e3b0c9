//! The languages of sentences.

use axum::http::{HeaderMap, header};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A language that there are translations for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Language {
    /// English.
    #[default]
    En,
    /// German.
    De,
}

impl Language {
    /// All of them.
    pub const ALL: [Language; 2] = [Language::En, Language::De];

    /// The tag of the language (BCP 47).
    pub const fn as_str(self) -> &'static str {
        match self {
            Language::En => "en",
            Language::De => "de",
        }
    }

    /// The one that is asked for, or else the one that the header `Accept-Language` prefers.
    pub fn of(asked: Option<Language>, headers: &HeaderMap) -> Language {
        asked.unwrap_or_else(|| {
            let header = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
            preferred(header.unwrap_or_default())
        })
    }
}

/// The language of the list with the greatest weight, of equal ones the first (RFC 9110, 12.5.4).
fn preferred(list: &str) -> Language {
    let mut best = (0.0, Language::default());
    for part in list.split(',') {
        let (tag, weight) = part.split_once(';').unwrap_or((part, "q=1"));
        let weight = weight.trim().strip_prefix("q=").and_then(|weight| weight.trim().parse::<f32>().ok());
        let primary = tag.trim().split('-').next().unwrap_or_default();
        let known = Language::ALL.into_iter().find(|known| known.as_str().eq_ignore_ascii_case(primary));
        if let (Some(known), Some(weight)) = (known, weight)
            && weight > best.0
        {
            best = (weight, known);
        }
    }
    best.1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_greatest_weight_decides_and_english_otherwise() {
        for (list, language) in [
            ("", Language::En),
            ("de", Language::De),
            ("de-AT,en;q=0.8", Language::De),
            ("en;q=0.7, de;q=0.9", Language::De),
            ("fr-CH, fr;q=0.9", Language::En),
            ("en,de", Language::En),
            ("de;q=0", Language::En),
            ("de;q=much,en;q=0.1", Language::En),
        ] {
            assert_eq!(preferred(list), language, "{list}");
        }
    }
}
