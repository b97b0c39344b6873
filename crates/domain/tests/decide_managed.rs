//! What an application's word changes in a chat that it fills.
#![expect(clippy::unwrap_used, reason = "a panic is the verdict of a test")]

use domain::admin::Record;
use domain::chat::{
    ChatRole, ManagedAddress, ManagedChat, ManagedRefusal, MemberChange, MemberList,
    MemberListError, Named, Title,
};
use domain::clock::Timestamp;
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
        managed(MemberList::whole(&named).unwrap())
    };
    use ChatRole::{Admin, Member, Owner};
    use MemberChange::{Join, Leave, SetRole};
    let out = |user| Leave { user, freely: false };
    let bridge = Title::new("Bridge").unwrap();
    let present = [(anna, Owner), (ben, Member)];
    let same = put(&[anna, ben], None).decide(Some(&bridge), &present).unwrap();
    assert_eq!((same.title, same.members), (None, vec![]));
    let titled = put(&[anna, ben], Some(anna)).decide(None, &present).unwrap();
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
        assert_eq!(wanted.decide(None, &present).unwrap().members, expected, "{wanted:?}");
    }
}

fn managed(members: MemberList) -> ManagedChat {
    ManagedChat {
        address: ManagedAddress::Project(ProjectId::stored(1)),
        title: Some(Title::new("Bridge").unwrap()),
        members,
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
        let members = MemberList::change(put, remove).unwrap();
        managed(members).decide(None, &present).unwrap().members
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
    let whole = MemberList::whole(&[(anna, Some(Member)), (ben, Some(Owner))]).unwrap();
    assert_eq!(
        managed(whole).decide(None, &present).unwrap().members,
        [
            Leave { user: cleo, freely: false },
            SetRole { user: anna, role: Member },
            SetRole { user: ben, role: Owner },
        ],
        "a role that is given comes before what follows from another's"
    );
}

#[test]
fn a_list_of_members_contradicts_itself_in_nothing() {
    use ChatRole::{Admin, Owner};
    let [anna, ben] = [1, 2].map(UserId::stored);
    let twice = [(anna, None), (anna, None)];
    assert_eq!(MemberList::whole(&twice).unwrap().named().len(), 1);
    for named in [[(anna, None), (anna, Some(Admin))], [(anna, Some(Owner)), (anna, Some(Admin))]] {
        assert_eq!(MemberList::whole(&named), Err(MemberListError::Contradiction));
    }
    let in_and_out = MemberList::change(&[(anna, None)], &[anna]);
    assert_eq!(in_and_out, Err(MemberListError::Contradiction));
    let two = MemberList::whole(&[(anna, Some(Owner)), (ben, Some(Owner))]);
    assert_eq!(two, Err(MemberListError::TwoOwners));
    // Several who are unknown share a number; that they are unknown is said later.
    let unknown = [(UserId::UNKNOWN, None), (UserId::UNKNOWN, Some(Admin))];
    assert!(MemberList::whole(&unknown).is_ok());
    let people = |count: i64| (1..=count).map(|id| (UserId::stored(id), None)).collect::<Vec<_>>();
    let most = i64::try_from(GROUP_MEMBERS).unwrap();
    assert_eq!(MemberList::whole(&people(most + 1)), Err(MemberListError::TooMany));
    let present: Vec<_> = (1..=most).map(|id| (UserId::stored(id), ChatRole::Member)).collect();
    let one_more = UserId::stored(most + 1);
    let come = MemberList::change(&[(one_more, None)], &[]).unwrap();
    let refusal = ManagedRefusal::Members(MemberListError::TooMany);
    assert_eq!(managed(come).decide(None, &present), Err(refusal));
    let instead = MemberList::change(&[(one_more, None)], &[anna]).unwrap();
    assert!(managed(instead).decide(None, &present).is_ok());
}
