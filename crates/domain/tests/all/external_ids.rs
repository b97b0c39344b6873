//! Which people and chats external ids stand for, and who assigns them.

use domain::chat::CreateGroup;
use domain::failure::Kind;
use domain::host::{ExternalId, ExternalIds, Issuer, MockExternalIdStore, Reference};
use domain::ids::{ChatId, UserId};
use domain::session::Caller;
use futures_executor::block_on;
use std::sync::Arc;
use testkit::world::{World, refusal, refused_fields};

fn external<Id>(id: &str) -> Reference<Id> {
    Reference::External(ExternalId::stored(id.to_owned()))
}

async fn of_shop(world: &World) -> Caller {
    Caller { issuer: Issuer::new("shop"), ..world.person("Anna").await }
}

#[test]
fn numbers_ask_nobody() {
    block_on(async {
        // Expects no call, and panics on any.
        let ids = ExternalIds::new(Arc::new(MockExternalIdStore::new()));
        let world = World::default();
        let anna = of_shop(&world).await;
        let (user, chat) = (UserId::stored(7), ChatId::stored(8));
        assert_eq!(ids.user(&anna, Reference::Id(user)).await.unwrap(), user);
        assert_eq!(ids.chat(&anna, Reference::Id(chat)).await.unwrap(), chat);
        let many = vec![Reference::Id(user); 3];
        assert_eq!(ids.users(&anna, many).await.unwrap(), [user; 3]);
        assert_eq!(ids.chats(&anna, Vec::new()).await.unwrap(), []);
        let native = world.person("Ben").await;
        assert_eq!(native.issuer, None);
        assert_eq!(ids.user(&native, external("17")).await.unwrap(), UserId::UNKNOWN);
        assert_eq!(ids.chats(&native, vec![external("7")]).await.unwrap(), [ChatId::UNKNOWN]);
    });
}

#[test]
fn a_list_is_looked_up_at_once() {
    block_on(async {
        let mut ids = MockExternalIdStore::new();
        let found = (ExternalId::new("17").unwrap(), UserId::stored(70));
        ids.expect_users()
            .times(1)
            .withf(|issuer, ids| {
                let ids: Vec<_> = ids.iter().map(ExternalId::as_str).collect();
                issuer.as_str() == "shop" && ids == ["17", "18", "17"]
            })
            .returning(move |_, _| Ok(vec![found.clone()]));
        let world = World::default();
        let anna = of_shop(&world).await;
        let three = UserId::stored(3);
        let named = vec![external("17"), Reference::Id(three), external("18"), external("17")];
        let users = ExternalIds::new(Arc::new(ids)).users(&anna, named).await.unwrap();
        let anna = UserId::stored(70);
        assert_eq!(users, [anna, three, UserId::UNKNOWN, anna]);
    });
}

#[test]
fn only_people_of_a_host_give_external_ids() {
    block_on(async {
        let world = World::default();
        let (anna, ben) = (of_shop(&world).await, world.person("Ben").await);
        let group = |id| CreateGroup { external_id: Some(id), ..CreateGroup::titled("Order") };
        let made = world.chats.create_group_as(&anna, group("order/7")).await.unwrap();
        assert_eq!(made.chat.external_id, ExternalId::new("order/7"));
        let taken = world.chats.create_group_as(&anna, group("order/7")).await;
        assert_eq!(refusal(taken), (Kind::Conflict, "external_id_taken"));
        let of_forum = Caller { issuer: Issuer::new("forum"), ..anna.clone() };
        world.chats.create_group_as(&of_forum, group("order/7")).await.unwrap();
        for (by, id, code) in [
            (&ben, "order/8", "external_id_without_host"),
            (&anna, "", "external_id_invalid"),
            (&anna, "a\n", "external_id_invalid"),
            (&anna, &*"x".repeat(256), "external_id_invalid"),
        ] {
            let refused = world.chats.create_group_as(by, group(id)).await;
            assert_eq!(refused_fields(refused), [("external_id", code)], "{id:?}");
        }
    });
}
