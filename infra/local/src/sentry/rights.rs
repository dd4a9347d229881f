//! What a member may do: Sentry's roles, and one below them.
//!
//! Source: docs.sentry.io/organization/membership and the scopes Sentry gives each role. Every role
//! has what the one before it has. `orgRole` is the role's name on the wire, and `access` holds those
//! of a token's scopes that the role has as well.

/// What an account may do in an organization, the least first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Right {
    /// Not a member.
    None,
    /// A member who reads issues and changes none.
    ReadOnly,
    /// A member who may change issues.
    Write,
    /// May change projects and teams too.
    Admin,
    /// May change members and the organization too.
    Manager,
    /// May do everything.
    Owner,
}

impl Right {
    pub(super) fn is_member(self) -> bool {
        self > Self::None
    }

    pub(super) fn may_write(self) -> bool {
        self >= Self::Write
    }

    /// `orgRole`.
    pub(super) fn role(self) -> Option<&'static str> {
        match self {
            Self::None => None,
            Self::ReadOnly | Self::Write => Some("member"),
            Self::Admin => Some("admin"),
            Self::Manager => Some("manager"),
            Self::Owner => Some("owner"),
        }
    }

    /// Whether a scope is the role's. Those that are about the person, not the organization, are
    /// nobody's.
    pub(super) fn has(self, scope: &str) -> bool {
        let least = match scope {
            "org:read" | "member:read" | "team:read" | "project:read" | "event:read"
            | "alerts:read" => Self::ReadOnly,
            "event:write" | "event:admin" | "alerts:write" | "project:releases"
            | "member:invite" => Self::Write,
            "project:write" | "project:admin" | "team:write" | "team:admin"
            | "org:integrations" => Self::Admin,
            "member:write" | "member:admin" | "org:write" => Self::Manager,
            "org:admin" => Self::Owner,
            _ => return false,
        };
        self >= least
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_begins_with_the_role_sentry_gives_it_to() {
        use Right::{Admin, Manager, Owner, ReadOnly, Write};
        for (scope, least) in [
            ("event:read", Some(ReadOnly)),
            ("event:write", Some(Write)),
            ("org:integrations", Some(Admin)),
            ("org:write", Some(Manager)),
            ("org:admin", Some(Owner)),
            ("openid", None),
        ] {
            let rights = [Right::None, ReadOnly, Write, Admin, Manager, Owner];
            let first = rights.into_iter().find(|right| right.has(scope));
            assert_eq!(first, least, "{scope}");
        }
    }
}
