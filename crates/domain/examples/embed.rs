//! The domain inside another service: two people, a direct chat, no runtime and no database.
//!
//! A real service hands over its own ports; `storage-diesel` has some. Nothing else changes.

use domain::admin::{Actor, AdminPorts, Administration};
use domain::chat::{ChatPorts, Chats};
use domain::clock::SystemClock;
use domain::directory::{Directory, Policy};
use domain::host::ExternalIds;
use domain::message::{MessagePorts, Messages, Page, Send};
use domain::session::{Caller, Proof, Protocol};
use domain::user::{AccountRoles, AddUser, User};
use std::error::Error;
use std::sync::Arc;
use testkit::memory::{MemoryDb, PlainHasher, RecordingBus};

fn main() -> Result<(), Box<dyn Error>> {
    futures_executor::block_on(talk())
}

/// Whoever embeds the domain decides who is calling; here it is who they say they are.
fn caller(user: &User) -> Caller {
    let session = domain::ids::SessionId::stored(1);
    let (protocol, proof) = (Protocol::NATIVE, Proof::default());
    Caller { user: user.id, session, protocol, role: user.role, proof, issuer: None, key: None }
}

#[expect(clippy::print_stdout, reason = "it shows the conversation")]
async fn talk() -> Result<(), Box<dyn Error>> {
    let (stores, bus, clock) =
        (MemoryDb::new().stores(), RecordingBus::new(), Arc::new(SystemClock));
    let (users, members) = (stores.users, stores.members);
    let accounts = Administration::new(
        AdminPorts {
            admin: stores.admin,
            users,
            hasher: PlainHasher::new(),
            second_factors: stores.second_factors,
            bus: bus.clone(),
            clock: clock.clone(),
        },
        AccountRoles::default(),
    );
    // Everybody finds everybody.
    let directory = Arc::new(Directory::new(Policy::default(), stores.ties));
    let chats = Chats::new(ChatPorts {
        chats: stores.chats,
        addresses: stores.addresses.clone(),
        bans: stores.bans,
        blocks: stores.blocks.clone(),
        directory: directory.clone(),
        members: members.clone(),
        bus: bus.clone(),
        clock: clock.clone(),
    });
    let (messages, marks, addresses) = (stores.messages, stores.marks, stores.addresses);
    let (bus, told) = (bus.clone(), bus);
    let (blocks, typists) = (stores.blocks, Arc::default());
    let external_ids = Arc::new(ExternalIds::new(stores.external_ids));
    let messages = Messages::new(MessagePorts {
        messages,
        marks,
        addresses,
        members,
        blocks,
        bus,
        clock,
        typists,
        external_ids,
        directory,
    });

    let (operator, password) = (Actor::OPERATOR, "correct horse battery");
    let anna = accounts.add_user(operator, AddUser::new("Anna", password), "user").await?;
    let ben = accounts.add_user(operator, AddUser::new("Ben", password), "user").await?;
    let chat = chats.open_direct(&caller(&anna), ben.id).await?.0.chat.id;
    for (who, text) in [(&anna, "Tea at four?"), (&ben, "Make it five."), (&anna, "Five it is.")] {
        let send = Send::new(chat, text);
        messages.send(&caller(who), send).await?;
    }
    let page = messages.page(&caller(&ben), chat, Page::Latest, 50).await?.page;
    for message in &page.messages {
        let name = if message.author == anna.id { &anna.name } else { &ben.name };
        println!("{} {name}: {}", message.seq, message.text);
    }
    let last = page.messages.last().ok_or("nobody spoke")?.seq;
    chats.mark_read(&caller(&ben), chat, last).await?;
    println!("Unread for Ben: {}", chats.get(&caller(&ben), chat).await?.unread_count);
    println!("Events published: {}", told.take().len());
    Ok(())
}
