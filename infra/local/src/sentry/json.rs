//! Records in the shapes of Sentry's API (docs.sentry.io/api, `sentry-api-schema`).

use serde_json::{Value, json};

use super::caller::Caller;
use super::issue::{Activity, Issue};
use super::people::{Account, Organization, TEAMS, Team, account};
use super::rights::Right;
use super::time::iso8601;

/// When everything that has no date of its own was made.
const MADE: &str = "2023-11-14T22:13:20.000000Z";

/// An issue as `GET` tells it: with its activity, the newest first.
pub(super) fn issue_in_detail(issue: &Issue, organization: &Organization, base: &str) -> Value {
    let mut value = self::issue(issue, organization, base);
    if let Value::Object(fields) = &mut value {
        let lines: Vec<Value> =
            issue.state.activity.iter().enumerate().rev().map(activity).collect();
        fields.insert("activity".to_owned(), lines.into());
        for empty in ["participants", "seenBy", "tags"] {
            fields.insert(empty.to_owned(), json!([]));
        }
        fields.insert("userReportCount".to_owned(), json!(0));
    }
    value
}

/// An issue as the answer to `PUT` tells it: whole but for its activity.
pub(super) fn issue(issue: &Issue, organization: &Organization, base: &str) -> Value {
    let project = issue.project;
    json!({
        "id": issue.id,
        "shareId": null,
        "shortId": issue.short_id,
        "title": issue.headline.title,
        "culprit": issue.culprit,
        "permalink": format!("{base}/organizations/{}/issues/{}/", organization.slug, issue.id),
        "logger": null,
        "level": "error",
        "status": issue.state.status,
        "statusDetails": issue.state.status_details,
        "substatus": issue.state.substatus,
        "isPublic": false,
        "isUnhandled": true,
        "platform": "python",
        "priority": issue.priority,
        "priorityLockedAt": null,
        "seerFixabilityScore": null,
        "seerAutofixLastTriggered": null,
        "seerExplorerAutofixLastTriggered": null,
        "project": {
            "id": project.id,
            "name": project.name,
            "slug": project.slug,
            "platform": "python",
        },
        "type": issue.headline.kind,
        "issueType": "error",
        "issueCategory": "error",
        "metadata": issue.headline.metadata,
        "numComments": 0,
        "assignedTo": issue.state.assigned_to.as_deref().and_then(actor),
        "isBookmarked": false,
        "isSubscribed": false,
        "subscriptionDetails": null,
        "hasSeen": false,
        "annotations": [],
        "count": issue.count.to_string(),
        "userCount": issue.users,
        "firstSeen": iso8601(issue.first_seen),
        "lastSeen": iso8601(issue.last_seen),
    })
}

/// Sentry gives the line about the first event the id 0.
fn activity((number, line): (usize, &Activity)) -> Value {
    json!({
        "id": number.to_string(),
        "type": line.kind,
        "user": line.account.and_then(account).map(user),
        "data": line.data,
        "dateCreated": iso8601(line.at),
    })
}

fn actor(text: &str) -> Option<Value> {
    match text.split_once(':')? {
        ("team", id) => {
            let team = TEAMS.iter().find(|team| team.id == id)?;
            Some(json!({ "type": "team", "id": team.id, "name": team.slug }))
        }
        (_, id) => {
            let Account { id, name, email } = account(id)?;
            Some(json!({ "type": "user", "id": id, "name": name, "email": email }))
        }
    }
}

/// A person's account.
pub(super) fn user(account: &Account) -> Value {
    json!({
        "id": account.id,
        "name": account.name,
        "username": account.email,
        "email": account.email,
        "avatar": { "avatarType": "letter_avatar", "avatarUuid": null },
        "avatarUrl": "",
        "dateJoined": MADE,
        "emails": [{ "id": account.id, "email": account.email, "is_verified": true }],
        "experiments": {},
        "has2fa": false,
        "hasPasswordAuth": true,
        "isActive": true,
        "isManaged": false,
        "isStaff": false,
        "isSuperuser": false,
        "isSuspended": false,
        "lastActive": null,
        "lastLogin": null,
    })
}

/// An organization as it is told to one of its members, or to the integration, which has no role.
pub(super) fn organization_in_detail(
    organization: &Organization,
    caller: &Caller,
    base: &str,
) -> Value {
    let right = caller.account().map_or(Right::None, |account| organization.right_of(account.id));
    let mut value = self::organization(organization, base);
    if let Value::Object(fields) = &mut value {
        let mut access = caller.scopes();
        access.retain(|scope| caller.account().is_none() || right.has(scope));
        fields.insert("access".to_owned(), json!(access));
        // `role` is the old name of `orgRole`.
        for name in ["role", "orgRole"] {
            fields.insert(name.to_owned(), json!(right.role()));
        }
    }
    value
}

/// All that an organization has, as it is told to whoever does not say that they can do without: five
/// megabytes of it (getsentry/sentry issues 5893 and 27677 tell of 17 and of 200).
pub(super) fn projects_of_a_large_company() -> Value {
    let project = |number: u32| {
        json!({
            "id": number.to_string(),
            "slug": format!("service-{number}"),
            "name": format!("Service {number}"),
            "platforms": ["python", "javascript"],
            "teams": [{ "id": "1", "slug": "backend", "name": "Backend" }],
            "features": ["alert-filters", "data-forwarding", "rate-limits", "similarity-view"],
            "dateCreated": MADE,
        })
    };
    (10_000..30_000).map(project).collect()
}

/// An organization as a list tells it.
pub(super) fn organization(organization: &Organization, base: &str) -> Value {
    json!({
        "id": organization.id,
        "slug": organization.slug,
        "name": organization.name,
        "avatar": { "avatarType": "letter_avatar", "avatarUuid": null },
        "dateCreated": MADE,
        "status": { "id": "active", "name": "active" },
        "links": { "organizationUrl": base, "regionUrl": base },
        "allowMemberInvite": true,
        "allowMemberProjectCreation": true,
        "allowSuperuserAccess": false,
        "hasAuthProvider": false,
        "isEarlyAdopter": false,
        "require2FA": false,
        "features": [],
    })
}

/// A member of an organization. The member's id is not the account's.
pub(super) fn member(account: &Account, organization: &Organization) -> Value {
    json!({
        "id": format!("9{}", account.id),
        "email": account.email,
        "name": account.name,
        "user": user(account),
        "orgRole": organization.right_of(account.id).role(),
        "pending": false,
        "expired": false,
        "flags": {
            "idp:provisioned": false,
            "idp:role-restricted": false,
            "sso:linked": false,
            "sso:invalid": false,
            "member-limit:restricted": false,
            "partnership:restricted": false,
        },
        "dateCreated": MADE,
        "inviteStatus": "approved",
        "inviterName": null,
    })
}

/// A member without an account, as yet.
pub(super) fn invited_member() -> Value {
    json!({
        "id": "9900",
        "email": "eve@acme.example",
        "name": "eve@acme.example",
        "user": null,
        "orgRole": "member",
        "pending": true,
        "inviteStatus": "approved",
    })
}

/// One of many members, the first being number 0.
pub(super) fn member_of_the_crowd(number: usize) -> Value {
    let (id, name) = (10_000 + number, format!("Member {number:03}"));
    let email = format!("member{number}@crowd.example");
    json!({
        "id": format!("9{id}"),
        "email": email,
        "name": name,
        "user": { "id": id.to_string(), "name": name, "username": email, "email": email },
        "orgRole": "member",
        "pending": false,
        "inviteStatus": "approved",
    })
}

/// A team of a project.
pub(super) fn team(team: &Team, members: usize) -> Value {
    json!({
        "id": team.id,
        "slug": team.slug,
        "name": team.name,
        "dateCreated": MADE,
        "isMember": true,
        "teamRole": "contributor",
        "flags": { "idp:provisioned": false },
        "access": ["event:read", "event:write", "org:read", "project:read", "team:read"],
        "hasAccess": true,
        "isPending": false,
        "memberCount": members,
        "avatar": { "avatarType": "letter_avatar", "avatarUuid": null },
    })
}
