//! The cards on the page of a match.

use maud::{Markup, html};

use crate::cards::{CardResource, Language, Variables, Words};

/// The section; nothing where no card stands.
pub fn section(cards: &[CardResource], lang: Language) -> Markup {
    let say = |name| Words::of(lang).say(name, &Variables::default());
    html! {
        @if !cards.is_empty() {
            section.cards aria-labelledby="cards" lang=(lang.as_str()) {
                h2 #cards { (say("heading")) }
                ul.cards {
                    @for told in cards {
                        li {
                            p { (told.sentence) "." }
                            details.about id={ "card-" (told.card.id) } {
                                summary { (say("evidence")) }
                                ul.evidence {
                                    @for row in &told.evidence {
                                        li {
                                            a href=(row.href) { (row.text) }
                                            @if row.match_id != told.card.match_id {
                                                " · " a href={ "/matches/" (row.match_id) } { "↗" }
                                            }
                                        }
                                    }
                                }
                            }
                        }
                    }
                }
                p.none { (say("history-of-cards")) }
            }
        }
    }
}
