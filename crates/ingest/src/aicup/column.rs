//! The columns of the table.

use serde_json::{Map, Value};

macro_rules! columns {
    ($($field:ident = $name:literal,)+) => {
        /// One row: whole numbers, as the file has them.
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub(crate) struct Row {
            $(pub $field: i64,)+
        }

        impl Row {
            /// The names of the columns, as the file has them.
            pub const COLUMNS: &[&str] = &[$($name,)+];

            /// A row from what `cell` reads of each column; `None` if one cannot be read.
            pub fn from_cells(mut cell: impl FnMut(&'static str) -> Option<i64>) -> Option<Self> {
                Some(Row { $($field: cell($name)?,)+ })
            }

            /// The row as it came.
            pub fn raw(&self) -> Value {
                let cells = [$(($name, self.$field),)+];
                Value::Object(cells.into_iter().map(|(name, cell)| (name.to_owned(), cell.into())).collect::<Map<_, _>>())
            }
        }
    };
}

columns! {
    rally_uid = "rally_uid",
    sex = "sex",
    match_number = "match",
    game = "numberGame",
    rally = "rally_id",
    stroke = "strikeNumber",
    score_self = "scoreSelf",
    score_other = "scoreOther",
    server_won = "serverGetPoint",
    player = "gamePlayerId",
    opponent = "gamePlayerOtherId",
    strike = "strikeId",
    hand = "handId",
    strength = "strengthId",
    spin = "spinId",
    point = "pointId",
    action = "actionId",
    position = "positionId",
}
