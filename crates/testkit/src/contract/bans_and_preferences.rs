//! Promises about bans, slow mode and what members want of a chat for themselves.

use super::Stores;
use super::fixtures::{
    NOBODY, assert_kept_out, assert_not_found, assert_refused, at, banning, change_settings,
    chats_after, draft, draft_with_client_id, group, joining, leaving, people, refused, say,
    set_member,
};
use domain::chat::{
    BanRefusal, ChangeSettings, ChangedMembers, ChatQuery, ChatRole, JoinRefusal, LiftBan,
    LiftBanRefusal, Member, NewBan, Preferences, PreferencesUpdate, SetMemberRefusal,
};
use domain::ids::{ChatId, UserId, Version};
use domain::message::{Draft, SendRefusal};
use std::time::Duration;

pub async fn a_ban_takes_out_and_keeps_out(stores: &Stores) {
    let [anna, ben] = people(stores, ["Anna", "Ben"]).await;
    let chat = group(stores, &[anna, ben]).await.id;
    let banned = stores.bans.ban(banning(chat, anna, ben)).await.unwrap();
    let [left]: [Member; 1] = banned.left.try_into().unwrap();
    assert_eq!((left.user.id, left.left_at), (ben, Some(at(10))));
    let back = stores.members.add(joining(chat, ben, 10, at(9_999))).await;
    assert_kept_out(back, JoinRefusal::Banned { until: None });
    let set = stores.members.set(set_member(chat, anna, ben, ChatRole::Member)).await;
    let why = SetMemberRefusal::Join(JoinRefusal::Banned { until: None });
    assert_eq!(refused(set), why, "by nobody");
    assert_eq!(stores.chats.view(chat, anna).await.unwrap().version, Version::stored(2));
    let again = stores.bans.ban(banning(chat, anna, ben)).await.unwrap();
    assert_eq!(again, ChangedMembers::default(), "they were out");
    let lift = LiftBan { chat, actor: anna.into(), user: ben };
    stores.bans.lift(lift).await.unwrap();
    assert_eq!(refused(stores.bans.lift(lift).await), LiftBanRefusal::NotBanned);
    assert_eq!(stores.members.add(joining(chat, ben, 10, at(11))).await.unwrap().joined.len(), 1);
    let nobody = stores.bans.ban(banning(chat, anna, UserId::stored(NOBODY))).await;
    assert_eq!(refused(nobody), BanRefusal::UserNotFound);
    let nowhere = stores.bans.ban(banning(ChatId::stored(NOBODY), anna, ben)).await;
    assert_eq!(refused(nowhere), BanRefusal::ChatNotFound);
}

pub async fn who_is_out_bans_nobody(stores: &Stores) {
    let [anna, ben, cleo, dora] = people(stores, ["Anna", "Ben", "Cleo", "Dora"]).await;
    let chat = group(stores, &[anna, ben, cleo]).await.id;
    stores.bans.ban(banning(chat, anna, dora)).await.unwrap();
    let lift = LiftBan { chat, actor: ben.into(), user: dora };
    stores.members.set(set_member(chat, anna, ben, ChatRole::Admin)).await.unwrap();
    stores.members.set(set_member(chat, anna, ben, ChatRole::Member)).await.unwrap();
    let banned = stores.bans.ban(banning(chat, ben, cleo)).await;
    assert_eq!(refused(banned), BanRefusal::NotAllowed);
    let lifted = stores.bans.lift(lift).await;
    assert_eq!(refused(lifted), LiftBanRefusal::Ban(BanRefusal::NotAllowed));
    stores.members.remove(leaving(chat, ben, at(11))).await.unwrap();
    let banned = stores.bans.ban(banning(chat, ben, cleo)).await;
    assert_eq!(refused(banned), BanRefusal::ChatNotFound);
    let lifted = stores.bans.lift(lift).await;
    assert_eq!(refused(lifted), LiftBanRefusal::Ban(BanRefusal::ChatNotFound));
    let page = stores.bans.list(chat, at(12), None, 10).await.unwrap();
    let banned: Vec<_> = page.bans.iter().map(|ban| ban.user.id).collect();
    assert_eq!(banned, [dora]);
    assert!(stores.members.standing(chat, cleo).await.is_ok());
}

pub async fn a_ban_ends(stores: &Stores) {
    let [anna, ben] = people(stores, ["Anna", "Ben"]).await;
    let chat = group(stores, &[anna]).await.id;
    let until = Some(at(20));
    stores.bans.ban(NewBan { until, ..banning(chat, anna, ben) }).await.unwrap();
    let early = stores.members.add(joining(chat, ben, 10, at(19))).await;
    assert_kept_out(early, JoinRefusal::Banned { until });
    assert_eq!(stores.bans.list(chat, at(19), None, 10).await.unwrap().bans.len(), 1);
    assert_eq!(stores.bans.list(chat, at(20), None, 10).await.unwrap().bans, []);
    assert_eq!(stores.members.add(joining(chat, ben, 10, at(20))).await.unwrap().joined.len(), 1);
}

pub async fn bans_are_listed_by_person(stores: &Stores) {
    let [anna, ben, cleo, dora] = people(stores, ["Anna", "Ben", "Cleo", "Dora"]).await;
    let chat = group(stores, &[anna]).await.id;
    for user in [dora, ben, cleo] {
        stores.bans.ban(banning(chat, anna, user)).await.unwrap();
    }
    let page = stores.bans.list(chat, at(11), None, 2).await.unwrap();
    let found: Vec<_> = page.bans.iter().map(|ban| ban.user.id).collect();
    assert_eq!((found, page.more), (vec![ben, cleo], true));
    assert_eq!(page.bans[0].reason.as_deref(), Some("Shouting"));
    let page = stores.bans.list(chat, at(11), Some(cleo), 2).await.unwrap();
    assert_eq!((page.bans.len(), page.bans[0].user.id, page.more), (1, dora, false));
}

pub async fn slow_mode_makes_members_wait(stores: &Stores) {
    let [anna, ben] = people(stores, ["Anna", "Ben"]).await;
    let chat = group(stores, &[anna, ben]).await.id;
    say(stores, chat, ben, "before it was slow").await;
    let slow = |wait| {
        let slow_mode = Some(Duration::from_secs(wait));
        ChangeSettings { slow_mode, ..change_settings(chat, anna) }
    };
    let changed = stores.chats.update(slow(30)).await.unwrap().unwrap();
    assert_eq!(changed.slow_mode, Duration::from_secs(30));
    assert_eq!(stores.chats.view(chat, ben).await.unwrap().chat, changed);
    let at_second = |author, second| Draft { sent_at: at(second), ..draft(chat, author, "slow") };
    let once = Draft { sent_at: at(100), ..draft_with_client_id(chat, ben, "once") };
    stores.messages.append(once.clone()).await.unwrap();
    let wait = Duration::from_secs(20);
    let early = stores.messages.append(at_second(ben, 110)).await;
    assert_refused(early, SendRefusal::SlowMode { wait });
    let replay = Draft { sent_at: at(111), ..once };
    assert!(stores.messages.append(replay).await.unwrap().replayed, "it was sent already");
    for second in [110, 111] {
        stores.messages.append(at_second(anna, second)).await.unwrap();
    }
    stores.messages.append(at_second(ben, 130)).await.unwrap();
    stores.members.set(set_member(chat, anna, ben, ChatRole::Admin)).await.unwrap();
    stores.messages.append(at_second(ben, 131)).await.unwrap();
    stores.members.set(set_member(chat, anna, ben, ChatRole::Member)).await.unwrap();
    stores.chats.update(slow(0)).await.unwrap();
    stores.messages.append(at_second(ben, 132)).await.unwrap();
}

pub async fn preferences_are_ones_own(stores: &Stores) {
    let [anna, ben] = people(stores, ["Anna", "Ben"]).await;
    let chat = group(stores, &[ben, anna]).await.id;
    let before = stores.chats.view(chat, ben).await.unwrap();
    let muted_until = Some(at(1_000));
    let set = |wanted| stores.chats.set_preferences(chat, anna, wanted);
    let wanted = PreferencesUpdate {
        muted_until: Some(muted_until),
        pinned: Some(true),
        ..Default::default()
    };
    let expected = Preferences { muted_until, pinned: true, ..Preferences::default() };
    assert_eq!(set(wanted).await.unwrap(), expected);
    assert_eq!(set(PreferencesUpdate::default()).await.unwrap(), expected, "nothing changes");
    assert_eq!(stores.chats.view(chat, anna).await.unwrap().preferences, expected);
    assert_eq!(stores.chats.view(chat, ben).await.unwrap(), before);
    let unmuted = PreferencesUpdate { muted_until: Some(None), ..PreferencesUpdate::default() };
    let expected = Preferences { muted_until: None, ..expected };
    assert_eq!(set(unmuted).await.unwrap(), expected);
    let mentions = PreferencesUpdate { mentions_only: Some(true), ..PreferencesUpdate::default() };
    let expected = Preferences { mentions_only: true, ..expected };
    assert_eq!(set(mentions).await.unwrap(), expected);
    assert_eq!(stores.chats.view(chat, anna).await.unwrap().preferences, expected);
    // Preferences survive leaving and coming back.
    stores.members.remove(leaving(chat, anna, at(5))).await.unwrap();
    assert_not_found(set(unmuted).await);
    stores.members.add(joining(chat, anna, 10, at(6))).await.unwrap();
    assert_eq!(stores.chats.view(chat, anna).await.unwrap().preferences, expected);
}

pub async fn a_list_leaves_archived_chats_out_on_request(stores: &Stores) {
    let [anna, ben] = people(stores, ["Anna", "Ben"]).await;
    let kept = group(stores, &[anna, ben]).await.id;
    let archived = group(stores, &[anna, ben]).await.id;
    let wanted = PreferencesUpdate { archived: Some(true), ..PreferencesUpdate::default() };
    stores.chats.set_preferences(archived, anna, wanted).await.unwrap();
    for (filter, expected) in
        [(Some(false), vec![kept]), (Some(true), vec![archived]), (None, vec![archived, kept])]
    {
        let query = ChatQuery { archived: filter, ..chats_after(None, 10) };
        let page = stores.chats.list(anna, query).await.unwrap();
        let found: Vec<_> = page.chats.iter().map(|view| view.chat.id).collect();
        assert_eq!(found, expected, "{filter:?}");
    }
}
