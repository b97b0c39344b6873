//! Uploads and avatars with the in-memory adapters: what is accepted, what stays, and what is removed.
#![expect(clippy::unwrap_used, reason = "a panic is the verdict of a test")]

use async_trait::async_trait;
use domain::failure::Kind;
use domain::ids::ChatId;
use domain::limits;
use domain::media::{Attachment, Avatar, Chunks, FileError, Part, Upload, Whole};
use domain::message::Send;
use domain::session::Caller;
use futures_executor::block_on;
use std::time::Duration;
use testkit::world::{World, refusal};

const PICTURE: &[u8] = b"GIF89a and what follows";

async fn upload(
    world: &World,
    caller: &Caller,
    mime: &str,
    bytes: &[u8],
) -> Result<Attachment, domain::media::UploadError> {
    let mut body = Whole::new(bytes.to_vec());
    world.media.upload(caller, Upload { name: "a/b.x", mime, body: &mut body }).await
}

async fn send_file(world: &World, caller: &Caller, chat: ChatId, file: &Attachment) {
    let attachments = &[file.id];
    let send = Send { attachments, ..Send::new(chat, "") };
    world.messages.send(caller, send).await.unwrap();
}

#[test]
fn what_was_taken_can_be_read_by_its_owner_only() {
    block_on(async {
        let world = World::default();
        let (anna, bela) = (world.person("Anna").await, world.person("Bela").await);
        let file = upload(&world, &anna, "application/pdf", b"a file").await.unwrap();
        assert_eq!(
            (file.name.as_str(), file.mime.as_str(), file.size),
            ("b.x", "application/pdf", 6)
        );
        let picture = upload(&world, &anna, "", PICTURE).await.unwrap();
        assert_eq!((picture.name.as_str(), picture.mime.as_str()), ("b.x.gif", "image/gif"));
        assert_eq!(world.files.count(), 3, "a file, a picture and its thumbnail");
        let stored = world.media.find(&anna, file.id).await.unwrap();
        let mut open = world.media.read(&stored, Part::File, Some(2..4)).await.unwrap();
        assert_eq!(open.body.next().await.unwrap(), Some(b"fi".to_vec()));
        let refused = world.media.find(&bela, file.id).await;
        assert_eq!(refusal(refused), (Kind::NotFound, "media_not_found"));
    });
}

#[test]
fn nothing_stays_of_what_was_not_taken() {
    struct Breaks;
    #[async_trait]
    impl Chunks for Breaks {
        async fn next(&mut self) -> Result<Option<Vec<u8>>, FileError> {
            Err(FileError::Broken)
        }
    }
    struct Endless;
    #[async_trait]
    impl Chunks for Endless {
        async fn next(&mut self) -> Result<Option<Vec<u8>>, FileError> {
            Ok(Some(vec![0; 1024 * 1024]))
        }
    }
    block_on(async {
        let world = World::default();
        let anna = world.person("Anna").await;
        for (mime, bytes, code) in [
            ("image/png", &b"no picture"[..], (Kind::Invalid, "image_broken")),
            ("", b"GIF89a broken", (Kind::Invalid, "image_broken")),
            ("", b"GIF89a large", (Kind::TooLarge, "image_too_large")),
            ("", b"GIF89a moving", (Kind::Invalid, "image_animated")),
            ("", b"GIF89a queue", (Kind::Unavailable, "busy")),
            ("", b"", (Kind::Invalid, "file_empty")),
        ] {
            assert_eq!(refusal(upload(&world, &anna, mime, bytes).await), code);
        }
        let broken = Upload { name: "", mime: "", body: &mut Breaks };
        let broken = world.media.upload(&anna, broken).await;
        assert_eq!(refusal(broken), (Kind::Invalid, "body_broken"));
        let endless = Upload { name: "", mime: "", body: &mut Endless };
        let endless = world.media.upload(&anna, endless).await;
        assert_eq!(refusal(endless), (Kind::TooLarge, "file_too_large"));
        world.files.set_full(true);
        for bytes in [PICTURE, b"a file"] {
            let full = upload(&world, &anna, "", bytes).await;
            assert_eq!(refusal(full), (Kind::Unavailable, "unavailable"));
        }
        world.files.set_full(false);
        assert_eq!(world.files.count(), 0);
        for _ in 0..limits::UNUSED_UPLOADS {
            upload(&world, &anna, "", b"a file").await.unwrap();
        }
        let one_more = upload(&world, &anna, "", b"a file").await;
        assert_eq!(refusal(one_more), (Kind::Conflict, "too_many_uploads"));
    });
}

#[test]
fn uploads_that_nobody_sent_go_after_a_day() {
    block_on(async {
        let world = World::default();
        let anna = world.person("Anna").await;
        let chat = world.group(&anna, &[]).await;
        let sent = upload(&world, &anna, "", b"sent").await.unwrap();
        let forgotten = upload(&world, &anna, "", PICTURE).await.unwrap();
        send_file(&world, &anna, chat, &sent).await;
        world.clock.advance(limits::UNUSED_UPLOAD_LIFE);
        world.media.sweep().await.unwrap();
        assert_eq!(world.files.count(), 3);
        world.clock.advance(Duration::from_secs(1));
        world.media.sweep().await.unwrap();
        assert_eq!(world.files.count(), 1);
        assert!(world.media.find(&anna, sent.id).await.is_ok());
        let gone = world.media.find(&anna, forgotten.id).await;
        assert_eq!(refusal(gone), (Kind::NotFound, "media_not_found"));
    });
}

#[test]
fn a_file_that_cannot_be_deleted_keeps_no_other_one() {
    block_on(async {
        let world = World::default();
        let anna = world.person("Anna").await;
        for _ in 0..3 {
            upload(&world, &anna, "", b"stays").await.unwrap();
        }
        world.clock.advance(limits::UNUSED_UPLOAD_LIFE + Duration::from_secs(1));
        world.files.set_stuck(true);
        assert!(world.media.sweep().await.is_err());
        world.files.set_stuck(false);
        // Nothing is due now, so nothing is in the way of what will be.
        world.media.sweep().await.unwrap();
        assert_eq!(world.files.count(), 3);
        world.clock.advance(Duration::from_secs(3600));
        world.media.sweep().await.unwrap();
        assert_eq!(world.files.count(), 0);
    });
}

#[test]
fn who_left_sees_no_file_any_more() {
    block_on(async {
        let world = World::default();
        let (anna, bela) = (world.person("Anna").await, world.person("Bela").await);
        let chat = world.group(&anna, &[&bela]).await;
        let file = upload(&world, &bela, "", b"a file").await.unwrap();
        send_file(&world, &bela, chat, &file).await;
        assert!(world.media.find(&anna, file.id).await.is_ok());
        world.chats.remove_member(&anna, chat, bela.user).await.unwrap();
        let gone = world.media.find(&bela, file.id).await;
        assert_eq!(refusal(gone), (Kind::NotFound, "media_not_found"));
        world.chats.delete(&anna, chat).await.unwrap();
        assert!(world.media.find(&anna, file.id).await.is_err());
        world.media.sweep().await.unwrap();
        assert_eq!(world.files.count(), 0);
    });
}

#[test]
fn a_link_opens_its_file_for_whoever_has_it() {
    block_on(async {
        let world = World::default();
        let (anna, bela) = (world.person("Anna").await, world.person("Bela").await);
        let chat = world.group(&anna, &[&bela]).await;
        let file = upload(&world, &anna, "", b"a file").await.unwrap();
        let other = upload(&world, &anna, "", b"another").await.unwrap();
        let key = world.media.link_key(file.id);
        assert_eq!(world.media.linked(file.id, &key).await.unwrap().attachment, file);
        send_file(&world, &anna, chat, &file).await;
        assert_eq!(world.media.linked(file.id, &key).await.unwrap().chat, Some(chat));
        for (id, key) in [(other.id, key.as_str()), (file.id, ""), (file.id, &key[1..])] {
            let refused = world.media.linked(id, key).await;
            assert_eq!(refusal(refused), (Kind::NotFound, "media_not_found"));
        }
        let listed = world.media.in_chat(&bela, chat, 10).await.unwrap();
        assert_eq!((&listed[0].attachment, listed[0].owner), (&file, anna.user));
        world.chats.delete(&anna, chat).await.unwrap();
        assert!(world.media.linked(file.id, &key).await.is_err());
        let nowhere = world.media.in_chat(&bela, chat, 10).await;
        assert_eq!(refusal(nowhere), (Kind::NotFound, "media_not_found"));
    });
}

#[test]
fn an_avatar_replaces_the_one_before() {
    block_on(async {
        let world = World::default();
        let anna = world.person("Anna").await;
        let default = world.media.avatar(None, anna.user).await.unwrap();
        assert!(matches!(&default, Avatar::Default(made) if made.initials == "A"));
        let set = async |bytes: &[u8]| {
            world.media.set_avatar(&anna, &mut Whole::new(bytes.to_vec())).await
        };
        for _ in 0..2 {
            set(PICTURE).await.unwrap();
        }
        let chosen = world.media.avatar(None, anna.user).await.unwrap();
        assert!(matches!(chosen, Avatar::Chosen(_)));
        assert_eq!(refusal(set(b"<svg/>").await), (Kind::Invalid, "not_an_image"));
        assert_eq!(refusal(set(b"GIF89a broken").await), (Kind::Invalid, "not_an_image"));
        assert_eq!(world.media.avatar(None, anna.user).await.unwrap(), chosen);
        world.media.sweep().await.unwrap();
        assert_eq!(world.files.count(), 2, "those of the last one");
        world.media.remove_avatar(&anna).await.unwrap();
        world.media.sweep().await.unwrap();
        assert_eq!(world.files.count(), 0);
        assert_eq!(world.media.avatar(None, anna.user).await.unwrap(), default);
    });
}

#[test]
fn a_key_for_media_ends_in_time_and_with_its_session() {
    block_on(async {
        let world = World::default();
        let anna = world.person("Anna").await;
        let (key, end) = world.sessions.media_key(&anna).await.unwrap();
        assert_eq!(world.sessions.authenticate_media_key(&key).await.unwrap(), anna);
        let life = end.since(domain::clock::Clock::now(&*world.clock));
        assert!(life <= limits::MEDIA_KEY_LIFE && life > limits::MEDIA_KEY_LIFE / 2, "{life:?}");
        for forged in ["", "1.2", "1.2.x", &key[1..], &key[..key.len() - 1], &format!("{key}0")] {
            let refused = world.sessions.authenticate_media_key(forged).await;
            assert_eq!(refusal(refused), (Kind::Unauthenticated, "token_invalid"), "{forged}");
        }
        world.clock.advance(life);
        let late = world.sessions.authenticate_media_key(&key).await;
        assert_eq!(refusal(late), (Kind::Unauthenticated, "token_expired"));
        let (key, _) = world.sessions.media_key(&anna).await.unwrap();
        world.sessions.end(&anna, anna.session).await.unwrap();
        let ended = world.sessions.authenticate_media_key(&key).await;
        assert_eq!(refusal(ended), (Kind::Unauthenticated, "token_invalid"));
    });
}
