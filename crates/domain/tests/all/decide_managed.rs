//! What a host changes in a managed chat.
#![expect(clippy::unwrap_used, reason = "a panic is the verdict of a test")]

use domain::admin::Record;
use domain::chat::{
    ChatRole, ManagedAddress, ManagedChat, ManagedRefusal, ManagedState, MemberChange, MemberList,
    MemberListError, Named, PermissionsUpdate, Title,
};
use domain::clock::Timestamp;
use domain::data::{Data, DataError, DataPatch};
use domain::ids::{ProjectId, UserId};
use domain::limits::GROUP_MEMBERS;

const NOW: Timestamp = Timestamp::from_micros(1_700_000_000_000_000);
const ME: UserId = UserId::stored(9);

#[test]
fn putting_a_project() {
    let [anna, ben, cleo] = [1, 2, 3].map(UserId::stored);
    let put = |members: &[UserId], owner: Option<UserId>| {
        let role = |user| (owner == Some(user)).then_some(Owner);
        let named: Vec<_> = members.iter().map(|user| (*user, role(*user))).collect();
        managed(MemberList::whole(&named, GROUP_MEMBERS).unwrap())
    };
    use ChatRole::{Admin, Member, Owner};
    use MemberChange::{Join, Leave, SetRole};
    let out = |user| Leave { user, freely: false };
    let bridge = Title::new("Bridge").unwrap();
    let present = [(anna, Owner), (ben, Member)];
    let titled = |title| ManagedState { title: Some(title), ..ManagedState::default() };
    let same = put(&[anna, ben], None).decide(titled(&bridge), &present).unwrap();
    assert_eq!((same.title, same.members), (None, vec![]));
    let titled = put(&[anna, ben], Some(anna)).decide(ManagedState::default(), &present).unwrap();
    assert_eq!((titled.title, titled.members), (Some(bridge), vec![]));
    for (wanted, expected) in [
        (put(&[], None), vec![out(anna), out(ben)]),
        (put(&[ben, cleo], None), vec![out(anna), Join { user: cleo, role: Member }]),
        (
            put(&[anna, ben], Some(ben)),
            vec![SetRole { user: anna, role: Admin }, SetRole { user: ben, role: Owner }],
        ),
        (
            put(&[anna, cleo], Some(cleo)),
            vec![
                out(ben),
                Join { user: cleo, role: Member },
                SetRole { user: anna, role: Admin },
                SetRole { user: cleo, role: Owner },
            ],
        ),
    ] {
        assert_eq!(
            wanted.decide(ManagedState::default(), &present).unwrap().members,
            expected,
            "{wanted:?}"
        );
    }
}

fn managed(members: MemberList) -> ManagedChat {
    ManagedChat {
        address: ManagedAddress::Project(ProjectId::stored(1)),
        title: Some(Title::new("Bridge").unwrap()),
        data: None,
        permissions: PermissionsUpdate::default(),
        members,
        capacity: GROUP_MEMBERS,
        at: NOW,
        record: Record::password_changed(ME, NOW),
    }
}

#[test]
fn changing_who_is_in_a_managed_chat() {
    use ChatRole::{Admin, Member, Owner};
    use MemberChange::{Join, Leave, SetRole};
    let [anna, ben, cleo, dora] = [1, 2, 3, 4].map(UserId::stored);
    let present = [(anna, Owner), (ben, Admin), (cleo, Member)];
    let change = |put: &[Named], remove: &[UserId]| {
        let members = MemberList::change(put, remove, GROUP_MEMBERS).unwrap();
        managed(members).decide(ManagedState::default(), &present).unwrap().members
    };
    assert_eq!(change(&[], &[]), []);
    assert_eq!(change(&[(ben, None), (cleo, Some(Member))], &[dora]), [], "all is so");
    assert_eq!(
        change(&[(dora, Some(Admin)), (cleo, Some(Owner))], &[ben]),
        [
            Leave { user: ben, freely: false },
            Join { user: dora, role: Member },
            SetRole { user: anna, role: Admin },
            SetRole { user: cleo, role: Owner },
            SetRole { user: dora, role: Admin },
        ]
    );
    let whole =
        MemberList::whole(&[(anna, Some(Member)), (ben, Some(Owner))], GROUP_MEMBERS).unwrap();
    assert_eq!(
        managed(whole).decide(ManagedState::default(), &present).unwrap().members,
        [
            Leave { user: cleo, freely: false },
            SetRole { user: anna, role: Member },
            SetRole { user: ben, role: Owner },
        ],
        "a role that is given comes before what follows from another's"
    );
}

#[test]
fn only_a_title_makes_a_chat_and_whoever_comes_in_is_banned_no_longer() {
    let [anna, ben] = [1, 2].map(UserId::stored);
    let both = [(anna, None), (ben, None)];
    let titled = managed(MemberList::change(&both, &[], GROUP_MEMBERS).unwrap());
    assert_eq!(titled.may_be_made(), Ok(()));
    let untitled = ManagedChat { title: None, ..titled };
    assert_eq!(untitled.may_be_made(), Err(ManagedRefusal::ChatNotFound));
    let present = [(anna, ChatRole::Member)];
    let changes = untitled.decide(ManagedState::default(), &present).unwrap();
    assert_eq!(changes.lifts_bans_of(), [ben]);
}

#[test]
fn a_list_of_members_contradicts_itself_in_nothing() {
    use ChatRole::{Admin, Owner};
    let [anna, ben] = [1, 2].map(UserId::stored);
    let twice = [(anna, None), (anna, None)];
    assert_eq!(MemberList::whole(&twice, GROUP_MEMBERS).unwrap().named().len(), 1);
    for named in [[(anna, None), (anna, Some(Admin))], [(anna, Some(Owner)), (anna, Some(Admin))]] {
        assert_eq!(MemberList::whole(&named, GROUP_MEMBERS), Err(MemberListError::Contradiction));
    }
    let in_and_out = MemberList::change(&[(anna, None)], &[anna], GROUP_MEMBERS);
    assert_eq!(in_and_out, Err(MemberListError::Contradiction));
    let two = MemberList::whole(&[(anna, Some(Owner)), (ben, Some(Owner))], GROUP_MEMBERS);
    assert_eq!(two, Err(MemberListError::TwoOwners));
    // Several who are unknown share a number; that they are unknown is said later.
    let unknown = [(UserId::UNKNOWN, None), (UserId::UNKNOWN, Some(Admin))];
    assert!(MemberList::whole(&unknown, GROUP_MEMBERS).is_ok());
    let people = |count: i64| (1..=count).map(|id| (UserId::stored(id), None)).collect::<Vec<_>>();
    let most = i64::try_from(GROUP_MEMBERS).unwrap();
    assert_eq!(
        MemberList::whole(&people(most + 1), GROUP_MEMBERS),
        Err(MemberListError::TooMany(GROUP_MEMBERS))
    );
    let present: Vec<_> = (1..=most).map(|id| (UserId::stored(id), ChatRole::Member)).collect();
    let one_more = UserId::stored(most + 1);
    let come = MemberList::change(&[(one_more, None)], &[], GROUP_MEMBERS).unwrap();
    let refusal = ManagedRefusal::Members(MemberListError::TooMany(GROUP_MEMBERS));
    assert_eq!(managed(come).decide(ManagedState::default(), &present), Err(refusal));
    let instead = MemberList::change(&[(one_more, None)], &[anna], GROUP_MEMBERS).unwrap();
    assert!(managed(instead).decide(ManagedState::default(), &present).is_ok());
}

#[test]
fn data_is_merged_and_only_a_difference_is_a_change() {
    let patch = |json| Some(DataPatch::parse(json).unwrap());
    let whole = || MemberList::whole(&[], GROUP_MEMBERS).unwrap();
    let wanted = |json| ManagedChat { data: patch(json), title: None, ..managed(whole()) };
    fn with(data: &Data) -> ManagedState<'_> {
        ManagedState { data: Some(data), ..ManagedState::default() }
    }
    let paid = Data::stored(r#"{"state":"paid"}"#.to_owned());
    let change = |json| wanted(json).decide(with(&paid), &[]).unwrap().data;
    assert_eq!(change(r#"{"state": "paid"}"#), None);
    let both = Data::stored(r#"{"state":"paid","sum":7}"#.to_owned());
    assert_eq!(change(r#"{"sum": 7}"#), Some(Some(both)));
    assert_eq!(change("null"), Some(None));
    assert_eq!(wanted(r#"{"state": "paid"}"#).first_data(), Ok(Some(paid.clone())));
    assert_eq!(managed(whole()).decide(with(&paid), &[]).unwrap().data, None);
    let long = Data::stored(format!(r#"{{"a":"{}"}}"#, "x".repeat(4_000)));
    let more = wanted(&format!(r#"{{"b":"{}"}}"#, "x".repeat(200)));
    let refusal = more.decide(with(&long), &[]).unwrap_err();
    assert_eq!(refusal, ManagedRefusal::Data(DataError::TooLong));
}
