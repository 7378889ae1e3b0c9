//! Ratings: lists of the strongest, and of single players.

use std::cmp::Reverse;

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use topspin_event::{PlayerId, PlayerRating, Rating, wire};
use topspin_insight::limits::ESTABLISHED_THOUSANDTHS;
use topspin_insight::{
    Chronicle, MATCH_RATINGS, PLAYER_RATINGS, RATING_LISTS, RatingList, match_rating_key, rating_key,
};
use topspin_laws::{Both, Side};
use topspin_runtime::limits::MAX_SCAN_ROWS;
use utoipa::{IntoParams, ToSchema};

use crate::app::{App, Gateway};
use crate::code::Code;
use crate::json::Params;
use crate::limits::{DEFAULT_PAGE, MAX_PAGE};
use crate::problem::Problem;

/// Which ratings.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct RatingQuery {
    /// `glicko2` (if absent) or `elo`.
    list: Option<String>,
    /// How many players; 50 if absent, 500 at most.
    limit: Option<usize>,
    /// Whether those are left out of whom too little is known: by Glicko-2, whose deviation is above 130. True if absent.
    established: Option<bool>,
}

/// A rating, in points.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, ToSchema)]
#[schema(as = Rating)]
pub struct RatingResource {
    pub rating: f64,
    /// How uncertain it is: a standard deviation. Absent in a system without one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deviation: Option<f64>,
    /// How unsteady the player is. Absent in a system without one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub volatility: Option<f64>,
    /// Matches that it rests on.
    pub matches: u32,
    /// A late or corrected match is still being taken into account: ratings of this list may change.
    pub recomputing: bool,
}

/// What a player is rated.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = PlayerRatingOfList)]
pub struct PlayerRatingResource {
    /// `glicko2` or `elo`.
    pub list: String,
    /// The last month with a match, as `2026-11`.
    pub month: String,
    #[serde(flatten)]
    pub rating: RatingResource,
}

/// The strongest of a list.
#[derive(Serialize, ToSchema)]
pub struct RatingPage {
    pub list: String,
    /// A late or corrected match is still being taken into account.
    pub recomputing: bool,
    /// The highest rated first.
    pub items: Vec<RatedPlayer>,
    /// How far the view was read.
    #[serde(skip_serializing_if = "Option::is_none")]
    as_of: Option<String>,
}

/// A place of a list.
#[derive(Serialize, ToSchema)]
pub struct RatedPlayer {
    #[schema(value_type = Uuid)]
    pub player_id: PlayerId,
    pub name: String,
    #[serde(flatten)]
    pub rating: PlayerRatingResource,
}

/// The strongest players in singles, by a rating system.
#[utoipa::path(get, path = "/v1/ratings", operation_id = "list_ratings", tag = "insight", params(RatingQuery),
    responses((status = 200, description = "The strongest of the list", body = RatingPage)))]
pub async fn list(
    State(app): State<App>,
    Params(query): Params<RatingQuery>,
) -> Result<Json<RatingPage>, Problem> {
    let list = query.list.as_deref().map_or(Ok(RatingList::Glicko2), str::parse::<RatingList>);
    let list = list.map_err(|error| Problem::new(Code::InvalidQuery, error.to_string()))?;
    let limit = query.limit.unwrap_or(DEFAULT_PAGE).min(MAX_PAGE);
    let who = if query.established.unwrap_or(true) { Who::Established } else { Who::Everybody };
    Ok(Json(app.strongest(list, who, limit)?))
}

/// Who stands in a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// Everybody who has played.
    Everybody,
    /// Those of whom enough is known.
    Established,
}

impl Who {
    fn takes(self, rating: &Rating) -> bool {
        match self {
            Who::Everybody => true,
            Who::Established => rating.deviation_thousandths <= ESTABLISHED_THOUSANDTHS,
        }
    }
}

impl Gateway {
    /// The strongest of a list. Looks at everybody: O(n log n) of the players.
    pub(crate) fn strongest(&self, list: RatingList, who: Who, limit: usize) -> Result<RatingPage, Problem> {
        let (replica, prefix) = (self.replica()?, format!("{}/", list.as_str()));
        let (mut all, mut from) = (Vec::new(), prefix.clone().into_bytes());
        loop {
            let rows = replica.scan(PLAYER_RATINGS, prefix.as_bytes(), &from, MAX_SCAN_ROWS)?;
            let Some((last, _)) = rows.last() else { break };
            from = [&last[..], &[0]].concat();
            for (_, value) in &rows {
                all.push(wire::decode_player_rating(value).map_err(|_| Problem::damaged_view())?);
            }
            if rows.len() < MAX_SCAN_ROWS {
                break;
            }
        }
        all.retain(|one| who.takes(&one.rating));
        all.sort_by_key(|one| (Reverse(one.rating.rating_thousandths), one.player_id));
        all.truncate(limit);
        let recomputing = self.is_recomputing(list)?;
        let named = |one: PlayerRating| {
            let (player_id, name) = (one.player_id, self.player_name(one.player_id)?);
            Ok::<_, Problem>(RatedPlayer { player_id, name, rating: told(one, recomputing) })
        };
        let items = all.into_iter().map(named).collect::<Result<_, _>>()?;
        let as_of = replica.position(PLAYER_RATINGS)?;
        Ok(RatingPage { list: list.as_str().to_owned(), recomputing, items, as_of })
    }

    /// What a player is rated, on every list.
    pub(crate) fn ratings(&self, player: PlayerId) -> Result<Vec<PlayerRatingResource>, Problem> {
        let mut ratings = Vec::new();
        for list in RatingList::ALL {
            let recomputing = self.is_recomputing(list)?;
            ratings.extend(self.rating(list, player)?.map(|rating| told(rating, recomputing)));
        }
        Ok(ratings)
    }

    fn rating(&self, list: RatingList, player: PlayerId) -> Result<Option<PlayerRating>, Problem> {
        self.view(PLAYER_RATINGS, rating_key(list, player).as_bytes(), wire::decode_player_rating)
    }

    /// The Glicko-2 ratings of both players of a singles before it; `None` where no views are read, of doubles, and where
    /// neither is rated.
    pub(crate) fn ratings_before(&self, chronicle: &Chronicle) -> Result<Option<Both<Rating>>, Problem> {
        let list = RatingList::Glicko2;
        let Some(meta) = chronicle.meta().filter(|_| self.replica().is_ok()) else { return Ok(None) };
        let key = match_rating_key(meta.id, list);
        if let Some(told) = self.view(MATCH_RATINGS, key.as_bytes(), wire::decode_match_ratings)? {
            return Ok(Some(told.before).filter(|before| before.home.matches + before.away.matches > 0));
        }
        // It does not count yet: what they are rated now is what they were before it.
        let mut before = Both::new(None, None);
        for side in Side::BOTH {
            let [player] = meta.sides.of(side).players.as_slice() else { return Ok(None) };
            *before.of_mut(side) = self.rating(list, *player)?.map(|rating| rating.rating);
        }
        let Both { home, away } = before;
        let is_known = home.is_some() || away.is_some();
        let unrated = list.unrated();
        Ok(is_known.then(|| Both::new(home.unwrap_or(unrated), away.unwrap_or(unrated))))
    }

    /// The ratings of two sides, as they are told.
    pub(crate) fn named_ratings(&self, ratings: &Both<Rating>) -> Result<Both<RatingResource>, Problem> {
        let recomputing = self.is_recomputing(RatingList::Glicko2)?;
        Ok(Both::new(in_points(&ratings.home, recomputing), in_points(&ratings.away, recomputing)))
    }

    fn is_recomputing(&self, list: RatingList) -> Result<bool, Problem> {
        Ok(self.replica()?.get(RATING_LISTS, list.as_str().as_bytes())?.is_some())
    }
}

fn told(one: PlayerRating, recomputing: bool) -> PlayerRatingResource {
    PlayerRatingResource { list: one.list, month: one.month, rating: in_points(&one.rating, recomputing) }
}

fn in_points(rating: &Rating, recomputing: bool) -> RatingResource {
    let known = |value: i64, unit: f64| (value > 0).then_some(value as f64 / unit);
    RatingResource {
        rating: rating.rating_thousandths as f64 / 1e3,
        deviation: known(rating.deviation_thousandths, 1e3),
        volatility: known(rating.volatility_billionths, 1e9),
        matches: rating.matches,
        recomputing,
    }
}
