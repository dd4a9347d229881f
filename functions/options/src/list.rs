//! What of a project's people and teams matches what is typed, in the order it is shown. Pure.

use shared::{
    ids::AccountId,
    sentry::assignees::{Member, Team},
    slack::{
        message::plain,
        suggestion::{Choice, Group, MAX_OPTIONS, MAX_TEXT},
    },
};

/// Teams keep this much room however many people there are.
const ROOM_FOR_TEAMS: usize = 25;

/// Marks the person who asks.
const YOU: &str = " (you)";

/// The way to unassign.
const NOBODY: &str = "Nobody (unassign)";

/// Who can be given an issue.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Assignees {
    /// The people on its project.
    pub members: Vec<Member>,
    /// The teams with access to its project.
    pub teams: Vec<Team>,
}

impl Assignees {
    /// The list for who has typed this much: people, `me` before all others, then teams, then nobody.
    pub fn groups(&self, me: &AccountId, typed: &str) -> Vec<Group> {
        let typed = typed.to_lowercase();
        let nobody = nobody(&typed);
        let mut people = people(&self.members, me, &typed);
        let mut teams = teams(&self.teams, &typed);
        let room = MAX_OPTIONS - nobody.len();
        teams.truncate(room.saturating_sub(people.len()).max(ROOM_FOR_TEAMS));
        people.truncate(room - teams.len());
        vec![
            Group { label: "People", choices: people },
            Group { label: "Teams", choices: teams },
            Group { label: "Other", choices: nobody },
        ]
    }
}

fn people(members: &[Member], me: &AccountId, typed: &str) -> Vec<Choice> {
    let matches =
        |member: &&Member| any_contains([&member.name, &member.email, &member.username], typed);
    let mut members: Vec<&Member> = members.iter().filter(matches).collect();
    members.sort_by_cached_key(|member| (member.id != *me, name_of(member).to_lowercase()));
    let choice = |member: &Member| {
        let own = if member.id == *me { YOU } else { "" };
        let name = plain(&name_of(member), MAX_TEXT - own.len());
        Choice { text: name + own, value: format!("user:{}", member.id) }
    };
    members.into_iter().map(choice).collect()
}

fn teams(teams: &[Team], typed: &str) -> Vec<Choice> {
    // A team is shown with its sign, so it is typed with it too.
    let typed = typed.strip_prefix('#').unwrap_or(typed);
    let mut teams: Vec<&Team> =
        teams.iter().filter(|team| any_contains([&team.slug, &team.name], typed)).collect();
    teams.sort_by(|one, other| one.slug.cmp(&other.slug));
    let choice = |team: &Team| Choice {
        text: format!("#{}", team.slug),
        value: format!("team:{}", team.id),
    };
    teams.into_iter().map(choice).collect()
}

fn nobody(typed: &str) -> Vec<Choice> {
    let choice = Choice { text: NOBODY.to_owned(), value: "none".to_owned() };
    if NOBODY.to_lowercase().contains(typed) { vec![choice] } else { Vec::new() }
}

/// What a person is called. Slack refuses an option without a text, so something is always left.
fn name_of(member: &Member) -> String {
    [&member.name, &member.email, &member.username]
        .into_iter()
        .map(|name| plain(name, MAX_TEXT).trim().to_owned())
        .find(|name| !name.is_empty())
        .unwrap_or_else(|| format!("Account {}", member.id))
}

fn any_contains<const N: usize>(texts: [&String; N], typed: &str) -> bool {
    texts.into_iter().any(|text| text.to_lowercase().contains(typed))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_asker_comes_first_then_the_others_by_name_then_teams_then_nobody() {
        let shown = shown("");

        let expected = [
            "People: Carla Cruz (you), alan@acme.example, Bob Baker, ßeta Tester",
            "Teams: #backend, #mobile",
            "Other: Nobody (unassign)",
        ];
        assert_eq!(shown, expected);
    }

    #[test]
    fn each_name_is_searched_for_any_part_in_any_case() {
        for (typed, found) in [
            ("baKER", "People: Bob Baker"),
            ("bob@", "People: Bob Baker"),
            ("bobby", "People: Bob Baker"),
            ("CARLA", "People: Carla Cruz (you)"),
            ("oBiLe", "Teams: #mobile"),
            ("Server side", "Teams: #backend"),
            ("#back", "Teams: #backend"),
            ("UNASSIGN", "Other: Nobody (unassign)"),
        ] {
            assert_eq!(shown(typed), [found], "{typed}");
        }
    }

    #[test]
    fn what_nothing_matches_is_empty() {
        assert!(shown("zzz").is_empty());
    }

    #[test]
    fn a_choice_says_to_us_what_a_change_understands() {
        let choices = choices(&acme(), "");

        let values: Vec<_> = choices.iter().map(|choice| choice.value.as_str()).collect();
        assert_eq!(values, ["user:3", "user:1", "user:2", "user:4", "team:22", "team:21", "none"]);
        for value in values {
            assert!(shared::change::Change::parse_assign(value).is_ok(), "{value}");
        }
    }

    #[test]
    fn however_many_there_are_slack_gets_a_hundred_and_every_group_has_its_share() {
        for (people, teams, expected) in [
            (150, 0, [99, 0, 1]),
            (150, 5, [94, 5, 1]),
            (150, 150, [74, 25, 1]),
            (10, 150, [10, 89, 1]),
            (10, 10, [10, 10, 1]),
        ] {
            let many = Assignees {
                members: (0..people).map(|n| member(&n.to_string(), "Ann", "", "")).collect(),
                teams: (0..teams).map(|n| team(&n.to_string(), "team", "")).collect(),
            };

            let counts = many.groups(&id("7"), "").into_iter().map(|group| group.choices.len());

            assert_eq!(counts.collect::<Vec<_>>(), expected, "{people} people, {teams} teams");
        }
    }

    #[test]
    fn the_asker_is_first_even_where_many_are_cut() {
        let members = (0..150).map(|n| member(&n.to_string(), &format!("Ann {n:03}"), "", ""));
        let many = Assignees { members: members.collect(), teams: Vec::new() };

        let groups = many.groups(&id("149"), "");

        assert_eq!(groups[0].choices[0].text, "Ann 149 (you)");
        assert_eq!(groups[0].choices[1].text, "Ann 000");
    }

    #[test]
    fn a_name_is_never_empty_and_a_long_one_keeps_its_mark() {
        let odd = Assignees {
            members: vec![
                member("1", " \u{202E}\u{0}", "", ""),
                member("2", &"x".repeat(90), "", ""),
            ],
            teams: Vec::new(),
        };

        let choices = choices_of(&odd.groups(&id("2"), ""));

        assert_eq!(choices[0].text, format!("{}… (you)", "x".repeat(68)));
        assert_eq!(choices[1].text, "Account 1");
    }

    /// Each group as a line; the empty ones left out.
    fn shown(typed: &str) -> Vec<String> {
        let groups = acme().groups(&id("3"), typed).into_iter();
        let line = |group: Group| {
            let texts: Vec<_> = group.choices.into_iter().map(|choice| choice.text).collect();
            (!texts.is_empty()).then(|| format!("{}: {}", group.label, texts.join(", ")))
        };
        groups.filter_map(line).collect()
    }

    fn choices(assignees: &Assignees, typed: &str) -> Vec<Choice> {
        choices_of(&assignees.groups(&id("3"), typed))
    }

    fn choices_of(groups: &[Group]) -> Vec<Choice> {
        groups.iter().flat_map(|group| group.choices.clone()).collect()
    }

    fn acme() -> Assignees {
        Assignees {
            members: vec![
                member("4", "ßeta Tester", "", ""),
                member("2", "Bob Baker", "bob@acme.example", "bobby"),
                member("1", "", "alan@acme.example", ""),
                member("3", "Carla Cruz", "", ""),
            ],
            teams: vec![team("21", "mobile", ""), team("22", "backend", "Server Side")],
        }
    }

    fn member(number: &str, name: &str, email: &str, username: &str) -> Member {
        Member { id: id(number), name: name.into(), email: email.into(), username: username.into() }
    }

    fn team(number: &str, slug: &str, name: &str) -> Team {
        Team { id: id(number), slug: slug.into(), name: name.into() }
    }

    fn id(number: &str) -> AccountId {
        AccountId::parse(number).unwrap()
    }
}
