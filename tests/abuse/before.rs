//! The world as it was, to say afterwards that nothing has changed.

use shared::store::memory::Rows;

use crate::harness::World;

/// The table, and how much was sent, at one moment.
pub(crate) struct Before {
    rows: Rows,
    calls: usize,
    woken: usize,
}

impl Before {
    /// The present moment.
    pub(crate) fn of(world: &World) -> Self {
        Self { rows: world.rows(), calls: world.calls(), woken: world.queue.sent() }
    }

    /// Nothing was written, and nothing was sent.
    pub(crate) fn assert_untouched(&self, world: &World, case: &str) {
        self.assert_unwritten(world, case);
        self.assert_unsent(world, case);
    }

    /// No row was written, changed or removed.
    pub(crate) fn assert_unwritten(&self, world: &World, case: &str) {
        assert!(self.rows == world.rows(), "{case}: the table has changed");
    }

    /// Neither Slack nor Sentry was called, and the queue was not used.
    pub(crate) fn assert_unsent(&self, world: &World, case: &str) {
        assert_eq!(self.calls, world.calls(), "{case}: Slack or Sentry was called");
        assert_eq!(self.woken, world.queue.sent(), "{case}: the queue was used");
    }

    /// What people and workspaces have is as it was: identities, epochs, jobs, installations. Flows
    /// and setups may have moved on.
    pub(crate) fn assert_unbound(&self, world: &World, case: &str) {
        let Rows { flows, setups, .. } = world.rows();
        let rows = Rows { flows, setups, ..self.rows.clone() };
        assert!(rows == world.rows(), "{case}: more than a flow or setup has changed");
    }
}
