//! Pictures of hosts' people: what becomes of them, and how often they are tried.
#![expect(clippy::unwrap_used, reason = "a panic is the verdict of a test")]

use async_trait::async_trait;
use domain::host::{ExternalId, HostPerson, HostSaid, Issuer, NewHostAccount, PictureAddress};
use domain::ids::UserId;
use domain::limits::{HOST_PICTURE_LEASE, HOST_PICTURE_TRIES, HOST_PICTURE_WAIT};
use domain::media::{
    FetchPictureError, HostPictures, PictureFailure, PictureOutcome, PictureSource,
};
use domain::user::{NewUser, PasswordHash, UserName};
use futures_executor::block_on;
use std::sync::{Arc, Mutex};
use testkit::world::World;

/// Answers every address alike.
struct Source(Mutex<Result<&'static [u8], FetchPictureError>>);

impl Source {
    fn with(answer: Result<&'static [u8], FetchPictureError>) -> Arc<Self> {
        Arc::new(Self(Mutex::new(answer)))
    }

    fn answer(&self, answer: Result<&'static [u8], FetchPictureError>) {
        *self.0.lock().unwrap() = answer;
    }
}

#[async_trait]
impl PictureSource for Source {
    async fn fetch(&self, _: &PictureAddress) -> Result<Vec<u8>, FetchPictureError> {
        self.0.lock().unwrap().clone().map(<[u8]>::to_vec)
    }
}

const PICTURE: &[u8] = b"GIF89a and what follows";

/// Somebody of a host that names a picture.
async fn person(world: &World) -> UserId {
    let (issuer, subject) = (Issuer::new("shop").unwrap(), ExternalId::new("17").unwrap());
    let picture = Some(PictureAddress::stored("https://shop.example.org/17".to_owned()));
    let (name, email) = ("Anna".to_owned(), String::new());
    let (password, now) =
        (PasswordHash::stored(String::new()), domain::clock::Clock::now(&*world.clock));
    let new = NewHostAccount {
        person: HostPerson { issuer, subject },
        user: NewUser::named(UserName::new("Anna").unwrap(), password, now),
        said: HostSaid { name, email, is_admin: false, picture },
        records: Vec::new(),
    };
    world.stores.host_accounts.add_for(new).await.unwrap().id
}

/// What became of all that is due.
async fn turn(pictures: &HostPictures) -> Vec<PictureOutcome> {
    let mut outcomes = Vec::new();
    for picture in pictures.take().await.unwrap() {
        outcomes.push(pictures.fetch(&picture).await.unwrap());
    }
    outcomes
}

#[test]
fn a_picture_becomes_the_avatar() {
    block_on(async {
        let world = World::default();
        let anna = person(&world).await;
        let pictures = world.host_pictures(Source::with(Ok(PICTURE)));
        assert!(matches!(turn(&pictures).await[..], [PictureOutcome::Kept]));
        let key = world.stores.media.avatar(anna).await.unwrap();
        assert!(key.is_some());
        assert_eq!(world.files.count(), 2, "the picture and its thumbnail");
        world.clock.advance(HOST_PICTURE_LEASE);
        assert!(turn(&pictures).await.is_empty());
    });
}

#[test]
fn what_fails_is_tried_again_and_given_up() {
    block_on(async {
        let world = World::default();
        let anna = person(&world).await;
        let source = Source::with(Err(FetchPictureError::Unreached));
        let pictures = world.host_pictures(source.clone());
        let [PictureOutcome::PutOff(PictureFailure::Fetch(why))] = &turn(&pictures).await[..]
        else {
            panic!("put off");
        };
        assert_eq!(*why, FetchPictureError::Unreached);
        assert!(turn(&pictures).await.is_empty(), "it waits");
        let mut wait = HOST_PICTURE_WAIT;
        let bad: [&[u8]; 3] = [b"<html>", b"", b"GIF89a broken"];
        for (bytes, attempt) in bad.into_iter().zip(2..HOST_PICTURE_TRIES) {
            source.answer(Ok(bytes));
            world.clock.advance(wait);
            let outcomes = turn(&pictures).await;
            let is_put_off =
                matches!(outcomes[..], [PictureOutcome::PutOff(PictureFailure::Avatar(_))]);
            assert!(is_put_off, "{attempt}: {outcomes:?}");
            wait *= 4;
        }
        source.answer(Err(FetchPictureError::Status(404)));
        world.clock.advance(wait);
        assert!(matches!(turn(&pictures).await[..], [PictureOutcome::GivenUp(_)]));
        source.answer(Ok(PICTURE));
        world.clock.advance(wait * 100);
        assert!(turn(&pictures).await.is_empty());
        assert_eq!(world.stores.media.avatar(anna).await.unwrap(), None);
        assert_eq!(world.files.count(), 0, "nothing stays of what failed");
    });
}

#[test]
fn what_is_not_wanted_any_more_is_not_kept() {
    block_on(async {
        let world = World::default();
        let anna = person(&world).await;
        let pictures = world.host_pictures(Source::with(Ok(PICTURE)));
        let taken = pictures.take().await.unwrap();
        let now = domain::clock::Clock::now(&*world.clock);
        world.stores.media.set_avatar(anna, None, now).await.unwrap();
        let outcome = pictures.fetch(&taken[0]).await.unwrap();
        assert!(matches!(outcome, PictureOutcome::Moot), "{outcome:?}");
        assert_eq!(world.stores.media.avatar(anna).await.unwrap(), None);
        assert_eq!(world.files.count(), 0);
    });
}

#[test]
fn what_a_node_left_is_fetched_after_the_lease() {
    block_on(async {
        let world = World::default();
        person(&world).await;
        let pictures = world.host_pictures(Source::with(Ok(PICTURE)));
        // A node takes it, and dies.
        pictures.take().await.unwrap();
        assert!(turn(&pictures).await.is_empty());
        world.clock.advance(HOST_PICTURE_LEASE);
        assert!(matches!(turn(&pictures).await[..], [PictureOutcome::Kept]));
    });
}
