//! Promises about whoever says nothing in a chat.

use super::Stores;
use super::fixtures::{
    NOBODY, assert_refused, at, at_once, delete, draft, draft_with_client_id, editing, group,
    joining, leaving, people, refused, say, set_member, text, titled,
};
use crate::replica::Replica;
use domain::chat::{
    ChangeSettings, ChangedMembers, ChatActor, ChatRole, LiftSilence, LiftSilenceRefusal,
    NewSilence, Pair, Restriction, SettingsRefusal, Silence, SilenceRefusal, Silenced, Title,
};
use domain::clock::Timestamp;
use domain::ids::{ChatId, MessageId, UserId, Version};
use domain::limits::SLOW_MODE_MAX;
use domain::message::{
    AppendError, ChangeRefusal, Draft, Emoji, MarkRefusal, Pin, React, SendRefusal,
};

const FOREVER: Restriction = Restriction::Silenced { until: None };

fn silencing(chat: ChatId, actor: UserId, user: UserId) -> NewSilence {
    let reason = Ok(Some("Spam".to_owned()));
    NewSilence { chat, user, by: actor.into(), reason, at: at(100), until: None }
}

fn lifting(chat: ChatId, actor: UserId, user: UserId) -> LiftSilence {
    LiftSilence { chat, actor: actor.into(), user, at: at(110) }
}

fn silence(by: UserId, until: Option<Timestamp>) -> Silence {
    Silence { by, reason: Some("Spam".to_owned()), at: at(100), until }
}

fn reaction(message: MessageId, user: UserId, on: bool, at: Timestamp) -> React {
    React { chat: None, message, user, emoji: Emoji::new("👍"), on, at }
}

async fn silences(stores: &Stores, chat: ChatId, actor: UserId, user: UserId) -> ChangedMembers {
    stores.bans.silence(silencing(chat, actor, user)).await.unwrap()
}

async fn said(stores: &Stores, chat: ChatId, author: UserId, at: Timestamp) -> Result<(), String> {
    let sent = Draft { sent_at: at, ..draft(chat, author, "Hello") };
    match stores.messages.append(sent).await {
        Ok(_) => Ok(()),
        Err(AppendError::Refused(why)) => Err(format!("{why:?}")),
        Err(error) => panic!("{error:?}"),
    }
}

pub async fn whoever_is_silenced_reads_and_takes_away(stores: &Stores) {
    let [anna, ben] = people(stores, ["Anna", "Ben"]).await;
    let chat = group(stores, &[anna, ben]).await.id;
    let own = say(stores, chat, ben, "before").await;
    stores.marks.react(reaction(own.id, ben, true, at(90))).await.unwrap();
    let before = stores.chats.view(chat, ben).await.unwrap().version;
    let changed = silences(stores, chat, anna, ben).await;
    assert_eq!((changed.joined.len(), changed.changed.len(), changed.left.len()), (0, 1, 0));
    let member = &changed.changed[0];
    assert_eq!((member.user.id, member.version), (ben, before.next()));
    assert_eq!(member.silence, Some(silence(anna, None)));
    let listed = stores.members.list(chat, None, 10).await.unwrap().members;
    assert_eq!(listed[1], *member);
    assert_eq!(listed[0].silence, None);
    let caught_up = stores.chats.changes(chat, before, 10).await.unwrap();
    assert_eq!(caught_up.members, changed.changed);
    let standing = stores.members.standing(chat, ben).await.unwrap();
    assert_eq!(standing.silenced, Silenced::UntilLifted);
    let view = stores.chats.view(chat, ben).await.unwrap();
    assert_eq!((view.silence, view.version), (Some(silence(anna, None)), before.next()));
    assert_eq!(stores.chats.view(chat, anna).await.unwrap().silence, None);

    assert_refused(
        stores.messages.append(draft(chat, ben, "Hello")).await,
        SendRefusal::Restricted(FOREVER),
    );
    let of_key = Draft { is_key: true, ..draft(chat, ben, "a key") };
    assert_refused(stores.messages.append(of_key).await, SendRefusal::Restricted(FOREVER));
    let edited =
        stores.messages.edit(editing((chat, own.id), ben, Ok(text("after")), at(105))).await;
    assert_eq!(refused(edited), ChangeRefusal::Restricted(FOREVER));
    let reacted = stores.marks.react(reaction(own.id, ben, true, at(105))).await;
    assert_eq!(refused(reacted), MarkRefusal::Restricted(FOREVER));
    assert_eq!(stores.chats.view(chat, ben).await.unwrap().version, before.next(), "as it was");
    assert!(stores.marks.react(reaction(own.id, ben, false, at(105))).await.unwrap().is_some());
    let theirs = say(stores, chat, anna, "Quiet, please").await;
    stores.members.mark_read(chat, ben, theirs.seq).await.unwrap();
    delete(stores, own.id, at(106)).await.unwrap().unwrap();

    // An admin who is silenced moderates, and says nothing.
    stores.members.set(set_member(chat, anna, ben, ChatRole::Admin)).await.unwrap();
    let pin = Pin { chat, message: theirs.id, actor: ben.into(), on: true, at: at(106) };
    assert_eq!(refused(stores.marks.pin(pin).await), MarkRefusal::Restricted(FOREVER));
    let renaming = titled(chat, ben, Title::new("Loud").unwrap());
    let renamed = stores.chats.update(renaming.clone()).await;
    assert_eq!(refused(renamed), SettingsRefusal::Restricted(FOREVER));
    let slow = ChangeSettings { title: None, slow_mode: Some(SLOW_MODE_MAX), ..renaming };
    assert!(stores.chats.update(slow).await.unwrap().is_some());
    let copy = Replica::download(stores, chat, ben).await;
    copy.assert_sound();
}

pub async fn a_message_that_was_stored_is_answered_to_whoever_is_silenced(stores: &Stores) {
    let [anna, ben] = people(stores, ["Anna", "Ben"]).await;
    let chat = group(stores, &[anna, ben]).await.id;
    let sent = draft_with_client_id(chat, ben, "once");
    let first = stores.messages.append(sent.clone()).await.unwrap();
    silences(stores, chat, anna, ben).await;
    let again = stores.messages.append(sent).await.unwrap();
    assert_eq!((again.message.id, again.replayed), (first.message.id, true));
}

pub async fn a_silence_ends_by_itself_or_is_lifted(stores: &Stores) {
    let [anna, ben, cleo] = people(stores, ["Anna", "Ben", "Cleo"]).await;
    let chat = group(stores, &[anna, ben, cleo]).await.id;
    let until = Some(at(120));
    stores.bans.silence(NewSilence { until, ..silencing(chat, anna, ben) }).await.unwrap();
    let refused_then = format!("{:?}", SendRefusal::Restricted(Restriction::Silenced { until }));
    assert_eq!(said(stores, chat, ben, at(119)).await, Err(refused_then));
    assert_eq!(said(stores, chat, ben, at(120)).await, Ok(()), "the end does not belong to it");
    assert_eq!(said(stores, chat, cleo, at(119)).await, Ok(()));

    // Anew, in place of the one that is there, and lifted.
    silences(stores, chat, anna, ben).await;
    assert!(said(stores, chat, ben, at(200)).await.is_err());
    let lifted = stores.bans.lift_silence(lifting(chat, anna, ben)).await.unwrap();
    assert_eq!(lifted.changed[0].silence, Some(silence(anna, Some(at(110)))));
    assert_eq!(lifted.changed[0].version, stores.chats.view(chat, ben).await.unwrap().version);
    assert_eq!(said(stores, chat, ben, at(111)).await, Ok(()));
    let version = stores.chats.view(chat, ben).await.unwrap().version;
    for nobody in [ben, cleo] {
        let refused = refused(stores.bans.lift_silence(lifting(chat, anna, nobody)).await);
        assert_eq!(refused, LiftSilenceRefusal::NotSilenced);
    }
    assert_eq!(stores.chats.view(chat, ben).await.unwrap().version, version, "no change");
}

pub async fn a_silence_stays_with_whoever_leaves(stores: &Stores) {
    let [anna, ben] = people(stores, ["Anna", "Ben"]).await;
    let chat = group(stores, &[anna, ben]).await.id;
    let pair = Pair::new(anna, ben);
    let whispers = stores.addresses.open_whispers(chat, pair, at(2)).await.unwrap().0.id;
    silences(stores, chat, anna, ben).await;
    stores.members.remove(leaving(chat, ben, at(101))).await.unwrap();
    let back = stores.members.add(joining(chat, ben, 10, at(102))).await.unwrap();
    assert_eq!(back.joined[0].silence, Some(silence(anna, None)));
    assert!(said(stores, chat, ben, at(103)).await.is_err());
    assert!(said(stores, whispers, ben, at(103)).await.is_err());

    // It is lifted while they are out, which nobody sees: it takes no version.
    stores.members.remove(leaving(chat, ben, at(104))).await.unwrap();
    let versions = async || {
        let heads = stores.chats.heads(&[chat, whispers]).await.unwrap();
        heads.into_iter().map(|(_, version)| version).collect::<Vec<Version>>()
    };
    let before = versions().await;
    let silenced = stores.bans.silence(silencing(chat, anna, ben)).await;
    assert_eq!(refused(silenced), SilenceRefusal::NotAMember);
    let lifted = stores.bans.lift_silence(lifting(chat, anna, ben)).await.unwrap();
    assert_eq!(lifted, ChangedMembers::default());
    assert_eq!(versions().await, before);
    stores.members.add(joining(chat, ben, 10, at(120))).await.unwrap();
    assert_eq!(said(stores, chat, ben, at(121)).await, Ok(()));
    assert_eq!(said(stores, whispers, ben, at(121)).await, Ok(()));
}

pub async fn whoever_is_silenced_does_not_whisper(stores: &Stores) {
    let [anna, ben, cleo] = people(stores, ["Anna", "Ben", "Cleo"]).await;
    let chat = group(stores, &[anna, ben, cleo]).await.id;
    let elsewhere = group(stores, &[anna, ben]).await.id;
    let open = |chat, pair| stores.addresses.open_whispers(chat, pair, at(2));
    let here = open(chat, Pair::new(ben, cleo)).await.unwrap().0.id;
    let there = open(elsewhere, Pair::new(anna, ben)).await.unwrap().0.id;
    let changed = silences(stores, chat, anna, ben).await.changed;
    let chats: Vec<_> = changed.iter().map(|member| (member.chat, member.user.id)).collect();
    assert_eq!(chats, [(chat, ben), (here, ben)]);
    // Others whisper to them, also for the first time, and they do not answer.
    let later = open(chat, Pair::new(anna, ben)).await.unwrap().0.id;
    for whispers in [here, later] {
        assert!(said(stores, whispers, ben, at(105)).await.is_err());
        let other = if whispers == here { cleo } else { anna };
        assert_eq!(said(stores, whispers, other, at(105)).await, Ok(()));
        let view = stores.chats.view(whispers, ben).await.unwrap();
        assert_eq!(view.silence, Some(silence(anna, None)));
    }
    assert_eq!(said(stores, there, ben, at(105)).await, Ok(()), "elsewhere they go on");
    assert_eq!(said(stores, elsewhere, ben, at(105)).await, Ok(()));
    stores.bans.lift_silence(lifting(chat, anna, ben)).await.unwrap();
    for whispers in [here, later] {
        assert_eq!(said(stores, whispers, ben, at(111)).await, Ok(()));
    }
}

pub async fn who_is_out_silences_nobody(stores: &Stores) {
    let [anna, ben, cleo, key] = people(stores, ["Anna", "Ben", "Cleo", "Shop"]).await;
    let chat = group(stores, &[anna, ben, cleo]).await.id;
    let version = stores.chats.view(chat, anna).await.unwrap().version;
    for (actor, refusal) in [(ben, SilenceRefusal::NotAllowed), (key, SilenceRefusal::ChatNotFound)]
    {
        let set = stores.bans.silence(silencing(chat, actor, cleo)).await;
        assert_eq!(refused(set), refusal);
        let lifted = stores.bans.lift_silence(lifting(chat, actor, cleo)).await;
        assert_eq!(refused(lifted), LiftSilenceRefusal::Silence(refusal));
    }
    let nowhere = ChatId::stored(NOBODY);
    let set = stores.bans.silence(silencing(nowhere, anna, cleo)).await;
    assert_eq!(refused(set), SilenceRefusal::ChatNotFound);
    assert_eq!(stores.chats.view(chat, anna).await.unwrap().version, version);
    stores.members.set(set_member(chat, anna, ben, ChatRole::Admin)).await.unwrap();
    silences(stores, chat, ben, cleo).await;
    stores.members.remove(leaving(chat, ben, at(104))).await.unwrap();
    let lifted = stores.bans.lift_silence(lifting(chat, ben, cleo)).await;
    assert_eq!(refused(lifted), LiftSilenceRefusal::Silence(SilenceRefusal::ChatNotFound));
    // A key that reaches every chat may, whatever the owner thinks of it.
    let actor = ChatActor::Host(key, at(110));
    let lift = LiftSilence { actor, ..lifting(chat, key, cleo) };
    assert_eq!(stores.bans.lift_silence(lift).await.unwrap().changed.len(), 1);
}

pub async fn nothing_is_said_after_a_silence(stores: &Stores) {
    let [anna, ben, cleo] = people(stores, ["Anna", "Ben", "Cleo"]).await;
    let chat = group(stores, &[anna, ben, cleo]).await.id;
    let calls = (0..60).map(|nth| {
        let stores = stores.clone();
        async move {
            if nth == 30 {
                return Some(silences(&stores, chat, anna, ben).await.changed[0].version);
            }
            let author = if nth % 2 == 0 { ben } else { cleo };
            let sent = said(&stores, chat, author, at(500)).await;
            assert!(sent.is_ok() || author == ben, "{sent:?}");
            None
        }
    });
    let silenced = at_once(calls).await.into_iter().flatten().next().expect("the silence");
    let copy = Replica::download(stores, chat, anna).await;
    copy.assert_sound();
    let mut theirs = copy.messages.values().filter(|message| message.author == ben);
    assert!(theirs.all(|message| message.version < silenced), "none came after it");
    assert_eq!(copy.messages.values().filter(|message| message.author == cleo).count(), 30);
}
