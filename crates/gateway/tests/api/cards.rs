//! Cards over HTTP, where no views are kept: with them they are tested as a process.

use axum::http::StatusCode;

use crate::hall::{Hall, point};

#[tokio::test]
async fn cards_and_comparisons_say_that_they_need_views_and_what_can_be_asked() {
    let hall = Hall::new().await;
    let id = hall.in_play().await;
    hall.press(&id, point("home")).await;
    for path in ["cards", "compared"] {
        let told = hall.get(&format!("/v1/matches/{id}/{path}")).await;
        assert_eq!(
            (told.status, told.problem().as_str()),
            (StatusCode::NOT_FOUND, "views_not_kept"),
            "{path}"
        );
        let nobody = hall.get(&format!("/v1/matches/{}/{path}", uuid::Uuid::nil())).await;
        assert_eq!((nobody.status, nobody.problem().as_str()), (StatusCode::NOT_FOUND, "match_not_found"));
    }
    for query in ["lang=fr", "withdrawn=perhaps", "as_of=yesterday"] {
        let wrong = hall.get(&format!("/v1/matches/{id}/cards?{query}")).await;
        assert_eq!(wrong.status, StatusCode::BAD_REQUEST, "{query}: {}", wrong.text);
    }
    let page = hall.get(&format!("/matches/{id}?lang=de")).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(!page.text.contains("Erwähnenswert") && !page.text.contains("/v1/insights"), "{}", page.text);
}
