//! What is decided about silences, and what they let somebody do, as tables.

use crate::decide::{CHAT, ME, NOW, OTHER, actor, word};
use crate::decide_permissions::writing;
use domain::chat::{
    ChangeSettings, ChatActor, ChatRole, Description, LiftSilence, LiftSilenceRefusal,
    MemberChange, NewSilence, PermissionsUpdate, Restriction, SettingsRefusal, Silence,
    SilenceFacts, SilenceRefusal, Silenced, Standing, Title, rules,
};
use domain::clock::Timestamp;
use domain::failure::{Failure, Kind};
use domain::text::TextError;
use std::time::Duration;

const LATER: Timestamp = Timestamp::from_micros(NOW.as_micros() + 1);

fn silence(reason: Result<Option<String>, TextError>, until: Option<Timestamp>) -> NewSilence {
    NewSilence { chat: CHAT, user: OTHER, by: ME.into(), reason, at: NOW, until }
}

fn lift(by: ChatActor) -> LiftSilence {
    LiftSilence { chat: CHAT, actor: by, user: OTHER, at: NOW }
}

fn facts(name: &str, target: Option<ChatRole>) -> SilenceFacts<'static> {
    SilenceFacts { actor: actor(name), target, silence: None }
}

fn last(until: Option<Timestamp>) -> Silence {
    let at = NOW.minus(Duration::from_secs(60));
    Silence { by: OTHER, reason: Some("Spam".to_owned()), at, until }
}

#[test]
fn who_silences_whom_and_lifts_it() {
    use ChatRole::{Admin, Member, Owner};
    let no = ["NotAllowed"; 4];
    // A member, an admin, the owner, and whoever is not in.
    for (name, silences) in [
        ("stranger", ["ChatNotFound"; 4]),
        ("direct", no),
        ("whisper", no),
        ("group member", no),
        ("room member", no),
        ("project member", no),
        ("group admin", ["yes", "NotAllowed", "NotAllowed", "NotAMember"]),
        ("room admin", ["yes", "NotAllowed", "NotAllowed", "NotAMember"]),
        ("project admin", ["yes", "NotAllowed", "NotAllowed", "NotAMember"]),
        ("group owner", ["yes", "yes", "NotAllowed", "NotAMember"]),
        ("room owner", ["yes", "yes", "NotAllowed", "NotAMember"]),
        ("project owner", ["yes", "yes", "NotAllowed", "NotAMember"]),
    ] {
        let targets = [Some(Member), Some(Admin), Some(Owner), None];
        for (target, expected) in targets.into_iter().zip(silences) {
            let set = silence(Ok(None), None).decide(facts(name, target));
            assert_eq!(word(set, |_| "yes".to_owned()), expected, "{name}, {target:?}");
            // Whoever left has theirs lifted by the same people.
            let expected = match expected {
                "yes" | "NotAMember" => "yes".to_owned(),
                refused => format!("Silence({refused})"),
            };
            let there = last(None);
            let facts = SilenceFacts { silence: Some(&there), ..facts(name, target) };
            let lifted = lift(ME.into()).decide(facts);
            assert_eq!(word(lifted, |_| "yes".to_owned()), expected, "{name} lifts, {target:?}");
        }
    }
    let oneself = NewSilence { user: ME, ..silence(Ok(None), None) };
    let by_owner = facts("group owner", Some(Admin));
    assert_eq!(oneself.decide(by_owner), Err(SilenceRefusal::NotAllowed));
    let there = last(None);
    let oneself = LiftSilence { user: ME, ..lift(ME.into()) };
    let refused = oneself.decide(SilenceFacts { silence: Some(&there), ..by_owner });
    assert_eq!(refused, Err(LiftSilenceRefusal::Silence(SilenceRefusal::NotAllowed)));
}

#[test]
fn what_a_silence_is() {
    let by_admin = facts("group admin", Some(ChatRole::Member));
    let expected = Silence { by: ME, reason: Some("Spam".to_owned()), at: NOW, until: Some(LATER) };
    let set = silence(Ok(Some("Spam".to_owned())), Some(LATER)).decide(by_admin);
    assert_eq!(set, Ok(MemberChange::Silence { user: OTHER, silence: expected }));
    for until in [NOW, NOW.minus(Duration::from_micros(1))] {
        let over = silence(Err(TextError::Nul), Some(until)).decide(by_admin);
        assert_eq!(over, Err(SilenceRefusal::Over), "before the reason");
    }
    let nowhere = facts("group admin", None);
    let reason = silence(Err(TextError::Nul), None).decide(nowhere);
    assert_eq!(reason, Err(SilenceRefusal::Reason(TextError::Nul)), "before the member");
    for until in [None, Some(LATER)] {
        let there = last(until);
        let lifted = lift(ME.into()).decide(SilenceFacts { silence: Some(&there), ..by_admin });
        let silence = Silence { until: Some(NOW), ..there };
        assert!(!silence.holds(NOW), "it is over");
        assert_eq!(lifted, Ok(MemberChange::Silence { user: OTHER, silence }));
    }
    let over = last(Some(NOW));
    for silence in [None, Some(&over)] {
        let refused = lift(ME.into()).decide(SilenceFacts { silence, ..by_admin });
        assert_eq!(refused, Err(LiftSilenceRefusal::NotSilenced));
    }
    let key = ChatActor::Host(ME, NOW);
    let by_key = NewSilence { by: key, ..silence(Ok(None), None) };
    for (record, detail) in [
        (silence(Ok(None), None).record(), None),
        (lift(ME.into()).record(), None),
        (by_key.record(), Some(format!("silenced user {OTHER}"))),
        (lift(key).record(), Some(format!("lifted the silence of user {OTHER}"))),
    ] {
        assert_eq!(record.map(|record| record.detail), detail);
    }
}

fn describing(title: bool, description: bool) -> ChangeSettings {
    ChangeSettings {
        chat: CHAT,
        actor: ME.into(),
        is_key: false,
        title: title.then(|| Title::new("Us")),
        description: description.then(|| Description::new("All of us")),
        slow_mode: None,
        permissions: PermissionsUpdate::default(),
        data: None,
        at: NOW,
    }
}

#[test]
fn whoever_is_silenced_only_takes_away() {
    let all = ["yes"; 5].map(str::to_owned);
    let takes = |until: Option<Timestamp>| {
        let no = format!("Restricted(Silenced {{ until: {until:?} }})");
        [no.clone(), no.clone(), "yes".to_owned(), no, "yes".to_owned()]
    };
    for (silenced, expected) in [
        (Silenced::Never, all.clone()),
        (Silenced::Until(NOW), all),
        (Silenced::Until(LATER), takes(Some(LATER))),
        (Silenced::UntilLifted, takes(None)),
    ] {
        for name in ["group member", "room admin", "project member", "whisper"] {
            let actor = Standing { silenced, ..actor(name).unwrap() };
            for is_key in [true, false] {
                assert_eq!(writing(actor, is_key), expected, "{name}, {silenced:?}, {is_key}");
            }
            let speaks = silenced.lets_speak(NOW);
            assert_eq!(rules::lets_post(&actor, false, NOW), speaks, "{name}");
            assert_eq!(rules::lets_react(&actor, NOW), speaks, "{name}");
        }
        // Of an open group, each member may change what is said about it.
        let actor = Standing { silenced, open: true, ..actor("group member").unwrap() };
        for (title, description) in [(true, false), (false, true)] {
            let changed = describing(title, description).decide(Some(actor), None);
            let speaks = silenced.lets_speak(NOW).map_err(SettingsRefusal::Restricted);
            assert_eq!(changed.map(drop), speaks, "{silenced:?}");
        }
        assert!(describing(false, false).decide(Some(actor), None).is_ok());
    }
    let failure = Failure::from(Restriction::Silenced { until: None });
    assert_eq!((failure.kind, failure.code), (Kind::Forbidden, "silenced"));
}

#[test]
fn a_silence_is_seen_by_whoever_it_is_of_and_whoever_silences() {
    assert_eq!(Silenced::from(None), Silenced::Never);
    assert_eq!(Silenced::from(Some(&last(None))), Silenced::UntilLifted);
    assert_eq!(Silenced::from(Some(&last(Some(NOW)))), Silenced::Until(NOW));
    for until in [None, Some(LATER)] {
        assert!(last(until).holds(NOW), "{until:?}");
    }
    assert!(!last(Some(NOW)).holds(NOW), "the end does not belong to it");
}
