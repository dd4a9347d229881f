//! Who there is: accounts, and the organizations with what each account may do in them.

use std::collections::BTreeMap;

use super::rights::Right;

/// A person's Sentry account.
#[derive(Debug, PartialEq, Eq)]
pub struct Account {
    /// The number in its user record.
    pub id: &'static str,
    /// The display name.
    pub name: &'static str,
    /// The primary e-mail address, which is the user name as well.
    pub email: &'static str,
}

/// Everybody who can log in.
pub const ACCOUNTS: &[Account] = &[
    Account { id: "101", name: "Alice Archer", email: "alice@acme.example" },
    Account { id: "102", name: "Bob Baker", email: "bob@acme.example" },
    Account { id: "103", name: "Carol Clark", email: "carol@umbrella.example" },
    Account { id: "104", name: "Dora Dean", email: "dora@acme.example" },
    Account { id: "105", name: "Erin Evans", email: "erin@acme.example" },
];

/// The account with that id.
pub(super) fn account(id: &str) -> Option<&'static Account> {
    ACCOUNTS.iter().find(|account| account.id == id)
}

/// An organization and its members.
pub(super) struct Organization {
    pub(super) id: &'static str,
    pub(super) slug: &'static str,
    pub(super) name: &'static str,
    /// Its data is in another region: the list, which is that of the default region, leaves it out.
    pub(super) is_elsewhere: bool,
    rights: BTreeMap<&'static str, Right>,
}

impl Organization {
    /// Whether a URL means this organization; Sentry takes the id or the slug.
    pub(super) fn is(&self, id_or_slug: &str) -> bool {
        self.id == id_or_slug || self.slug == id_or_slug
    }

    pub(super) fn right_of(&self, account: &str) -> Right {
        self.rights.get(account).copied().unwrap_or(Right::None)
    }

    pub(super) fn set_right(&mut self, account: &'static Account, right: Right) {
        self.rights.insert(account.id, right);
    }

    pub(super) fn members(&self) -> impl Iterator<Item = &'static Account> {
        ACCOUNTS.iter().filter(|account| self.right_of(account.id).is_member())
    }
}

/// The organizations as they are at the start.
pub(super) fn organizations() -> Vec<Organization> {
    vec![
        Organization {
            id: "1",
            slug: "acme",
            name: "Acme Inc",
            is_elsewhere: false,
            rights: BTreeMap::from([
                ("101", Right::Owner),
                ("102", Right::Manager),
                ("104", Right::ReadOnly),
                ("105", Right::Owner),
            ]),
        },
        Organization {
            id: "2",
            slug: "umbrella",
            name: "Umbrella",
            is_elsewhere: false,
            rights: BTreeMap::from([("103", Right::Owner), ("105", Right::Owner)]),
        },
        Organization {
            id: "3",
            slug: "fjord",
            name: "Fjord AS",
            is_elsewhere: true,
            rights: BTreeMap::from([("105", Right::Owner)]),
        },
    ]
}

/// A team.
pub(super) struct Team {
    pub(super) id: &'static str,
    pub(super) slug: &'static str,
    pub(super) name: &'static str,
}

/// All teams. Only those a project names have access to it.
pub(super) const TEAMS: &[Team] = &[
    Team { id: "21", slug: "backend", name: "Backend" },
    Team { id: "22", slug: "mobile", name: "Mobile" },
    Team { id: "23", slug: "portal", name: "Portal" },
];

/// A project: what issues belong to.
#[derive(Debug)]
pub(super) struct Project {
    pub(super) id: &'static str,
    pub(super) slug: &'static str,
    pub(super) name: &'static str,
    pub(super) organization: &'static str,
    /// The one team with access.
    pub(super) team: &'static str,
}

/// All projects.
pub(super) const PROJECTS: &[Project] = &[BACKEND, PORTAL];
/// Acme's project.
pub(super) const BACKEND: Project =
    Project { id: "11", slug: "backend", name: "Backend", organization: "1", team: "21" };
/// Umbrella's project.
pub(super) const PORTAL: Project =
    Project { id: "12", slug: "portal", name: "Portal", organization: "2", team: "23" };
