//! Cards: what is worth telling of a match, as sentences with what proves them.

mod language;
mod sentence;
mod words;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use topspin_event::{CardSubject, MatchCard, MatchId, RecordEntry, Seq, Timestamp, wire};
use topspin_insight::{CARD_NEWS, MATCH_CARDS, Scope};
use topspin_laws::Both;
use utoipa::{IntoParams, ToSchema};

pub use language::Language;
pub use sentence::Speaker;
pub use words::{Variables, Words};

use crate::app::{App, Gateway};
use crate::json::{Id, Params};
use crate::matches::snapshot;
use crate::problem::Problem;

/// Which cards, in which language.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct CardQuery {
    /// `en` or `de`; if absent, what the header `Accept-Language` prefers, or English.
    #[param(inline)]
    lang: Option<Language>,
    /// Also those that were withdrawn, the latest forty.
    withdrawn: Option<bool>,
}

/// The cards of a match.
#[derive(Serialize, ToSchema)]
pub struct CardPage {
    /// Those that stand, the best first; behind them those that were withdrawn, the latest first.
    items: Vec<CardResource>,
    /// How far the view was read.
    #[serde(skip_serializing_if = "Option::is_none")]
    as_of: Option<String>,
}

/// A card with its sentence.
#[derive(Serialize, ToSchema)]
#[schema(as = Card)]
pub struct CardResource {
    #[serde(flatten)]
    pub card: MatchCard,
    /// What it says.
    pub sentence: String,
    /// In which language.
    #[schema(inline)]
    pub lang: Language,
    /// What proves it.
    pub evidence: Vec<Evidence>,
}

/// A row that proves a card: an event of a match, or a tally.
#[derive(Serialize, ToSchema)]
#[schema(as = CardEvidence)]
pub struct Evidence {
    /// The match.
    #[schema(value_type = Uuid)]
    pub match_id: MatchId,
    /// The position of the event; absent for a tally.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<u64>)]
    pub seq: Option<Seq>,
    /// How much it was, in the unit of the metric.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<i64>,
    /// When, if that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<Timestamp>,
    /// The same in words.
    pub text: String,
    /// Where the row is read.
    pub href: String,
}

/// A decision on a card, in all languages.
#[derive(Serialize)]
pub struct CardNews {
    #[serde(flatten)]
    card: MatchCard,
    sentences: Sentences,
}

#[derive(Serialize)]
struct Sentences {
    en: String,
    de: String,
}

/// Commentary cards: true sentences that are worth telling of a match, the best first, each with the rows that prove it. A card is
/// withdrawn when it no longer holds (`untrue`), when another takes its place (`outdone`), or when it compares a match that is over
/// with history, and the player has begun another (`past`).
#[utoipa::path(get, path = "/v1/matches/{id}/cards", operation_id = "list_cards", tag = "insight",
    params(("id" = Uuid, Path), CardQuery),
    responses((status = 200, description = "The cards", body = CardPage)))]
pub async fn list(
    State(app): State<App>,
    Id(id): Id<MatchId>,
    Params(query): Params<CardQuery>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let lang = Language::of(query.lang, &headers);
    snapshot(&app, id)?;
    let mut cards = app.cards(id)?;
    if query.withdrawn != Some(true) {
        cards.retain(|card| card.withdrawn.is_none());
    }
    let page = CardPage { items: app.told(id, cards, lang)?, as_of: app.replica()?.position(MATCH_CARDS)? };
    let said = [
        (header::CONTENT_LANGUAGE, HeaderValue::from_static(lang.as_str())),
        (header::VARY, HeaderValue::from_static("accept-language")),
    ];
    Ok((said, Json(page)).into_response())
}

impl Gateway {
    /// The cards of a match: those that stand, the best first, and then those that were withdrawn, the latest first.
    pub(crate) fn cards(&self, id: MatchId) -> Result<Vec<MatchCard>, Problem> {
        let found = self.view(MATCH_CARDS, id.to_string().as_bytes(), wire::decode_match_cards)?;
        let mut cards = found.map(|found| found.cards).unwrap_or_default();
        cards.sort_by_key(|card| match &card.withdrawn {
            None => (false, -card.rank, card.id),
            Some(_) => (true, 0, u64::MAX - card.id),
        });
        Ok(cards)
    }

    /// Cards of a match with their sentences and what proves them.
    pub(crate) fn told(
        &self,
        id: MatchId,
        cards: Vec<MatchCard>,
        lang: Language,
    ) -> Result<Vec<CardResource>, Problem> {
        let sides = self.names_of(id)?;
        let name_of = |scope: &str| self.scope_name(scope);
        let speaker = Speaker { words: Words::of(lang), zone: &self.zone, sides: &sides, name_of: &name_of };
        let one = |card: MatchCard| {
            let (sentence, evidence) = (speaker.sentence(&card.subject), self.evidence(&card, &speaker)?);
            Ok(CardResource { card, sentence, lang, evidence })
        };
        cards.into_iter().map(one).collect()
    }

    pub(crate) fn card_news(&self, card: MatchCard) -> Result<CardNews, Problem> {
        let sides = self.names_of(card.match_id)?;
        let name_of = |scope: &str| self.scope_name(scope);
        let say = |lang| {
            let speaker =
                Speaker { words: Words::of(lang), zone: &self.zone, sides: &sides, name_of: &name_of };
            speaker.sentence(&card.subject)
        };
        let sentences = Sentences { en: say(Language::En), de: say(Language::De) };
        Ok(CardNews { card, sentences })
    }

    /// The latest decisions on cards, the newest first.
    pub(crate) fn latest_cards(&self, count: usize) -> Result<Vec<MatchCard>, Problem> {
        self.latest(CARD_NEWS, count, wire::decode_match_card)
    }

    /// What a scope is called; empty where that is not known, and for everything.
    fn scope_name(&self, scope: &str) -> String {
        let player = |id: uuid::Uuid| self.player_name(topspin_event::PlayerId(id)).unwrap_or_default();
        match scope.parse() {
            Ok(Scope::Competition(id)) => self.competition_name(Some(topspin_event::CompetitionId(id))),
            Ok(Scope::Category(_, name)) => name,
            Ok(Scope::Player(id)) => player(id),
            Ok(Scope::Pair(first, second)) => format!("{} / {}", player(first), player(second)),
            Ok(Scope::Association(code)) => code,
            Ok(Scope::Everything) | Err(_) => String::new(),
        }
    }

    fn evidence(&self, card: &MatchCard, speaker: &Speaker<'_>) -> Result<Vec<Evidence>, Problem> {
        let here = card.match_id;
        match &card.subject {
            CardSubject::Record(record) => {
                let mut rows = vec![self.of_entry(&record.entry, here, speaker)?];
                if let Some(since) = &record.since {
                    rows.push(self.of_entry(since, here, speaker)?);
                }
                Ok(rows)
            }
            CardSubject::Comparison(compared) => {
                let tally = |name, tally: topspin_event::Tally, href| {
                    let numbers = Variables::default().number("won", tally.won).number("of", tally.of);
                    let text = speaker.words.say(name, &numbers);
                    Evidence { match_id: here, seq: None, value: None, at: None, text, href }
                };
                Ok(vec![
                    tally("row-tally", compared.tonight, format!("/v1/matches/{here}/stats")),
                    tally("row-history", compared.history, format!("/v1/players/{}", compared.player_id)),
                ])
            }
            CardSubject::Course(course) => {
                let row = |seq: &Seq| Evidence {
                    match_id: here,
                    seq: Some(*seq),
                    value: None,
                    at: None,
                    text: event(*seq, speaker),
                    href: place(here, *seq),
                };
                Ok(course.seqs.iter().map(row).collect())
            }
        }
    }

    fn of_entry(
        &self,
        entry: &RecordEntry,
        here: MatchId,
        speaker: &Speaker<'_>,
    ) -> Result<Evidence, Problem> {
        let text = if entry.match_id == here {
            event(entry.seq, speaker)
        } else {
            let Both { home, away } = self.names_of(entry.match_id)?;
            let since = entry.at.map(|at| speaker.date(at)).unwrap_or_default();
            let names = Variables::default().text("match", format!("{home} – {away}")).text("since", since);
            speaker.words.say("row-other", &names)
        };
        let (match_id, seq, at) = (entry.match_id, entry.seq, entry.at);
        let href = place(match_id, seq);
        Ok(Evidence { match_id, seq: Some(seq), value: Some(entry.value), at, text, href })
    }
}

fn event(seq: Seq, speaker: &Speaker<'_>) -> String {
    let seq = i64::try_from(seq.0).unwrap_or(i64::MAX);
    speaker.words.say("row-event", &Variables::default().number("seq", seq))
}

/// Where an event is read.
fn place(id: MatchId, seq: Seq) -> String {
    format!("/v1/matches/{id}/events?from={}&limit=1", seq.0)
}
