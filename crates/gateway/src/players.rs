//! Players: what is known of them, and what the numbers say of them.

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use topspin_event::{
    AspectTally, MatchId, PlayerForm, PlayerId, PlayerProfile, PlayerResult, Reference, ReferenceId,
    ReferenceKind, Timestamp, wire,
};
use topspin_insight::{Counts, PLAYER_FORM, PLAYER_PROFILES, PROFILE_WINDOWS, profile_key};
use utoipa::ToSchema;

use crate::app::{App, Gateway};
use crate::code::Code;
use crate::json::{Id, Segments};
use crate::limits::RECORD_PLACES;
use crate::problem::Problem;
use crate::ratings::PlayerRatingResource;

/// A player, with what the numbers say: that is absent where this server keeps no views, or knows nothing.
#[derive(Serialize, ToSchema)]
#[schema(as = Player)]
pub struct PlayerResource {
    #[serde(flatten)]
    pub reference: Reference,
    /// Singles that are over, by window.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub profiles: Vec<ProfileResource>,
    /// The latest results in singles, the latest first; ten at most.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub form: Vec<PlayerResult>,
    /// In singles, by the lists on which the player is rated.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ratings: Vec<PlayerRatingResource>,
    /// How far the view was read.
    #[serde(skip_serializing_if = "Option::is_none")]
    as_of: Option<String>,
}

/// What a player has won and lost since some time.
#[derive(Serialize, ToSchema)]
#[schema(as = PlayerProfileOfWindow)]
pub struct ProfileResource {
    /// `all_time` or `24_months`.
    pub window: String,
    /// What is counted; what did not occur is left out.
    pub aspects: Vec<AspectTally>,
}

/// Two players, and what each has won and lost against the other.
#[derive(Serialize, ToSchema)]
#[schema(as = HeadToHead)]
pub struct VersusResource {
    pub players: Vec<VersusPlayer>,
    /// How far the view was read.
    #[serde(skip_serializing_if = "Option::is_none")]
    as_of: Option<String>,
}

/// One of the two.
#[derive(Serialize, ToSchema)]
#[schema(as = HeadToHeadPlayer)]
pub struct VersusPlayer {
    #[schema(value_type = Uuid)]
    pub id: PlayerId,
    pub name: String,
    /// Against the other.
    pub profiles: Vec<ProfileResource>,
}

/// A player: reference data, profile and form.
#[utoipa::path(get, path = "/v1/players/{id}", operation_id = "read_player", tag = "insight", params(("id" = Uuid, Path)),
    responses((status = 200, description = "The player", body = PlayerResource)))]
pub async fn read(State(app): State<App>, Id(id): Id<PlayerId>) -> Result<Json<PlayerResource>, Problem> {
    Ok(Json(app.player(id)?))
}

/// Two players: what each has won and lost against the other.
#[utoipa::path(get, path = "/v1/players/{id}/versus/{opponent}", operation_id = "read_head_to_head", tag = "insight",
    params(("id" = Uuid, Path), ("opponent" = Uuid, Path)),
    responses((status = 200, description = "Both", body = VersusResource)))]
pub async fn versus(
    State(app): State<App>,
    Segments((id, opponent)): Segments<(String, String)>,
) -> Result<Json<VersusResource>, Problem> {
    let read = |text: &str| {
        text.parse::<PlayerId>()
            .map_err(|_| Problem::new(Code::InvalidId, format!("{text:.64} is not an id")))
    };
    Ok(Json(app.versus(read(&id)?, read(&opponent)?)?))
}

impl Gateway {
    pub(crate) fn player(&self, id: PlayerId) -> Result<PlayerResource, Problem> {
        let found = self.home.reference(ReferenceKind::Player, ReferenceId(id.0))?;
        let reference =
            found.ok_or_else(|| Problem::new(Code::ItemNotFound, format!("there is no player {id}")))?;
        let Ok(replica) = self.replica() else {
            let (profiles, form, ratings) = (Vec::new(), Vec::new(), Vec::new());
            return Ok(PlayerResource { reference, profiles, form, ratings, as_of: None });
        };
        let form = self.form(id)?.map(|form| form.results).unwrap_or_default();
        let as_of = replica.position(PLAYER_PROFILES)?;
        let (profiles, ratings) = (self.profiles(id, None)?, self.ratings(id)?);
        Ok(PlayerResource { reference, profiles, form, ratings, as_of })
    }

    pub(crate) fn versus(&self, id: PlayerId, opponent: PlayerId) -> Result<VersusResource, Problem> {
        let one = |own: PlayerId, other: PlayerId| {
            let found = self.home.reference(ReferenceKind::Player, ReferenceId(own.0))?;
            let found =
                found.ok_or_else(|| Problem::new(Code::ItemNotFound, format!("there is no player {own}")))?;
            let profiles = self.profiles(own, Some(other))?;
            Ok::<_, Problem>(VersusPlayer { id: own, name: found.details.name, profiles })
        };
        let players = vec![one(id, opponent)?, one(opponent, id)?];
        Ok(VersusResource { players, as_of: self.replica()?.position(PLAYER_PROFILES)? })
    }

    fn profiles(&self, id: PlayerId, against: Option<PlayerId>) -> Result<Vec<ProfileResource>, Problem> {
        let mut profiles = Vec::new();
        for window in PROFILE_WINDOWS {
            let found = self.profile(id, against, window)?;
            profiles
                .extend(found.map(|found| ProfileResource { window: found.window, aspects: found.aspects }));
        }
        Ok(profiles)
    }

    pub(crate) fn profile(
        &self,
        id: PlayerId,
        against: Option<PlayerId>,
        window: &str,
    ) -> Result<Option<PlayerProfile>, Problem> {
        self.view(PLAYER_PROFILES, profile_key(id, against, window).as_bytes(), wire::decode_player_profile)
    }

    pub(crate) fn form(&self, id: PlayerId) -> Result<Option<PlayerForm>, Problem> {
        self.view(PLAYER_FORM, id.to_string().as_bytes(), wire::decode_player_form)
    }

    /// What a player has won and lost in other singles than this one; `None` where nothing is known.
    pub(crate) fn history(
        &self,
        id: PlayerId,
        tonight: (MatchId, &Counts),
        began: Option<Timestamp>,
    ) -> Result<Option<Counts>, Problem> {
        let Some(profile) = self.profile(id, None, PROFILE_WINDOWS[0])? else { return Ok(None) };
        let all = Counts::of_profile(&profile);
        // Once it is over it is counted, as the form shows; or it is older than all that the form has room for.
        let results = self.form(id)?.map(|form| form.results).unwrap_or_default();
        let here = results.iter().any(|one| one.match_id == tonight.0);
        let full = results.len() == RECORD_PLACES;
        let oldest = results.last().and_then(|one| one.at).filter(|_| full);
        let older = began.zip(oldest).is_some_and(|(began, oldest)| began < oldest);
        Ok(if here || older { all.without(tonight.1) } else { Some(all) })
    }

    pub(crate) fn player_name(&self, id: PlayerId) -> Result<String, Problem> {
        let found = self.home.reference(ReferenceKind::Player, ReferenceId(id.0))?;
        Ok(found.map(|found| found.details.name).unwrap_or_default())
    }
}
