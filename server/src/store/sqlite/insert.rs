//! Many rows at once: a round trip to SQLite's thread costs more than an insert.

use sqlx::QueryBuilder;
use sqlx::query_builder::Separated;
use sqlx::sqlite::{Sqlite, SqliteConnection};

/// Rows in one statement; each number of rows is a statement of its own, which the connection keeps.
const SIZES: [usize; 8] = [128, 64, 32, 16, 8, 4, 2, 1];

/// The values of one row.
pub(super) type Values<'a> = Separated<'a, Sqlite, &'static str>;

/// An `INSERT`, but for its `VALUES`.
pub(super) struct Insert {
    /// What comes before them.
    pub(super) before: &'static str,
    /// What comes after them.
    pub(super) after: &'static str,
}

impl Insert {
    /// Inserts the rows in their order; none is no statement.
    pub(super) async fn rows<R>(
        &self,
        connection: &mut SqliteConnection,
        rows: Vec<R>,
        bind: fn(&mut Values<'_>, R),
    ) -> Result<(), sqlx::Error> {
        let mut left = rows.into_iter();
        for size in SIZES {
            while left.len() >= size {
                let mut insert = QueryBuilder::new(self.before);
                insert.push_values(left.by_ref().take(size), |mut row, of| bind(&mut row, of));
                insert.push(self.after);
                insert.build().execute(&mut *connection).await?;
            }
        }
        Ok(())
    }
}
